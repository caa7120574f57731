/** The instant of a local date and time in an IANA zone. */
import { daysSinceEpoch } from './calendar.js'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

/** How far local time is ahead of UTC then, ms. */
export function zoneOffsetMs(instantMs: number, zone: string): number {
  const minuteMs = Math.floor(instantMs / MINUTE_MS) * MINUTE_MS
  const parts = format(zone).formatToParts(minuteMs)
  const part = (type: string): number => Number(parts.find((p) => p.type === type)?.value)
  const day = daysSinceEpoch(part('year'), part('month'), part('day'))
  return day * DAY_MS + part('hour') * HOUR_MS + part('minute') * MINUTE_MS - minuteMs
}

/** The local day of an instant, in days since 1970-01-01. */
export function localDay(instantMs: number, zone: string): number {
  return Math.floor((instantMs + zoneOffsetMs(instantMs, zone)) / DAY_MS)
}

/**
 * In a DST gap the first instant after it, in an overlap the earlier one: who leaves must not find
 * that he was expected later.
 */
export function instantOf(day: number, minuteOfDay: number, zone: string): number {
  const localMs = day * DAY_MS + minuteOfDay * MINUTE_MS
  // Zones change at most once in two days: the offsets before and after are all there are.
  const beforeMs = zoneOffsetMs(localMs - DAY_MS, zone)
  const afterMs = zoneOffsetMs(localMs + DAY_MS, zone)
  const early = localMs - Math.max(beforeMs, afterMs)
  const late = localMs - Math.min(beforeMs, afterMs)
  for (const instantMs of [early, late]) {
    if (instantMs + zoneOffsetMs(instantMs, zone) === localMs) return instantMs
  }
  return gapEnd(early, late, zone)
}

/** Between two instants on the two sides of a gap. */
function gapEnd(fromMs: number, toMs: number, zone: string): number {
  let [low, high] = [fromMs, toMs]
  const before = zoneOffsetMs(low, zone)
  while (high - low > MINUTE_MS) {
    const middle = Math.floor((low + high) / 2 / MINUTE_MS) * MINUTE_MS
    if (zoneOffsetMs(middle, zone) === before) low = middle
    else high = middle
  }
  return high
}

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  formats.set(zone, made)
  return made
}
