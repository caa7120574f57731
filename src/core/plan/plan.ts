/**
 * One look at the site: limits in force, base load, exposure, and what every EVSE should be offered
 * and why. Changes nothing; `decide` turns it into commands.
 */
import { balance } from '../balance/balance.js'
import type { Target } from '../balance/balance.js'
import { demandOf } from '../balance/demand.js'
import type { Demand } from '../balance/demand.js'
import { guaranteedFirst } from '../classes/guaranteed-first.js'
import { priorityFor } from '../energy/priority.js'
import { urgencyOf } from '../energy/urgency.js'
import { isRefusing } from '../ledger/evse-ledger.js'
import type { EvseLedger } from '../ledger/evse-ledger.js'
import { exposureOf } from '../ledger/exposure.js'
import type { ExposureFacts } from '../ledger/exposure.js'
import { baseLoadOf } from '../limits/base-load.js'
import type { BaseLoad } from '../limits/base-load.js'
import { classesOf } from '../limits/class-ceilings.js'
import type { Classes } from '../limits/class-ceilings.js'
import { drawA } from '../limits/draw.js'
import { isMeasured, isMetered, seenA } from '../limits/measured.js'
import { limitsInForce } from '../limits/in-force.js'
import type { LimitInForce } from '../limits/in-force.js'
import { addLoad, EPSILON_A, loadOf, noLoad, unitLoad } from '../load.js'
import type { Load } from '../load.js'
import { addPhases, NO_CURRENT } from '../phases.js'
import type { Connector, Site, Transaction } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import { vehicleByTag } from '../site/vehicle.js'
import { ownLimits } from './own-limit.js'
import type { EvsePlan, NodePlan, Plan } from './plan-types.js'
import { idleReason, reasonOf } from './reasons.js'
import { roomOf } from './room.js'

const NOWHERE: readonly number[] = []
/** So long after it would have been asked again a refusal is over. */
const FORGIVEN_MS = 120_000

/** `isBusy`: the charge point's only call slot is taken. */
export type IsBusy = (chargePointId: string) => boolean

export function plan(site: Site, isBusy: IsBusy, nowMs: number, wallMs: number): Plan {
  const limits = limitsInForce(site, nowMs, wallMs)
  const looks = site.tree.evses.map((evse) => look(site, evse, isBusy, { nowMs, wallMs }))
  const nodes = nodePlans(site, limits, looks, nowMs)

  const room = nodes.map(({ countLimit, base }) => roomOf(countLimit, base.upperA))
  const classes = classesOf(nodes)
  const targets = share(site, nodes, classes, looks, room.map(copyOf), nowMs)
  if (looks.some(({ isStubborn }) => isStubborn)) {
    // It is told its fair share again and again, but the others give way for what it has.
    const firm = looks.filter(({ isStubborn }) => !isStubborn)
    const held = looks.filter(({ isStubborn }) => isStubborn).map((item) => withoutDemand(item))
    const others = [...firm, ...held]
    for (const [index, target] of share(site, nodes, classes, others, room.map(copyOf), nowMs)) {
      targets.set(index, target)
    }
  }
  // Only those that are idle ask.
  const pressed = looks.some(isIdle) ? pressedNodes(looks, room, site.fallbackA) : []
  return {
    nodes,
    evses: looks.map((item) => evsePlan(site, item, nodes, classes, targets, pressed, nowMs)),
  }
}

function isIdle({ connector, connected }: Look): boolean {
  return connected && connector !== undefined && connector.transactionId === undefined
}

/** In failsafe everybody is at the fallback: then nobody's is in the way. */
function wantsAdmission(
  item: Look,
  nodes: readonly NodePlan[],
  pressed: readonly boolean[],
): boolean {
  const { path } = item.evse
  if (!isIdle(item) || path.some((node) => nodes[node]?.base.failsafe)) return false
  return path.some((node) => pressed[node])
}

