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
    const fitsA = missingA === 0 ? 0 : roomFor(demand, room).currentA
    if (fitsA < missingA - EPSILON_A || capA < minA) {
      waiting.push(demand)
      continue
    }
    take(demand, room, missingA)
    admitted.push({ demand, currentA: floorA + missingA, binding: undefined })
  }
  return { admitted, waiting }
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
  let rising = [...shares]
  while (rising.length > 0) {
    const levelA = rising.reduce((lowest, { currentA }) => Math.min(lowest, currentA), Infinity)
    const lowest = rising.filter(({ currentA }) => currentA <= levelA + EPSILON_A)
    const nextA = rising.reduce(
      (next, { currentA }) => (currentA > levelA + EPSILON_A ? Math.min(next, currentA) : next),
      Infinity,
    )
    const stepA = Math.min(commonStep(lowest, room), nextA - levelA)
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

/** How far all can rise together: to the first limit, or to the first cap. */
function commonStep(rising: readonly Share[], room: readonly Load[]): number {
  const together: (Load | undefined)[] = []
  const touched: number[] = []
  let stepA = Infinity
  for (const { demand, currentA } of rising) {
    stepA = Math.min(stepA, demand.capA - currentA)
    for (const node of demand.evse.path) {
      let sum = together[node]
      if (!sum) {
        sum = noLoad()
        together[node] = sum
        touched.push(node)
      }
      addLoad(sum, demand.unit, 1)
    }
  }
  for (const node of touched) {
    stepA = Math.min(stepA, fits(room[node] ?? noLoad(), together[node] ?? noLoad()))
  }
  return Math.max(0, stepA)
}

function bindingOf({ demand, currentA }: Share, room: readonly Load[]): Binding | undefined {
  const { currentA: leftA, node } = roomFor(demand, room)
  if (leftA <= EPSILON_A) {
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
    room.length,
  )
  const waits = countByNode(waiting, room.length)
  return waiting.map((demand) => {
    const { node } = roomFor(demand, room)
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

function countByNode(demands: readonly Demand[], nodes: number): readonly number[] {
  const counts: number[] = Array.from({ length: nodes }, () => 0)
  for (const { evse } of demands) {
    for (const node of evse.path) counts[node] = (counts[node] ?? 0) + 1
  }
  return counts
}

/** The most that fits for one car, and the node that says so: the nearest to it of the tightest. */
function roomFor(
  demand: Demand,
  room: readonly Load[],
): { readonly currentA: number; readonly node: number } {
  let best = { currentA: Infinity, node: demand.evse.path[0] ?? 0 }
  for (const node of demand.evse.path) {
    const currentA = fits(room[node] ?? noLoad(), demand.unit)
    if (currentA < best.currentA - EPSILON_A) best = { currentA, node }
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
