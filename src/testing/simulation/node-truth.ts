/**
 * The true limit and the true uncontrolled load of each node, worked out without asking the
 * controller, and when an outside event last made either worse.
 */
import type { LimitWindow } from '../../core/schedule/windows.js'
import type { SiteRules } from '../../core/site/rules.js'
import type { Tree, TreeNode } from '../../core/site/tree.js'
import type { PhaseA } from '../../core/phases.js'
import type { FieldEvent } from '../../ports.js'
import type { StatedLimit } from '../simulated-limit-source.js'
import type { MeterTruth } from './meter-truth.js'
import { windowsInForce } from './window-truth.js'

/** L1, L2, L3, and their sum, which carries power. */
export type Four = [number, number, number, number]

export interface NodeTruth {
  readonly node: TreeNode
  readonly limit: Four
  readonly base: Four
  /** By dimension: when the limit last fell, or a load rose, by no act of the controller. */
  readonly limitFellMs: Four
  readonly baseRoseMs: Four
  /** When the limit last changed, either way. */
  limitChangedMs: number
}

export interface NodeTruths {
  readonly nodes: readonly NodeTruth[]
  /** Brings limits and loads up to now; true when one of them changed. */
  look(): boolean
  /** A reading reached the controller. */
  read(event: FieldEvent): void
  /** A new controller knows nothing of what was read before. */
  lifeBegan(): void
  /** The wall clock was set ahead by this, or back. */
  clockStepped(byMs: number): void
  readonly meter: MeterTruth
}

/** Sums of phase currents are known to the hundredth. */
const NOTICEABLE_A = 0.02
const MINUTE_MS = 60_000
/** After a jump of the wall clock by more than this the old time counts so long beside the new one. */
const JUMP_MS = 2_000
const OLD_TIME_MS = 60_000
/** It looks at its clock once a second. */
const SEEN_MS = 1_100
const PHASES = 3

