/**
 * What the controller knows of the profiles in one EVSE: acknowledged, in flight, ambiguous and
 * settling. Changed only by the functions here; the exposure is computed from it, never stored.
 */

/** A TxProfile the charger has acknowledged on this connection. */
export interface Grant {
  readonly limitA: number
  readonly transactionId: number
  readonly acknowledgedAtMs: number
  /** At a third of its duration it is told again. */
  readonly refreshFromMs: number
  /** From the charger's view it may have expired from here on (clock tolerance taken off). */
  readonly mayExpireFromMs: number
  /** It has expired for sure from here on, if the charger honours expiry (margin added). */
  readonly expiredByMs: number
}

/** A limit that may or may not be in force: unanswered, or from before a restart or reconnect. */
export interface Ambiguous {
  readonly limitA: number
  /** False: no more than this, as a mark says; true: this or what is known beside it. */
  readonly isExact: boolean
  readonly expiredByMs: number
}

export type ProfilePurpose = 'fallback' | 'transaction'

/** What has been sent and is not answered yet: at most one, the call slot is one. */
export interface InFlight {
  readonly purpose: ProfilePurpose
  readonly limitA: number
  readonly transactionId: number | undefined
  readonly sentAtMs: number
  readonly durationMs: number
}

export interface Retry {
  /** Refused or unanswered in a row. */
  refusals: number
  notBeforeMs: number
  /** What was refused: less than this may be tried at once. */
  refusedA: number | undefined
}

export interface EvseLedger {
  /** False: never connected since the site knows it; it counts nothing. */
  seen: boolean
  /** The standing TxDefaultProfile it acknowledged; undefined: none, so h (unprotected). */
  fallbackA: number | undefined
  fallbackAtMs: number
  grant: Grant | undefined
  inFlight: InFlight | undefined
  ambiguous: readonly Ambiguous[]
  /** The higher value before a decrease, until the decrease has settled. */
  settlingA: number
  settlingUntilMs: number
  /** The last increase: what the site meter may see before the charger's own samples do. */
  raisedAtMs: number
  raisedFromA: number
  loweredAtMs: number
  /** Refusals of a TxDefaultProfile do not keep a TxProfile from being tried. */
  readonly retry: Readonly<Record<ProfilePurpose, Retry>>
  /** Durable high-water mark: nothing above it may be sent. */
  markA: number
  /** The fallback as the durable mark records it. */
  markFallbackA: number | undefined
  /** Since when the exposure is below the mark. */
  belowMarkSinceMs: number | undefined
}

/** Chargers' clocks are trusted to this; design section 5. */
export const CLOCK_TOLERANCE_MS = 30_000
export const EXPIRY_MARGIN_MS = 60_000
const MAX_AMBIGUOUS = 8
const RETRY_FIRST_MS = 5_000
const RETRY_MAX_MS = 60_000

export function newLedger(nowMs: number): EvseLedger {
  return {
    seen: false,
    fallbackA: undefined,
    fallbackAtMs: -Infinity,
    grant: undefined,
    inFlight: undefined,
    ambiguous: [],
    settlingA: 0,
    settlingUntilMs: nowMs,
    raisedAtMs: -Infinity,
    raisedFromA: 0,
    loweredAtMs: -Infinity,
    retry: { fallback: noRefusal(nowMs), transaction: noRefusal(nowMs) },
    markA: 0,
    markFallbackA: undefined,
    belowMarkSinceMs: undefined,
  }
}

/** I8: after a restart the durable mark counts, its expiry as a full duration from now. */
export function restoreMark(
  ledger: EvseLedger,
  mark: { readonly markA: number; readonly fallbackA: number | undefined },
  nowMs: number,
  durationMs: number,
): void {
  ledger.seen = true
  ledger.markA = mark.markA
  ledger.markFallbackA = mark.fallbackA
  ledger.fallbackA = mark.fallbackA
  ledger.fallbackAtMs = -Infinity
  const expiredByMs = nowMs + durationMs + EXPIRY_MARGIN_MS
  ledger.ambiguous = [{ limitA: mark.markA, isExact: false, expiredByMs }]
}

/** The highest limit a TxProfile may hold in force now, known or not. */
export function highestGrantA(ledger: EvseLedger): number {
  let highestA = ledger.grant?.limitA ?? 0
  for (const { limitA } of ledger.ambiguous) highestA = Math.max(highestA, limitA)
  return highestA
}

export function sent(ledger: EvseLedger, inFlight: InFlight): void {
  ledger.inFlight = inFlight
}

export interface AcceptanceRules {
  readonly settleMs: number
  /** What it may have taken while nothing was known; 0 when no car can have been there. */
  readonly unknownA: number
  /** TxProfile duration D. */
  readonly profileDurationMs: number
}

export function accepted(ledger: EvseLedger, rules: AcceptanceRules, nowMs: number): void {
  const { settleMs, unknownA } = rules
  const refreshAfterMs = rules.profileDurationMs / 3
  const call = ledger.inFlight
  if (!call) return
  const knownA = effectiveLimitA(ledger) === undefined ? unknownA : effectiveA(ledger)
  const beforeA = Math.max(knownA, settlingNowA(ledger, nowMs))
  ledger.inFlight = undefined
  clearRefusals(ledger.retry[call.purpose], nowMs)
  if (call.purpose === 'fallback') {
    ledger.fallbackA = call.limitA
    ledger.fallbackAtMs = nowMs
  } else if (call.transactionId !== undefined) {
    // A later answer on the same wire proves that what was sent before has been replaced.
    ledger.ambiguous = []
    ledger.grant = {
      limitA: call.limitA,
      transactionId: call.transactionId,
      acknowledgedAtMs: nowMs,
      refreshFromMs: nowMs + refreshAfterMs,
      mayExpireFromMs: call.sentAtMs + call.durationMs - CLOCK_TOLERANCE_MS,
      expiredByMs: call.sentAtMs + call.durationMs + EXPIRY_MARGIN_MS,
    }
  }
  const afterA = effectiveA(ledger)
  if (afterA < beforeA) {
    ledger.settlingA = beforeA
    ledger.settlingUntilMs = nowMs + settleMs
    ledger.loweredAtMs = nowMs
  } else if (afterA > beforeA) {
    ledger.raisedAtMs = nowMs
    ledger.raisedFromA = beforeA
  }
}

