/**
 * Shares the room of a tree of limits between charging cars: minimum for as many as fit, in turns;
 * then equal shares upwards, higher priority first, until a limit, the car or the hardware stops
 * each. Every target carries what stopped it. It only proposes; the ledger decides what is sent.
 */
import { addLoad, EPSILON_A, fits, noLoad, tightest } from '../load.js'
import type { Load } from '../load.js'
import type { LimitDimension } from '../reason.js'
import { admissionOrder } from './admit.js'
import type { AdmissionRules } from './admit.js'
import type { Demand } from './demand.js'

/** What stopped a target. */
export type Binding =
  | { readonly type: 'node'; readonly node: number; readonly dimension: LimitDimension }
  | { readonly type: 'vehicle' }
  | { readonly type: 'hardware' }
  | {
      readonly type: 'waiting'
      readonly node: number
      readonly dimension: LimitDimension
      readonly charging: number
      readonly waiting: number
    }

export interface Target {
  readonly demand: Demand
  /** 0, or from the minimum to the cap, a multiple of the step. */
  readonly targetA: number
  readonly binding: Binding
}

/** OCPP 1.6 limits have one decimal (errata 3.71). */
const STEPS_PER_A = 10

interface Share {
  readonly demand: Demand
  currentA: number
  binding: Binding | undefined
}

/** `room` is what each node has left for these demands; it is used up on the way. */
export function balance(
  demands: readonly Demand[],
  room: Load[],
  rules: AdmissionRules,
  nowMs: number,
): readonly Target[] {
  for (const demand of demands) take(demand, room, demand.floorA)
  const { admitted, waiting } = admit(admissionOrder(demands, rules, nowMs), room)
  for (const group of byPriority(admitted)) fill(group, room)
  return [
    ...admitted.map(({ demand, currentA, binding }): Target => ({
      demand,
      targetA: roundDown(currentA),
      binding: binding ?? { type: 'hardware' },
    })),
    ...waitingTargets(waiting, admitted, room),
  ]
}

function admit(
  order: readonly Demand[],
  room: Load[],
): { readonly admitted: Share[]; readonly waiting: Demand[] } {
  const admitted: Share[] = []
  const waiting: Demand[] = []
  for (const demand of order) {
    const { minA, floorA, capA } = demand
    const missingA = Math.max(0, minA - floorA)
    const fitsA = missingA === 0 ? 0 : fitsFor(demand, room)
    if (fitsA < missingA - EPSILON_A || capA < minA || !fitsTwice(demand, room, missingA)) {
      waiting.push(demand)
      continue
    }
    take(demand, room, missingA)
    for (const node of demand.twiceAt) addLoad(room[node] ?? noLoad(), demand.unit, -missingA)
    admitted.push({ demand, currentA: floorA + missingA, binding: undefined })
  }
  return { admitted, waiting }
}

function fitsTwice({ unit, twiceAt }: Demand, room: readonly Load[], currentA: number): boolean {
  return twiceAt.every((node) => fits(room[node] ?? noLoad(), unit) >= 2 * currentA - EPSILON_A)
}

function byPriority(shares: readonly Share[]): readonly Share[][] {
  const groups = new Map<number, Share[]>()
  for (const share of shares) {
    const group = groups.get(share.demand.priority)
    if (group) group.push(share)
    else groups.set(share.demand.priority, [share])
  }
  return [...groups].toSorted(([a], [b]) => b - a).map(([, group]) => group)
}

