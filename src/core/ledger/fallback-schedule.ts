/**
 * A fallback over time, as one profile says it: a charger left alone follows it by its own clock and
 * ends at the value that is safe whatever the time. Times are wall ms.
 */

export interface FallbackStep {
  readonly fromMs: number
  /** A per phase. */
  readonly limitA: number
}

export interface FallbackSchedule {
  /** Ascending, neighbours differ; the first holds before the second, the last one never ends. */
  readonly steps: readonly FallbackStep[]
  /** Nothing is known beyond: from here on it is the last step. */
  readonly untilMs: number
}

const SAME_A = 0.05

export function constantly(limitA: number): FallbackSchedule {
  return { steps: [{ fromMs: 0, limitA }], untilMs: Infinity }
}

/** A clock that lost its time and restarted at the epoch finds the first step. */
export function valueAt({ steps }: FallbackSchedule, wallMs: number): number {
  // Asked for each EVSE in each round of control.
  for (let index = steps.length - 1; index > 0; index -= 1) {
    const step = steps[index]
    if (step && step.fromMs <= wallMs) return step.limitA
  }
  return steps[0]?.limitA ?? 0
}

/** The highest it says from `fromMs` to `toMs`, both included. */
export function highestWithin(schedule: FallbackSchedule, fromMs: number, toMs: number): number {
  let highestA = valueAt(schedule, fromMs)
  for (const step of schedule.steps) {
    if (step.fromMs > fromMs && step.fromMs <= toMs) highestA = Math.max(highestA, step.limitA)
  }
  return highestA
}

export function highestOf({ steps }: FallbackSchedule): number {
  return Math.max(...steps.map(({ limitA }) => limitA))
}

/** They say the same from `fromMs` on, as far as both know. */
export function isSameAhead(a: FallbackSchedule, b: FallbackSchedule, fromMs: number): boolean {
  // As a rule a charger was told the very schedule it should have.
  if (a === b) return true
  const untilMs = Math.min(a.untilMs, b.untilMs)
  const isSameAt = (wallMs: number): boolean =>
    wallMs < fromMs ||
    wallMs >= untilMs ||
    Math.abs(valueAt(a, wallMs) - valueAt(b, wallMs)) <= SAME_A
  const isSameFrom = (step: FallbackStep): boolean => isSameAt(step.fromMs)
  return isSameAt(fromMs) && a.steps.every(isSameFrom) && b.steps.every(isSameFrom)
}

/** More steps than that are no schedule anybody was sent. */
const STEPS_MAX = 48

/** Of two that may be in force the higher, at every instant. */
export function higherOf(a: FallbackSchedule, b: FallbackSchedule): FallbackSchedule {
  const edges = [...new Set([...edgesOf(a), ...edgesOf(b)])].toSorted((one, other) => one - other)
  if (edges.length > STEPS_MAX) return constantly(Math.max(highestOf(a), highestOf(b)))
  const steps = edges.map((fromMs) => ({
    fromMs,
    limitA: Math.max(valueAt(a, fromMs), valueAt(b, fromMs)),
  }))
  return { steps: withoutRepeats(steps), untilMs: Math.max(a.untilMs, b.untilMs) }
}

export function withoutRepeats(steps: readonly FallbackStep[]): readonly FallbackStep[] {
  return steps.filter(({ limitA }, index) => steps[index - 1]?.limitA !== limitA)
}

function edgesOf({ steps }: FallbackSchedule): readonly number[] {
  return steps.map(({ fromMs }) => fromMs)
}
