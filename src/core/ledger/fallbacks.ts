/**
 * The dead-man rule (I3): the fallbacks of all chargers and the worst base load fit every node at
 * its lowest limit, so a site without a controller is a safe site. Stated fallbacks are checked,
 * `auto` gives as many chargers their minimum as fit, by priority. Over the next two days `auto`
 * gives more of them their minimum, in the stretches in which the limits leave room for it.
 */
import { downToStep } from '../current-steps.js'
import { addLoad, EPSILON_A, fits, loadOf, noLoad, tightest, unlimited } from '../load.js'
import type { Load } from '../load.js'
import { addPhases, maxPhases, NO_CURRENT } from '../phases.js'
import type { PhaseA } from '../phases.js'
import { windowEdges } from '../schedule/edges.js'
import { windowsAt } from '../schedule/windows-at.js'
import type { LimitWindow } from '../schedule/windows.js'
import type { SiteRules } from '../site/rules.js'
import type { Tree, TreeEvse, TreeNode } from '../site/tree.js'
import { EXPIRY_MARGIN_MS, PREPARE_MS } from './evse-ledger.js'
import { withoutRepeats } from './fallback-schedule.js'
import type { FallbackSchedule } from './fallback-schedule.js'

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
  const room = rooms(tree, rules, allWindows)
  const currentA = tree.evses.map(({ evse, stepsPerA }) => {
    const { fallbackCurrentA, discovered } = evse
    if (fallbackCurrentA === 'auto' || discovered === true) return 0
    // A charger of coarse steps may round up what lies between two of them.
    return downToStep(fallbackCurrentA, stepsPerA)
  })
  for (const evse of tree.evses) take(room, evse, currentA[evse.index] ?? 0)
  const problems = tree.nodes.flatMap((node) => problemAt(tree, node, room, currentA, rules))
  for (const { index, evse } of givenMinimum(tree, room, currentA)) {
    currentA[index] = evse.minCurrentA
  }
  return { currentA, problems }
}

/** How far ahead the limits are looked at. */
const AHEAD_MS = 48 * 3_600_000
/** Before now, for clocks that are late, and beyond the end, for what is prepared ahead. */
const AROUND_MS = 900_000
const MINUTE_MS = 60_000
/** Chargers have room for 24 and more as a rule. */
const PERIODS_MAX = 12
/**
 * A charger's clock may be a minute off; a fall is prepared for, and so is a rise: what others may
 * have to give way for is counted so long before it can happen.
 */
const MARGIN_MS = EXPIRY_MARGIN_MS + PREPARE_MS

interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * What each EVSE does when left alone from `wallMs` on, by EVSE index; undefined: `lowestA` always.
 * Never less than `lowestA`, so that chargers which know of no schedule fit beside those that do.
 */
export function fallbackSchedules(
  tree: Tree,
  rules: SiteRules,
  lowestA: readonly number[],
  wallMs: number,
): readonly (FallbackSchedule | undefined)[] {
  const zones = windowsByZone(tree)
  if (zones.size === 0) return []
  const fromMs = Math.floor((wallMs - AROUND_MS) / MINUTE_MS) * MINUTE_MS
  const untilMs = Math.floor((wallMs + AHEAD_MS) / MINUTE_MS) * MINUTE_MS
  const endMs = untilMs + AROUND_MS
  const edges = [...zones].flatMap(([zone, windows]) => windowEdges(windows, zone, fromMs, endMs))
  const starts = [...new Set([fromMs, ...edges])].toSorted((a, b) => a - b)
  const stretches = tree.evses.map((): Stretch[] => [])
  starts.forEach((startMs, at) => {
    const stretch = { fromMs: startMs, toMs: starts[at + 1] ?? endMs }
    const room = rooms(tree, rules, (node) => windowsAt(node.windows, startMs, node.zone))
    for (const evse of tree.evses) take(room, evse, lowestA[evse.index] ?? 0)
    for (const { index } of givenMinimum(tree, room, lowestA)) append(stretches[index], stretch)
  })
  return tree.evses.map(({ index, evse }) =>
    scheduleOf(stretches[index] ?? [], lowestA[index] ?? 0, evse.minCurrentA, untilMs),
  )
}

export function windowsByZone({ nodes }: Tree): ReadonlyMap<string, readonly LimitWindow[]> {
  const zones = new Map<string, LimitWindow[]>()
  for (const { windows, zone } of nodes) {
    if (windows.length > 0) zones.set(zone, [...(zones.get(zone) ?? []), ...windows])
  }
  return zones
}

