/**
 * What could be sent to each EVSE now, most urgent first: what is acknowledged compared with what is
 * wanted. Which of it may be sent is for `decide`.
 */
import { isClockRight } from '../limits/charger-clock.js'
import { measuredA } from '../limits/draw.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import type { Connector, Site } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import type { Candidate } from './candidate.js'
import { grantForm, lastRaisedAtMs } from './evse-ledger.js'
import type { EvseLedger } from './evse-ledger.js'
import { ADMISSION_FORM, isBound, standingForm } from './profile-form.js'
import { clearCandidate, cutOffCandidate, liftCandidate } from './removals.js'
import { mayTry } from './retry.js'
import { fallbackToTell } from './wanted-fallback.js'

/** Smaller decreases that no limit needs, and small raises soon after the last change, are noise. */
export const NOISE_DECREASE_A = 1
const NOISE_INCREASE_A = 2
const NOISE_INCREASE_MS = 30_000
/** Some chargers write each profile to their flash: who charges already is raised at most so often. */
const RAISE_PAUSE_MS = 10_000
export const SAME_A = 0.05
const SAMPLE_WAIT_MS = 8_000
/**
 * Who draws more than it may has perhaps lost its fallback: it is told again. At most so often, since
 * it may as well be a car that never keeps to a limit, and a charger that writes each profile to flash.
 */
const DISOBEYED_MS = 600_000
const DRAWS_A = 1
/** After so many refusals an admission profile is not for this charger, until it boots again. */
const ADMISSION_REFUSALS_MAX = 3

export function candidates(site: Site, plan: Plan, nowMs: number): readonly Candidate[] {
  const all: Candidate[] = []
  for (const item of plan.evses) {
    const { connector } = item
    if (!connector || !item.connected || connector.ledger.inFlight) continue
    for (const candidate of [
      fallbackCandidate(site, plan, item, connector, nowMs),
      grantCandidate(site, plan, item, connector, nowMs),
      askCandidate(plan, item, connector),
      idleCandidate(site, item, connector, nowMs),
      clearCandidate(item, connector) ?? liftCandidate(site, item, connector, nowMs),
      cutOffCandidate(item, connector, nowMs),
    ]) {
      if (candidate && isAllowed(candidate, nowMs)) all.push(candidate)
    }
  }
  // Raises of the higher priority come first, then of those who waited longest.
  return all.toSorted(
    (a, b) =>
      a.rank - b.rank ||
      b.item.evse.priority - a.item.evse.priority ||
      a.connector.turn.sinceMs - b.connector.turn.sinceMs ||
      a.item.evse.index - b.item.evse.index,
  )
}

function isAllowed({ connector, purpose, limitA }: Candidate, nowMs: number): boolean {
  if (purpose === 'clear' || purpose === 'ask') return true
  return mayTry(connector.ledger.retry[purpose], limitA, nowMs)
}

/** The standing TxDefaultProfile: first of all where there is none, then whenever it is old. */
function fallbackCandidate(
  site: Site,
  plan: Plan,
  item: EvsePlan,
  connector: Connector,
  nowMs: number,
): Candidate | undefined {
  const { ledger } = connector
  const { index: evseIndex, chargePointId = '' } = item.evse
  const chargePoint = site.chargePoints.get(chargePointId)
  if (!chargePoint) return undefined
  const form = standingForm(ledger.forms.fallback)
  const isDoubtful = item.disobeys && nowMs - ledger.fallbackAtMs > DISOBEYED_MS
  const place = { evseIndex, chargePoint, connector, form, isDoubtful }
  const wanted = fallbackToTell(site, place, nowMs)
  if (!wanted) return undefined
  const { limitA } = wanted
  const common = { item, connector, purpose: 'fallback', form, ...wanted } as const
  if (ledger.fallbackA === undefined) {
    // A boot leaves most chargers what they had: where nothing fits, more than that may be a raise.
    const hadA = ledger.beforeBootA ?? site.fallbacksAhead.lowestA[evseIndex] ?? 0
    const isMore = limitA > hadA + SAME_A && !isWithin(plan, item.evse)
    const least = isMore ? { limitA: hadA, schedule: undefined } : undefined
    return { change: 'decrease', rank: 0, ...common, ...least }
  }
  if (limitA < ledger.fallbackA - SAME_A) return { change: 'decrease', rank: 1, ...common }
  if (limitA > ledger.fallbackA + SAME_A) return { change: 'increase', rank: 4, ...common }
  return { change: 'refresh', rank: 3, ...common }
}

