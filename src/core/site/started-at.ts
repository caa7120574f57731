import type { Instant } from './events.js'

/** As long as a car that waits at 0 A may have waited without anybody knowing since when. */
const UNSURE_MS = 4 * 3_600_000
const TOLERANCE_MS = 30_000

export interface StartTime {
  /** Monotonic; the best guess. */
  readonly startedAtMs: number
  /** Monotonic; never too late. */
  readonly earliestStartAtMs: number
}

/**
 * When a transaction began, on the monotonic clock: the wall clock may jump, and a start may have
 * waited in an offline queue under a clock nobody knows. `clockOffsetMs`: the charger's clock less
 * ours; undefined: not known.
 */
export function startTime(
  transaction: { readonly startedWallMs: number; readonly receivedWallMs: number },
  clockOffsetMs: number | undefined,
  at: Instant,
): StartTime {
  const { startedWallMs, receivedWallMs } = transaction
  const sinceWallMs = Math.min(receivedWallMs, startedWallMs - (clockOffsetMs ?? 0))
  const ageMs = Math.min(UNSURE_MS, Math.max(0, at.wallMs - sinceWallMs))
  const mostMs = clockOffsetMs === undefined ? UNSURE_MS : ageMs + TOLERANCE_MS
  return { startedAtMs: at.nowMs - ageMs, earliestStartAtMs: at.nowMs - mostMs }
}