function append(to: Stretch[] | undefined, { fromMs, toMs }: Stretch): void {
  const last = to?.at(-1)
  if (last?.toMs === fromMs) to?.splice(-1, 1, { fromMs: last.fromMs, toMs })
  else to?.push({ fromMs, toMs })
}

function scheduleOf(
  stretches: readonly Stretch[],
  lowA: number,
  highA: number,
  untilMs: number,
): FallbackSchedule | undefined {
  const steps = [{ fromMs: 0, limitA: lowA }]
  for (const { fromMs, toMs } of stretches) {
    const riseMs = fromMs + MARGIN_MS
    const fallMs = Math.min(toMs - MARGIN_MS, untilMs)
    if (riseMs >= fallMs) continue
    steps.push({ fromMs: riseMs, limitA: highA }, { fromMs: fallMs, limitA: lowA })
  }
  const all = withoutRepeats(steps)
  if (all.length < 2) return undefined
  // From the lowest and back to it is an odd number of steps.
  const kept = all.slice(0, PERIODS_MAX - 1)
  return { steps: kept, untilMs: all[kept.length]?.fromMs ?? untilMs }
}

/** Of those at auto who have nothing, the ones whose minimum fits, by priority; takes their room. */
function givenMinimum(
  tree: Tree,
  room: readonly Load[],
  currentA: readonly number[],
): readonly TreeEvse[] {
  const auto = tree.evses
    .filter(({ evse }) => evse.fallbackCurrentA === 'auto' && evse.discovered !== true)
    .filter(({ index }) => (currentA[index] ?? 0) === 0)
    .toSorted(
      (a, b) =>
        // A session that a pause would end outlives us only with a minimum of its own.
        Number(b.cannotPause) - Number(a.cannotPause) ||
        b.priority - a.priority ||
        a.index - b.index,
    )
  return auto.filter((evse) => {
    const wantedA = evse.evse.minCurrentA
    const fitsHere = evse.path.every(
      (node) => fits(room[node] ?? noLoad(), evse.unit) >= wantedA - EPSILON_A,
    )
    if (!fitsHere || wantedA > evse.capA) return false
    take(room, evse, wantedA)
    return true
  })
}

type WindowsOf = (node: TreeNode) => readonly LimitWindow[]

/** Whatever the time. */
export function allWindows({ windows }: TreeNode): readonly LimitWindow[] {
  return windows
}

/** Of each node the lowest limit in these windows less the worst base load. */
function rooms(tree: Tree, rules: SiteRules, windowsOf: WindowsOf): Load[] {
  const bases = worstBaseLoads(tree)
  return tree.nodes.map((node): Load => {
    const limit = lowestLimit(node, rules, windowsOf(node))
    const base = loadOf(bases[node.index] ?? NO_CURRENT)
    return [limit[0] - base[0], limit[1] - base[1], limit[2] - base[2], limit[3] - base[3]]
  })
}

/** Of each node its own worst base load, and without a meter that below, A per phase. */
export function worstBaseLoads(tree: Tree): readonly PhaseA[] {
  const below = tree.nodes.map(() => NO_CURRENT)
  const worst: PhaseA[] = []
  for (const { baseLoadA, meter, index, path } of tree.nodes.toReversed()) {
    const ownA = maxPhases([baseLoadA, baseLoadA, baseLoadA], meter?.worstBaseLoadA ?? NO_CURRENT)
    const worstA = meter ? ownA : addPhases(ownA, below[index] ?? NO_CURRENT)
    worst[index] = worstA
    const parent = path[1]
    if (parent !== undefined) below[parent] = addPhases(below[parent] ?? NO_CURRENT, worstA)
  }
  return worst
}

/** Lowest limit of the node over these windows and its sources. */
export function lowestLimit(
  node: TreeNode,
  rules: SiteRules,
  windows: readonly LimitWindow[],
): Load {
  const lowest = unlimited()
  const lower = (dimension: number, limitA: number): void => {
    lowest[dimension] = Math.min(lowest[dimension] ?? Infinity, limitA)
  }
  const perVolt = (kw: number): number => (kw * 1000) / rules.nominalVoltageV
  for (const { currentA, powerA } of node.limits) {
    currentA?.forEach((limitA, phase) => lower(phase, limitA))
    if (powerA !== undefined) lower(3, powerA)
  }
  for (const { maxCurrentA, maxPowerKw } of windows) {
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
  const lowestA = (rooms(tree, rules, allWindows)[node.index]?.[d] ?? 0).toFixed(1)
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
