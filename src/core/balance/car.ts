/**
 * What is learned of a car while it charges: how much it takes at most, and whether it takes anything
 * at all. Nothing is learned for good: a cap leaves room to show more, and who sleeps is asked again.
 */
import type { Turn } from '../site/state.js'

/** What was offered and what the car took of it, A. */
export interface Taken {
  readonly offerA: number
  readonly takenA: number
}

/** Below the offer by more than this, the car is not limited by us. */
const UNDER_DRAW_A = 0.8
const CAP_AFTER_MS = 60_000
/** Offered beyond what it takes, so that a car that wants more can show it; many take 5 % less. */
const PROBE_A = 1.2
const PROBE_SHARE = 0.075
const SLEEPING_A = 1
const SLEEPING_AFTER_MS = 180_000
/** A car that woke late takes its offer by then. */
const TAIL_AFTER_MS = 240_000
const LEAST_TAKEN_A = 0.5
/** It is left in peace for so long, and twice as long each time it still takes nothing. */
const REST_MS = 3_600_000
/** So long it keeps its minimum, unless somebody waits for that. */
const MAY_WAKE_MS = 480_000
const REST_MAX_MS = 4 * REST_MS

/**
 * A car that stays below its offer for a minute is offered what it takes and a little more; as soon as
 * it takes its offer the cap is gone. One that takes nothing for three minutes rests.
 */
export function learnFrom(turn: Turn, { offerA, takenA }: Taken, nowMs: number): void {
  if (turn.targetA === 0) return
  if (takenA >= SLEEPING_A) {
    turn.restsUntilMs = undefined
    turn.restMs = 0
  }
  if (takenA >= offerA - UNDER_DRAW_A) {
    turn.underDrawSinceMs = undefined
    turn.capA = undefined
    return
  }
  turn.underDrawSinceMs ??= nowMs
  const underDrawMs = nowMs - turn.underDrawSinceMs
  if (underDrawMs >= CAP_AFTER_MS) {
    const seenA = Math.ceil(takenA)
    turn.capA = seenA + Math.max(PROBE_A, PROBE_SHARE * seenA)
  }
  if (takenA < SLEEPING_A && underDrawMs >= SLEEPING_AFTER_MS && !isResting(turn, nowMs)) {
    turn.restMs = Math.min(REST_MAX_MS, Math.max(REST_MS, 2 * turn.restMs))
    turn.restsUntilMs = nowMs + turn.restMs
  }
}

/** Full or asleep: it has what nobody else can use; in the beginning its minimum, unless one waits for it. */
export function isResting({ restsUntilMs }: Turn, nowMs: number): boolean {
  return restsUntilMs !== undefined && nowMs < restsUntilMs
}

/** It has not rested for long: some begin minutes after they were offered something. */
export function mayWake({ restsUntilMs, restMs }: Turn, nowMs: number): boolean {
  return restsUntilMs !== undefined && nowMs < restsUntilMs - restMs + MAY_WAKE_MS
}

/**
 * The share of its minimum that it takes, 1 at most. A car that tapers off leaves the rest of it
 * unused; one that has just been switched on may still wake up.
 */
export function takesOf(
  { capA, targetA, underDrawSinceMs }: Turn,
  minA: number,
  nowMs: number,
): number {
  if (capA === undefined) return 1
  const isOn = targetA > 0
  if (isOn && nowMs - (underDrawSinceMs ?? nowMs) < TAIL_AFTER_MS) return 1
  return Math.min(1, Math.max(LEAST_TAKEN_A, capA - PROBE_A) / minA)
}
