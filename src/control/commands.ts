/** The ledger's commands as OCPP 1.6 calls. */
import type { AskCommand, ClearCommand, ProfileCommand } from '../core/ledger/decide.js'
import { grantForm } from '../core/ledger/evse-ledger.js'
import type { InFlight } from '../core/ledger/evse-ledger.js'
import { stackLevelOf } from '../core/ledger/stack-level.js'
import { isClockRight } from '../core/limits/charger-clock.js'
import { ADMISSION_FORM, CUT_OFF_FORM } from '../core/ledger/profile-form.js'
import type { ProfileForm } from '../core/ledger/profile-form.js'
import { phaseCount } from '../core/phases.js'
import type { Instant } from '../core/site/events.js'
import { leastAgeMs, mostAgeMs } from '../core/site/started-at.js'
import { profileTimes } from '../core/site/profile-times.js'
import type { Site } from '../core/site/state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import { expiringProfile, profileId, standingProfile } from '../ocpp/v16/charging-profile.js'
import type { ChargingRateUnit } from '../ocpp/v16/charging-profile.js'
import {
  clearChargingProfile,
  getCompositeSchedule,
  setChargingProfile,
} from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import { decodeResult } from '../ocpp/v16/results.js'

/** For cars that come and against cars that disobey: long, since nothing above the fallback hangs on it. */
const LOW_DURATION_MS = 600_000

export function inFlightOf(site: Site, command: ProfileCommand, at: Instant): InFlight {
  const { purpose, form, limitA, schedule, transactionId } = command
  const shortestMs = durationMs(site, command)
  // Some count a relative schedule from its receipt: then it lives longer by the transaction's age.
  const longerMs = isRelative(site, command)
    ? ageMs(site, command, at)
    : clockDoubtMs(clockRangeMs(site, command))
  const longestMs = shortestMs + longerMs
  const sentAtMs = at.nowMs
  const kind = isRelative(site, command) ? 'Relative' : 'Absolute'
  const told: ProfileForm = purpose === 'transaction' ? { ...form, kind } : form
  return {
    purpose,
    form: told,
    limitA,
    schedule,
    transactionId,
    sentAtMs,
    durationMs: shortestMs,
    longestMs,
  }
}

/** `transaction`: D; the two that only lower last longer. */
function durationMs(site: Site, { purpose, chargePointId }: ProfileCommand): number {
  return purpose === 'transaction' ? profileTimes(site, chargePointId).durationMs : LOW_DURATION_MS
}

/** Absolute times mean something else to a charger whose clock is off, or may be. */
function isRelative(site: Site, { form, chargePointId }: ProfileCommand): boolean {
  if (form.purpose !== 'TxProfile') return false
  const chargePoint = site.chargePoints.get(chargePointId)
  return form.kind === 'Relative' || !chargePoint || !isClockRight(chargePoint)
}

/**
 * By how much the charger's own clock is ahead, as far as that is known: other purposes know no
 * transaction to count from. What lowers must hold whichever it is, and may last the longer for it.
 */
function clockRangeMs(
  site: Site,
  { form, chargePointId, connectorId, limitA }: ProfileCommand,
): readonly [number, number] {
  const chargePoint = site.chargePoints.get(chargePointId)
  if (form.purpose === 'TxProfile' || !chargePoint) return [0, 0]
  const fallbackA = chargePoint.connectors.get(connectorId)?.ledger.fallbackA ?? 0
  const { clockOffsetMs, clockRangeMs: range } = chargePoint
  return limitA <= fallbackA ? range : [clockOffsetMs, clockOffsetMs]
}

function clockDoubtMs([lowMs, highMs]: readonly [number, number]): number {
  return highMs - lowMs
}

/**
 * How long the transaction has lasted. Where that is not known, a limit above the fallback may end
 * early, which lowers it; one below it must not.
 */
function ageMs(site: Site, command: ProfileCommand, at: Instant): number {
  const { transactionId, chargePointId, connectorId, limitA } = command
  const transaction = transactionId === undefined ? undefined : site.transactions.get(transactionId)
  if (!transaction) return 0
  const chargePoint = site.chargePoints.get(chargePointId)
  const isLow = limitA <= (chargePoint?.connectors.get(connectorId)?.ledger.fallbackA ?? 0)
  return isLow ? mostAgeMs(transaction, at) : leastAgeMs(transaction, chargePoint, at)
}

