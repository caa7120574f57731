/**
 * Who may charge at all: IEC 61851 knows nothing between 0 and 6 A, so each gets its minimum or
 * waits for its turn. Order: overdue waiters, then by priority; within one, cars that just started,
 * then those who waited longest, then those whose turn has lasted longest.
 */
import type { Demand } from './demand.js'

export interface AdmissionRules {
  /** Shortest turn, ms. */
  readonly minOnMs: number
  /** Whoever waited longer than this comes first whatever its priority, ms. */
  readonly maxWaitMs: number
}

export function admissionOrder(
  demands: readonly Demand[],
  rules: AdmissionRules,
  nowMs: number,
): readonly Demand[] {
  const ranked = demands.map((demand) => ({ demand, rank: rankOf(demand, rules, nowMs) }))
  ranked.sort((a, b) => compare(a.rank, b.rank) || a.demand.evse.index - b.demand.evse.index)
  return ranked.map(({ demand }) => demand)
}

export function isOverdue(
  turn: { readonly isOn: boolean; readonly sinceMs: number },
  maxWaitMs: number,
  nowMs: number,
): boolean {
  return !turn.isOn && nowMs - turn.sinceMs >= maxWaitMs
}

type Rank = readonly [number, number, number, number]

function rankOf(demand: Demand, { minOnMs, maxWaitMs }: AdmissionRules, nowMs: number): Rank {
  const elapsedMs = nowMs - demand.sinceMs
  const { priority } = demand
  if (!demand.hungry) return [2, -priority, 0, elapsedMs]
  // Its turn lasts, or it would be off again at once.
  if (demand.isOn && demand.guaranteed && elapsedMs < minOnMs) return [0, 0, 0, elapsedMs]
  if (isOverdue(demand, maxWaitMs, nowMs)) return [0, 0, 1, -elapsedMs]
  if (!demand.isOn) return [1, -priority, 1, -elapsedMs]
  return elapsedMs < minOnMs ? [1, -priority, 0, elapsedMs] : [1, -priority, 2, elapsedMs]
}

function compare(a: Rank, b: Rank): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]
}
