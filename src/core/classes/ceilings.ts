import type { ClassCeiling } from '../schedule/windows.js'
import type { PriorityClass } from '../site/depot.js'

/** The ceilings of a constraint's classes, one after the other; who is in no class has none. */
export function ceilingsOf(classes: readonly PriorityClass[]): readonly ClassCeiling[] {
  const bounded = classes
    .filter(({ maxCurrentA }) => maxCurrentA !== undefined)
    .toSorted((a, b) => a.fromPriority - b.fromPriority)
  if (bounded.length === 0) return []
  const ceilings: ClassCeiling[] = []
  let from: number | undefined = 0
  for (const { fromPriority, toPriority, maxCurrentA = Infinity } of bounded) {
    if (from !== undefined && from < fromPriority) {
      ceilings.push({ fromPriority: from, maxCurrentA: Infinity })
    }
    ceilings.push({ fromPriority, maxCurrentA })
    from = toPriority === undefined ? undefined : toPriority + 1
  }
  return from === undefined
    ? ceilings
    : [...ceilings, { fromPriority: from, maxCurrentA: Infinity }]
}