export function profileCall(site: Site, command: ProfileCommand, at: Instant): OutboundCall {
  const { form, limitA, purpose, transactionId } = command
  // 3.13.1: a limit of the charge point has connector 0.
  const connectorId = form.purpose === 'ChargePointMaxProfile' ? 0 : command.connectorId
  const shape = {
    connectorId,
    purpose: form.purpose,
    stackLevel: form.stackLevel,
    limitA,
    ...toldAs(site, command),
    ...unitOf(site, command),
    nominalVoltageV: site.rules.nominalVoltageV,
  }
  if (purpose === 'fallback') {
    const { schedule } = command
    const standing = { kind: form.kind, ...shape, ...(schedule && { steps: schedule.steps }) }
    return setChargingProfile(connectorId, standingProfile(standing))
  }
  const relative = isRelative(site, command)
  const clockMs = clockRangeMs(site, command)
  return setChargingProfile(
    connectorId,
    expiringProfile({
      nowMs: at.wallMs + clockMs[0],
      durationS: Math.round((durationMs(site, command) + clockDoubtMs(clockMs)) / 1000),
      kind: relative ? 'Relative' : 'Absolute',
      transactionStartedAtMs: at.wallMs - ageMs(site, command, at),
      ...shape,
      ...(form.purpose === 'TxProfile' && transactionId !== undefined && { transactionId }),
    }),
  )
}

/** As chargers of its kind want it. */
function toldAs(
  site: Site,
  { chargePointId, connectorId, form }: ProfileCommand,
): { readonly sentLevel?: number; readonly numberPhases?: number } {
  const chargePoint = site.chargePoints.get(chargePointId)
  const connector = chargePoint?.connectors.get(connectorId)
  if (!chargePoint || !connector) return {}
  const { numberPhases } = chargePoint.quirks.values
  return {
    sentLevel: stackLevelOf(chargePoint, connector, form),
    ...(numberPhases !== undefined && { numberPhases }),
  }
}

/** Amperes where the charger has phases to limit, watts where it has a power converter; or swapped. */
function unitOf(
  site: Site,
  {
    chargePointId,
    connectorId,
    form,
  }: Pick<ProfileCommand, 'chargePointId' | 'connectorId' | 'form'>,
): { readonly unit: ChargingRateUnit; readonly phases: number } {
  const evse = site.tree.byChargePoint.get(chargePointId)?.get(connectorId)
  const isDirect = evse?.evse.currentType === 'DC'
  const unit = isDirect === (form.unit === 'native') ? 'W' : 'A'
  const wired = evse ? phaseCount(evse.mask) : 3
  if (isDirect || unit === 'A') return { unit, phases: wired }
  // A car on fewer phases draws more on each: what is not known counts as one.
  const chargePoint = site.chargePoints.get(chargePointId)
  const learned = chargePoint?.connectors.get(connectorId)?.phases.learned
  // It takes all of a limit in watts on as many as it is told.
  const { numberPhases = 3 } = chargePoint?.quirks.values ?? {}
  return { unit, phases: Math.min(numberPhases, learned ? phaseCount(learned) : 1) }
}

export function clearCall({ what, connectorId }: ClearCommand): OutboundCall {
  const { purpose, stackLevel } = what === 'cutOff' ? CUT_OFF_FORM : ADMISSION_FORM
  // 3.13.1: a limit of the charge point has connector 0.
  const ofConnectorId = what === 'cutOff' ? 0 : connectorId
  return clearChargingProfile({ id: profileId(purpose, stackLevel, ofConnectorId) })
}

/** Soon it is told anew: what comes later does not matter. */
const ASKED_S = 60

export function compositeCall(site: Site, command: AskCommand): OutboundCall {
  const { unit } = askedUnit(site, command)
  return getCompositeSchedule({ connectorId: command.connectorId, durationS: ASKED_S, unit })
}

/** The lowest limit it reports for the next minute, A per phase; undefined: none that makes sense. */
export function compositeLimitA(site: Site, command: AskCommand, end: CallEnd): number | undefined {
  if (end.type !== 'answered' || end.late) return undefined
  const decoded = decodeResult('GetCompositeSchedule', end.payload)
  if (!decoded.ok || decoded.result.status !== 'Accepted') return undefined
  const limits = decoded.result.schedule?.periods.map(({ limit }) => limit) ?? []
  if (limits.length === 0 || limits.some((limit) => !(limit >= 0))) return undefined
  const lowest = Math.min(...limits)
  if (decoded.result.schedule?.unit === 'A') return lowest
  return lowest / (site.rules.nominalVoltageV * askedUnit(site, command).phases)
}

function askedUnit(site: Site, command: AskCommand): ReturnType<typeof unitOf> {
  const { chargePointId, connectorId } = command
  const ledger = site.chargePoints.get(chargePointId)?.connectors.get(connectorId)?.ledger
  if (!ledger) return { unit: 'A', phases: 3 }
  return unitOf(site, { chargePointId, connectorId, form: grantForm(ledger) })
}
