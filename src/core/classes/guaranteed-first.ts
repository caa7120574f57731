/**
 * What classes of priorities are guaranteed is shared out first, as if nobody else were there and each
 * class had only its guarantee: a limit of its own above its cars. Then all share the whole, those
 * who are sure of something with at least that; so what they do not want the others get.
 */
import { addLoad, noLoad } from '../load.js'
import type { Load } from '../load.js'
import type { PriorityClass } from '../site/depot.js'
import type { Tree, TreeEvse } from '../site/tree.js'
import { isInClass } from './guarantees.js'

export interface ClassDemand {
  readonly evse: TreeEvse
  readonly unit: Load
  readonly floorA: number
  readonly priority: number
  readonly hungry: boolean
}

/** `room` is used up on the way. */
export type ShareOut<D, T> = (demands: readonly D[], room: Load[]) => readonly T[]

/** Without guarantees `share` is asked once, with what was given. */
export function guaranteedFirst<D extends ClassDemand, T extends { demand: D; targetA: number }>(
  tree: Tree,
  demands: readonly D[],
  room: Load[],
  share: ShareOut<D, T>,
): readonly T[] {
  const guarantees = guaranteesOf(tree)
  if (guarantees.length === 0) return share(demands, room)
  const sureA = sureOf(demands, room, guarantees, share)
  return share(
    demands.map((demand) => atLeast(demand, sureA.get(demand.evse.index) ?? 0)),
    room,
  )
}

/** By EVSE index. */
function sureOf<D extends ClassDemand, T extends { demand: D; targetA: number }>(
  demands: readonly D[],
  room: readonly Load[],
  guarantees: readonly Guarantee[],
  share: ShareOut<D, T>,
): ReadonlyMap<number, number> {
  const isSure = (demand: D): boolean =>
    demand.hungry && guarantees.some((one) => belongsTo(demand, one))
  const sure = demands.filter(isSure)
  if (sure.length === 0) return new Map()
  const left = [...room.map(copyOf), ...guarantees.map(({ class: one }) => roomOf(one))]
  for (const demand of demands) {
    if (isSure(demand)) continue
    // What cannot be taken back is nobody's.
    for (const node of demand.evse.path)
      addLoad(left[node] ?? noLoad(), demand.unit, -demand.floorA)
  }
  const targets = share(
    sure.map((demand) => underneath(demand, guarantees, room.length)),
    left,
  )
  return new Map(targets.map(({ demand, targetA }) => [demand.evse.index, targetA]))
}

interface Guarantee {
  readonly node: number
  readonly class: PriorityClass
}

const known = new WeakMap<Tree, readonly Guarantee[]>()

function guaranteesOf(tree: Tree): readonly Guarantee[] {
  const before = known.get(tree)
  if (before) return before
  const made = tree.nodes.flatMap(({ index: node, classes }) =>
    classes.filter(({ minCurrentA = 0 }) => minCurrentA > 0).map((one) => ({ node, class: one })),
  )
  known.set(tree, made)
  return made
}

function belongsTo({ evse, priority }: ClassDemand, { node, class: one }: Guarantee): boolean {
  return isInClass(one, priority) && evse.path.includes(node)
}

/** With the rooms of its guarantees, the first of which is number `from`, on its way up. */
function underneath<D extends ClassDemand>(
  demand: D,
  guarantees: readonly Guarantee[],
  from: number,
): D {
  const own = guarantees.flatMap((one, at) => (belongsTo(demand, one) ? from + at : []))
  return { ...demand, evse: { ...demand.evse, path: [...demand.evse.path, ...own] } }
}

function atLeast<D extends ClassDemand>(demand: D, floorA: number): D {
  return floorA <= demand.floorA ? demand : { ...demand, floorA }
}

function roomOf({ minCurrentA = 0 }: PriorityClass): Load {
  return [minCurrentA, minCurrentA, minCurrentA, Infinity]
}

function copyOf(load: Load): Load {
  return [load[0], load[1], load[2], load[3]]
}
