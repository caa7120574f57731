/** What an EVSE's ledger still knows after a restart, a boot, a lost connection or the end of a car. */
import {
  EXPIRY_MARGIN_MS,
  FIRST_FORMS,
  grantForm,
  highestGrantA,
  keepAmbiguous,
} from './evse-ledger.js'
import type { EvseLedger, Mark } from './evse-ledger.js'
import { isBound } from './profile-form.js'
import { clearRefusals } from './retry.js'

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
    state.triedForms = 0
    state.isKnown = mark.fallbackA !== undefined
  }
  ledger.fallbackA = mark.fallbackA
  // After a boot nobody remembers, it may be anything: where nothing fits no more than that is told.
  ledger.beforeBootA = mark.fallbackA === undefined ? 0 : undefined
  ledger.fallbackSchedule = undefined
  ledger.fallbackAtMs = -Infinity
  const expiredByMs = nowMs + durationMs + EXPIRY_MARGIN_MS
  ledger.admission = undefined
  ledger.ambiguous = [
    { limitA: mark.markA, isExact: false, isBound: isBound(grantForm(ledger)), expiredByMs },
  ]
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
  ledger.settling = []
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
export function settled(ledger: EvseLedger): void {
  ledger.settling = []
}

/** A new connection or a boot is a new chance. */
export function forgetRefusals(ledger: EvseLedger, nowMs: number): void {
  for (const retry of Object.values(ledger.retry)) clearRefusals(retry, nowMs)
}
