/**
 * From amperes to what chargers can be told: down to whole steps, and what that leaves to those who
 * are furthest behind. Who had the step before keeps it, so that nobody is told anew for a tenth.
 */
import { EPSILON_A } from '../load.js'
import type { Load } from '../load.js'
import type { Share } from './fill.js'
import { fitsFor, take } from './room.js'

export function roundToSteps(shares: readonly Share[], room: readonly Load[]): void {
  for (const share of shares) {
    const { demand, currentA } = share
    const leastA = Math.max(demand.minA, demand.floorA)
    const lowerA = Math.min(currentA, Math.max(leastA, stepAt(currentA, demand.stepsPerA, 0)))
    take(demand, room, lowerA - currentA)
    share.currentA = lowerA
  }
  let behind = shares
    .filter((share) => canRise(share, room))
    .toSorted(
      (a, b) =>
        Number(hadMore(b)) - Number(hadMore(a)) ||
        a.currentA / a.weight - b.currentA / b.weight ||
        a.demand.evse.index - b.demand.evse.index,
    )
  while (behind.length > 0) {
    for (const share of behind) if (canRise(share, room)) rise(share, room)
    behind = behind.filter((share) => canRise(share, room))
  }
}

function hadMore({ demand, currentA }: Share): boolean {
  return demand.lastA > currentA + EPSILON_A
}

function canRise({ demand, currentA }: Share, room: readonly Load[]): boolean {
  const nextA = stepAt(currentA, demand.stepsPerA, 1)
  return nextA <= demand.capA + EPSILON_A && fitsFor(demand, room) >= nextA - currentA - EPSILON_A
}

function rise(share: Share, room: readonly Load[]): void {
  const nextA = stepAt(share.currentA, share.demand.stepsPerA, 1)
  take(share.demand, room, nextA - share.currentA)
  share.currentA = nextA
}

function stepAt(currentA: number, stepsPerA: number, more: 0 | 1): number {
  return (Math.floor((currentA + EPSILON_A) * stepsPerA) + more) / stepsPerA
}
