/**
 * One look at the site: limits in force, base load, exposure, and what every EVSE should be offered
 * and why. Changes nothing; `decide` turns it into commands.
 */
import { balance } from '../balance/balance.js'
import type { Target } from '../balance/balance.js'
import type { Demand } from '../balance/demand.js'
import { guaranteedFirst } from '../classes/guaranteed-first.js'
import { classesOf } from '../limits/class-ceilings.js'
import type { Classes } from '../limits/class-ceilings.js'
import { limitsInForce } from '../limits/in-force.js'
import { addLoad, noLoad } from '../load.js'
import type { Load } from '../load.js'
import type { Site } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import { pressedNodes, wantsAdmission } from './admission.js'
import { isFollowing, isIdle, look, zeroTarget } from './look.js'
import type { IsBusy, Look } from './look.js'
import { nodePlans } from './node-plans.js'
import type { EvsePlan, NodePlan, Plan } from './plan-types.js'
import { idleReason, reasonOf } from './reasons.js'
import { roomOf } from './room.js'

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

/** Failsafe: every charger below at its fallback. */
function underFailsafe(site: Site, demand: Demand, nodes: readonly NodePlan[]): Demand {
  if (!demand.evse.path.some((node) => nodes[node]?.base.failsafe)) return demand
  const fallbackA = site.fallbackA[demand.evse.index] ?? 0
  return { ...demand, capA: Math.min(demand.capA, fallbackA) }
}

function take(room: Load[], { evse, unit }: Look, currentA: number): void {
  for (const node of evse.path) addLoad(room[node] ?? noLoad(), unit, -currentA)
}
