/** What an EVSE gets now and may get later, by the limits above it. */
import { fits } from '../load.js'
import type { LimitInForce } from '../limits/in-force.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import { roomOf } from '../plan/room.js'
import type { Stretch } from './forecast.js'
import type { LimitsAhead } from './outlook.js'

export interface Share {
  readonly item: EvsePlan
  /** What it gets, smoothed, A. */
  readonly paceA: number
  /** The most that car and charger can do, A. */
  readonly mostA: number
  readonly minA: number
  /** What one ampere is over its phases, W. */
  readonly wattsPerA: number
}

export interface View {
  readonly plan: Plan
  readonly ahead: LimitsAhead
  /** How many cars are being shared to below each node. */
  readonly cars: readonly number[]
  /** By EVSE index. */
  readonly priorities: readonly number[]
}

export function carsByNode({ nodes, evses }: Plan): readonly number[] {
  const cars = nodes.map(() => 0)
  for (const { evse, targetA } of evses) {
    if (targetA === undefined) continue
    for (const node of evse.path) cars[node] = (cars[node] ?? 0) + 1
  }
  return cars
}

/** From `fromMs` to `toMs` (wall); none if that is not after it. */
export function stretchesAhead(
  share: Share,
  view: View,
  fromMs: number,
  toMs: number,
): readonly Stretch[] {
  const { item, paceA, mostA, minA, wattsPerA } = share
  const { stretches } = view.ahead
  const sharers = sharersOf(item, paceA, view)
  return stretches.flatMap(({ fromMs: startMs, limits }, index): Stretch[] => {
    const endMs = Math.min(toMs, stretches[index + 1]?.fromMs ?? Infinity)
    const ms = endMs - Math.max(fromMs, startMs)
    if (ms <= 0) return []
    const { roomA } = roomAt(item, view, limits)
    const bestA = usable(Math.min(roomA, mostA), minA)
    if (index === 0) {
      // What it has it has, whatever the figures say.
      return [{ ms, expectedW: paceA * wattsPerA, bestW: Math.max(bestA, paceA) * wattsPerA }]
    }
    const shareA = Math.max(0, roomA) / sharers
    return [{ ms, expectedW: Math.min(bestA, shareA) * wattsPerA, bestW: bestA * wattsPerA }]
  })
}

/** The most it could have now if it came before all others, A. */
export function bestNowA({ item, mostA, minA, paceA }: Share, view: View): number {
  const [now] = view.ahead.stretches
  const roomA = now ? roomAt(item, view, now.limits).roomA : 0
  return Math.max(paceA, usable(Math.min(roomA, mostA), minA))
}

/** As many as share with it now, judged by what it has of the room there is. */
function sharersOf(item: EvsePlan, paceA: number, view: View): number {
  const [now] = view.ahead.stretches
  if (!now) return 1
  const { roomA, node } = roomAt(item, view, now.limits)
  const cars = Math.max(1, view.cars[node] ?? 1)
  return paceA > 0 && roomA > 0 ? Math.min(Math.max(1, roomA / paceA), cars) : cars
}

/** Below the minimum a car takes nothing. */
function usable(currentA: number, minA: number): number {
  return currentA >= minA ? currentA : 0
}

/** What it could have if nobody else charged, and the node that says so. */
function roomAt(
  { evse, unit }: EvsePlan,
  { plan }: View,
  limits: readonly LimitInForce[],
): { readonly roomA: number; readonly node: number } {
  let roomA = Infinity
  let tightest = evse.path[0] ?? 0
  for (const node of evse.path) {
    const limit = limits[node]
    const base = plan.nodes[node]?.base.upperA
    if (!limit || !base) continue
    const fitsA = fits(roomOf(limit.load, base), unit)
    if (fitsA >= roomA) continue
    roomA = fitsA
    tightest = node
  }
  return { roomA, node: tightest }
}
