/** What becomes of an EVSE's ledger when a profile is sent, accepted, refused or not answered. */
import {
  CLOCK_TOLERANCE_MS,
  effectiveA,
  effectiveLimitA,
  EXPIRY_MARGIN_MS,
  grantForm,
  keepAmbiguous,
  settlingNowA,
} from './evse-ledger.js'
import type { EvseLedger, FormPurpose, InFlight, ProfilePurpose } from './evse-ledger.js'
import { constantly, higherOf } from './fallback-schedule.js'
import {
  ADMISSION_FORM,
  beginAt,
  expiringLength,
  formAccepted,
  formRefused,
  isBound,
  standingForm,
  standingLength,
} from './profile-form.js'
import type { ProfileForm } from './profile-form.js'
import { backOff, clearRefusals } from './retry.js'

/** A charger that refuses a fallback over time is asked again a day later. */
const SCHEDULE_PAUSE_MS = 24 * 3_600_000
/** Unanswered in a row; then it is taken for a refusal. */
const SCHEDULE_TRIES = 3
/** As long as a charger with rare samples may take to show a raise. */
const RAISES_KEPT_MS = 240_000
const RAISES_MAX = 32

export function sent(ledger: EvseLedger, inFlight: InFlight): void {
  ledger.inFlight = inFlight
  const { purpose, sentAtMs, longestMs } = inFlight
  if (purpose === 'cutOff') ledger.cutOffUntilMs = sentAtMs + longestMs + EXPIRY_MARGIN_MS
}

/** What only lowers is cleared by id, where it is not for whoever charges (any more). */
export type Cleared = 'admission' | 'cutOff'

export function cleared(ledger: EvseLedger, what: Cleared): void {
  if (what === 'admission') ledger.admission = undefined
  else ledger.cutOffUntilMs = -Infinity
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
  if (afterA < knownA) {
    const settling = ledger.settling.filter(({ untilMs }) => nowMs < untilMs)
    ledger.settling = [...settling, { limitA: knownA, untilMs: nowMs + settleMs }]
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
        mayBeOver: false,
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
  // 3.13.1: only what runs takes one; how a transaction ended may still be in the charger's queue.
  if (isBound(form) && ledger.grant) ledger.grant = { ...ledger.grant, mayBeOver: true }
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
    // Above level 0 there is nothing for a charger that has one level.
    const isHeld = holdsBound(ledger, nowMs) || ledger.hasOneLevel
    return formRefused(transaction, expiringLength(standingForm(fallback), isHeld))
  }
  const hasNext = formRefused(fallback, standingLength(isAlone))
  // Under another purpose other forms hold for what expires.
  if (standingForm(fallback).purpose !== before) beginAt(transaction, 0)
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
