/**
 * Exposure: the most an EVSE may be permitted to draw at an instant, A per phase it uses. The rules
 * are those of the ledger: what is unknown counts at its worst value.
 */
import { PREPARE_MS, settlingNowA, standingA } from './evse-ledger.js'
import type { EvseLedger, Grant } from './evse-ledger.js'

export interface ExposureFacts {
  /** Hardware maximum h, A per phase. */
  readonly hardwareA: number
  readonly connected: boolean
  /** Measured on the highest phase, from a fresh sample. */
  readonly measuredA: number | undefined
  /** The operator or the probe says that it honours profile expiry. */
  readonly expiryVerified: boolean
  /** Breaker open: nothing until it connects. */
  readonly isolated: boolean
  /** No transaction runs and none can begin: without a limit of ours it lets nobody draw. */
  readonly outOfService: boolean
  /** It has said since its transaction began that this is over: the next finds what stands. */
  readonly wasFree: boolean
  /** A probe found that it forgets its profiles with its connection. */
  readonly forgetsOffline: boolean
}

const REFRESH_TAKES_MS = 5_000
/** Drawn above the limit by more than this is disobedience, not measuring noise. */
const DISOBEDIENCE_A = 1

export interface Exposure {
  /** The most it may be permitted to draw now. */
  readonly exposureA: number
  /** The same without what merely settles: where it is going if nothing more is sent. */
  readonly committedA: number
  /** What its profiles let it take at most, whatever it takes. */
  readonly permittedA: number
  /** It draws more than it may, also counting what still settles. */
  readonly disobeys: boolean
}

const NOTHING: Exposure = { exposureA: 0, committedA: 0, permittedA: 0, disobeys: false }

/** Plans are made with what is committed, room is freed by the exposure. */
export function exposureOf(ledger: EvseLedger, facts: ExposureFacts, nowMs: number): Exposure {
  if (!facts.connected && (!ledger.seen || facts.isolated)) return NOTHING
  const { measuredA } = facts
  // Never capped by the hardware maximum: what was granted or is drawn is known, that is only stated.
  const permittedA = permitted(ledger, facts, nowMs)
  const settlingA = settlingNowA(ledger, nowMs)
  const exposureA = Math.max(permittedA, settlingA)
  if (measuredA === undefined || measuredA <= exposureA + DISOBEDIENCE_A) {
    return { exposureA, committedA: permittedA, permittedA, disobeys: false }
  }
  // What it takes beyond its limit is what it may take.
  const takenA = measuredA + DISOBEDIENCE_A
  return { exposureA: takenA, committedA: takenA, permittedA, disobeys: true }
}

function permitted(ledger: EvseLedger, facts: ExposureFacts, nowMs: number): number {
  const sentA = ledger.inFlight?.limitA ?? 0
  let countedA = Math.max(sentA, ambiguousA(ledger, facts, nowMs))
  const { grant } = ledger
  if (!facts.connected && facts.forgetsOffline) countedA = Math.max(countedA, facts.hardwareA)
  // Without one only what stands permits anything.
  if (!grant) return Math.max(countedA, standingA(ledger, nowMs) ?? unlimitedA(facts))
  const mayHaveExpired = nowMs >= grant.mayExpireFromMs - prepareMs(grant)
  // An admission profile below it is on its way out.
  if (mayHaveExpired) countedA = Math.max(countedA, ledger.fallbackA ?? facts.hardwareA)
  // Its car may be followed by another, which finds what stands, before anybody tells of it.
  if ((!facts.connected || facts.wasFree || grant.mayBeOver) && grant.isBound) {
    countedA = Math.max(countedA, standingA(ledger, nowMs) ?? unlimitedA(facts))
  }
  const hasExpired = nowMs >= grant.expiredByMs && facts.expiryVerified
  return hasExpired ? countedA : Math.max(countedA, grant.limitA)
}

/** What a charger without any limit of ours lets a car draw. */
function unlimitedA({ hardwareA, outOfService }: ExposureFacts): number {
  return outOfService ? 0 : hardwareA
}

/** So long before a grant may expire it is prepared for, but not before its refresh is overdue. */
function prepareMs({ mayExpireFromMs, acknowledgedAtMs, refreshFromMs }: Grant): number {
  const lifeMs = mayExpireFromMs - acknowledgedAtMs
  const refreshMs = refreshFromMs - acknowledgedAtMs + REFRESH_TAKES_MS
  return Math.min(PREPARE_MS, Math.max(0, lifeMs - refreshMs))
}

function ambiguousA(ledger: EvseLedger, facts: ExposureFacts, nowMs: number): number {
  let worstA = 0
  for (const { limitA, expiredByMs } of ledger.ambiguous) {
    if (nowMs >= expiredByMs && facts.expiryVerified) continue
    worstA = Math.max(worstA, limitA)
  }
  // While it is unclear whether a grant or the fallback is in force, the higher one counts.
  return worstA
}
