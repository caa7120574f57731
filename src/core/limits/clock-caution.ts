/**
 * Which wall instants a schedule is asked for (I6, I14): now; a little ahead, so that a known fall
 * is prepared before its edge; and after a jump of the clock for a minute the old time too. Each
 * contributes, so the lowest holds. A clock that was never set gives every window.
 */
import { PREPARE_MS } from '../ledger/evse-ledger.js'
import type { ClockState } from '../site/state.js'

export type Instants = readonly number[] | 'all'

const JUMP_MS = 2_000
const CAUTION_MS = 60_000
/** Gateways without a battery clock boot in the past: before 2025 the clock was never set. */
const TRUSTED_FROM_WALL_MS = 1_735_689_600_000

/** Returns the size of a jump of the wall clock, ms; 0 when there was none. */
export function noteClock(clock: ClockState, nowMs: number, wallMs: number): number {
  const offsetMs = wallMs - nowMs
  const before = clock.offsetMs
  clock.offsetMs = offsetMs
  if (before === undefined || Math.abs(offsetMs - before) <= JUMP_MS) return 0
  clock.oldOffsetMs = before
  clock.cautiousUntilMs = nowMs + CAUTION_MS
  return offsetMs - before
}

export function isClockTrusted(wallMs: number): boolean {
  return wallMs >= TRUSTED_FROM_WALL_MS
}

export function instantsToHonour(
  clock: ClockState,
  nowMs: number,
  wallMs: number,
  aheadMs = PREPARE_MS,
): Instants {
  const times = timesToHonour(clock, nowMs, wallMs)
  return times === 'all' ? 'all' : times.flatMap((ms) => [ms, ms + aheadMs])
}

/** The same at a node whose schedule does not count for so long yet: what comes then is prepared. */
export function instantsAfter(
  leftAloneMs: number,
  clock: ClockState,
  nowMs: number,
  wallMs: number,
  aheadMs = PREPARE_MS,
): Instants {
  const times = timesToHonour(clock, nowMs, wallMs)
  if (times === 'all' || leftAloneMs <= 0) return instantsToHonour(clock, nowMs, wallMs, aheadMs)
  return leftAloneMs <= aheadMs ? times.map((ms) => ms + aheadMs) : []
}

function timesToHonour(clock: ClockState, nowMs: number, wallMs: number): Instants {
  if (!isClockTrusted(wallMs)) return 'all'
  if (nowMs >= clock.cautiousUntilMs) return [wallMs]
  const oldMs = nowMs + clock.oldOffsetMs
  return isClockTrusted(oldMs) ? [wallMs, oldMs] : 'all'
}