/** The charger said no: what was in force stays in force. */
export function refused(ledger: EvseLedger, nowMs: number): void {
  const call = ledger.inFlight
  if (!call) return
  ledger.inFlight = undefined
  backOff(ledger, call, nowMs)
}

/** Timed out, or the connection went away: it may have been applied. */
export function unanswered(ledger: EvseLedger, nowMs: number): void {
  const call = ledger.inFlight
  if (!call) return
  ledger.inFlight = undefined
  if (call.purpose === 'transaction') {
    keepAmbiguous(ledger, {
      limitA: call.limitA,
      isExact: true,
      expiredByMs: call.sentAtMs + call.durationMs + EXPIRY_MARGIN_MS,
    })
  } else if (ledger.fallbackA !== undefined) {
    // Either the old or the new one stands; the higher counts, and it is sent again.
    ledger.fallbackA = Math.max(ledger.fallbackA, call.limitA)
    ledger.fallbackAtMs = -Infinity
  }
  backOff(ledger, call, nowMs)
}

/** What it had acknowledged is no longer sure: a new connection, or a reboot. */
export function doubt(ledger: EvseLedger): void {
  const { grant } = ledger
  if (!grant) return
  ledger.grant = undefined
  const { limitA, expiredByMs } = grant
  keepAmbiguous(ledger, { limitA, isExact: true, expiredByMs })
}

/** A reboot may have lost every profile: until the fallback is acknowledged again it counts h. */
export function rebooted(ledger: EvseLedger, nowMs: number): void {
  doubt(ledger)
  ledger.fallbackA = undefined
  ledger.fallbackAtMs = -Infinity
  forgetRefusals(ledger, nowMs)
}

/**
 * OCPP 1.6 3.13.1: a TxProfile is bound to its transaction and ends with it. The contactor is open,
 * so nothing settles.
 */
export function withoutTransaction(ledger: EvseLedger, nowMs: number): void {
  if (highestGrantA(ledger) > (ledger.fallbackA ?? 0)) ledger.loweredAtMs = nowMs
  ledger.grant = undefined
  ledger.ambiguous = []
  ledger.settlingUntilMs = Math.min(ledger.settlingUntilMs, nowMs)
  clearRefusals(ledger.retry.transaction, nowMs)
}

/** The car has followed: measured at or below the new limit twice. */
export function settled(ledger: EvseLedger, nowMs: number): void {
  ledger.settlingUntilMs = Math.min(ledger.settlingUntilMs, nowMs)
}

/** The limit in effect as far as it is acknowledged; undefined: unprotected. */
export function effectiveLimitA(ledger: EvseLedger): number | undefined {
  return ledger.grant?.limitA ?? ledger.fallbackA
}

function settlingNowA(ledger: EvseLedger, nowMs: number): number {
  return nowMs < ledger.settlingUntilMs ? ledger.settlingA : 0
}

function effectiveA(ledger: EvseLedger): number {
  return Math.max(effectiveLimitA(ledger) ?? 0, ...ledger.ambiguous.map((a) => a.limitA))
}

function keepAmbiguous(ledger: EvseLedger, entry: Ambiguous): void {
  const entries = [...ledger.ambiguous, entry]
  if (entries.length <= MAX_AMBIGUOUS) {
    ledger.ambiguous = entries
    return
  }
  // Bounded without becoming optimistic: the two oldest merge into their worst.
  const [first, second, ...rest] = entries
  const worst = {
    limitA: Math.max(first?.limitA ?? 0, second?.limitA ?? 0),
    isExact: false,
    expiredByMs: Math.max(first?.expiredByMs ?? 0, second?.expiredByMs ?? 0),
  }
  ledger.ambiguous = [worst, ...rest]
}

function backOff(ledger: EvseLedger, call: InFlight, nowMs: number): void {
  const retry = ledger.retry[call.purpose]
  retry.refusals += 1
  retry.refusedA = call.limitA
  const waitMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (retry.refusals - 1))
  retry.notBeforeMs = nowMs + waitMs
}

function noRefusal(nowMs: number): Retry {
  return { refusals: 0, notBeforeMs: nowMs, refusedA: undefined }
}

function clearRefusals(retry: Retry, nowMs: number): void {
  retry.refusals = 0
  retry.notBeforeMs = nowMs
  retry.refusedA = undefined
}

/** A new connection or a boot is a new chance. */
export function forgetRefusals(ledger: EvseLedger, nowMs: number): void {
  clearRefusals(ledger.retry.fallback, nowMs)
  clearRefusals(ledger.retry.transaction, nowMs)
}

/** The last it was told it refused or did not answer. */
export function isRefusing({ retry }: EvseLedger): boolean {
  return retry.fallback.refusals + retry.transaction.refusals > 0
}

/** Whether this may be sent now; a lower limit than the one refused may always. */
export function mayTry(
  ledger: EvseLedger,
  purpose: ProfilePurpose,
  limitA: number,
  nowMs: number,
): boolean {
  const { notBeforeMs, refusedA } = ledger.retry[purpose]
  return nowMs >= notBeforeMs || (refusedA !== undefined && limitA < refusedA - 0.05)
}