/** Raises the lowest together; whoever meets a limit stops there, the others go on. */
function fill(shares: readonly Share[], room: Load[]): void {
  const together = room.map(noLoad)
  let rising = shares
  while (rising.length > 0) {
    let levelA = Infinity
    for (const { currentA } of rising) levelA = Math.min(levelA, currentA)
    const lowest: Share[] = []
    let nextA = Infinity
    for (const share of rising) {
      if (share.currentA <= levelA + EPSILON_A) lowest.push(share)
      else nextA = Math.min(nextA, share.currentA)
    }
    const stepA = Math.min(commonStep(lowest, room, together), nextA - levelA)
    for (const share of lowest) {
      share.currentA += stepA
      take(share.demand, room, stepA)
      share.binding = bindingOf(share, room)
    }
    const still = rising.filter(({ binding }) => binding === undefined)
    // Each round stops one or reaches the next; rounding noise must not make it go on for ever.
    if (still.length === rising.length && levelA + stepA < nextA - EPSILON_A) return
    rising = still
  }
}

/**
 * How far all can rise together: to the first limit, or to the first cap. `together` is room for sums
 * by node, zero before and after.
 */
function commonStep(
  rising: readonly Share[],
  room: readonly Load[],
  together: readonly Load[],
): number {
  let stepA = Infinity
  for (const { demand, currentA } of rising) {
    stepA = Math.min(stepA, demand.capA - currentA)
    for (const node of demand.evse.path) addLoad(together[node] ?? noLoad(), demand.unit, 1)
  }
  for (const { demand } of rising) {
    for (const node of demand.evse.path) {
      const sum = together[node]
      // The sum of currents is zero only where a car before this one has been here.
      if (!sum || sum[3] === 0) continue
      stepA = Math.min(stepA, fits(room[node] ?? noLoad(), sum))
      sum.fill(0)
    }
  }
  return Math.max(0, stepA)
}

function bindingOf({ demand, currentA }: Share, room: readonly Load[]): Binding | undefined {
  if (fitsFor(demand, room) <= EPSILON_A) {
    const node = tightestNode(demand, room)
    return { type: 'node', node, dimension: tightest(room[node] ?? noLoad(), demand.unit) }
  }
  if (currentA < demand.capA - EPSILON_A) return undefined
  return demand.cappedByVehicle ? { type: 'vehicle' } : { type: 'hardware' }
}

function waitingTargets(
  waiting: readonly Demand[],
  admitted: readonly Share[],
  room: readonly Load[],
): readonly Target[] {
  if (waiting.length === 0) return []
  const charging = countByNode(
    admitted.map(({ demand }) => demand),
    room,
  )
  const waits = countByNode(waiting, room)
  return waiting.map((demand) => {
    const node = tightestNode(demand, room)
    const dimension = tightest(room[node] ?? noLoad(), demand.unit)
    return {
      demand,
      targetA: 0,
      binding: {
        type: 'waiting',
        node,
        dimension,
        charging: charging[node] ?? 0,
        waiting: waits[node] ?? 0,
      },
    }
  })
}

function countByNode(demands: readonly Demand[], room: readonly Load[]): readonly number[] {
  const counts = room.map(() => 0)
  for (const { evse } of demands) {
    for (const node of evse.path) counts[node] = (counts[node] ?? 0) + 1
  }
  return counts
}

/** The most that fits for one car. */
function fitsFor({ evse, unit }: Demand, room: readonly Load[]): number {
  let bestA = Infinity
  for (const node of evse.path) {
    const fitsA = fits(room[node] ?? noLoad(), unit)
    if (fitsA < bestA - EPSILON_A) bestA = fitsA
  }
  return bestA
}

/** The node that stops it first: the nearest to it of the tightest. */
function tightestNode({ evse, unit }: Demand, room: readonly Load[]): number {
  let best = evse.path[0] ?? 0
  let bestA = Infinity
  for (const node of evse.path) {
    const fitsA = fits(room[node] ?? noLoad(), unit)
    if (fitsA >= bestA - EPSILON_A) continue
    best = node
    bestA = fitsA
  }
  return best
}

function take(demand: Demand, room: readonly Load[], currentA: number): void {
  for (const node of demand.evse.path) {
    const left = room[node]
    if (left) addLoad(left, demand.unit, -currentA)
  }
}

function roundDown(currentA: number): number {
  return Math.floor((currentA + EPSILON_A) * STEPS_PER_A) / STEPS_PER_A
}
