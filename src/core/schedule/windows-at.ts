/**
 * Which windows contain an instant. A level, never an edge: reboots, clock jumps and DST need no
 * catch-up. In a DST gap a window starts at the first valid instant, in an overlap it covers both.
 */
import { localTime, WEEKDAYS } from './local-time.js'
import type { LocalTime } from './local-time.js'
import type { LimitWindow, Weekday } from './windows.js'

export function windowsAt(
  windows: readonly LimitWindow[],
  instantMs: number,
  zone: string,
): readonly LimitWindow[] {
  if (windows.length === 0) return windows
  const time = localTime(instantMs, zone)
  return windows.filter((window) => contains(window, time))
}

/** `HH:MM`. */
export function minuteOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
}

function contains(window: LimitWindow, { weekday, minuteOfDay }: LocalTime): boolean {
  const from = minuteOf(window.from)
  const to = minuteOf(window.to)
  if (from < to) return isOn(window, weekday) && minuteOfDay >= from && minuteOfDay < to
  // Past midnight: the part after midnight belongs to the day before.
  if (minuteOfDay >= from) return isOn(window, weekday)
  return minuteOfDay < to && isOn(window, dayBefore(weekday))
}

function isOn(window: LimitWindow, weekday: Weekday): boolean {
  return window.days === undefined || window.days.includes(weekday)
}

function dayBefore(weekday: Weekday): Weekday {
  return WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7] ?? 'sun'
}
