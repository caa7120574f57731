/**
 * By when those that wait are next, as far as that can be told: who charges keeps its place while it
 * is worth it, in whole turns, and nobody waits longer than the longest wait.
 */
import { longestWaitMs } from '../balance/demand.js'
import { urgencyOf } from '../energy/urgency.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import type { Instant } from './events.js'
import type { Site } from './state.js'

/** A turn begins when what another gave up has settled. */
const HANDOVER_MS = 30_000

interface Waiter {
  readonly item: EvsePlan
  /** Its longest wait ends then. */
  readonly endsMs: number
  readonly node: number
}

/** Monotonic ms by EVSE index; nothing for those of whom nothing can be told. `priorities`: by index. */
export function nextTurns(
  site: Site,
  plan: Plan,
  priorities: readonly number[],
  { nowMs, wallMs }: Pick<Instant, 'nowMs' | 'wallMs'>,
): ReadonlyMap<number, number> {
  const { minOnMs } = site.rules
  const priorityOf = ({ evse }: EvsePlan): number => priorities[evse.index] ?? 0
  const turns = new Map<number, number>()
  const equals = new Map<string, Waiter[]>()
  for (const item of plan.evses) {
    const waiter = waiterOf(site, item, nowMs, wallMs)
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
    const inOrder = waiters.toSorted((a, b) => a.endsMs - b.endsMs)
    for (const [before, { item, endsMs }] of inOrder.entries()) {
      // Who is behind more than one round of places waits until the turns of the first have lasted.
      const behindMs = (latestMs[before - Math.max(1, places)] ?? -Infinity) + minOnMs
      const atMs = Math.max(endsMs + HANDOVER_MS, behindMs)
      latestMs.push(atMs)
      // What should have come already cannot be told.
      if (atMs > nowMs + HANDOVER_MS) turns.set(item.evse.index, atMs)
    }
  }
  return turns
}

/** Where nobody charges no place changes hands. */
function waiterOf(site: Site, item: EvsePlan, nowMs: number, wallMs: number): Waiter | undefined {
  const { reason, connector, evse } = item
  if (reason.type !== 'waiting' || reason.charging === 0 || !connector) return undefined
  const node = evse.path.find((index) => site.tree.nodes[index]?.id === reason.nodeId)
  if (node === undefined) return undefined
  const need = urgencyOf(site, connector.transactionId, wallMs)
  const waitMs = longestWaitMs(evse, connector, need, site.rules.maxWaitMs, nowMs)
  return { item, endsMs: connector.turn.sinceMs + waitMs, node }
}
