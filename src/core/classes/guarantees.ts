/**
 * What classes of priorities are guaranteed, and whether the limits can bear it. Counted on three
 * phases and without cars that would help each other: a guarantee must not depend on who comes.
 */
import type { PriorityClass } from '../site/depot.js'
import type { Problem } from '../site/edit.js'
import type { Tree, TreeNode } from '../site/tree.js'

export interface GuaranteeProblem {
  readonly nodeId: string
  /** The arithmetic, and what to change. */
  readonly message: string
}

const EPSILON_A = 1e-6

/** Where more is guaranteed than the configured limits bear beside the stated base load. */
export function guaranteeProblems({ nodes }: Tree): readonly GuaranteeProblem[] {
  const needed = nodes.map(() => 0)
  const below = nodes.map((): TreeNode[] => [])
  const problems: GuaranteeProblem[] = []
  // Children come after their parents.
  for (const node of nodes.toReversed()) {
    const own = node.classes.flatMap(({ minCurrentA }) => minCurrentA ?? [])
    const children = below[node.index] ?? []
    const ownA = sum(own)
    const childrenA = sum(children.map(({ index }) => needed[index] ?? 0))
    // The cars that are sure of it below may be the same.
    const neededA = Math.max(ownA, childrenA)
    needed[node.index] = neededA
    const parent = node.path[1]
    if (parent !== undefined && neededA > 0) below[parent]?.push(node)
    const room = roomOf(node)
    if (neededA <= room.currentA + EPSILON_A) continue
    const terms =
      ownA >= childrenA
        ? own.map((one) => ampere(one))
        : children.map(({ index, name }) => `${ampere(needed[index] ?? 0)} (${name})`)
    const arithmetic = terms.length > 1 ? `${terms.join(' + ')} = ${ampere(neededA)}` : terms[0]
    const message =
      `classes are guaranteed ${arithmetic ?? ''} on each phase, and "${node.name}" has ` +
      `${room.words}: lower a min_current_a or raise the limit`
    problems.push({ nodeId: node.id, message })
  }
  return problems
}

/** What is wrong with the classes of one constraint by themselves. */
export function classesProblem(classes: readonly PriorityClass[]): Problem | undefined {
  for (const [index, one] of classes.entries()) {
    const { fromPriority, toPriority = Infinity, minCurrentA = 0, maxCurrentA = Infinity } = one
    const field = `classes.${index}`
    if (toPriority < fromPriority) {
      const message = `${toPriority} is below from_priority ${fromPriority}`
      return { kind: 'invalid', field: `${field}.toPriority`, message }
    }
    if (minCurrentA > maxCurrentA) {
      const message = `${minCurrentA} A is above its ceiling of ${maxCurrentA} A`
      return { kind: 'invalid', field: `${field}.minCurrentA`, message }
    }
    const other = classes.slice(0, index).findIndex((before) => overlaps(before, one))
    if (other < 0) continue
    const message = `priorities ${rangeText(one)} overlap those of class ${other} (${rangeText(classes[other] ?? one)})`
    return { kind: 'invalid', field: `${field}.fromPriority`, message }
  }
  return undefined
}

export function isInClass({ fromPriority, toPriority }: PriorityClass, priority: number): boolean {
  return priority >= fromPriority && priority <= (toPriority ?? Infinity)
}

/** `0 to 4`, `5 and above`. */
export function rangeText({ fromPriority, toPriority }: PriorityClass): string {
  if (toPriority === undefined) return `${fromPriority} and above`
  return toPriority === fromPriority ? `${fromPriority}` : `${fromPriority} to ${toPriority}`
}

function overlaps(a: PriorityClass, b: PriorityClass): boolean {
  return (
    a.fromPriority <= (b.toPriority ?? Infinity) && b.fromPriority <= (a.toPriority ?? Infinity)
  )
}

/** Per phase, in a three-phase load; with its arithmetic. */
function roomOf({ limits, baseLoadA }: TreeNode): {
  readonly currentA: number
  readonly words: string
} {
  let leastA = Infinity
  for (const { currentA, powerA } of limits) {
    leastA = Math.min(leastA, ...(currentA ?? []), (powerA ?? Infinity) / 3)
  }
  const currentA = leastA - baseLoadA
  const words =
    baseLoadA === 0
      ? ampere(leastA)
      : `${ampere(leastA)} - ${ampere(baseLoadA)} of base load = ${ampere(currentA)}`
  return { currentA, words }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function ampere(currentA: number): string {
  return `${Math.round(currentA * 10) / 10} A`
}
