/** What a car gets on average, told from what it has now and from who waits beside it. */
import { isSampleFresh } from '../limits/draw.js'
import { effectiveLimitA } from '../ledger/evse-ledger.js'
import { fits } from '../load.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import { roomOf } from '../plan/room.js'
import type { Reason } from '../reason.js'
import type { SiteRules } from '../site/rules.js'
import type { Site } from '../site/state.js'
import type { Pace } from './outlook.js'
import type { View } from './share-ahead.js'

const SMOOTH_MS = 300_000
/** A car that takes less than its offer for so long takes no more. */
const SURE_MS = 180_000

/** Now, A per phase it charges on. */
export function gottenA(site: Site, view: View, item: EvsePlan, nowMs: number): number {
  const { connector, evse, targetA, connected } = item
  if (!connector) return 0
  if (!connected) return site.fallbackA[evse.index] ?? 0
  const offerA = effectiveLimitA(connector.ledger, nowMs) ?? evse.hardwareA
  // What it is to have is nearer to what it will get than what it has for some seconds more.
  const ownA = targetA ?? offerA
  const sharedA = inTurnsA(site, view, item)
  const takesA = takenA(item, site.rules, nowMs)
  return Math.min(sharedA ?? ownA, takesA ?? Infinity)
}

/** The most the car was seen to take where it could have more; undefined: it takes what it gets. */
export function takenA(
  { connector }: EvsePlan,
  rules: SiteRules,
  nowMs: number,
): number | undefined {
  const { underDrawSinceMs, capA } = connector?.turn ?? {}
  if (!connector?.sample || underDrawSinceMs === undefined || capA === undefined) return undefined
  if (nowMs - underDrawSinceMs < SURE_MS || !isSampleFresh(connector, rules, nowMs)) {
    return undefined
  }
  return Math.max(...connector.sample.currentA)
}

/**
 * Where not all have a place, those of one priority come in turns: each has its share of what the
 * higher ones leave. Undefined: nobody waits.
 */
function inTurnsA(site: Site, { plan, priorities }: View, item: EvsePlan): number | undefined {
  const priorityOf = ({ evse }: EvsePlan): number => priorities[evse.index] ?? 0
  if (!TAKES_TURNS.has(item.reason.type)) return undefined
  const priority = priorityOf(item)
  const node = nodeOfWaiters(site, plan, item, (other) => priorityOf(other) === priority)
  const nodePlan = node === undefined ? undefined : plan.nodes[node]
  if (node === undefined || !nodePlan) return undefined
  const room = roomOf(nodePlan.limit.load, nodePlan.base.upperA)
  let higherA = 0
  let equals = 0
  for (const other of plan.evses) {
    if (other.targetA === undefined || !other.evse.path.includes(node)) continue
    const others = priorityOf(other)
    if (others > priority) higherA += other.targetA
    else if (others === priority) equals += 1
  }
  return Math.max(0, fits(room, item.unit) - higherA) / Math.max(1, equals)
}

const TAKES_TURNS: ReadonlySet<Reason['type']> = new Set(['limit', 'waiting', 'pending'])

/** The node above it at which such cars wait for their turn. */
function nodeOfWaiters(
  { tree }: Site,
  { evses }: Plan,
  { evse }: EvsePlan,
  isEqual: (other: EvsePlan) => boolean,
): number | undefined {
  for (const other of evses) {
    const { reason } = other
    if (reason.type !== 'waiting' || !isEqual(other)) continue
    const node = evse.path.find((index) => tree.nodes[index]?.id === reason.nodeId)
    if (node !== undefined) return node
  }
  return undefined
}

export function paceAfter(before: Pace | undefined, currentA: number, nowMs: number): Pace {
  if (!before) return { currentA, atMs: nowMs }
  const weight = 1 - Math.exp(-Math.max(0, nowMs - before.atMs) / SMOOTH_MS)
  return { currentA: before.currentA + (currentA - before.currentA) * weight, atMs: nowMs }
}
