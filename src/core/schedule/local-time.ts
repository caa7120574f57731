/** Wall time of an instant in an IANA zone. Pure: Intl reads the zone table, not the clock. */
import { dayNumber } from './dates.js'
import type { Weekday } from './windows.js'

export interface LocalTime {
  readonly weekday: Weekday
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** 0 to 1439. */
  readonly minuteOfDay: number
}

export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

const MINUTE_MS = 60_000
const DAY_MIN = 1_440
const formats = new Map<string, Intl.DateTimeFormat>()

/** By zone and minute: a round of control asks for two instants, in two minutes. */
const recent = new Map<string, Map<number, LocalTime>>()
/** The hour before a change of the clocks and the hour after it are looked at minute by minute. */
const RECENT_MINUTES_MAX = 512

/** Throws RangeError for an unknown zone: check zones when the configuration is read. */
export function localTime(instantMs: number, zone: string): LocalTime {
  const minute = Math.floor(instantMs / MINUTE_MS)
  const ofZone = recent.get(zone) ?? new Map<number, LocalTime>()
  const known = ofZone.get(minute)
  if (known) return known
  const parts = format(zone).formatToParts(minute * MINUTE_MS)
  const part = (type: string): string => parts.find((p) => p.type === type)?.value ?? ''
  const name = part('weekday').toLowerCase()
  const time: LocalTime = {
    weekday: WEEKDAYS.find((day) => name.startsWith(day)) ?? 'mon',
    date: `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`,
    minuteOfDay: Number(part('hour')) * 60 + Number(part('minute')),
  }
  if (ofZone.size >= RECENT_MINUTES_MAX) ofZone.clear()
  recent.set(zone, ofZone.set(minute, time))
  return time
}

/** What the clocks of the zone are ahead of UTC, minutes. */
export function offsetMin(instantMs: number, zone: string): number {
  const { date, minuteOfDay } = localTime(instantMs, zone)
  return (dayNumber(date) ?? 0) * DAY_MIN + minuteOfDay - Math.floor(instantMs / MINUTE_MS)
}

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
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
