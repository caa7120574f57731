/**
 * What the controller knows of the profiles in one EVSE: acknowledged, in flight, ambiguous and
 * settling. Changed only by the functions here; the exposure is computed from it, never stored.
 */
import { constantly, higherOf, highestOf } from './fallback-schedule.js'
import type { FallbackSchedule } from './fallback-schedule.js'
import type { FormState, ProfileForm } from './profile-form.js'
import {
  ADMISSION_FORM,
  expiringForm,
  expiringLength,
  formAccepted,
  formRefused,
  isBound,
  newFormState,
  standingForm,
  standingLength,
} from './profile-form.js'
import type { Retry } from './retry.js'
import { backOff, clearRefusals, noRefusal } from './retry.js'

/** An expiring limit the charger has acknowledged on this connection. */
export interface Grant {
  readonly limitA: number
  /** It ends with its transaction; others outlive it until they expire. */
  readonly isBound: boolean
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
  /** It ends with its transaction. */
  readonly isBound: boolean
  readonly expiredByMs: number
}

/** GetCompositeSchedule: a hint, since what chargers report there is often wrong. */
export interface Composite {
  /** Undefined: not answered (yet), or nothing that makes sense. */
  readonly limitA: number | undefined
  readonly askedAtMs: number
}

export interface Raise {
  readonly atMs: number
  readonly byA: number
}

/** 0 A for cars that come, above the fallback (TxDefaultProfile at level 1). */
export interface Admission {
  readonly refreshFromMs: number
  /** From the charger's view it may have expired from here on. */
  readonly mayExpireFromMs: number
}

/** What a profile is for: left alone, for whoever comes, for who charges, against who disobeys. */
export type ProfilePurpose = 'fallback' | 'admission' | 'transaction' | 'cutOff'

/** What has been sent and is not answered yet: at most one, the call slot is one. */
export interface InFlight {
  readonly purpose: ProfilePurpose
  readonly form: ProfileForm
  readonly limitA: number
  /** Of a fallback: how it goes on; `limitA` is the most of it that counts now. */
  readonly schedule?: FallbackSchedule | undefined
  readonly transactionId: number | undefined
  readonly sentAtMs: number
  /** It lasts at least so long, */
  readonly durationMs: number
  /** and at most so long, by the reading of a relative duration that lets it live longest. */
  readonly longestMs: number
}

export type FormPurpose = 'fallback' | 'transaction'
/** What is kept of the forms that a charger takes. */
export type FormIndexes = Readonly<Record<FormPurpose, number>>

export interface EvseLedger {
  /** False: never connected since the site knows it; it counts nothing. */
  seen: boolean
  /** The most its standing TxDefaultProfile may be now; undefined: it has none, so h (unprotected). */
  fallbackA: number | undefined
  /** What it was before a boot that may have lost it. */
  beforeBootA: number | undefined
  /** How the fallback goes on; undefined: it stays what it is. */
  fallbackSchedule: FallbackSchedule | undefined
  /** It refused one that changes over time: none is tried before this. */
  schedulesFromMs: number
  fallbackAtMs: number
  admission: Admission | undefined
  grant: Grant | undefined
  inFlight: InFlight | undefined
  ambiguous: readonly Ambiguous[]
  /** What it says it has, asked once on a connection that must be reconciled. */
  composite: Composite | undefined
  /** The higher value before a decrease, until the decrease has settled. */
  settlingA: number
  settlingUntilMs: number
  /** The last increases: what the site meter may see before the charger's own samples do. */
  raises: readonly Raise[]
  loweredAtMs: number
  /** Refusals of a TxDefaultProfile do not keep a TxProfile from being tried. */
  readonly retry: Readonly<Record<ProfilePurpose, Retry>>
  /** How this charger wants to be told. */
  readonly forms: Readonly<Record<FormPurpose, FormState>>
  /** The ChargePointMaxProfile of 0 A is told again from here on. */
  cutOffRefreshFromMs: number
  /** Durable high-water mark: nothing above it may be sent. */
  markA: number
  /** The fallback as the durable mark records it. */
  markFallbackA: number | undefined
  markForms: FormIndexes
  /** Since when the exposure is below the mark. */
  belowMarkSinceMs: number | undefined
}

