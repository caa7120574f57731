/**
 * One look at the site: limits in force, base load, exposure, and what every EVSE should be offered
 * and why. Changes nothing; `decide` turns it into commands.
 */
import { balance } from '../balance/balance.js'
import type { Target } from '../balance/balance.js'
import { demandOf } from '../balance/demand.js'
import type { Demand } from '../balance/demand.js'
import type { EvseLedger } from '../ledger/evse-ledger.js'
import { exposureOf } from '../ledger/exposure.js'
import type { ExposureFacts } from '../ledger/exposure.js'
import { baseLoadOf } from '../limits/base-load.js'
import { drawA, measuredA } from '../limits/draw.js'
import { limitsInForce } from '../limits/in-force.js'
import type { LimitInForce } from '../limits/in-force.js'
import { addLoad, EPSILON_A, loadOf, noLoad, unitLoad } from '../load.js'
import type { Load } from '../load.js'
import type { Connector, Site } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import type { EvsePlan, NodePlan, Plan } from './plan-types.js'
import { idleReason, reasonOf } from './reasons.js'
import { roomOf } from './room.js'

/** `isBusy`: the charge point's only call slot is taken. */
export type IsBusy = (chargePointId: string) => boolean

export function plan(site: Site, isBusy: IsBusy, nowMs: number, wallMs: number): Plan {
  const limits = limitsInForce(site, nowMs, wallMs)
  const looks = site.tree.evses.map((evse) => look(site, evse, isBusy, nowMs))
  const nodes = nodePlans(site, limits, looks, nowMs)

  const room = nodes.map(({ limit, base }) => roomOf(limit.load, base.upperA))
  const demands: Demand[] = []
  for (const item of looks) {
    if (item.demand) demands.push(underFailsafe(site, item.demand, nodes))
    else take(room, item, item.expectedA)
  }
  const targets = new Map(
    balance(demands, room, site.rules, nowMs).map((target) => [target.demand.evse.index, target]),
  )
  return { nodes, evses: looks.map((item) => evsePlan(site, item, nodes, targets)) }
}

function evsePlan(
  site: Site,
  item: Look,
  nodes: readonly NodePlan[],
  targets: ReadonlyMap<number, Target>,
): EvsePlan {
  const { evse, connector, connected, unit } = item
  const target = targets.get(evse.index)
  return {
    evse,
    connector,
    connected,
    unit,
    exposureA: item.exposureA,
    committedA: item.committedA,
    targetA: target?.targetA ?? zeroTarget(site, item),
    reason: target ? reasonOf(site, target, nodes) : idleReason(item),
  }
}

type Look = Omit<EvsePlan, 'targetA' | 'reason'> & {
  /** What the plan counts on when the EVSE is not to be decided now. */
  readonly expectedA: number
  readonly disobeys: boolean
  readonly demand: Demand | undefined
}

/** A decrease that has just left is expected to be followed; one that is late counts as refused. */
const PROMPT_MS = 2_000

function expectedA({ inFlight }: EvseLedger, committed: number, nowMs: number): number {
  if (inFlight?.purpose !== 'transaction' || nowMs - inFlight.sentAtMs >= PROMPT_MS)
    return committed
  return Math.min(committed, inFlight.limitA)
}

function look(site: Site, evse: TreeEvse, isBusy: IsBusy, nowMs: number): Look {
  const chargePoint =
    evse.chargePointId === undefined ? undefined : site.chargePoints.get(evse.chargePointId)
  const connector = chargePoint?.connectors.get(evse.evse.id)
  const connected = chargePoint?.connected ?? false
  const unit = unitOf(evse, connector)
  if (!connector || !chargePoint) {
    return {
      evse,
      connector,
      connected,
      unit,
      exposureA: 0,
      committedA: 0,
      expectedA: 0,
      disobeys: false,
      demand: undefined,
    }
  }
  const { ledger } = connector
  const facts = factsOf(site, evse, connector, connected, nowMs)
  const { exposureA, committedA, disobeys } = exposureOf(ledger, facts, nowMs)
  const expected = expectedA(ledger, committedA, nowMs)
  const { inFlight } = ledger
  const isBlocked = inFlight !== undefined || isBusy(chargePoint.id)
  const isPrompt = inFlight === undefined || nowMs - inFlight.sentAtMs < PROMPT_MS
  const isDecided =
    connected &&
    !disobeys &&
    nowMs >= ledger.retryAtMs &&
    (!isBlocked || isPrompt) &&
    wantsEnergy(site, evse, connector, nowMs)
  return {
    evse,
    connector,
    connected,
    unit,
    exposureA,
    committedA,
    expectedA: expected,
    disobeys,
    // While a call is under way its place is kept, with what it has.
    demand: isDecided ? demandOf(evse, connector, isBlocked ? expected : 0, nowMs) : undefined,
  }
}

