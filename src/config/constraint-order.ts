import type { ConstraintWire } from './depot-schema.js'

interface Placed {
  readonly wire: ConstraintWire
  /** Position in the list as given. */
  readonly index: number
}

/**
 * Parents before what is below them; a constraint whose parent is not in the list counts as a root.
 * `cyclic`: on a circle of parents, or below one.
 */
export function parentsFirst(constraints: readonly ConstraintWire[]): {
  readonly ordered: readonly Placed[]
  readonly cyclic: readonly Placed[]
} {
  const named = new Set(constraints.map(({ id }) => id))
  const ordered: Placed[] = []
  const below = new Map<string, Placed[]>()
  for (const [index, wire] of constraints.entries()) {
    const parentId = wire.parent_id ?? undefined
    if (parentId === undefined || !named.has(parentId)) ordered.push({ wire, index })
    else below.set(parentId, [...(below.get(parentId) ?? []), { wire, index }])
  }
  for (const { wire } of ordered) {
    ordered.push(...(below.get(wire.id) ?? []))
    below.delete(wire.id)
  }
  return { ordered, cyclic: [...below.values()].flat().toSorted((a, b) => a.index - b.index) }
}