/** Where the cars below could use more than is left beside the fallbacks of those that are idle. */
function pressedNodes(
  looks: readonly Look[],
  room: readonly Load[],
  fallbackA: readonly number[],
): readonly boolean[] {
  const wanted = room.map(noLoad)
  for (const item of looks) {
    const { evse, unit, demand } = item
    const reservedA = isIdle(item) ? (fallbackA[evse.index] ?? 0) : item.committedA
    const wantedA = demand ? Math.max(demand.capA, item.committedA) : reservedA
    for (const node of evse.path) addLoad(wanted[node] ?? noLoad(), unit, wantedA)
  }
  return room.map((left, index) => !isWithin(wanted[index] ?? noLoad(), left))
}

function isWithin(sum: Load, room: Load): boolean {
  return (
    sum[0] <= room[0] + EPSILON_A &&
    sum[1] <= room[1] + EPSILON_A &&
    sum[2] <= room[2] + EPSILON_A &&
    sum[3] <= room[3] + EPSILON_A
  )
}

function copyOf(load: Load): Load {
  return [load[0], load[1], load[2], load[3]]
}

function share(
  site: Site,
  nodes: readonly NodePlan[],
  classes: Classes | undefined,
  looks: readonly Look[],
  room: Load[],
  nowMs: number,
): Map<number, Target> {
  if (classes) room.push(...classes.rooms.map(({ load }) => copyOf(load)))
  const inClass = <T extends { readonly evse: TreeEvse }>(of: T, priority: number): T =>
    classes ? { ...of, evse: classes.evseOf(of.evse, priority) } : of
  const demands: Demand[] = []
  for (const item of looks) {
    const { connector, demand, priority } = item
    if (demand) demands.push(inClass(underFailsafe(site, demand, nodes), priority))
    else if (connector?.transactionId === undefined) take(room, item, item.expectedA)
    else take(room, inClass(item, priority), item.expectedA)
  }
  const targets = guaranteedFirst(site.tree, demands, room, (asked, left) =>
    balance(asked, left, site.rules, nowMs),
  )
  return new Map(targets.map((target) => [target.demand.evse.index, target]))
}

function withoutDemand(decided: Look): Look {
  return { ...decided, demand: undefined }
}

function evsePlan(
  site: Site,
  item: Look,
  nodes: readonly NodePlan[],
  classes: Classes | undefined,
  targets: ReadonlyMap<number, Target>,
  pressed: readonly boolean[],
  nowMs: number,
): EvsePlan {
  const { evse, connector, connected, unit } = item
  const target = targets.get(evse.index)
  const reason =
    target && isFollowing(item, nowMs) ? reasonOf(site, target, nodes, classes) : idleReason(item)
  return {
    evse,
    connector,
    connected,
    unit,
    exposureA: item.exposureA,
    committedA: item.committedA,
    permittedA: item.permittedA,
    disobeys: item.disobeys,
    wantsAdmission: wantsAdmission(item, nodes, pressed),
    targetA: target?.targetA ?? zeroTarget(site, item),
    reason: target && connector?.hold ? { type: 'probe', maxA: connector.hold.maxA } : reason,
  }
}

/** What it refused long ago, and was not asked since, is nobody's business any more. */
function isFollowing({ isStubborn, connector }: Look, nowMs: number): boolean {
  if (isStubborn || !connector) return false
  const { retry } = connector.ledger
  const triedUntilMs = Math.max(retry.fallback.notBeforeMs, retry.transaction.notBeforeMs)
  return !isRefusing(connector.ledger) || nowMs - triedUntilMs > FORGIVEN_MS
}

type Look = Omit<EvsePlan, 'targetA' | 'reason' | 'wantsAdmission'> & {
  /** What the plan counts on when the EVSE is not to be decided now. */
  readonly expectedA: number
  /** It refuses a lower limit or takes more than its own: the others plan with what it has. */
  readonly isStubborn: boolean
  readonly priority: number
  readonly demand: Demand | undefined
}

/** A decrease that has just left is expected to be followed; one that is late counts as refused. */
const PROMPT_MS = 2_000

function expectedA({ inFlight }: EvseLedger, committed: number, nowMs: number): number {
  if (inFlight?.purpose !== 'transaction' || nowMs - inFlight.sentAtMs >= PROMPT_MS)
    return committed
  return Math.min(committed, inFlight.limitA)
}

