/** Where cars want more than there is beside the fallbacks of those that are idle. */
import { addLoad, noLoad } from '../load.js'
import type { Load } from '../load.js'
import { isIdle } from './look.js'
import type { Look } from './look.js'
import type { NodePlan } from './plan-types.js'
import { isWithin } from './room.js'

/** In failsafe everybody is at the fallback: then nobody's is in the way. */
export function wantsAdmission(
  item: Look,
  nodes: readonly NodePlan[],
  pressed: readonly boolean[],
): boolean {
  const { path, cannotPause } = item.evse
  // A session that 0 A would end is not to find it.
  if (cannotPause || !isIdle(item) || path.some((node) => nodes[node]?.base.failsafe)) return false
  return path.some((node) => pressed[node])
}

/** Where the cars below could use more than is left beside the fallbacks of those that are idle. */
export function pressedNodes(
  looks: readonly Look[],
  room: readonly Load[],
  fallbackA: readonly number[],
): readonly boolean[] {
  const wanted = room.map(noLoad)
  for (const item of looks) {
    const { evse, unit, demand } = item
    const reservedA = isIdle(item) ? (fallbackA[evse.index] ?? 0) : item.committedA
    const wantedA = demand ? Math.max(demand.capA, item.committedA) : reservedA
    for (const node of evse.path) addLoad(wanted[node] ?? noLoad(), unit, wantedA)
  }
  return room.map((left, index) => !isWithin(wanted[index] ?? noLoad(), left))
}
