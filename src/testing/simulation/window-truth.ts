/** Which entries of a schedule count, judged in words of its own: it must not err with the core. */
import type { LimitWindow, Weekday } from '../../core/schedule/windows.js'
import { statedStart } from '../scenario-file/wall-time.js'

/**
 * Of the rarest kind that there is now, by the calendar of the zone; where a time comes twice, also
 * of those that have begun the first time and not ended the last time.
 */
export function windowsInForce(
  windows: readonly LimitWindow[],
  wallMs: number,
  zone: string,
): readonly LimitWindow[] {
  const now = localTime(wallMs, zone)
  const change = clocksGoBack(wallMs, zone)
  const ruling = ofRarestKind(windows.filter((window) => isInForce(window, now, now)))
  if (!change) return ruling
  const isBefore = wallMs < change.atMs
  const latest = isBefore || minuteOf(change.before) < minuteOf(now) ? now : change.before
  const earliest = isBefore && minuteOf(change.after) < minuteOf(now) ? change.after : now
  const lasting = windows.filter((window) => isInForce(window, latest, earliest))
  return [...new Set([...ruling, ...ofRarestKind(lasting)])]
}

function ofRarestKind(holding: readonly LimitWindow[]): readonly LimitWindow[] {
  const kinds = (['event', 'exception', 'weekly', 'default'] as const).map((kind) =>
    holding.filter((window) => (window.kind ?? 'weekly') === kind),
  )
  return kinds.find((ofKind) => ofKind.length > 0) ?? []
}

/** `from` inclusive, `to` exclusive: begun by the latest time there was, not over by the earliest to come. */
function isInForce(window: LimitWindow, latest: LocalTime, earliest: LocalTime): boolean {
  if (window.kind === 'event') {
    const minuteOfEvent = (at: string): number => dayOf(at) * DAY_MIN + minutesOf(at.slice(11))
    return (
      minuteOf(latest) >= minuteOfEvent(window.from) &&
      minuteOf(earliest) < minuteOfEvent(window.to)
    )
  }
  const starts = minutesOf(window.from)
  const ends = minutesOf(window.to)
  const lasts = ends > starts ? ends - starts : ends + DAY_MIN - starts
  return [latest.day - 1, latest.day].some((day) => {
    const begins = day * DAY_MIN + starts
    return isOn(window, day) && minuteOf(latest) >= begins && minuteOf(earliest) < begins + lasts
  })
}

const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

function isOn({ days, season, dates }: LimitWindow, day: number): boolean {
  // The first day of 1970 was a Thursday.
  if (days !== undefined && !days.includes(WEEKDAYS[(day + 4) % 7] ?? 'sun')) return false
  if (dates && !dates.some((entry) => isBetween(day, entry.slice(0, 10), entry.slice(-10)))) {
    return false
  }
  if (!season) return true
  if (season.from.length > 5) return isBetween(day, season.from, season.to)
  const [, month = '', ofMonth = ''] = new Intl.DateTimeFormat('en-CA', { timeZone: 'UTC' })
    .format(day * DAY_MS)
    .split('-')
  const today = `${month}-${ofMonth}`
  const isAfter = today >= season.from
  const isBefore = today <= season.to
  return season.from <= season.to ? isAfter && isBefore : isAfter || isBefore
}

const DAY_MS = 86_400_000
const DAY_MIN = 1_440

function isBetween(day: number, first: string, last: string): boolean {
  return day >= dayOf(first) && day <= dayOf(last)
}

/** Days since 1970, of a date or of a local time. */
function dayOf(date: string): number {
  return Math.floor((statedStart(`${date.slice(0, 10)}T00:00`)?.localMs ?? 0) / DAY_MS)
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
}

interface LocalTime {
  readonly minutes: number
  /** Days since 1970. */
  readonly day: number
}

function minuteOf({ day, minutes }: LocalTime): number {
  return day * DAY_MIN + minutes
}

interface ClockChange {
  readonly atMs: number
  /** The last minute by the old time and the first by the new one. */
  readonly before: LocalTime
  readonly after: LocalTime
}

const MINUTE_MS = 60_000
/** No zone sets its clocks back by more. */
const AROUND_MIN = 120

/** Undefined: not within two hours. */
function clocksGoBack(wallMs: number, zone: string): ClockChange | undefined {
  const nowMin = Math.floor(wallMs / MINUTE_MS)
  const ahead = (minute: number): number => minuteOf(localTime(minute * MINUTE_MS, zone)) - minute
  let [oldMin, newMin] = [nowMin - AROUND_MIN, nowMin + AROUND_MIN]
  const oldAhead = ahead(oldMin)
  if (oldAhead <= ahead(newMin)) return undefined
  while (newMin - oldMin > 1) {
    const middle = Math.floor((oldMin + newMin) / 2)
    if (ahead(middle) === oldAhead) oldMin = middle
    else newMin = middle
  }
  return {
    atMs: newMin * MINUTE_MS,
    before: localTime(oldMin * MINUTE_MS, zone),
    after: localTime(newMin * MINUTE_MS, zone),
  }
}

const calendars = new Map<string, Intl.DateTimeFormat>()

/** Making one takes as long as a second of a whole depot. */
function calendarOf(zone: string): Intl.DateTimeFormat {
  const known = calendars.get(zone)
  if (known) return known
  const calendar = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  calendars.set(zone, calendar)
  return calendar
}

function localTime(wallMs: number, zone: string): LocalTime {
  const text = calendarOf(zone).format(wallMs)
  // 01/05/2026, 12:00
  const [date = '', time = ''] = text.split(/,? /)
  const [month = '', ofMonth = '', year = ''] = date.split('/')
  return { minutes: minutesOf(time), day: dayOf(`${year}-${month}-${ofMonth}`) }
}