function look(
  site: Site,
  evse: TreeEvse,
  isBusy: IsBusy,
  { nowMs, wallMs }: { readonly nowMs: number; readonly wallMs: number },
): Look {
  const chargePoint =
    evse.chargePointId === undefined ? undefined : site.chargePoints.get(evse.chargePointId)
  const connector = chargePoint?.connectors.get(evse.evse.id)
  const connected = chargePoint?.connected ?? false
  const unit = unitOf(evse, connector, connected)
  if (!connector || !chargePoint) {
    return {
      evse,
      connector,
      connected,
      unit,
      exposureA: 0,
      committedA: 0,
      permittedA: 0,
      disobeys: false,
      expectedA: 0,
      isStubborn: false,
      priority: evse.priority,
      demand: undefined,
    }
  }
  const { ledger } = connector
  const facts = factsOf(site, evse, connector, connected, nowMs)
  const known = exposureOf(ledger, facts, nowMs)
  const { permittedA, disobeys } = known
  // What becomes of a limit that is left to expire is what the probe is there to find out.
  const reservedA = connector.hold?.refresh === false ? evse.hardwareA : 0
  const exposureA = Math.max(known.exposureA, reservedA)
  const committedA = Math.max(known.committedA, reservedA)
  const expected = expectedA(ledger, committedA, nowMs)
  const { inFlight } = ledger
  const isBlocked = inFlight !== undefined || isBusy(chargePoint.id)
  const isPrompt = inFlight === undefined || nowMs - inFlight.sentAtMs < PROMPT_MS
  const isDecided =
    connected && (!isBlocked || isPrompt) && wantsEnergy(site, evse, connector, nowMs)
  const { notBeforeMs, refusedA } = ledger.retry.transaction
  const isBarred = nowMs < notBeforeMs && refusedA !== undefined
  const refusesLess = isBarred && refusedA < permittedA
  const priority = priorityFor(site, evse, transactionOf(site, connector), wallMs).value
  const demand = isDecided
    ? demandOf(
        evse,
        connector,
        {
          floorA: isBlocked ? expected : 0,
          priority,
          twiceAt: twiceAt(site, evse, connector, permittedA, nowMs),
          deliveredWh: deliveredWh(site, connector),
          need: urgencyOf(site, connector.transactionId, wallMs),
        },
        nowMs,
      )
    : undefined
  return {
    evse,
    connector,
    connected,
    unit,
    exposureA,
    committedA,
    permittedA,
    disobeys,
    expectedA: expected,
    isStubborn: disobeys || refusesLess,
    priority,
    // While a call is under way its place is kept, with what it has.
    // What it refuses to be raised to is no use reserved.
    demand:
      demand &&
      underHold(
        asVehicle(site, isBarred ? atMost(demand, permittedA) : demand, connector),
        connector,
      ),
  }
}

function atMost(demand: Demand, mostA: number): Demand {
  return { ...demand, capA: Math.min(demand.capA, mostA) }
}

/** A probe holds it at a current of its own; the watchdog has cut it off. */
function underHold(demand: Demand, { hold, cutOff }: Connector): Demand {
  if (cutOff !== 'none') return atMost(demand, 0)
  return hold ? atMost(demand, hold.maxA) : demand
}

/** Out of sight another car may have come, on other phases. */
function unitOf(evse: TreeEvse, connector: Connector | undefined, connected: boolean): Load {
  const learned = connected ? connector?.phases.learned : undefined
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
    measuredA: showsObedience(connector) ? seenA(site, evse, connector, nowMs) : undefined,
    expiryVerified: evse.charger.expiryVerified,
    isolated: evse.charger.isolated,
    outOfService: connector.saysUnavailable && connector.transactionId === undefined,
    wasFree: connector.wasFree,
    forgetsOffline: evse.charger.probe?.keepsOverReconnect === false,
  }
}

/** A sample from before a decrease could be followed says nothing about obedience. */
const REACTS_MS = 5_000

function showsObedience({ sample, ledger }: Connector): boolean {
  return sample !== undefined && sample.atMs >= ledger.loweredAtMs + REACTS_MS
}