/** Chargers' clocks are trusted to this; design section 5. */
export const CLOCK_TOLERANCE_MS = 30_000
export const EXPIRY_MARGIN_MS = 60_000
/** Known ends of a limit are prepared this long ahead: settle and two timeouts (I6). */
export const PREPARE_MS = 45_000
const MAX_AMBIGUOUS = 8
/** A charger that refuses a fallback over time is asked again a day later. */
const SCHEDULE_PAUSE_MS = 24 * 3_600_000
/** Unanswered in a row; then it is taken for a refusal. */
const SCHEDULE_TRIES = 3
/** As long as a charger with rare samples may take to show a raise. */
const RAISES_KEPT_MS = 240_000
const RAISES_MAX = 32

export const FIRST_FORMS: FormIndexes = { fallback: 0, transaction: 0 }

export function newLedger(nowMs: number): EvseLedger {
  return {
    seen: false,
    fallbackA: undefined,
    beforeBootA: undefined,
    fallbackSchedule: undefined,
    schedulesFromMs: -Infinity,
    fallbackAtMs: -Infinity,
    admission: undefined,
    grant: undefined,
    inFlight: undefined,
    ambiguous: [],
    composite: undefined,
    settlingA: 0,
    settlingUntilMs: nowMs,
    raises: [],
    loweredAtMs: -Infinity,
    retry: {
      fallback: noRefusal(nowMs),
      admission: noRefusal(nowMs),
      transaction: noRefusal(nowMs),
      cutOff: noRefusal(nowMs),
    },
    forms: { fallback: newFormState(), transaction: newFormState() },
    cutOffRefreshFromMs: -Infinity,
    markA: 0,
    markFallbackA: undefined,
    markForms: FIRST_FORMS,
    belowMarkSinceMs: undefined,
  }
}

/** I8: after a restart the durable mark counts, its expiry as a full duration from now. */
export function restoreMark(
  ledger: EvseLedger,
  mark: Mark,
  nowMs: number,
  durationMs: number,
): void {
  const { forms = FIRST_FORMS } = mark
  ledger.seen = true
  ledger.markA = mark.markA
  ledger.markFallbackA = mark.fallbackA
  ledger.markForms = forms
  for (const purpose of ['fallback', 'transaction'] as const) {
    const state = ledger.forms[purpose]
    state.index = forms[purpose]
    state.isKnown = mark.fallbackA !== undefined
  }
  ledger.fallbackA = mark.fallbackA
  ledger.fallbackSchedule = undefined
  ledger.fallbackAtMs = -Infinity
  const expiredByMs = nowMs + durationMs + EXPIRY_MARGIN_MS
  ledger.admission = undefined
  ledger.ambiguous = [
    { limitA: mark.markA, isExact: false, isBound: isBound(grantForm(ledger)), expiredByMs },
  ]
}

/** The durable high-water mark of an EVSE (I8). */
export interface Mark {
  readonly markA: number
  /** Undefined: no standing fallback, so the hardware maximum counts. */
  readonly fallbackA: number | undefined
  /** Undefined: the first of each chain. */
  readonly forms?: FormIndexes
}

/** The form in which an expiring limit is sent. */
export function grantForm({ forms }: EvseLedger): ProfileForm {
  return expiringForm(forms.transaction, standingForm(forms.fallback))
}

/** The highest limit an expiring profile may hold in force now, known or not. */
export function highestGrantA(ledger: EvseLedger): number {
  let highestA = ledger.grant?.limitA ?? 0
  for (const { limitA } of ledger.ambiguous) highestA = Math.max(highestA, limitA)
  return highestA
}

export function sent(ledger: EvseLedger, inFlight: InFlight): void {
  ledger.inFlight = inFlight
}

