/** When a vehicle leaves next. A level: asked at any instant, with no memory of the last answer. */
import { dayNumber } from '../schedule/dates.js'
import { WEEKDAYS } from '../schedule/local-time.js'
import { instantOf, localDay, weekdayOf } from '../schedule/local-instant.js'
import { minuteOf } from '../schedule/windows-at.js'
import type { Target, Vehicle } from '../site/vehicle.js'

export interface Departure {
  /** Wall ms. */
  readonly atMs: number
  /** What it must have by then; undefined: nobody says. */
  readonly target: Target | undefined
}

/** The calendar repeats; one-off departures further ahead are found when their week has come. */
const DAYS_AHEAD = 8

interface Found {
  readonly afterMs: number
  readonly departure: Departure | undefined
  /** The same answer is right until then. */
  readonly untilMs: number
}

/** By zone. A vehicle is replaced, never changed: what was found of it stays true. */
const found = new WeakMap<Vehicle, Map<string, Found>>()

/** The first departure after that instant; undefined: none within a week. */
export function nextDeparture(
  vehicle: Vehicle,
  afterMs: number,
  zone: string,
): Departure | undefined {
  if (vehicle.departures.length === 0 && vehicle.oneOffDepartures.length === 0) return undefined
  const ofVehicle = found.get(vehicle) ?? new Map<string, Found>()
  const known = ofVehicle.get(zone)
  if (known && afterMs >= known.afterMs && afterMs < known.untilMs) return known.departure
  const today = localDay(afterMs, zone)
  const departure = search(vehicle, today, afterMs, zone)
  const tomorrowMs = instantOf(today + 1, 0, zone)
  const untilMs = Math.min(departure?.atMs ?? tomorrowMs, tomorrowMs)
  found.set(vehicle, ofVehicle.set(zone, { afterMs, departure, untilMs }))
  return departure
}

function search(
  vehicle: Vehicle,
  today: number,
  afterMs: number,
  zone: string,
): Departure | undefined {
  for (let day = today; day < today + DAYS_AHEAD; day++) {
    const departures = onDay(vehicle, day)
      .map(({ time, target }) => ({ atMs: instantOf(day, minuteOf(time), zone), target }))
      .filter(({ atMs }) => atMs > afterMs)
      .toSorted((a, b) => a.atMs - b.atMs)
    const [first] = departures
    if (first) return first
  }
  return undefined
}

function onDay(
  vehicle: Vehicle,
  day: number,
): readonly { readonly time: string; readonly target: Target | undefined }[] {
  const oneOffs = vehicle.oneOffDepartures.filter(({ date }) => dayNumber(date) === day)
  if (oneOffs.length > 0) {
    return oneOffs.flatMap(({ time, target }) =>
      time === undefined ? [] : [{ time, target: target ?? vehicle.target }],
    )
  }
  const weekday = WEEKDAYS[weekdayOf(day)] ?? 'mon'
  return vehicle.departures
    .filter(({ days }) => days === undefined || days.includes(weekday))
    .map(({ time, target }) => ({ time, target: target ?? vehicle.target }))
}
