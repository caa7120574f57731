/** What applies on one day at a node and why: its schedule, and what binds of it and of all above. */
import { windowEdges } from '../schedule/edges.js'
import { dayNumber } from '../schedule/dates.js'
import { localTime } from '../schedule/local-time.js'
import { windowsAt } from '../schedule/windows-at.js'
import type { LimitWindow } from '../schedule/windows.js'
import type { LimitSource } from '../reason.js'
import type { SiteRules } from '../site/rules.js'
import type { Override } from '../site/state.js'
import type { Tree, TreeNode } from '../site/tree.js'
import { scheduledLimit } from './in-force.js'
import type { LimitInForce } from './in-force.js'

export interface PreviewSpan {
  /** Wall ms. */
  readonly fromMs: number
  readonly toMs: number
  /** `HH:MM` in the zone of the node; the end of the day is 24:00. */
  readonly from: string
  readonly to: string
  /** What of the schedule of the node itself rules; empty: none of it. */
  readonly entries: readonly LimitWindow[]
  /** An operator has ordered to leave the schedule alone. */
  readonly leftAlone: boolean
  /** L1, L2, L3 and the sum of the phases; undefined: nothing limits. */
  readonly bounds: readonly (Bound | undefined)[]
}

export interface Bound {
  readonly limitA: number
  readonly source: LimitSource
  /** Where: the node itself or one above it. */
  readonly node: TreeNode
}

export interface PreviewFacts {
  readonly tree: Tree
  readonly rules: SiteRules
  /** By node id; none where no controller runs. */
  readonly overrides?: ReadonlyMap<string, Override>
}

/** `date` in the zone of the node. Limits of grid operators and of the backend are not known ahead. */
export function dayPreview(
  { tree, rules, overrides = new Map() }: PreviewFacts,
  node: TreeNode,
  date: string,
): readonly PreviewSpan[] {
  const [startMs, endMs] = dayBounds(date, node.zone)
  const path = node.path.flatMap((index) => tree.nodes[index] ?? [])
  const orders = path.flatMap(({ id }) => overrides.get(id) ?? [])
  const edges = path.flatMap(({ windows, zone }) =>
    windows.length === 0 ? [] : windowEdges(windows, zone, startMs, endMs),
  )
  const ends = orders.flatMap(({ setWallMs, untilWallMs }) => [setWallMs, untilWallMs])
  const starts = [startMs, ...edges, ...ends.filter((ms) => ms > startMs && ms < endMs)]
  const ordered = [...new Set(starts)].toSorted((a, b) => a - b)
  const spans: PreviewSpan[] = []
  for (const [at, fromMs] of ordered.entries()) {
    const span = spanOf(fromMs, ordered[at + 1] ?? endMs)
    const last = spans.at(-1)
    if (last && isSame(last, span)) {
      spans.splice(-1, 1, { ...span, fromMs: last.fromMs, from: last.from })
    } else spans.push(span)
  }
  return spans

  function spanOf(fromMs: number, toMs: number): PreviewSpan {
    const bounds: (Bound | undefined)[] = [undefined, undefined, undefined, undefined]
    for (const one of path) {
      const limit = limitAt(one, fromMs)
      for (const d of [0, 1, 2, 3] as const) {
        const source = limit.sources[d]
        const limitA = limit.load[d]
        if (!source || limitA >= (bounds[d]?.limitA ?? Infinity)) continue
        bounds[d] = { limitA, source, node: one }
      }
    }
    const leftAlone = orderAt(node, fromMs)?.ignoresSchedule === true
    return {
      fromMs,
      toMs,
      from: clockAt(fromMs, node.zone),
      to: toMs === endMs ? '24:00' : clockAt(toMs, node.zone),
      entries: leftAlone ? [] : windowsAt(node.windows, fromMs, node.zone),
      leftAlone,
      bounds,
    }
  }

  function limitAt(one: TreeNode, wallMs: number): LimitInForce {
    const order = orderAt(one, wallMs)
    const windows = order?.ignoresSchedule === true ? [] : windowsAt(one.windows, wallMs, one.zone)
    return scheduledLimit(one, windows, rules, order)
  }

  function orderAt({ id, kind }: TreeNode, wallMs: number): Override | undefined {
    const order = kind === 'charger' ? undefined : overrides.get(id)
    return order && wallMs >= order.setWallMs && wallMs < order.untilWallMs ? order : undefined
  }
}

/** From the first instant of a date to the first of the next, wall ms: 23 to 25 hours. */
export function dayBounds(date: string, zone: string): readonly [number, number] {
  const midnightMs = (dayNumber(date) ?? 0) * DAY_MS
  return [firstOf(midnightMs, date, zone), firstOf(midnightMs + DAY_MS, `${date}+`, zone)]
}

const DAY_MS = 86_400_000
const QUARTER_MS = 900_000
/** No zone is further from UTC. */
const FURTHEST_MS = 64_800_000

/** The first instant at which the date is this one or a later one. */
function firstOf(aroundMs: number, date: string, zone: string): number {
  let ms = aroundMs - FURTHEST_MS
  while (localTime(ms, zone).date < date) ms += QUARTER_MS
  return ms
}

function isSame(a: PreviewSpan, b: PreviewSpan): boolean {
  return (
    a.leftAlone === b.leftAlone &&
    a.entries.length === b.entries.length &&
    a.entries.every((entry, index) => entry === b.entries[index]) &&
    a.bounds.every((bound, d) => isSameBound(bound, b.bounds[d]))
  )
}

function isSameBound(a: Bound | undefined, b: Bound | undefined): boolean {
  if (!a || !b) return a === b
  return a.limitA === b.limitA && a.node === b.node && a.source === b.source
}

function clockAt(ms: number, zone: string): string {
  const { minuteOfDay } = localTime(ms, zone)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${two(minuteOfDay / 60)}:${two(minuteOfDay % 60)}`
}

/** What one day brings at a node. */
export interface DayPreview {
  readonly node: TreeNode
  readonly date: string
  readonly nominalVoltageV: number
  readonly spans: readonly PreviewSpan[]
}

/** Undefined: there is no such node. `date`: default today, in the zone of the node. */
export function previewOf(
  facts: PreviewFacts,
  nodeId: string,
  date: string | undefined,
  wallMs: number,
): DayPreview | undefined {
  const node = facts.tree.nodeById.get(nodeId)
  if (!node) return undefined
  const day = date ?? localTime(wallMs, node.zone).date
  const { nominalVoltageV } = facts.rules
  return { node, date: day, nominalVoltageV, spans: dayPreview(facts, node, day) }
}