/** It has left, or is about to: from now on nobody counts on it. */
export function admissionCleared(ledger: EvseLedger): void {
  ledger.admission = undefined
}

export interface AcceptanceRules {
  readonly settleMs: number
  /** What it may have taken while nothing was known; 0 when no car can have been there. */
  readonly unknownA: number
}

export function accepted(ledger: EvseLedger, rules: AcceptanceRules, nowMs: number): void {
  const { settleMs, unknownA } = rules
  const call = ledger.inFlight
  if (!call) return
  const knownA = effectiveLimitA(ledger, nowMs) === undefined ? unknownA : effectiveA(ledger, nowMs)
  const beforeA = Math.max(knownA, settlingNowA(ledger, nowMs))
  ledger.inFlight = undefined
  clearRefusals(ledger.retry[call.purpose], nowMs)
  take(ledger, call, nowMs)
  const afterA = effectiveA(ledger, nowMs)
  if (afterA < beforeA) {
    ledger.settlingA = beforeA
    ledger.settlingUntilMs = nowMs + settleMs
    ledger.loweredAtMs = nowMs
  } else if (afterA > beforeA) {
    const recent = ledger.raises.filter(({ atMs }) => nowMs - atMs < RAISES_KEPT_MS)
    ledger.raises = [...recent, { atMs: nowMs, byA: afterA - beforeA }].slice(-RAISES_MAX)
  }
}

function take(ledger: EvseLedger, call: InFlight, nowMs: number): void {
  const { sentAtMs, durationMs, longestMs, limitA } = call
  const mayExpireFromMs = sentAtMs + durationMs - CLOCK_TOLERANCE_MS
  switch (call.purpose) {
    case 'fallback':
      formAccepted(ledger.forms.fallback)
      ledger.fallbackA = limitA
      ledger.fallbackSchedule = call.schedule
      ledger.fallbackAtMs = nowMs
      break
    case 'admission':
      ledger.admission = { refreshFromMs: nowMs + durationMs / 2, mayExpireFromMs }
      break
    case 'transaction':
      formAccepted(ledger.forms.transaction)
      // A later answer on the same wire proves that what was sent before has been replaced.
      ledger.ambiguous = []
      if (isInPlaceOfAdmission(call.form)) ledger.admission = undefined
      ledger.grant = {
        limitA,
        isBound: isBound(call.form),
        acknowledgedAtMs: nowMs,
        refreshFromMs: nowMs + durationMs / 3,
        mayExpireFromMs,
        expiredByMs: sentAtMs + longestMs + EXPIRY_MARGIN_MS,
      }
      break
    case 'cutOff':
      ledger.cutOffRefreshFromMs = nowMs + durationMs / 2
      break
  }
}

/** OCPP 1.6 5.16: a charger holds one profile of a purpose at a level, the last it was told. */
function isInPlaceOfAdmission({ purpose, stackLevel }: ProfileForm): boolean {
  return purpose === ADMISSION_FORM.purpose && stackLevel === ADMISSION_FORM.stackLevel
}

/** The charger said no: what was in force stays in force. `isAlone`: no other EVSE beside it. */
export function refused(ledger: EvseLedger, isAlone: boolean, nowMs: number): void {
  const call = ledger.inFlight
  if (!call) return
  ledger.inFlight = undefined
  const { purpose, limitA, form } = call
  if (call.schedule) {
    // One that does not change is tried before any other form.
    ledger.schedulesFromMs = nowMs + SCHEDULE_PAUSE_MS
    return
  }
  const isImmediate =
    isWanted(ledger, purpose, form) &&
    (purpose === 'fallback' || purpose === 'transaction') &&
    nextForm(ledger, purpose, isAlone, nowMs)
  backOff(ledger.retry[purpose], limitA, nowMs, isImmediate)
}

/** Not one that was sent only because the clock of the charger is not known. */
function isWanted(ledger: EvseLedger, purpose: ProfilePurpose, { kind }: ProfileForm): boolean {
  return purpose !== 'transaction' || kind === grantForm(ledger).kind
}