export function nodeTruths(options: {
  readonly tree: Tree
  readonly rules: SiteRules
  readonly monotonic: () => number
  readonly wall: () => number
  readonly meter: MeterTruth
  /** What the source of the limit states; undefined: there is none. */
  readonly stated: () => StatedLimit | undefined
  readonly isSourceLive: () => boolean
}): NodeTruths {
  const { tree, rules, monotonic, wall, meter, stated } = options
  const metered = meteredNode(tree)
  const fixed = tree.nodes.map((node) => fixedLimit(node))
  const nodes = tree.nodes.map((node, index): NodeTruth => ({
    node,
    limit: [...(fixed[index] ?? NO_LIMIT)],
    base: [0, 0, 0, 0],
    limitFellMs: never(),
    baseRoseMs: never(),
    limitChangedMs: -Infinity,
  }))
  const moving = nodes.filter(({ node }) => node.windows.length > 0 || node.limitSources.length > 0)
  /** What the source states, as far as it can be known, by node. */
  const knowableBefore = new Map<TreeNode, number>()
  let lastRead: { readonly limit: StatedLimit; readonly atMs: number } | undefined
  let minute = -1
  let minuteOfOld = 0
  let oldTime: { readonly aheadMs: number; readonly sinceMs: number } | undefined
  let windowed: readonly (readonly LimitWindow[])[] = tree.nodes.map(() => [])

  return {
    nodes,
    look() {
      meter.look()
      noteWindows()
      let changed = false
      for (const truth of moving) if (noteLimit(truth)) changed = true
      return noteBase() || changed
    },
    read(event) {
      meter.read(event)
      if (event.type !== 'limitRead') return
      const { limitA, limitW, atMs } = event.reading
      if (limitA !== undefined) lastRead = { limit: { limitA }, atMs }
      else if (limitW !== undefined) lastRead = { limit: { limitW }, atMs }
    },
    lifeBegan() {
      meter.lifeBegan()
      oldTime = undefined
      lastRead = undefined
    },
    clockStepped(byMs) {
      minute = -1
      // Before it has seen it a controller knows of one jump only: the sum of them.
      const beforeMs = oldTime && monotonic() - oldTime.sinceMs < SEEN_MS ? oldTime.aheadMs : 0
      const aheadMs = beforeMs + byMs
      oldTime = Math.abs(aheadMs) > JUMP_MS ? { aheadMs, sinceMs: monotonic() } : undefined
      for (const truth of nodes) {
        // What is right by the new time was not foreseeable by the old one.
        if (truth.node.windows.length > 0) truth.limitFellMs.fill(monotonic())
      }
    },
    meter,
  }

  function noteWindows(): void {
    const { aheadMs, sinceMs } = oldTime ?? { aheadMs: 0, sinceMs: -Infinity }
    const oldWallMs = wall() - aheadMs
    if (oldTime && monotonic() - sinceMs >= OLD_TIME_MS) {
      oldTime = undefined
      minute = -1
    }
    const now = Math.floor(wall() / MINUTE_MS)
    const oldMinute = oldTime ? Math.floor(oldWallMs / MINUTE_MS) : 0
    if (now === minute && oldMinute === minuteOfOld) return
    minute = now
    minuteOfOld = oldMinute
    if (tree.nodes.every(({ windows }) => windows.length === 0)) return
    const instants = oldTime ? [wall(), oldWallMs] : [wall()]
    windowed = tree.nodes.map(({ windows, zone }) =>
      windows.length === 0
        ? windows
        : instants.flatMap((wallMs) => windowsInForce(windows, wallMs, zone)),
    )
  }

  function noteLimit(truth: NodeTruth): boolean {
    const { node, limit } = truth
    const next = limitOf(node, truth)
    let changed = false
    for (const d of DIMENSIONS) {
      if (next[d] === limit[d]) continue
      limit[d] = next[d]
      changed = true
    }
    if (changed) truth.limitChangedMs = monotonic()
    return changed
  }

  function limitOf(node: TreeNode, { limitFellMs }: NodeTruth): Four {
    const [l1, l2, l3, power] = fixed[node.index] ?? NO_LIMIT
    const limit: Four = [l1, l2, l3, power]
    for (const { maxCurrentA, maxPowerKw } of windowed[node.index] ?? []) {
      maxCurrentA?.forEach((currentA, phase) => lower(limit, phase, currentA))
      if (maxPowerKw !== undefined) lower(limit, 3, (maxPowerKw * 1000) / rules.nominalVoltageV)
    }
    for (const { unit, fallback, holdMs } of node.limitSources) {
      const valueA = knowableA(unit, fallback, holdMs)
      // An edge of a schedule is known ahead and excuses nobody; this is not.
      if (valueA < (knowableBefore.get(node) ?? Infinity)) limitFellMs.fill(monotonic())
      knowableBefore.set(node, valueA)
      if (unit === 'A') for (const phase of [0, 1, 2]) lower(limit, phase, valueA)
      else lower(limit, 3, valueA)
    }
    return limit
  }

  /** What the source states, as far as anybody can know it: a silent one is believed for a while. */
  function knowableA(unit: 'A' | 'W', fallback: number, holdMs: number): number {
    const now = stated()
    if (now !== undefined && options.isSourceLive()) return amperes(unit, now)
    if (lastRead && monotonic() - lastRead.atMs <= holdMs) return amperes(unit, lastRead.limit)
    return unit === 'A' ? fallback : fallback / rules.nominalVoltageV
  }

  /** Per phase, or of all phases where the source limits power. */
  function amperes(unit: 'A' | 'W', limit: StatedLimit): number {
    const perPhase = unit === 'A' ? 1 : PHASES
    if ('limitA' in limit) return limit.limitA * perPhase
    return ((limit.limitW / rules.nominalVoltageV) * perPhase) / PHASES
  }

  function noteBase(): boolean {
    if (metered === undefined) return false
    const knowableBaseA = meter.knowableBaseA()
    let changed = false
    for (const index of metered.path) {
      const truth = nodes[index]
      if (truth && setBase(truth, knowableBaseA)) changed = true
    }
    return changed
  }

  function setBase(truth: NodeTruth, currentA: PhaseA): boolean {
    const { base, baseRoseMs } = truth
    const [l1, l2, l3] = currentA
    if (base[0] === l1 && base[1] === l2 && base[2] === l3 && base[3] === l1 + l2 + l3) return false
    const next: Four = [l1, l2, l3, l1 + l2 + l3]
    let changed = false
    for (const d of DIMENSIONS) {
      if (next[d] === base[d]) continue
      if (next[d] > base[d] + NOTICEABLE_A) baseRoseMs[d] = monotonic()
      base[d] = next[d]
      changed = true
    }
    return changed
  }
}

/** Limits are rounded down to a tenth; what is left is noise of sums. */
export const EXCESS_A = 0.05
export const DIMENSIONS = [0, 1, 2, 3] as const
export type Dimension = (typeof DIMENSIONS)[number]
export const DIMENSION_NAMES = ['l1', 'l2', 'l3', 'power'] as const
const NO_LIMIT: Four = [Infinity, Infinity, Infinity, Infinity]

/** Where the building stands: behind the meter; without one where a load is stated, else at the top. */
function meteredNode({ nodes }: Tree): TreeNode | undefined {
  return (
    nodes.find(({ meter }) => meter !== undefined) ??
    nodes.find(({ baseLoadA }) => baseLoadA > 0) ??
    nodes[0]
  )
}

function fixedLimit({ limits }: TreeNode): Four {
  const limit: Four = [...NO_LIMIT]
  for (const { currentA, powerA } of limits) {
    currentA?.forEach((phaseA, phase) => lower(limit, phase, phaseA))
    if (powerA !== undefined) lower(limit, 3, powerA)
  }
  return limit
}

function lower(limit: Four, dimension: number, valueA: number): void {
  limit[dimension] = Math.min(limit[dimension] ?? Infinity, valueA)
}

function never(): Four {
  return [-Infinity, -Infinity, -Infinity, -Infinity]
}