function transactionOf(site: Site, { transactionId }: Connector): Transaction | undefined {
  return transactionId === undefined ? undefined : site.transactions.get(transactionId)
}

/** No more than its vehicle is stated to take, and no less than any car does. */
function asVehicle(site: Site, demand: Demand, connector: Connector): Demand {
  const transaction = transactionOf(site, connector)
  const vehicle = transaction && vehicleByTag(site.depot.vehicles, transaction.idTag)
  const mostA = Math.max(demand.minA, vehicle?.maxCurrentA ?? Infinity)
  return mostA >= demand.capA ? demand : { ...demand, capA: mostA, cappedByVehicle: true }
}

function deliveredWh(site: Site, { transactionId }: Connector): number {
  return transactionId === undefined ? 0 : (site.transactions.get(transactionId)?.energyWh ?? 0)
}

/** What an unmeasured car takes when it begins is counted as its own and as base load. */
function twiceAt(
  site: Site,
  evse: TreeEvse,
  connector: Connector,
  permittedA: number,
  nowMs: number,
): readonly number[] {
  if (permittedA >= evse.evse.minCurrentA || isMeasured(site, connector, nowMs)) return NOWHERE
  return evse.path.filter((node) => isMetered(site, node))
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
  return barred || connector.saysFree || evse.evse.discovered === true ? 0 : undefined
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
    const drawnA = connector ? drawA(connector, site.rules, nowMs) : NO_CURRENT
    const drawn = drawnA === NO_CURRENT ? undefined : loadOf(drawnA)
    for (const node of evse.path) {
      addLoad(exposures[node] ?? noLoad(), unit, countedA)
      if (drawn) addLoad(draws[node] ?? noLoad(), drawn, 1)
    }
  }
  const bases = baseLoads(site, nowMs)
  const own = ownLimits(looks, limits)
  return site.tree.nodes.map((_, index): NodePlan => {
    const limit = limits[index] ?? NO_LIMIT
    const exposure = exposures[index] ?? noLoad()
    const [l1, l2, l3] = draws[index] ?? noLoad()
    const base = bases[index] ?? NO_BASE
    const countLimit = own.get(index) ?? limit.load
    const within = isWithin(exposure, roomOf(countLimit, base.upperA))
    return { limit, countLimit, base, exposure, drawA: [l1, l2, l3], within }
  })
}

const NO_LIMIT: LimitInForce = {
  load: noLoad(),
  sources: [undefined, undefined, undefined, undefined],
}
const NO_BASE_LOAD: BaseLoad = {
  upperA: NO_CURRENT,
  mostA: NO_CURRENT,
  noRaise: false,
  failsafe: false,
}
const NO_BASE: BaseLoad = {
  upperA: NO_CURRENT,
  mostA: NO_CURRENT,
  noRaise: true,
  failsafe: false,
}

/** A node without a meter has its own load and what is known to flow below it. */
function baseLoads(site: Site, nowMs: number): readonly BaseLoad[] {
  const { nodes } = site.tree
  const below = nodes.map(() => NO_CURRENT)
  const most = nodes.map(() => NO_CURRENT)
  const bases = nodes.map(() => NO_BASE_LOAD)
  // Children come after their parents.
  for (const node of nodes.toReversed()) {
    // As a rule a charger: nothing flows there that is not its own.
    const isAnyBelow = below[node.index] !== NO_CURRENT || most[node.index] !== NO_CURRENT
    if (!node.meter && node.baseLoadA === 0 && !isAnyBelow) continue
    const own = baseLoadOf(site, node, nowMs)
    const knownA = node.meter ? own.upperA : addPhases(own.upperA, below[node.index] ?? NO_CURRENT)
    const mostA = node.meter ? own.mostA : addPhases(own.mostA, most[node.index] ?? NO_CURRENT)
    bases[node.index] = { ...own, upperA: knownA, mostA }
    const parent = node.path[1]
    if (parent === undefined) continue
    below[parent] = addPhases(below[parent] ?? NO_CURRENT, knownA)
    most[parent] = addPhases(most[parent] ?? NO_CURRENT, mostA)
  }
  return bases
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
