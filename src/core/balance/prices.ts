/**
 * What the limits cost. Where not all minimums fit, each phase of each node has a price at which the
 * demand for it just fits; a car pays for all it uses. So a car on three phases does not take the last
 * amperes of a crowded one from three others while two phases stay half empty.
 */
import { EPSILON_A } from '../load.js'
import type { Load } from '../load.js'
import type { Demand } from './demand.js'

const SWEEPS = 3
const HALVINGS = 20

/** The value of each demand less what its minimum costs, per phase in use. */
export function reducedValues(
  demands: readonly Demand[],
  values: readonly number[],
  room: readonly Load[],
): readonly number[] {
  const tight = tightLimits(demands, room)
  if (tight.length === 0) return values
  const worth = demands.map(({ unit }, index) => (values[index] ?? 0) * unit[3])
  const paid = new Float64Array(demands.length)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const limit of tight) reprice(limit, worth, paid)
  }
  return demands.map(
    ({ unit }, index) => ((worth[index] ?? 0) - (paid[index] ?? 0)) / Math.max(1, unit[3]),
  )
}

/** A limit under which not all minimums fit. */
interface Tight {
  readonly leftA: number
  /** Who uses it, what one ampere of each takes of it, and its minimum. */
  readonly members: Uint32Array
  readonly portions: Float64Array
  readonly amounts: Float64Array
  readonly bids: Float64Array
  /** Who may still pay the price or not, while it is looked for. */
  readonly open: Uint32Array
  price: number
}

/** From the leaves to the root. */
function tightLimits(demands: readonly Demand[], room: readonly Load[]): readonly Tight[] {
  const wanted = new Float64Array(4 * room.length)
  const counts = new Uint32Array(4 * room.length)
  for (const demand of demands) {
    const missingA = missingOf(demand)
    const { unit } = demand
    for (const node of demand.evse.path) {
      for (let d = 0; d < 4; d++) {
        const portion = unit[d] ?? 0
        if (portion === 0) continue
        const limit = 4 * node + d
        wanted[limit] = (wanted[limit] ?? 0) + missingA * portion
        counts[limit] = (counts[limit] ?? 0) + 1
      }
    }
  }
  const all: Tight[] = []
  const isTight = new Uint8Array(room.length)
  /** By limit: its place in `all` and one more; 0 where it is not tight. */
  const places = new Uint32Array(4 * room.length)
  for (let node = room.length - 1; node >= 0; node--) {
    for (let d = 0; d < 4; d++) {
      const limit = 4 * node + d
      const leftA = room[node]?.[d] ?? 0
      if ((wanted[limit] ?? 0) <= leftA + EPSILON_A) continue
      places[limit] = all.push(newTight(leftA, counts[limit]))
      isTight[node] = 1
    }
  }
  if (all.length === 0) return all
  const seen = new Uint32Array(all.length)
  for (let index = 0; index < demands.length; index++) {
    const demand = demands[index]
    if (!demand) continue
    for (const node of demand.evse.path) {
      // Of most nodes, as a rule those of a charger, none is.
      if (isTight[node] === 0) continue
      for (let d = 0; d < 4; d++) {
        const portion = demand.unit[d] ?? 0
        const place = (places[4 * node + d] ?? 0) - 1
        const own = portion === 0 ? undefined : all[place]
        if (!own) continue
        const k = seen[place] ?? 0
        seen[place] = k + 1
        own.members[k] = index
        own.portions[k] = portion
        own.amounts[k] = missingOf(demand) * portion
      }
    }
  }
  return all
}

function newTight(leftA: number, count = 0): Tight {
  return {
    leftA,
    members: new Uint32Array(count),
    portions: new Float64Array(count),
    amounts: new Float64Array(count),
    bids: new Float64Array(count),
    open: new Uint32Array(count),
    price: 0,
  }
}

function missingOf({ minA, floorA }: Demand): number {
  return Math.max(0, minA - floorA)
}

/** What each would pay at most for an ampere here, and the price at which that fits. */
function reprice(limit: Tight, worth: readonly number[], paid: Float64Array): void {
  const { members, portions, bids, price } = limit
  for (let k = 0; k < members.length; k++) {
    const index = members[k] ?? 0
    bids[k] = ((worth[index] ?? 0) - (paid[index] ?? 0)) / (portions[k] ?? 1) + price
  }
  limit.price = clearing(limit)
  for (let k = 0; k < members.length; k++) {
    const index = members[k] ?? 0
    paid[index] = (paid[index] ?? 0) + (limit.price - price) * (portions[k] ?? 0)
  }
}

/**
 * The lowest price at which those who bid more fit. Who has bid more than the highest price left pays
 * in any case, who has bid less than the lowest does not: only those between are looked at again.
 */
function clearing({ bids, amounts, open, leftA }: Tight): number {
  let low = 0
  let high = 0
  for (let k = 0; k < bids.length; k++) high = Math.max(high, bids[k] ?? 0)
  for (let k = 0; k < bids.length; k++) open[k] = k
  let openCount = bids.length
  let surelyA = 0
  for (let n = 0; n < HALVINGS; n++) {
    const price = (low + high) / 2
    let takenA = surelyA
    for (let k = 0; k < openCount; k++) {
      const bidder = open[k] ?? 0
      if ((bids[bidder] ?? 0) > price) takenA += amounts[bidder] ?? 0
    }
    const isTooMuch = takenA > leftA + EPSILON_A
    if (isTooMuch) low = price
    else high = price
    let kept = 0
    for (let k = 0; k < openCount; k++) {
      const bidder = open[k] ?? 0
      const isAbove = (bids[bidder] ?? 0) > price
      if (isAbove === isTooMuch) open[kept++] = bidder
    }
    if (!isTooMuch) surelyA = takenA
    openCount = kept
  }
  return high
}
