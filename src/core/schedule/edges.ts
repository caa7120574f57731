/** Instants at which the windows that hold may change. */
import { localTime } from './local-time.js'
import { minuteOf } from './windows-at.js'
import type { LimitWindow } from './windows.js'

/** Zones are moved by whole quarters of an hour, at whole quarters: within one, local time runs on. */
const QUARTER_MS = 900_000
const QUARTER_MIN = 15
const DAY_MIN = 1_440

/** Ascending, after `fromMs` and before `toMs`; between two of them the same windows hold. */
export function windowEdges(
  windows: readonly LimitWindow[],
  zone: string,
  fromMs: number,
  toMs: number,
): readonly number[] {
  // At midnight the day changes.
  const minutes = new Set([0])
  for (const { from, to } of windows) {
    minutes.add(minuteOf(from) % DAY_MIN)
    minutes.add(minuteOf(to) % DAY_MIN)
  }
  const edges = new Set<number>()
  let expected: number | undefined
  const firstMs = Math.floor(fromMs / QUARTER_MS) * QUARTER_MS
  for (let quarterMs = firstMs; quarterMs < toMs; quarterMs += QUARTER_MS) {
    const { minuteOfDay } = localTime(quarterMs, zone)
    if (expected !== undefined && minuteOfDay !== expected) edges.add(quarterMs)
    expected = (minuteOfDay + QUARTER_MIN) % DAY_MIN
    for (const minute of minutes) {
      const inMin = (minute - minuteOfDay + DAY_MIN) % DAY_MIN
      if (inMin < QUARTER_MIN) edges.add(quarterMs + inMin * 60_000)
    }
  }
  return [...edges].filter((ms) => ms > fromMs && ms < toMs).toSorted((a, b) => a - b)
}
