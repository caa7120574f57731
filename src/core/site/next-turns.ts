/**
 * By when those that wait are next, as far as that can be told: who charges keeps its place while it
 * is worth it, in whole turns, and nobody waits longer than the longest wait.
 */
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import type { Site } from './state.js'
import type { Tree } from './tree.js'

/** A turn begins when what another gave up has settled. */
const HANDOVER_MS = 30_000

interface Waiter {
  readonly item: EvsePlan
  readonly sinceMs: number
  readonly node: number
}

/** Monotonic ms by EVSE index; nothing for those of whom nothing can be told. `priorities`: by index. */
export function nextTurns(
  site: Site,
  plan: Plan,
  priorities: readonly number[],
  nowMs: number,
): ReadonlyMap<number, number> {
  const { minOnMs, maxWaitMs } = site.rules
  const priorityOf = ({ evse }: EvsePlan): number => priorities[evse.index] ?? 0
  const turns = new Map<number, number>()
  const equals = new Map<string, Waiter[]>()
  for (const item of plan.evses) {
    const waiter = waiterOf(site.tree, item)
    if (!waiter) continue
    const key = `${waiter.node}#${priorityOf(item)}`
    equals.set(key, [...(equals.get(key) ?? []), waiter])
  }
  for (const waiters of equals.values()) {
    const [one] = waiters
    if (!one) continue
    const priority = priorityOf(one.item)
    const places = plan.evses.filter(
      (other) =>
        (other.targetA ?? 0) > 0 &&
        priorityOf(other) === priority &&
        other.evse.path.includes(one.node),
    ).length
    const latestMs: number[] = []
    const inOrder = waiters.toSorted((a, b) => a.sinceMs - b.sinceMs)
    for (const [before, { item, sinceMs }] of inOrder.entries()) {
      // Who is behind more than one round of places waits until the turns of the first have lasted.
      const behindMs = (latestMs[before - Math.max(1, places)] ?? -Infinity) + minOnMs
      const atMs = Math.max(sinceMs + maxWaitMs + HANDOVER_MS, behindMs)
      latestMs.push(atMs)
      // What should have come already cannot be told.
      if (atMs > nowMs + HANDOVER_MS) turns.set(item.evse.index, atMs)
    }
  }
  return turns
}

/** Where nobody charges no place changes hands. */
function waiterOf({ nodes }: Tree, item: EvsePlan): Waiter | undefined {
  const { reason, connector, evse } = item
  if (reason.type !== 'waiting' || reason.charging === 0 || !connector) return undefined
  const node = evse.path.find((index) => nodes[index]?.id === reason.nodeId)
  return node === undefined ? undefined : { item, sinceMs: connector.turn.sinceMs, node }
}
