/**
 * What the controller knows of the profiles in one EVSE: acknowledged, in flight, ambiguous and
 * settling. Changed only by what was told and answered (`told.ts`) and by what puts that in doubt
 * (`doubted.ts`); the exposure is computed from it, never stored.
 */
import { highestOf } from './fallback-schedule.js'
import type { FallbackSchedule } from './fallback-schedule.js'
import type { FormState, ProfileForm } from './profile-form.js'
import { expiringForm, newFormState, standingForm } from './profile-form.js'
import type { Retry } from './retry.js'
import { noRefusal } from './retry.js'

/** An expiring limit the charger has acknowledged on this connection. */
export interface Grant {
  readonly limitA: number
  /** It ends with its transaction; others outlive it until they expire. */
  readonly isBound: boolean
  /** A later limit for the transaction was refused: perhaps there is none any more. */
  readonly mayBeOver: boolean
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

/** The higher value before a decrease, until that has settled. */
export interface Settling {
  readonly limitA: number
  readonly untilMs: number
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
  /** One for each decrease: a further one makes those before it last no longer. */
  settling: readonly Settling[]
  /** The last increases: what the site meter may see before the charger's own samples do. */
  raises: readonly Raise[]
  loweredAtMs: number
  /** Refusals of a TxDefaultProfile do not keep a TxProfile from being tried. */
  readonly retry: Readonly<Record<ProfilePurpose, Retry>>
  /** How this charger wants to be told. */
  readonly forms: Readonly<Record<FormPurpose, FormState>>
  /** Nothing can stand above anything of the same purpose. */
  hasOneLevel: boolean
  /** The ChargePointMaxProfile of 0 A is told again from here on. */
  cutOffRefreshFromMs: number
  /** Until then one may be in force, over whatever its EVSEs are offered. */
  cutOffUntilMs: number
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
    settling: [],
    raises: [],
    loweredAtMs: -Infinity,
    retry: {
      fallback: noRefusal(nowMs),
      admission: noRefusal(nowMs),
      transaction: noRefusal(nowMs),
      cutOff: noRefusal(nowMs),
    },
    forms: { fallback: newFormState(), transaction: newFormState() },
    hasOneLevel: false,
    cutOffRefreshFromMs: -Infinity,
    cutOffUntilMs: -Infinity,
    markA: 0,
    markFallbackA: undefined,
    markForms: FIRST_FORMS,
    belowMarkSinceMs: undefined,
  }
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

export function settlingNowA({ settling }: EvseLedger, nowMs: number): number {
  let highestA = 0
  for (const { limitA, untilMs } of settling) {
    if (nowMs < untilMs) highestA = Math.max(highestA, limitA)
  }
  return highestA
}

export function effectiveA(ledger: EvseLedger, nowMs: number): number {
  return Math.max(effectiveLimitA(ledger, nowMs) ?? 0, ...ledger.ambiguous.map((a) => a.limitA))
}

export function keepAmbiguous(ledger: EvseLedger, entry: Ambiguous): void {
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
