/**
 * Shares by class of priority: what a class is guaranteed comes first, what it may have at most is a
 * limit of its own. A ceiling is one more node above the cars of its class, so whoever shares needs
 * to know nothing of classes.
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

/** A limit that only the cars of a class have above them. */
export interface ClassNode {
  /** Its place in `room`, behind all nodes of the tree. */
  readonly index: number
  readonly node: number
  readonly class: PriorityClass
}

/** `room` is used up on the way. */
export type ShareOut<D, T> = (demands: readonly D[], room: Load[]) => readonly T[]

/** `share` is called once, and once more before that where something is guaranteed. */
export function shareByClass<D extends ClassDemand, T extends { demand: D; targetA: number }>(
  tree: Tree,
  demands: readonly D[],
  room: readonly Load[],
  share: ShareOut<D, T>,
): readonly T[] {
  const { ceilings, guarantees } = classNodes(tree)
  if (ceilings.length === 0 && guarantees.length === 0) return share(demands, room.map(copyOf))
  const roomy = [...room.map(copyOf), ...ceilings.map((one) => loadOf(one.class.maxCurrentA ?? 0))]
  const below = demands.map((demand) => underneath(demand, ceilings))
  const sureA = guaranteedA(below, roomy, guarantees, share)
  return share(
    below.map((demand) => atLeast(demand, sureA.get(demand.evse.index) ?? 0)),
    roomy,
  )
}

function atLeast<D extends ClassDemand>(demand: D, floorA: number): D {
  return floorA <= demand.floorA ? demand : { ...demand, floorA }
}

/** Which ceiling an index of `room` stands for; undefined: a node of the tree. */
export function ceilingAt(tree: Tree, index: number): ClassNode | undefined {
  return classNodes(tree).ceilings[index - tree.nodes.length]
}

/** By EVSE index. Shared out as if nobody else were there and each class had only its guarantee. */
function guaranteedA<D extends ClassDemand, T extends { demand: D; targetA: number }>(
  demands: readonly D[],
  room: readonly Load[],
  guarantees: readonly ClassNode[],
  share: ShareOut<D, T>,
): ReadonlyMap<number, number> {
  const isSure = (demand: D): boolean =>
    demand.hungry && guarantees.some((one) => belongsTo(demand, one))
  const sure = demands.filter(isSure)
  if (sure.length === 0) return new Map()
  const from = room.length
  const placed = guarantees.map((one, at) => ({ ...one, index: from + at }))
  const left = [...room.map(copyOf), ...placed.map((one) => loadOf(one.class.minCurrentA ?? 0))]
  for (const demand of demands) {
    if (isSure(demand)) continue
    // What cannot be taken back is nobody's.
    for (const node of demand.evse.path)
      addLoad(left[node] ?? noLoad(), demand.unit, -demand.floorA)
  }
  const targets = share(
    sure.map((demand) => underneath(demand, placed)),
    left,
  )
  return new Map(targets.map(({ demand, targetA }) => [demand.evse.index, targetA]))
}

interface ClassNodes {
  readonly ceilings: readonly ClassNode[]
  /** Their indexes begin where the ceilings end. */
  readonly guarantees: readonly ClassNode[]
}

const known = new WeakMap<Tree, ClassNodes>()

function classNodes(tree: Tree): ClassNodes {
  const before = known.get(tree)
  if (before) return before
  const all = tree.nodes.flatMap(({ index: node, classes }) =>
    classes.map((one) => ({ node, class: one })),
  )
  const from = tree.nodes.length
  const made = {
    ceilings: all
      .filter((one) => one.class.maxCurrentA !== undefined)
      .map(({ node, class: rule }, at) => ({ index: from + at, node, class: rule })),
    guarantees: all
      .filter((one) => (one.class.minCurrentA ?? 0) > 0)
      .map(({ node, class: rule }, at) => ({ index: at, node, class: rule })),
  }
  known.set(tree, made)
  return made
}

function belongsTo({ evse, priority }: ClassDemand, { node, class: one }: ClassNode): boolean {
  return isInClass(one, priority) && evse.path.includes(node)
}

/** With the nodes of its classes behind their own in its way up. */
function underneath<D extends ClassDemand>(demand: D, nodes: readonly ClassNode[]): D {
  const above = nodes.filter((one) => belongsTo(demand, one))
  if (above.length === 0) return demand
  const path = demand.evse.path.flatMap((node) => [
    node,
    ...above.filter((one) => one.node === node).map(({ index }) => index),
  ])
  return { ...demand, evse: { ...demand.evse, path } }
}

function loadOf(currentA: number): Load {
  return [currentA, currentA, currentA, Infinity]
}

function copyOf(load: Load): Load {
  return [load[0], load[1], load[2], load[3]]
}
