/**
 * The only place that may raise a charger's limit. Turns a plan into the profiles that may be sent
 * now: decreases first, a raise only where everything fits with it counted in full (I1, I2).
 */
import { isSampleFresh, measuredA } from '../limits/draw.js'
import { addLoad, EPSILON_A, fits, noLoad } from '../load.js'
import type { Load } from '../load.js'
import { roomOf } from '../plan/room.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import type { Connector, Site } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import type { ProfilePurpose } from './evse-ledger.js'
import { mayTry } from './evse-ledger.js'
import { markBefore } from './marks.js'
import type { Mark } from './marks.js'

export interface ProfileCommand {
  readonly type: 'profile'
  readonly chargePointId: string
  readonly connectorId: number
  readonly purpose: ProfilePurpose
  readonly limitA: number
  /** Undefined for the fallback. */
  readonly transactionId: number | undefined
  readonly change: 'decrease' | 'refresh' | 'increase'
}

/** The mark must be durable before the raise it is for can be decided. */
export interface MarkCommand {
  readonly type: 'mark'
  readonly chargePointId: string
  readonly connectorId: number
  readonly mark: Mark
}

export type LedgerCommand = ProfileCommand | MarkCommand

/** The fallback is re-asserted on a reconnect when it was last acknowledged longer ago. */
const FALLBACK_FRESH_MS = 12 * 3_600_000
/** Smaller decreases that no limit needs, and small raises soon after the last change, are noise. */
const NOISE_DECREASE_A = 1
const NOISE_INCREASE_A = 2
const NOISE_INCREASE_MS = 30_000
const SAME_A = 0.05
const SAMPLE_WAIT_MS = 12_000
const DRAWS_A = 1
/** A raise has reached the base load estimate of an unmeasured car: it follows, and is read. */
const SHOWS_AFTER_MS = 17_000

interface Candidate {
  readonly item: EvsePlan
  readonly connector: Connector
  readonly purpose: ProfilePurpose
  readonly limitA: number
  readonly change: ProfileCommand['change']
  /** Lower goes first. */
  readonly rank: number
}

/** `isBusy`: the charge point's only call slot is taken; it gets nothing now. */
export function decide(
  site: Site,
  plan: Plan,
  isBusy: (chargePointId: string) => boolean,
  nowMs: number,
): readonly LedgerCommand[] {
  const headroom = headroomOf(site, plan, nowMs)
  const commands: LedgerCommand[] = []
  const served = new Set<string>()
  for (const candidate of candidates(site, plan, nowMs)) {
    const { item, connector } = candidate
    const chargePointId = item.evse.chargePointId ?? ''
    if (served.has(chargePointId) || isBusy(chargePointId)) continue
    // Without samples of its own, what a car takes comes back as base load: room for both.
    const behindMeter = item.evse.path.some((node) => isMetered(site, node))
    const isDoubled = behindMeter && !isMeasured(site, connector, nowMs)
    const limitA =
      candidate.change === 'increase'
        ? raiseNow(site, plan, candidate, headroom, isDoubled)
        : candidate.limitA
    if (limitA === undefined) continue
    served.add(chargePointId)
    const mark = markBefore(connector.ledger, candidate.purpose, limitA, item.targetA ?? limitA)
    const address = { chargePointId, connectorId: connector.id }
    if (mark) {
      commands.push({ type: 'mark', ...address, mark })
      continue
    }
    const transactionId = candidate.purpose === 'transaction' ? connector.transactionId : undefined
    const { purpose, change } = candidate
    commands.push({ type: 'profile', ...address, purpose, limitA, transactionId, change })
    if (change === 'increase') reserve(site, item, headroom, limitA, isDoubled)
  }
  return commands
}