function unitOf(evse: TreeEvse, connector: Connector | undefined): Load {
  const learned = connector?.phases.learned
  return learned ? unitLoad(learned) : evse.unit
}

function factsOf(
  site: Site,
  evse: TreeEvse,
  connector: Connector,
  connected: boolean,
  nowMs: number,
): ExposureFacts {
  return {
    hardwareA: evse.hardwareA,
    connected,
    measuredA: measuredA(connector, site.rules, nowMs),
    expiryVerified: evse.charger.expiryVerified,
    isolated: evse.charger.isolated,
  }
}

/** A transaction of ours that is allowed to charge and is not history. */
function wantsEnergy(site: Site, evse: TreeEvse, connector: Connector, nowMs: number): boolean {
  if (connector.transactionId === undefined || !evse.charger.isActive) return false
  if (evse.evse.discovered === true || connector.saysFree) return false
  const transaction = site.transactions.get(connector.transactionId)
  return transaction?.idTagStatus === 'Accepted' && nowMs >= transaction.liveFromMs
}

/** A running transaction that may not charge is held at 0 A. */
function zeroTarget(
  site: Site,
  { connector, connected, evse }: Omit<Look, 'demand'>,
): 0 | undefined {
  if (!connector || !connected || connector.transactionId === undefined) return undefined
  const transaction = site.transactions.get(connector.transactionId)
  const barred = transaction?.idTagStatus !== 'Accepted' || !evse.charger.isActive
  return barred || evse.evse.discovered === true ? 0 : undefined
}

function nodePlans(
  site: Site,
  limits: readonly LimitInForce[],
  looks: readonly Look[],
  nowMs: number,
): NodePlan[] {
  const exposures = limits.map(noLoad)
  const draws = limits.map(noLoad)
  for (const { evse, connector, unit, exposureA: countedA } of looks) {
    const drawn = loadOf(connector ? drawA(connector, site.rules, nowMs) : [0, 0, 0])
    for (const node of evse.path) {
      addLoad(exposures[node] ?? noLoad(), unit, countedA)
      addLoad(draws[node] ?? noLoad(), drawn, 1)
    }
  }
  return site.tree.nodes.map((node, index): NodePlan => {
    const limit = limits[index] ?? {
      load: noLoad(),
      sources: [undefined, undefined, undefined, undefined],
    }
    const exposure = exposures[index] ?? noLoad()
    const [l1, l2, l3] = draws[index] ?? noLoad()
    const base = baseLoadOf(site, node, [l1, l2, l3], nowMs)
    const room = roomOf(limit.load, base.upperA)
    const within = exposure.every((sum, d) => sum <= (room[d] ?? 0) + EPSILON_A)
    return { limit, base, exposure, drawA: [l1, l2, l3], within }
  })
}

/** Failsafe: every charger below at its fallback. */
function underFailsafe(site: Site, demand: Demand, nodes: readonly NodePlan[]): Demand {
  if (!demand.evse.path.some((node) => nodes[node]?.base.failsafe)) return demand
  const fallbackA = site.fallbackA[demand.evse.index] ?? 0
  return { ...demand, capA: Math.min(demand.capA, fallbackA) }
}

function take(room: Load[], { evse, unit }: Look, currentA: number): void {
  for (const node of evse.path) addLoad(room[node] ?? noLoad(), unit, -currentA)
}
