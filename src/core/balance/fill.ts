/**
 * Raises all together from their minimum, each by its weight, until a limit, the car or the hardware
 * stops it; the others go on. Works by events (a start, a cap, a limit that is full) instead of small
 * steps, so that it costs N log N for N cars.
 */
import { DIMENSIONS, EPSILON_A } from '../load.js'
import type { Load } from '../load.js'
import type { Demand } from './demand.js'
import { createHeap } from './heap.js'
import { take } from './room.js'
import type { Stop } from './room.js'

export interface Share {
  readonly demand: Demand
  /** Of what is shared it rises by so much while one of weight 1 rises by an ampere. */
  readonly weight: number
  currentA: number
  /** Undefined: its cap stopped it. */
  stop: Stop | undefined
}

export function fill(shares: readonly Share[], room: readonly Load[]): void {
  const startedA = shares.map(({ currentA }) => currentA)
  const limits = bindingLimits(shares, room)
  const full = createHeap()
  const isRising = new Uint8Array(shares.length)

  const touched = new Set<Limit>()

  /** Later is found out when the time has come. */
  const queue = (limit: Limit, at: number): void => {
    if (at >= limit.queuedAt) return
    limit.queuedAt = at
    full.push(at, limit.index)
  }

  const change = (index: number, sign: 1 | -1, level: number): void => {
    const share = shares[index]
    if (!share) return
    isRising[index] = sign === 1 ? 1 : 0
    for (const limit of limits.of(index)) {
      settle(limit, level)
      limit.rising += sign
      const rate = limit.rate + sign * share.weight * (share.demand.unit[limit.d] ?? 0)
      limit.rate = limit.rising === 0 ? 0 : rate
    }
  }

  const start = (index: number, level: number): void => {
    const share = shares[index]
    if (!share || share.currentA >= share.demand.capA - EPSILON_A) return
    for (const limit of limits.of(index)) {
      settle(limit, level)
      if (limit.leftA > EPSILON_A) continue
      share.stop = limit.stop
      return
    }
    change(index, 1, level)
    for (const limit of limits.of(index)) touched.add(limit)
  }

  const end = (index: number, level: number, stop: Stop | undefined): void => {
    const share = shares[index]
    if (!share || isRising[index] === 0) return
    change(index, -1, level)
    share.currentA = Math.min(share.demand.capA, Math.max(share.currentA, share.weight * level))
    share.stop = stop
  }

  const starts = byLevel(shares, ({ currentA, weight }) => currentA / weight)
  const caps = byLevel(shares, ({ demand, weight }) => demand.capA / weight)
  let nextStart = 0
  let nextCap = 0
  while (true) {
    const startAt = starts[nextStart]?.level ?? Infinity
    const capAt = caps[nextCap]?.level ?? Infinity
    const first = full.peek()
    const level = Math.min(startAt, capAt, first?.key ?? Infinity)
    if (level === Infinity) break
    if (first && first.key <= level) {
      full.pop()
      const limit = limits.all[first.value]
      if (!limit) continue
      limit.queuedAt = Infinity
      // Who stopped since then made it last longer.
      const at = fullAt(limit)
      if (at > level + EPSILON_A) queue(limit, at)
      else for (const index of limit.members) end(index, level, limit.stop)
    } else if (capAt <= level) {
      end(caps[nextCap]?.index ?? 0, level, undefined)
      nextCap += 1
    } else {
      for (; (starts[nextStart]?.level ?? Infinity) <= level; nextStart++) {
        start(starts[nextStart]?.index ?? 0, level)
      }
      for (const limit of touched) queue(limit, fullAt(limit))
      touched.clear()
    }
  }
  for (const [index, share] of shares.entries()) {
    take(share.demand, room, share.currentA - (startedA[index] ?? 0))
  }
}

/** One dimension of a node that may stop somebody. */
interface Limit {
  readonly index: number
  readonly stop: Stop
  readonly d: number
  readonly members: number[]
  leftA: number
  /** By how much it fills while the level rises by one. */
  rate: number
  rising: number
  /** The level `leftA` is of. */
  level: number
  queuedAt: number
}

function settle(limit: Limit, level: number): void {
  limit.leftA -= limit.rate * (level - limit.level)
  limit.level = level
}

function fullAt({ rising, level, leftA, rate }: Limit): number {
  return rising === 0 ? Infinity : level + Math.max(0, leftA) / rate
}

/** Those that could not carry all caps; few of many, as a rule. */
function bindingLimits(
  shares: readonly Share[],
  room: readonly Load[],
): { readonly all: readonly Limit[]; of(index: number): readonly Limit[] } {
  const wanted = new Float64Array(4 * room.length)
  for (const { demand, currentA } of shares) {
    const { evse, unit, capA } = demand
    for (const node of evse.path) {
      for (let d = 0; d < 4; d++) {
        const at = 4 * node + d
        wanted[at] = (wanted[at] ?? 0) + (unit[d] ?? 0) * Math.max(0, capA - currentA)
      }
    }
  }
  const all: Limit[] = []
  const made = new Map<number, Limit>()
  const own = shares.map(({ demand }, index): readonly Limit[] => {
    const above: Limit[] = []
    for (const node of demand.evse.path) {
      for (let d = 0; d < 4; d++) {
        const leftA = room[node]?.[d] ?? 0
        const at = 4 * node + d
        if ((demand.unit[d] ?? 0) === 0 || (wanted[at] ?? 0) <= leftA - EPSILON_A) continue
        const limit = made.get(at) ?? newLimit(all.length, { node, d }, leftA)
        if (limit.members.length === 0) {
          made.set(at, limit)
          all.push(limit)
        }
        limit.members.push(index)
        above.push(limit)
      }
    }
    return above
  })
  return { all, of: (index) => own[index] ?? [] }
}

function newLimit(
  index: number,
  { node, d }: { readonly node: number; readonly d: number },
  leftA: number,
): Limit {
  const stop = { node, dimension: DIMENSIONS[d] ?? 'power' }
  const queuedAt = Infinity
  return { index, stop, d, members: [], leftA, rate: 0, rising: 0, level: 0, queuedAt }
}

function byLevel(
  shares: readonly Share[],
  levelOf: (share: Share) => number,
): readonly { readonly level: number; readonly index: number }[] {
  return shares
    .map((share, index) => ({ level: levelOf(share), index }))
    .toSorted((a, b) => a.level - b.level || a.index - b.index)
}
