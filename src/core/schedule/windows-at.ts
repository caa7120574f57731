/**
 * Which entries of a schedule rule at an instant. A level, never an edge: reboots, clock jumps and
 * DST need no catch-up. In a DST gap a window starts at the first valid instant, in an overlap it
 * lasts from the first occurrence of its start to the last of its end.
 */
import { datePlus } from './dates.js'
import { localTime, WEEKDAYS } from './local-time.js'
import type { LocalTime } from './local-time.js'
import { passOf } from './repeated-time.js'
import type { LimitWindow, Season, Weekday, WindowKind } from './windows.js'

/** Events before exceptions before weekly windows before the default; of equals all, the lowest binds. */
export function windowsAt(
  windows: readonly LimitWindow[],
  instantMs: number,
  zone: string,
): readonly LimitWindow[] {
  if (windows.length === 0) return windows
  const minute = Math.floor(instantMs / MINUTE_MS)
  const ofThese = recent.get(windows) ?? []
  const known = ofThese.find((one) => one.minute === minute && one.zone === zone)
  if (known) return known.ruling
  const ruling = rulingAt(windows, instantMs, zone)
  recent.set(windows, [{ minute, zone, ruling }, ...ofThese.slice(0, RECENT_MAX - 1)])
  return ruling
}

/** `HH:MM`, also after a date. */
export function minuteOf(clock: string): number {
  return Number(clock.slice(-5, -3)) * 60 + Number(clock.slice(-2))
}

const MINUTE_MS = 60_000
/** A round of control asks for now and a little ahead, after a jump of the clock twice. */
const RECENT_MAX = 4
const recent = new WeakMap<
  readonly LimitWindow[],
  readonly {
    readonly minute: number
    readonly zone: string
    readonly ruling: readonly LimitWindow[]
  }[]
>()

function rulingAt(
  windows: readonly LimitWindow[],
  instantMs: number,
  zone: string,
): readonly LimitWindow[] {
  const time = localTime(instantMs, zone)
  const ruling = strongest(windows.filter((window) => contains(window, time)))
  const pass = passOf(instantMs, zone)
  if (pass.length === 0) return ruling
  // The lower of both readings of a time that comes twice.
  const times = pass.map((ms) => localTime(ms, zone))
  const around = windows.filter((window) => times.some((one) => contains(window, one)))
  return [...new Set([...ruling, ...strongest(around)])]
}

const RANK: Readonly<Record<WindowKind, number>> = { default: 0, weekly: 1, exception: 2, event: 3 }

function strongest(holding: readonly LimitWindow[]): readonly LimitWindow[] {
  let rank = 0
  for (const window of holding) if (!isUndated(window)) rank = Math.max(rank, rankOf(window))
  return holding.filter((window) => isUndated(window) || rankOf(window) === rank)
}

function rankOf({ kind = 'weekly' }: LimitWindow): number {
  return RANK[kind]
}

/** Its list of holidays is not there: it may be today, and replaces nothing. */
function isUndated({ holidays }: LimitWindow): boolean {
  return holidays !== undefined
}

interface LocalDay {
  readonly weekday: Weekday
  readonly date: string
}

function contains(window: LimitWindow, time: LocalTime): boolean {
  if (window.kind === 'event') {
    const now = `${time.date}T${clockText(time.minuteOfDay)}`
    return window.from <= now && now < window.to
  }
  const { minuteOfDay } = time
  const from = minuteOf(window.from)
  const to = minuteOf(window.to)
  if (from < to) return minuteOfDay >= from && minuteOfDay < to && isOn(window, time)
  // Past midnight: the part after midnight belongs to the day before.
  if (minuteOfDay >= from) return isOn(window, time)
  return minuteOfDay < to && isOn(window, dayBefore(time))
}

function isOn({ days, season, dates, holidays }: LimitWindow, day: LocalDay): boolean {
  if (days && !days.includes(day.weekday)) return false
  if (season && !isInSeason(season, day.date)) return false
  return holidays !== undefined || !dates || dates.some((entry) => isDate(entry, day.date))
}

function isInSeason({ from, to }: Season, date: string): boolean {
  // `MM-DD` is compared with the end of the date, of each year.
  const day = date.slice(-from.length)
  return from <= to ? day >= from && day <= to : day >= from || day <= to
}

function isDate(entry: string, date: string): boolean {
  const [first = '', last = first] = entry.split('/')
  return date >= first && date <= last
}

function dayBefore({ weekday, date }: LocalDay): LocalDay {
  return {
    weekday: WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7] ?? 'sun',
    date: datePlus(date, -1),
  }
}

function clockText(minuteOfDay: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${two(minuteOfDay / 60)}:${two(minuteOfDay % 60)}`
}
