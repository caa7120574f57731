/**
 * What something takes of a node, in four dimensions: amperes on L1, L2, L3 and their sum. The sum
 * carries power limits (kW limit = sum of phase currents x nominal voltage), so one comparison
 * covers fuses and power alike. Mutable on purpose: plans add up thousands of them.
 */
import type { PhaseA, PhaseMask } from './phases.js'
import type { LimitDimension } from './reason.js'

export type Load = [number, number, number, number]

export const DIMENSIONS: readonly LimitDimension[] = ['l1', 'l2', 'l3', 'power']

/** Rounding noise of sums of currents, A. */
export const EPSILON_A = 1e-6

export function noLoad(): Load {
  return [0, 0, 0, 0]
}

export function unlimited(): Load {
  return [Infinity, Infinity, Infinity, Infinity]
}

/** The share of one ampere per phase in each dimension. */
export function unitLoad(mask: PhaseMask): Load {
  const [l1, l2, l3] = [Number(mask[0]), Number(mask[1]), Number(mask[2])]
  return [l1, l2, l3, l1 + l2 + l3]
}

export function loadOf(currentA: PhaseA): Load {
  return [currentA[0], currentA[1], currentA[2], currentA[0] + currentA[1] + currentA[2]]
}

export function addLoad(to: Load, unit: Load, currentA: number): void {
  to[0] += unit[0] * currentA
  to[1] += unit[1] * currentA
  to[2] += unit[2] * currentA
  to[3] += unit[3] * currentA
}

/** How many amperes per phase of `unit` fit into `room`; negative when it is overdrawn. */
export function fits(room: Load, unit: Load): number {
  // Written out: the balancer asks it thousands of times a round.
  let currentA = Infinity
  if (unit[0] > 0) currentA = Math.min(currentA, room[0] / unit[0])
  if (unit[1] > 0) currentA = Math.min(currentA, room[1] / unit[1])
  if (unit[2] > 0) currentA = Math.min(currentA, room[2] / unit[2])
  if (unit[3] > 0) currentA = Math.min(currentA, room[3] / unit[3])
  return currentA
}

/** The dimension that stops `unit` first in `room`. */
export function tightest(room: Load, unit: Load): LimitDimension {
  let best = 0
  let bestA = Infinity
  for (let d = 0; d < 4; d++) {
    const share = unit[d] ?? 0
    const fitsA = share > 0 ? (room[d] ?? 0) / share : Infinity
    if (fitsA < bestA - EPSILON_A) {
      best = d
      bestA = fitsA
    }
  }
  return DIMENSIONS[best] ?? 'power'
}