function grantCandidate(
  site: Site,
  plan: Plan,
  item: EvsePlan,
  connector: Connector,
  nowMs: number,
): Candidate | undefined {
  const { targetA, permittedA } = item
  const { ledger } = connector
  if (targetA === undefined || connector.transactionId === undefined) return undefined
  const common = { item, connector, purpose: 'transaction', form: grantForm(ledger) } as const
  // After a restart or a reconnect what is in force is told again before anything rises (I8).
  if (ledger.ambiguous.length > 0) {
    const limitA = reconcilingA(site, plan, item, connector, nowMs)
    return limitA === undefined ? undefined : { limitA, change: 'refresh', rank: 2, ...common }
  }
  if (targetA < permittedA - SAME_A) {
    const needed =
      targetA === 0 || permittedA - targetA >= NOISE_DECREASE_A || !isWithin(plan, item.evse)
    if (needed) return { limitA: targetA, change: 'decrease', rank: 1, ...common }
  }
  // A probe watches what the charger does when nobody refreshes.
  if (connector.hold?.refresh === false) return undefined
  const { grant } = ledger
  if (grant && nowMs >= grant.refreshFromMs) {
    const limitA = Math.min(targetA, grant.limitA)
    // One that has expired meanwhile counts less than it says: telling it again raises it.
    if (limitA > item.exposureA + SAME_A) return { limitA, change: 'increase', rank: 5, ...common }
    return { limitA, change: 'refresh', rank: 2, ...common }
  }
  // The admission profile that holds it lasts minutes and is not for a running transaction. Who is
  // cut off, or draws as if it had no limit, gets one of its own in any case.
  const needsOwn = ledger.admission !== undefined || connector.cutOff !== 'none' || item.disobeys
  if (!grant && needsOwn && targetA <= permittedA + SAME_A) {
    return { limitA: targetA, change: 'refresh', rank: 2, ...common }
  }
  const rises = targetA > permittedA + SAME_A && !item.disobeys
  const pauseMs = raisePauseMs(site, item)
  if (!rises || !isWorthRaising(connector, permittedA, targetA, pauseMs, nowMs)) return undefined
  return { limitA: targetA, change: 'increase', rank: 5, ...common }
}

/** What it has is known as an upper bound only, and with all of those nothing fits. */
function askCandidate(plan: Plan, item: EvsePlan, connector: Connector): Candidate | undefined {
  const { ledger, transactionId } = connector
  if (transactionId === undefined || ledger.composite || item.targetA === undefined)
    return undefined
  if (isSure(ledger) || isWithin(plan, item.evse)) return undefined
  const form = grantForm(ledger)
  return { item, connector, purpose: 'ask', form, limitA: 0, change: 'refresh', rank: 1 }
}

function isSure({ ambiguous }: EvseLedger): boolean {
  return ambiguous.every(({ isExact }) => isExact)
}

