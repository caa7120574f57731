/** Which entries of a schedule count, judged in words of its own: it must not err with the core. */
import type { LimitWindow, Weekday } from '../../core/schedule/windows.js'
import { statedStart } from '../scenario-file/wall-time.js'

/** Of the rarest kind that there is now, by the calendar of the zone. */
export function windowsInForce(
  windows: readonly LimitWindow[],
  wallMs: number,
  zone: string,
): readonly LimitWindow[] {
  const time = localTime(wallMs, zone)
  const now = windows.filter((window) => isInForce(window, time))
  const kinds = (['event', 'exception', 'weekly', 'default'] as const).map((kind) =>
    now.filter((window) => (window.kind ?? 'weekly') === kind),
  )
  return kinds.find((ofKind) => ofKind.length > 0) ?? []
}

const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** `from` inclusive, `to` exclusive. */
function isInForce(window: LimitWindow, { weekday, minutes, day }: LocalTime): boolean {
  if (window.kind === 'event') {
    const minuteOfEvent = (at: string): number => dayOf(at) * 1440 + minutesOf(at.slice(11))
    const now = day * 1440 + minutes
    return now >= minuteOfEvent(window.from) && now < minuteOfEvent(window.to)
  }
  const starts = minutesOf(window.from)
  const ends = minutesOf(window.to)
  const on = (daysBefore: number): boolean =>
    isOn(window, WEEKDAYS[(weekday + 7 - daysBefore) % 7] ?? 'sun', day - daysBefore)
  if (starts < ends) return on(0) && minutes >= starts && minutes < ends
  return (on(0) && minutes >= starts) || (on(1) && minutes < ends)
}

function isOn({ days, season, dates }: LimitWindow, weekday: Weekday, day: number): boolean {
  if (days !== undefined && !days.includes(weekday)) return false
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
  readonly weekday: number
  readonly minutes: number
  /** Days since 1970. */
  readonly day: number
}

const calendars = new Map<string, Intl.DateTimeFormat>()

/** Making one takes as long as a second of a whole depot. */
function calendarOf(zone: string): Intl.DateTimeFormat {
  const known = calendars.get(zone)
  if (known) return known
  const calendar = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
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
  // Mon, 01/05/2026, 12:00
  const [name = '', date = '', time = ''] = text.split(/,? /)
  const weekday = WEEKDAYS.findIndex((one) => one === name.toLowerCase())
  const [month = '', ofMonth = '', year = ''] = date.split('/')
  return { weekday, minutes: minutesOf(time), day: dayOf(`${year}-${month}-${ofMonth}`) }
}
