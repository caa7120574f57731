/**
 * The dead-man rule (I3): the fallbacks of all chargers and the worst base load fit every node at
 * its lowest limit, so a site without a controller is a safe site. Stated fallbacks are checked,
 * `auto` gives as many chargers their minimum as fit, by priority.
 */
import { addLoad, EPSILON_A, fits, loadOf, noLoad, tightest, unlimited } from '../load.js'
import type { Load } from '../load.js'
import { addPhases, maxPhases, NO_CURRENT } from '../phases.js'
import type { SiteRules } from '../site/rules.js'
import type { Tree, TreeEvse, TreeNode } from '../site/tree.js'

export interface Fallbacks {
  /** A per phase, by EVSE index. */
  readonly currentA: readonly number[]
  /** Nodes at which the stated fallbacks do not fit, with the arithmetic; empty when all is well. */
  readonly problems: readonly FallbackProblem[]
}

export interface FallbackProblem {
  readonly nodeId: string
  readonly nodeName: string
  readonly message: string
}

const ROUNDING_A = 0.5

export function fallbacks(tree: Tree, rules: SiteRules): Fallbacks {
  const room = lowestRooms(tree, rules)
  const currentA = tree.evses.map(({ evse }) =>
    evse.fallbackCurrentA === 'auto' || evse.discovered === true ? 0 : evse.fallbackCurrentA,
  )
  for (const evse of tree.evses) take(room, evse, currentA[evse.index] ?? 0)
  const problems = tree.nodes.flatMap((node) => problemAt(tree, node, room, currentA, rules))

  const auto = tree.evses
    .filter(({ evse }) => evse.fallbackCurrentA === 'auto' && evse.discovered !== true)
    .toSorted((a, b) => b.priority - a.priority || a.index - b.index)
  for (const evse of auto) {
    const wantedA = evse.evse.minCurrentA
    const fitsHere = evse.path.every(
      (node) => fits(room[node] ?? noLoad(), evse.unit) >= wantedA - EPSILON_A,
    )
    if (!fitsHere || wantedA > evse.capA) continue
    currentA[evse.index] = wantedA
    take(room, evse, wantedA)
  }
  return { currentA, problems }
}

/** Of each node the lowest limit less the worst base load: its own, and without a meter that below. */
function lowestRooms(tree: Tree, rules: SiteRules): Load[] {
  const below = tree.nodes.map(() => NO_CURRENT)
  const rooms: Load[] = []
  for (const node of tree.nodes.toReversed()) {
    const { baseLoadA, meter, index } = node
    const ownA = maxPhases([baseLoadA, baseLoadA, baseLoadA], meter?.worstBaseLoadA ?? NO_CURRENT)
    const worstA = meter ? ownA : addPhases(ownA, below[index] ?? NO_CURRENT)
    const limit = lowestLimit(node, rules)
    const base = loadOf(worstA)
    rooms[index] = [limit[0] - base[0], limit[1] - base[1], limit[2] - base[2], limit[3] - base[3]]
    const parent = node.path[1]
    if (parent !== undefined) below[parent] = addPhases(below[parent] ?? NO_CURRENT, worstA)
  }
  return rooms
}

/** Lowest limit of the node over its schedule and sources. */
function lowestLimit(node: TreeNode, rules: SiteRules): Load {
  const lowest = unlimited()
  const lower = (dimension: number, limitA: number): void => {
    lowest[dimension] = Math.min(lowest[dimension] ?? Infinity, limitA)
  }
  const perVolt = (kw: number): number => (kw * 1000) / rules.nominalVoltageV
  for (const { currentA, powerA } of node.limits) {
    currentA?.forEach((limitA, phase) => lower(phase, limitA))
    if (powerA !== undefined) lower(3, powerA)
  }
  for (const { maxCurrentA, maxPowerKw } of node.windows) {
    maxCurrentA?.forEach((limitA, phase) => lower(phase, limitA))
    if (maxPowerKw !== undefined) lower(3, perVolt(maxPowerKw))
  }
  for (const { unit, fallback } of node.limitSources) {
    if (unit === 'A') [0, 1, 2].forEach((phase) => lower(phase, fallback))
    else lower(3, fallback / rules.nominalVoltageV)
  }
  return lowest
}

function problemAt(
  tree: Tree,
  node: TreeNode,
  room: readonly Load[],
  currentA: readonly number[],
  rules: SiteRules,
): FallbackProblem[] {
  const left = room[node.index] ?? noLoad()
  // Name plates are round: "11 kW" is three times 16 A, which is 11.04 kW.
  const toleranceA = node.kind === 'charger' ? ROUNDING_A : EPSILON_A
  const overdrawn = left.some((value) => value < -toleranceA)
  const below = tree.evses.filter(
    ({ index, path }) => path.includes(node.index) && (currentA[index] ?? 0) > 0,
  )
  // Without fallbacks below, nothing here can be made safer by changing one.
  if (!overdrawn || below.length === 0) return []
  const dimension = tightest(left, [1, 1, 1, 1])
  const d = ['l1', 'l2', 'l3', 'power'].indexOf(dimension)
  const overA = -(left[d] ?? 0)
  const sum = noLoad()
  for (const evse of below) addLoad(sum, evse.unit, currentA[evse.index] ?? 0)
  const lowestA = (lowestRooms(tree, rules)[node.index]?.[d] ?? 0).toFixed(1)
  const where = dimension === 'power' ? 'summed over the phases' : `on ${dimension.toUpperCase()}`
  return [
    {
      nodeId: node.id,
      nodeName: node.name,
      message:
        `the fallbacks of ${below.length} EVSEs below "${node.name}" add up to ` +
        `${(sum[d] ?? 0).toFixed(1)} A ${where}, but its lowest limit less the worst base load ` +
        `leaves ${lowestA} A: ${overA.toFixed(1)} A too much. Lower fallback_current_a ` +
        `(or use "auto"), or raise the limit`,
    },
  ]
}

function take(room: readonly Load[], evse: TreeEvse, currentA: number): void {
  for (const node of evse.path) {
    const left = room[node]
    if (left) addLoad(left, evse.unit, -currentA)
  }
}