/** Between transactions: what the last one left behind goes, and cars that come find 0 A. */
function idleCandidate(
  site: Site,
  item: EvsePlan,
  connector: Connector,
  nowMs: number,
): Candidate | undefined {
  const { ledger } = connector
  const { fallbackA, grant, admission, ambiguous } = ledger
  if (connector.transactionId !== undefined || fallbackA === undefined) return undefined
  const form = grantForm(ledger)
  if (isBound(form)) {
    const isDue = !admission || nowMs >= admission.refreshFromMs
    const isTaken = !ledger.hasOneLevel && ledger.retry.admission.refusals < ADMISSION_REFUSALS_MAX
    if (!item.wantsAdmission || !isDue || !isTaken || fallbackA === 0) return undefined
    // At another time than ours it would let a car draw, and replace what does not.
    const chargePoint = site.chargePoints.get(item.evse.chargePointId ?? '')
    if (!chargePoint || !isClockRight(chargePoint)) return undefined
    return {
      item,
      connector,
      purpose: 'admission',
      form: { ...ADMISSION_FORM, unit: standingForm(ledger.forms.fallback).unit },
      limitA: 0,
      change: 'refresh',
      rank: 2,
    }
  }
  const limitA = item.wantsAdmission ? 0 : fallbackA
  const leftA = Math.max(grant?.limitA ?? 0, ...ambiguous.map((entry) => entry.limitA))
  const isHigher = leftA > limitA + SAME_A
  const isDue = limitA < fallbackA && (!grant || nowMs >= grant.refreshFromMs)
  if (!isHigher && !isDue) return undefined
  const change = isHigher ? 'decrease' : 'refresh'
  return { item, connector, purpose: 'transaction', form, limitA, change, rank: 2 }
}

/**
 * What to tell a charger of which it is not sure what it has. While all may have their worst, that is
 * an upper bound. While they may not, telling it more than it has would be a raise nobody counted:
 * then it gets the least of what it may have, or what its car is seen to take.
 */
function reconcilingA(
  site: Site,
  plan: Plan,
  { evse, targetA = 0, permittedA }: EvsePlan,
  connector: Connector,
  nowMs: number,
): number | undefined {
  if (isWithin(plan, evse)) return Math.min(targetA, permittedA)
  const { ledger } = connector
  const fallbackA = ledger.fallbackA ?? 0
  if (isSure(ledger)) {
    const known = ledger.ambiguous.map(({ limitA }) => limitA)
    const leastA = Math.min(ledger.grant?.limitA ?? fallbackA, ...known)
    return Math.min(targetA, leastA)
  }
  const saysA = ledger.composite?.limitA
  // More than it can have been told is a mistake of its own.
  if (saysA !== undefined && saysA <= permittedA + SAME_A) return Math.min(targetA, saysA)
  const takenA = measuredA(connector, site.rules, nowMs)
  const { connectedAtMs = nowMs } = site.chargePoints.get(evse.chargePointId ?? '') ?? {}
  if (takenA === undefined) {
    // Its first sample is on the way, and what it has outlasts the wait.
    return nowMs - connectedAtMs < SAMPLE_WAIT_MS ? undefined : Math.min(targetA, fallbackA)
  }
  if (takenA < DRAWS_A) return 0
  const { stepsPerA } = evse
  const seenA = Math.floor(takenA * stepsPerA) / stepsPerA
  return Math.min(targetA, Math.max(evse.evse.minCurrentA, seenA))
}

function raisePauseMs(site: Site, { evse }: EvsePlan): number {
  const { quirks } = site.chargePoints.get(evse.chargePointId ?? '') ?? {}
  return Math.max(RAISE_PAUSE_MS, (quirks?.values.profileIntervalMinS ?? 0) * 1000)
}

function isWorthRaising(
  connector: Connector,
  permittedA: number,
  targetA: number,
  pauseMs: number,
  nowMs: number,
): boolean {
  const { loweredAtMs, grant } = connector.ledger
  const raisedAtMs = lastRaisedAtMs(connector.ledger)
  if (permittedA < connector.turn.targetA && permittedA === 0) return true
  if (grant && nowMs - raisedAtMs < pauseMs) return false
  if (targetA - permittedA >= NOISE_INCREASE_A) return true
  return nowMs - Math.max(raisedAtMs, loweredAtMs) >= NOISE_INCREASE_MS
}

export function isWithin(plan: Plan, evse: TreeEvse): boolean {
  return evse.path.every((node) => plan.nodes[node]?.within)
}
