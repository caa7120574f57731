/** The instant of a local day and time in an IANA zone. Days are counted from 1970-01-01. */
import { dayNumber } from './dates.js'
import { localTime, offsetMin } from './local-time.js'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** The local day of an instant. */
export function localDay(instantMs: number, zone: string): number {
  return dayNumber(localTime(instantMs, zone).date) ?? 0
}

/** 0 is Monday. */
export function weekdayOf(day: number): number {
  // 1970-01-01 was a Thursday.
  return (((day + 3) % 7) + 7) % 7
}

/**
 * In a DST gap the first instant after it, in an overlap the earlier one: who leaves must not find
 * that he was expected later.
 */
export function instantOf(day: number, minuteOfDay: number, zone: string): number {
  const localMs = day * DAY_MS + minuteOfDay * MINUTE_MS
  // Zones change at most once in two days: the offsets before and after are all there are.
  const beforeMs = offsetMs(localMs - DAY_MS, zone)
  const afterMs = offsetMs(localMs + DAY_MS, zone)
  const early = localMs - Math.max(beforeMs, afterMs)
  const late = localMs - Math.min(beforeMs, afterMs)
  for (const instantMs of [early, late]) {
    if (instantMs + offsetMs(instantMs, zone) === localMs) return instantMs
  }
  return gapEnd(early, late, zone)
}

/** Between two instants on the two sides of a gap. */
function gapEnd(fromMs: number, toMs: number, zone: string): number {
  let [low, high] = [fromMs, toMs]
  const before = offsetMin(low, zone)
  while (high - low > MINUTE_MS) {
    const middle = Math.floor((low + high) / 2 / MINUTE_MS) * MINUTE_MS
    if (offsetMin(middle, zone) === before) low = middle
    else high = middle
  }
  return high
}

function offsetMs(instantMs: number, zone: string): number {
  return offsetMin(instantMs, zone) * MINUTE_MS
}
