/**
 * Whether a charge point may be asked something that has nothing to do with limits: its one call slot
 * may be taken for as long as it does not answer, and then it could not be lowered.
 */
import { isWithin } from '../core/ledger/candidates.js'
import type { EvsePlan, Plan } from '../core/plan/plan-types.js'

const SAME_A = 0.05

/** It is at its fallback, or what it has beyond that is left over above it. */
export function hasSpareSlot(
  plan: Plan,
  fallbackA: readonly number[],
  chargePointId: string,
): boolean {
  return plan.evses.every((item) => {
    if (item.evse.chargePointId !== chargePointId) return true
    const beyondA = item.exposureA - (fallbackA[item.evse.index] ?? 0)
    return beyondA <= SAME_A || isSpare(plan, item, beyondA)
  })
}

function isSpare(plan: Plan, item: EvsePlan, beyondA: number): boolean {
  if (!isWithin(plan, item.evse)) return false
  // What its own name plate allows does not fall.
  const [, ...above] = item.evse.path
  return above.every((index) => {
    const node = plan.nodes[index]
    if (!node) return false
    const { countLimit, base, exposure } = node
    const [l1, l2, l3] = base.mostA
    const left = [
      countLimit[0] - l1 - exposure[0],
      countLimit[1] - l2 - exposure[1],
      countLimit[2] - l3 - exposure[2],
      countLimit[3] - l1 - l2 - l3 - exposure[3],
    ]
    return left.every((leftA, d) => leftA >= (item.unit[d] ?? 0) * beyondA)
  })
}
