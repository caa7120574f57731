/** Instants from local times. Pure: Intl reads the zone table, not the clock. */
import { daysIn, daysSinceEpoch } from '../../core/calendar.js'

const DAY_S = 86_400

/** As stated in a file: with an offset it is an instant, without one it is local. */
export interface StatedStart {
  /** As if the local time were UTC. */
  readonly localMs: number
  /** Undefined: in the zone of the site. */
  readonly offsetMs: number | undefined
}

const START =
  /^(\d{4})-(\d{2})-(\d{2})[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(Z|[+-]\d{2}:\d{2})?$/

/** Undefined: not a date with a time. */
export function statedStart(text: string): StatedStart | undefined {
  const match = START.exec(text)
  if (!match) return undefined
  const [year, month, day, hours, minutes, seconds] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  const secondOfDay = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)
  const localMs = (daysSinceEpoch(year, month, day) * DAY_S + secondOfDay) * 1000
  return { localMs, offsetMs: statedOffset(match[7]) }
}

export function startInstant({ localMs, offsetMs }: StatedStart, zone: string): number {
  return offsetMs === undefined ? instantOfLocal(localMs, zone) : localMs - offsetMs
}

/** The first instant at or after `fromMs` at which clocks in `zone` show this time of day. */
export function nextTimeOfDay(fromMs: number, secondOfDay: number, zone: string): number {
  const localMs = fromMs + zoneOffsetMs(fromMs, zone)
  const midnightMs = Math.floor(localMs / (DAY_S * 1000)) * DAY_S * 1000
  const todayMs = instantOfLocal(midnightMs + secondOfDay * 1000, zone)
  if (todayMs >= fromMs) return todayMs
  return instantOfLocal(midnightMs + (DAY_S + secondOfDay) * 1000, zone)
}

/** `HH:MM:SS`, with a day before it (`+1d`) once midnight has passed. */
export function localClockText(startMs: number, elapsedMs: number, zone: string): string {
  const localStartMs = startMs + zoneOffsetMs(startMs, zone)
  const localMs = startMs + elapsedMs + zoneOffsetMs(startMs + elapsedMs, zone)
  const day = Math.floor(localMs / (DAY_S * 1000)) - Math.floor(localStartMs / (DAY_S * 1000))
  const second = Math.floor(localMs / 1000) % DAY_S
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const clock = `${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}`
  return day === 0 ? clock : `+${day}d ${clock}`
}

/** In an hour that is there twice the first one; in one that is skipped the same time later. */
function instantOfLocal(localMs: number, zone: string): number {
  const guessMs = localMs - zoneOffsetMs(localMs, zone)
  const before = localMs - zoneOffsetMs(guessMs - 3 * 3_600_000, zone)
  if (before + zoneOffsetMs(before, zone) === localMs) return before
  const after = localMs - zoneOffsetMs(guessMs + 3 * 3_600_000, zone)
  return after + zoneOffsetMs(after, zone) === localMs ? after : before
}

const formats = new Map<string, Intl.DateTimeFormat>()

function zoneOffsetMs(instantMs: number, zone: string): number {
  const secondMs = Math.floor(instantMs / 1000) * 1000
  const parts = format(zone).formatToParts(secondMs)
  const part = (type: string): number =>
    Number(parts.find((one) => one.type === type)?.value ?? Number.NaN)
  const days = daysSinceEpoch(part('year'), part('month'), part('day'))
  const secondOfDay = part('hour') * 3600 + part('minute') * 60 + part('second')
  return (days * DAY_S + secondOfDay) * 1000 - secondMs
}

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  })
  formats.set(zone, made)
  return made
}

function statedOffset(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (text === 'Z') return 0
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4))
  return (text.startsWith('-') ? -minutes : minutes) * 60_000
}