function headroomOf(site: Site, plan: Plan, nowMs: number): Load[] {
  const headroom = plan.nodes.map(({ limit, base, exposure }): Load => {
    const room = roomOf(limit.load, base.upperA)
    return [
      room[0] - exposure[0],
      room[1] - exposure[1],
      room[2] - exposure[2],
      room[3] - exposure[3],
    ]
  })
  for (const { connector, connected, committedA, unit, evse } of plan.evses) {
    if (!connector || !connected || isMeasured(site, connector, nowMs)) continue
    const { raisedAtMs, raisedFromA } = connector.ledger
    if (nowMs - raisedAtMs >= SHOWS_AFTER_MS) continue
    // Raised without samples of its own: it has not come back as base load yet, but it will.
    const raisedA = Math.max(0, committedA - raisedFromA)
    for (const node of evse.path) {
      if (isMetered(site, node)) addLoad(headroom[node] ?? noLoad(), unit, -raisedA)
    }
  }
  return headroom
}

function candidates(site: Site, plan: Plan, nowMs: number): readonly Candidate[] {
  const all: Candidate[] = []
  for (const item of plan.evses) {
    const { connector } = item
    if (!connector || !item.connected || connector.ledger.inFlight) continue
    const standing = fallbackCandidate(site, item, connector, nowMs)
    const granted = grantCandidate(site, plan, item, connector, nowMs)
    for (const candidate of [standing, granted]) {
      if (!candidate) continue
      if (mayTry(connector.ledger, candidate.purpose, candidate.limitA, nowMs)) all.push(candidate)
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

/** The standing TxDefaultProfile: first of all where there is none, then whenever it is old. */
function fallbackCandidate(
  site: Site,
  item: EvsePlan,
  connector: Connector,
  nowMs: number,
): Candidate | undefined {
  const { ledger } = connector
  const limitA = wantsFallbackOff(connector) ? 0 : (site.fallbackA[item.evse.index] ?? 0)
  const common = { item, connector, purpose: 'fallback', limitA } as const
  if (ledger.fallbackA === undefined) return { ...common, change: 'decrease', rank: 0 }
  if (limitA < ledger.fallbackA - SAME_A) return { ...common, change: 'decrease', rank: 1 }
  if (limitA > ledger.fallbackA + SAME_A) return { ...common, change: 'increase', rank: 4 }
  if (nowMs - ledger.fallbackAtMs <= FALLBACK_FRESH_MS) return undefined
  return { ...common, change: 'refresh', rank: 3 }
}

function wantsFallbackOff({ cutOff }: Connector): boolean {
  return cutOff !== 'none' && cutOff !== 'transaction'
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
  const common = { item, connector, purpose: 'transaction' } as const
  // After a restart or a reconnect what is in force is told again before anything rises (I8).
  if (ledger.ambiguous.length > 0) {
    const limitA = reconcilingA(site, plan, item, connector, nowMs)
    return limitA === undefined ? undefined : { ...common, limitA, change: 'refresh', rank: 2 }
  }
  if (targetA < permittedA - SAME_A) {
    const needed =
      targetA === 0 || permittedA - targetA >= NOISE_DECREASE_A || !isWithin(plan, item.evse)
    if (needed) return { ...common, limitA: targetA, change: 'decrease', rank: 1 }
  }
  // A probe watches what the charger does when nobody refreshes.
  if (connector.hold?.refresh === false) return undefined
  const { grant } = ledger
  if (grant && nowMs >= grant.refreshFromMs) {
    const limitA = Math.min(targetA, grant.limitA)
    // One that has expired meanwhile counts less than it says: telling it again raises it.
    if (limitA > item.exposureA + SAME_A) return { ...common, limitA, change: 'increase', rank: 5 }
    return { ...common, limitA, change: 'refresh', rank: 2 }
  }
  const rises = targetA > permittedA + SAME_A && !item.disobeys
  if (!rises || !isWorthRaising(connector, permittedA, targetA, nowMs)) return undefined
  return { ...common, limitA: targetA, change: 'increase', rank: 5 }
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
  if (ledger.ambiguous.every(({ isExact }) => isExact)) {
    const known = ledger.ambiguous.map(({ limitA }) => limitA)
    const leastA = Math.min(ledger.grant?.limitA ?? fallbackA, ...known)
    return Math.min(targetA, leastA)
  }
  const takenA = measuredA(connector, site.rules, nowMs)
  const { connectedAtMs = nowMs } = site.chargePoints.get(evse.chargePointId ?? '') ?? {}
  if (takenA === undefined) {
    // Its first sample is on the way, and what it has outlasts the wait.
    return nowMs - connectedAtMs < SAMPLE_WAIT_MS ? undefined : Math.min(targetA, fallbackA)
  }
  if (takenA < DRAWS_A) return 0
  return Math.min(targetA, Math.max(evse.evse.minCurrentA, Math.floor(takenA * 10) / 10))
}

function isWorthRaising(
  connector: Connector,
  permittedA: number,
  targetA: number,
  nowMs: number,
): boolean {
  const { raisedAtMs, loweredAtMs } = connector.ledger
  if (permittedA < connector.turn.targetA && permittedA === 0) return true
  if (targetA - permittedA >= NOISE_INCREASE_A) return true
  return nowMs - Math.max(raisedAtMs, loweredAtMs) >= NOISE_INCREASE_MS
}

/** How far it may be raised now; undefined: not at all. */
function raiseNow(
  site: Site,
  plan: Plan,
  { item, limitA, purpose }: Candidate,
  headroom: readonly Load[],
  isDoubled: boolean,
): number | undefined {
  const { evse, exposureA } = item
  const mayRise = evse.path.every((node) => {
    const nodePlan = plan.nodes[node]
    return nodePlan?.within === true && !nodePlan.base.noRaise
  })
  // Also within what still settles: while the node does not fit, nothing below it rises.
  if (!mayRise) return undefined
  if (limitA <= exposureA + EPSILON_A) return limitA
  const minA = evse.evse.minCurrentA
  // Half the way: what it takes comes back as base load, and the other half is for that.
  const wantedA = isDoubled ? Math.max(minA, exposureA + (limitA - exposureA) / 2) : limitA
  let addA = Infinity
  for (const node of evse.path) {
    const fitsA = fits(headroom[node] ?? noLoad(), item.unit)
    addA = Math.min(addA, isDoubled && isMetered(site, node) ? fitsA / 2 : fitsA)
  }
  const mostA = Math.min(wantedA, exposureA + addA)
  if (mostA >= limitA - EPSILON_A) return limitA
  const roundedA = Math.floor((mostA + EPSILON_A) * 10) / 10
  // A part of a raise is worth sending only if it is a legal and a noticeable one.
  const isUseful = roundedA >= minA && roundedA - item.committedA >= NOISE_DECREASE_A
  return purpose === 'transaction' && isUseful ? roundedA : undefined
}

function isMetered(site: Site, node: number): boolean {
  return site.tree.nodes[node]?.meter !== undefined
}

function isMeasured(site: Site, connector: Connector, nowMs: number): boolean {
  if (isSampleFresh(connector, site.rules, nowMs)) return true
  // A car that just came has not had the time to report.
  const transaction =
    connector.transactionId === undefined
      ? undefined
      : site.transactions.get(connector.transactionId)
  const ageMs = nowMs - (transaction?.liveFromMs ?? -Infinity)
  return ageMs < 2 * site.rules.meterValueIntervalMs
}

function isWithin(plan: Plan, evse: TreeEvse): boolean {
  return evse.path.every((node) => plan.nodes[node]?.within)
}

function reserve(
  site: Site,
  item: EvsePlan,
  headroom: readonly Load[],
  limitA: number,
  isDoubled: boolean,
): void {
  const addA = Math.max(0, limitA - item.exposureA)
  for (const node of item.evse.path) {
    const factor = isDoubled && isMetered(site, node) ? 2 : 1
    addLoad(headroom[node] ?? noLoad(), item.unit, -addA * factor)
  }
}