/** True: there is another form to try. */
function nextForm(
  ledger: EvseLedger,
  purpose: FormPurpose,
  isAlone: boolean,
  nowMs: number,
): boolean {
  const { fallback, transaction } = ledger.forms
  const before = standingForm(fallback).purpose
  if (purpose === 'transaction') {
    const isHeld = holdsBound(ledger, nowMs)
    return formRefused(transaction, expiringLength(standingForm(fallback), isHeld))
  }
  const hasNext = formRefused(fallback, standingLength(isAlone))
  // Under another purpose other forms hold for what expires.
  if (standingForm(fallback).purpose !== before) Object.assign(transaction, newFormState())
  return hasNext
}

/** A limit of its transaction may be in force: it would stand above any default. */
function holdsBound({ grant, ambiguous }: EvseLedger, nowMs: number): boolean {
  return [...ambiguous, ...(grant ? [grant] : [])].some(
    ({ isBound: ends, expiredByMs }) => ends && nowMs < expiredByMs,
  )
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
      isBound: isBound(call.form),
      expiredByMs: call.sentAtMs + call.longestMs + EXPIRY_MARGIN_MS,
    })
    // If it has taken its place, the fallback is what comes after it.
    const { admission } = ledger
    if (admission && isInPlaceOfAdmission(call.form)) {
      const endsMs = call.sentAtMs + call.durationMs - CLOCK_TOLERANCE_MS
      const mayExpireFromMs = Math.min(admission.mayExpireFromMs, endsMs)
      ledger.admission = { ...admission, mayExpireFromMs }
    }
  } else if (call.purpose === 'fallback' && ledger.fallbackA !== undefined) {
    // Either the old or the new one stands; the higher counts, and it is sent again.
    const isScheduled = ledger.fallbackSchedule !== undefined || call.schedule !== undefined
    const before = ledger.fallbackSchedule ?? constantly(ledger.fallbackA)
    const after = call.schedule ?? constantly(call.limitA)
    ledger.fallbackSchedule = isScheduled ? higherOf(before, after) : undefined
    ledger.fallbackA = Math.max(ledger.fallbackA, call.limitA)
    ledger.fallbackAtMs = -Infinity
  }
  backOff(ledger.retry[call.purpose], call.limitA, nowMs, false)
  if (call.schedule && ledger.retry.fallback.refusals >= SCHEDULE_TRIES) {
    ledger.schedulesFromMs = nowMs + SCHEDULE_PAUSE_MS
  }
}

/** What it had acknowledged is no longer sure: a new connection, or a reboot. */
export function doubt(ledger: EvseLedger): void {
  const { grant } = ledger
  ledger.admission = undefined
  ledger.composite = undefined
  ledger.cutOffRefreshFromMs = -Infinity
  if (!grant) return
  ledger.grant = undefined
  const { limitA, expiredByMs } = grant
  keepAmbiguous(ledger, { limitA, isExact: true, isBound: grant.isBound, expiredByMs })
}

/** A reboot may have lost every profile: until the fallback is acknowledged again it counts h. */
export function rebooted(ledger: EvseLedger, nowMs: number): void {
  doubt(ledger)
  ledger.beforeBootA = ledger.fallbackA ?? ledger.beforeBootA
  ledger.fallbackA = undefined
  ledger.fallbackSchedule = undefined
  ledger.schedulesFromMs = -Infinity
  ledger.fallbackAtMs = -Infinity
  forgetRefusals(ledger, nowMs)
}

/**
 * OCPP 1.6 3.13.1: a TxProfile is bound to its transaction and ends with it. The contactor is open,
 * so nothing settles. What is not bound stays, for the next car.
 */
