/** What each node has: its limit, the load that is not ours, and what its chargers may take. */
import { baseLoadOf } from '../limits/base-load.js'
import type { BaseLoad } from '../limits/base-load.js'
import { drawA } from '../limits/draw.js'
import type { LimitInForce } from '../limits/in-force.js'
import { addLoad, loadOf, noLoad } from '../load.js'
import { addPhases, NO_CURRENT } from '../phases.js'
import type { Site } from '../site/state.js'
import type { Look } from './look.js'
import { ownLimits } from './own-limit.js'
import type { NodePlan } from './plan-types.js'
import { isWithin, roomOf } from './room.js'

export function nodePlans(
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
