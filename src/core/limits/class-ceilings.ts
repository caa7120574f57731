/**
 * Ceilings of priority classes as rooms of their own, behind those of the nodes: a session takes of
 * its class at each node that bounds it, and the balancer needs to know nothing of classes. They are
 * policy, not protection: only targets keep to them.
 */
import type { Load } from '../load.js'
import type { LimitSource } from '../reason.js'
import type { ClassCeiling } from '../schedule/windows.js'
import type { TreeEvse } from '../site/tree.js'
import type { LimitInForce } from './in-force.js'

export interface ClassRoom {
  /** At which node. */
  readonly node: number
  readonly load: Load
  readonly source: LimitSource
}

export interface Classes {
  /** The first is number `nodes.length` of all rooms. */
  readonly rooms: readonly ClassRoom[]
  /** The EVSE with the rooms of the classes of this priority on its way up. */
  evseOf(evse: TreeEvse, priority: number): TreeEvse
}

interface ClassSet {
  readonly ceilings: readonly ClassCeiling[]
  /** Number of the room of those below all ceilings; the others follow, ascending. */
  readonly firstRoom: number
}

/** Undefined: neither a constraint nor a schedule in force bounds a class. */
export function classesOf(nodes: readonly { readonly limit: LimitInForce }[]): Classes | undefined {
  const rooms: ClassRoom[] = []
  const sets = new Map<number, ClassSet[]>()
  for (const [node, { limit }] of nodes.entries()) {
    for (const { ceilings, source } of limit.classes ?? []) {
      const ofNode = sets.get(node) ?? []
      sets.set(node, [...ofNode, { ceilings, firstRoom: nodes.length + rooms.length }])
      rooms.push(roomOfClass(node, source, 0, `below ${ceilings[0]?.fromPriority ?? 0}`))
      for (const [at, { fromPriority, maxCurrentA }] of ceilings.entries()) {
        const next = ceilings[at + 1]
        const words = next
          ? rangeText(fromPriority, next.fromPriority - 1)
          : `from ${fromPriority} on`
        rooms.push(roomOfClass(node, source, maxCurrentA, words))
      }
    }
  }
  if (rooms.length === 0) return undefined
  return {
    rooms,
    evseOf(evse, priority) {
      const own = evse.path.flatMap((node) =>
        (sets.get(node) ?? []).map(({ ceilings, firstRoom }) => {
          const below = ceilings.filter(({ fromPriority }) => fromPriority <= priority)
          return firstRoom + below.length
        }),
      )
      return own.length === 0 ? evse : { ...evse, path: [...evse.path, ...own] }
    },
  }
}

function roomOfClass(
  node: number,
  source: LimitSource,
  currentA: number,
  priorities: string,
): ClassRoom {
  return {
    node,
    load: [currentA, currentA, currentA, Infinity],
    source:
      source.type === 'schedule' || source.type === 'configured'
        ? { ...source, priorities }
        : source,
  }
}

function rangeText(first: number, last: number): string {
  return first === last ? `${first}` : `${first} to ${last}`
}