export function withoutTransaction(ledger: EvseLedger, nowMs: number): void {
  if (highestGrantA(ledger) > (ledger.fallbackA ?? 0)) ledger.loweredAtMs = nowMs
  if (ledger.grant?.isBound === true) ledger.grant = undefined
  ledger.ambiguous = ledger.ambiguous.filter((entry) => !entry.isBound)
  ledger.settlingUntilMs = Math.min(ledger.settlingUntilMs, nowMs)
  clearRefusals(ledger.retry.transaction, nowMs)
}

/** The wall clock jumped: a charger that sets its own by ours finds its schedules at another time. */
export function clockJumped(ledger: EvseLedger, nowMs: number): void {
  const { grant } = ledger
  ledger.admission = undefined
  if (!grant) return
  const mayExpireFromMs = Math.min(grant.mayExpireFromMs, nowMs)
  ledger.grant = { ...grant, mayExpireFromMs, refreshFromMs: nowMs }
}

/** Everything it should have is sent anew, whatever it has acknowledged. */
export function tellAgain(ledger: EvseLedger, nowMs: number): void {
  if (ledger.grant) ledger.grant = { ...ledger.grant, refreshFromMs: nowMs }
  ledger.fallbackAtMs = -Infinity
  ledger.cutOffRefreshFromMs = -Infinity
}

/** The car has followed: measured at or below the new limit twice. */
export function settled(ledger: EvseLedger, nowMs: number): void {
  ledger.settlingUntilMs = Math.min(ledger.settlingUntilMs, nowMs)
}

/** The limit in effect as far as it is acknowledged; undefined: unprotected. */
export function effectiveLimitA(ledger: EvseLedger, nowMs: number): number | undefined {
  return ledger.grant?.limitA ?? standingA(ledger, nowMs)
}

/**
 * What stands below every expiring limit: 0 A while an admission profile lasts (and for so long that
 * its end can be prepared), else the fallback; undefined: nothing does.
 */
export function standingA(ledger: EvseLedger, nowMs: number): number | undefined {
  const { admission, fallbackA } = ledger
  const lasts = admission !== undefined && nowMs < admission.mayExpireFromMs - PREPARE_MS
  return lasts && fallbackA !== undefined ? 0 : fallbackA
}

/** The most its fallback will ever be by itself; undefined: it has none. */
export function highestFallbackA({ fallbackA, fallbackSchedule }: EvseLedger): number | undefined {
  if (fallbackA === undefined || !fallbackSchedule) return fallbackA
  return Math.max(fallbackA, highestOf(fallbackSchedule))
}

function settlingNowA(ledger: EvseLedger, nowMs: number): number {
  return nowMs < ledger.settlingUntilMs ? ledger.settlingA : 0
}

function effectiveA(ledger: EvseLedger, nowMs: number): number {
  return Math.max(effectiveLimitA(ledger, nowMs) ?? 0, ...ledger.ambiguous.map((a) => a.limitA))
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
    isBound: first?.isBound === true && second?.isBound === true,
    expiredByMs: Math.max(first?.expiredByMs ?? 0, second?.expiredByMs ?? 0),
  }
  ledger.ambiguous = [worst, ...rest]
}

/** A new connection or a boot is a new chance. */
export function forgetRefusals(ledger: EvseLedger, nowMs: number): void {
  for (const retry of Object.values(ledger.retry)) clearRefusals(retry, nowMs)
}

/** The last it was told it refused or did not answer. */
export function isRefusing({ retry }: EvseLedger): boolean {
  return retry.fallback.refusals + retry.transaction.refusals > 0
}

/** By how much it was raised at or after `sinceMs`. */
export function raisedSinceA({ raises }: EvseLedger, sinceMs: number): number {
  let sumA = 0
  for (const { atMs, byA } of raises) if (atMs >= sinceMs) sumA += byA
  return sumA
}

export function lastRaisedAtMs({ raises }: EvseLedger): number {
  return raises.at(-1)?.atMs ?? -Infinity
}

/** It takes no standing limit in any form. */
export function isUnprotected({ fallbackA, forms }: EvseLedger): boolean {
  return fallbackA === undefined && forms.fallback.isExhausted
}
