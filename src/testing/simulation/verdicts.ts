/** Collects what was looked at and what was wrong. */
import { INVARIANTS } from './result.js'
import type { Invariant, Verdict, Violation } from './result.js'

export interface Verdicts {
  checked(invariant: Invariant): void
  /** Kept once per invariant and place; all are counted. */
  violated(violation: Violation): void
  isAnyViolated(): boolean
  verdicts(): readonly Verdict[]
  violations(): readonly Violation[]
}

const MAX_KEPT = 200

export function collectVerdicts(noted: (violation: Violation) => void): Verdicts {
  const checks = new Map<Invariant, number>()
  const counts = new Map<Invariant, number>()
  const kept = new Map<string, Violation>()
  return {
    checked(invariant) {
      checks.set(invariant, (checks.get(invariant) ?? 0) + 1)
    },
    violated(violation) {
      const { invariant, where } = violation
      counts.set(invariant, (counts.get(invariant) ?? 0) + 1)
      const key = `${invariant} ${where}`
      if (kept.has(key) || kept.size >= MAX_KEPT) return
      kept.set(key, violation)
      noted(violation)
    },
    isAnyViolated: () => kept.size > 0,
    verdicts: () =>
      INVARIANTS.map((invariant) => {
        const violations = counts.get(invariant) ?? 0
        const looks = Math.max(violations, checks.get(invariant) ?? 0)
        return { invariant, holds: violations === 0, checks: looks, violations }
      }),
    violations: () => [...kept.values()],
  }
}
