import { localTime } from './local-time.js'
import { minuteOf } from './windows-at.js'

const MINUTE_MS = 60_000
const QUARTER_MS = 900_000
const QUARTER_MIN = 15
const DAY_MIN = 1_440
const TWO_DAYS_MS = 172_800_000

/** The next instant after `fromMs` at which clocks show `HH:MM`; of a time that is skipped, the first after it. */
export function nextTime(fromMs: number, clock: string, zone: string): number {
  const minute = minuteOf(clock) % DAY_MIN
  let expected: number | undefined
  const firstMs = Math.floor(fromMs / QUARTER_MS) * QUARTER_MS
  for (let quarterMs = firstMs; quarterMs < fromMs + TWO_DAYS_MS; quarterMs += QUARTER_MS) {
    const { minuteOfDay } = localTime(quarterMs, zone)
    const isSkipped = expected !== undefined && minute >= expected && minute < minuteOfDay
    if (isSkipped && quarterMs > fromMs) return quarterMs
    const inMin = (minute - minuteOfDay + DAY_MIN) % DAY_MIN
    const atMs = quarterMs + inMin * MINUTE_MS
    if (inMin < QUARTER_MIN && atMs > fromMs) return atMs
    expected = (minuteOfDay + QUARTER_MIN) % DAY_MIN
  }
  return fromMs + TWO_DAYS_MS
}
