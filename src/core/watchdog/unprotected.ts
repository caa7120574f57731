/**
 * Charge points that take a limit in no form: each may draw all its hardware gives, whenever a car
 * comes. Where that does not fit even with all others at their fallback, there is no other way than
 * out of service.
 */
import { addLoad, fits, noLoad } from '../load.js'
import type { Load } from '../load.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import { roomOf } from '../plan/room.js'
import type { Site } from '../site/state.js'
import type { NoRoom } from './watchdog-state.js'

/** A name plate is a round figure. */
const ROUNDING_A = 0.5

/** By charge point id; the highest priority keeps its place first. */
export function inoperativeWanted(site: Site, plan: Plan): ReadonlyMap<string, NoRoom> {
  const wanted = new Map<string, NoRoom>()
  if (!isAnyUnprotected(site)) return wanted
  const unprotected = unprotectedIn(site, plan)
  if (unprotected.length === 0) return wanted
  const room = plan.nodes.map(({ limit, base }) => roomOf(limit.load, base.upperA))
  for (const item of plan.evses) {
    if (isUnprotected(site, item)) continue
    // What the others can be brought down to.
    const fallbackA = site.fallbackA[item.evse.index] ?? 0
    take(room, item, Math.min(item.exposureA, fallbackA))
  }
  for (const [chargePointId, items] of byChargePoint(unprotected)) {
    const narrow = items.flatMap((item) => tooNarrow(site, room, item) ?? [])[0]
    if (narrow) wanted.set(chargePointId, narrow)
    else for (const item of items) take(room, item, item.evse.hardwareA)
  }
  return wanted
}

function isAnyUnprotected({ chargePoints }: Site): boolean {
  for (const { unprotected } of chargePoints.values()) if (unprotected) return true
  return false
}

function unprotectedIn(site: Site, plan: Plan): readonly EvsePlan[] {
  return plan.evses
    .filter((item) => item.connected && isUnprotected(site, item))
    .toSorted((a, b) => b.evse.priority - a.evse.priority || a.evse.index - b.evse.index)
}

function isUnprotected(site: Site, { evse }: EvsePlan): boolean {
  const { chargePointId } = evse
  return chargePointId !== undefined && site.chargePoints.get(chargePointId)?.unprotected === true
}

function byChargePoint(items: readonly EvsePlan[]): ReadonlyMap<string, readonly EvsePlan[]> {
  const grouped = new Map<string, EvsePlan[]>()
  for (const item of items) {
    const id = item.evse.chargePointId ?? ''
    const others = grouped.get(id)
    if (others) others.push(item)
    else grouped.set(id, [item])
  }
  return grouped
}

/** The first node on its way up that has no room for all its hardware gives. */
function tooNarrow(site: Site, room: readonly Load[], { evse }: EvsePlan): NoRoom | undefined {
  for (const index of evse.path) {
    const node = site.tree.nodes[index]
    if (!node || node.kind === 'charger') continue
    const roomA = fits(room[index] ?? noLoad(), evse.unit)
    if (roomA >= evse.hardwareA - ROUNDING_A) continue
    const { id: nodeId, name: nodeName } = node
    return { nodeId, nodeName, needsA: evse.hardwareA, roomA: Math.max(0, roomA) }
  }
  return undefined
}

/** On all phases it is wired to: what was learned of one car says nothing of the next. */
function take(room: readonly Load[], { evse }: EvsePlan, currentA: number): void {
  for (const index of evse.path) addLoad(room[index] ?? noLoad(), evse.unit, -currentA)
}
