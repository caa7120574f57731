/** What is left of each node while it is shared. */
import { addLoad, EPSILON_A, fits, noLoad, tightest } from '../load.js'
import type { Load } from '../load.js'
import type { LimitDimension } from '../reason.js'
import type { Demand } from './demand.js'

/** Takes so much for a demand from all nodes above it; a negative current gives it back. */
export function take(demand: Demand, room: readonly Load[], currentA: number): void {
  for (const node of demand.evse.path) {
    const left = room[node]
    if (left) addLoad(left, demand.unit, -currentA)
  }
}

/** The most that fits for one car. */
export function fitsFor({ evse, unit }: Demand, room: readonly Load[]): number {
  let bestA = Infinity
  for (const node of evse.path) {
    const fitsA = fits(room[node] ?? noLoad(), unit)
    if (fitsA < bestA - EPSILON_A) bestA = fitsA
  }
  return bestA
}

export interface Stop {
  readonly node: number
  readonly dimension: LimitDimension
}

/** The node that stops it first: the nearest to it of the tightest. */
export function tightestFor({ evse, unit }: Demand, room: readonly Load[]): Stop {
  let node = evse.path[0] ?? 0
  let bestA = Infinity
  for (const index of evse.path) {
    const fitsA = fits(room[index] ?? noLoad(), unit)
    if (fitsA >= bestA - EPSILON_A) continue
    node = index
    bestA = fitsA
  }
  return { node, dimension: tightest(room[node] ?? noLoad(), unit) }
}
