/**
 * Shares the room of a tree of limits between charging cars: minimum for as many as fit, in turns;
 * then shares by weight upwards, higher priority first, until a limit, the car or the hardware stops
 * each. Who rests has what is left over. Every target carries what stopped it.
 * It only proposes; the ledger decides what is sent.
 */
import { EPSILON_A } from '../load.js'
import type { Load } from '../load.js'
import type { LimitDimension } from '../reason.js'
import { admit, takeMinimum } from './admit.js'
import type { AdmissionRules } from './admit.js'
import type { Demand } from './demand.js'
import { fill } from './fill.js'
import type { Share } from './fill.js'
import { fitsFor, take, tightestFor } from './room.js'
import { roundToSteps } from './steps.js'
import { weightOf } from './value.js'

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

/** Who rests and was switched off is not switched on again for every gap. */
const REST_OFF_MS = 900_000

/** `room` is what each node has left for these demands; it is used up on the way. */
export function balance(
  demands: readonly Demand[],
  room: Load[],
  rules: AdmissionRules,
  nowMs: number,
): readonly Target[] {
  // Sums of currents depend on their order: by index, whoever asks.
  const inOrder = demands.toSorted((a, b) => a.evse.index - b.evse.index)
  for (const demand of inOrder) if (demand.floorA > 0) take(demand, room, demand.floorA)
  const hungry = inOrder.filter((demand) => demand.hungry || demand.evse.cannotPause)
  const { admitted, waiting } = admit(hungry, room, rules, nowMs)
  const shares = admitted.map(shareOf)
  const resting = inOrder
    .filter((demand) => !demand.hungry && !demand.evse.cannotPause)
    .toSorted((a, b) => Number(b.isOn) - Number(a.isOn) || b.priority - a.priority)
  const atMinimum = (demand: Demand): boolean => mayRest(demand, nowMs) && takeMinimum(demand, room)
  // Who rests since a short time keeps its place, to begin when it wakes, unless one waits for it.
  const waking = resting.filter((demand) => demand.mayWake && atMinimum(demand))
  for (const group of byPriority(shares)) {
    fill(group, room)
    roundToSteps(group, room)
  }
  const asleep = resting.filter((demand) => !demand.mayWake && atMinimum(demand))
  const spared = [...waking, ...asleep].map(shareOf)
  const all = [...shares, ...spared]
  const left = new Set(spared.map(({ demand }) => demand))
  return [
    ...all.map((share): Target => ({
      demand: share.demand,
      targetA: roundDown(share),
      binding: bindingOf(share, room),
    })),
    ...waitingTargets(waiting, all, room),
    ...resting
      .filter((demand) => !left.has(demand))
      .map((demand): Target => ({ demand, targetA: 0, binding: { type: 'vehicle' } })),
  ]
}

function mayRest({ isOn, sinceMs }: Demand, nowMs: number): boolean {
  return isOn || nowMs - sinceMs >= REST_OFF_MS
}

function shareOf(demand: Demand): Share {
  const currentA = Math.max(demand.minA, demand.floorA)
  return { demand, weight: weightOf(demand), currentA, stop: undefined }
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

function bindingOf({ demand, currentA, stop }: Share, room: readonly Load[]): Binding {
  const isAtCap = currentA >= demand.capA - 1 / demand.stepsPerA + EPSILON_A
  if (!isAtCap || (stop && fitsFor(demand, room) <= EPSILON_A)) {
    return { type: 'node', ...(stop ?? tightestFor(demand, room)) }
  }
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
    const { node, dimension } = tightestFor(demand, room)
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

/** What it has already may be any current; what it is told has one decimal at least. */
function roundDown({ demand, currentA }: Share): number {
  const stepsPerA = Math.max(10, demand.stepsPerA)
  return Math.floor((currentA + EPSILON_A) * stepsPerA) / stepsPerA
}
