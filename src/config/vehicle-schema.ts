/** A vehicle as REST, the YAML file and the store write it, and the way to the domain type and back. */
import { z } from 'zod'
import type { OneOffDeparture, Target, Vehicle, WeeklyDeparture } from '../core/site/vehicle.js'
import {
  currentA,
  energyKwh,
  idTagText,
  objectId,
  objectName,
  percent,
  priority,
  weekdays,
  WEEKDAYS,
} from './depot-fields.js'

const time = 'must be a time from 00:00 to 23:59 (HH:MM)'
const date = 'must be a date (YYYY-MM-DD)'

const clockTime = z
  .string({ error: time })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: time })
  .describe('Local time HH:MM')

const target = {
  target_soc: percent.nullish().describe('State of charge it leaves with, %'),
  target_kwh: energyKwh.nullish().describe('Energy of the session by then, kWh'),
}
const ONE_TARGET = 'must have one target: target_soc or target_kwh'

export const weeklyDepartureSchema = z
  .strictObject({
    days: weekdays.nullish().describe('Every day if left out'),
    time: clockTime,
    ...target,
  })
  .refine(hasOneTarget, { error: ONE_TARGET })
  .meta({ id: 'WeeklyDeparture', description: 'When a vehicle leaves, week by week' })

export const oneOffDepartureSchema = z
  .strictObject({
    date: z
      .string({ error: date })
      .regex(/^\d{4}-\d\d-\d\d$/, { error: date })
      .describe('Local date YYYY-MM-DD; the weekly departures do not hold on it'),
    time: clockTime.nullish().describe('Local time HH:MM; left out: it stays all day'),
    ...target,
  })
  .refine(hasOneTarget, { error: ONE_TARGET })
  .meta({ id: 'OneOffDeparture', description: 'When a vehicle leaves on one day' })

/** What REST takes for a vehicle; the store and the YAML file add the id. */
export const vehicleFieldsSchema = z.strictObject({
  name: objectName,
  id_tags: z
    .array(idTagText, { error: 'must be a list of id tags' })
    .max(20, { error: 'must hold at most 20 id tags' })
    .nullish()
    .describe('Its sessions are known by them; compared without case'),
  battery_kwh: energyKwh
    .gt(0, { error: 'must be above 0 (kWh)' })
    .nullish()
    .describe('Usable size of the battery, kWh'),
  max_current_a: currentA.nullish().describe('The most it takes, A per phase'),
  phases: z
    .literal([1, 2, 3], { error: 'must be 1, 2 or 3' })
    .nullish()
    .describe('Phases it charges on'),
  priority: priority
    .nullish()
    .describe('Before that of its id tag, its charger and its group; higher is better'),
  target_soc: percent.nullish().describe('Where a departure states no target, %'),
  target_kwh: energyKwh.nullish().describe('Where a departure states no target, kWh'),
  departures: z
    .array(weeklyDepartureSchema, { error: 'must be a list of departures' })
    .max(50, { error: 'must hold at most 50 departures' })
    .nullish()
    .describe('When it leaves, week by week, in the zone of the site'),
  one_off_departures: z
    .array(oneOffDepartureSchema, { error: 'must be a list of departures' })
    .max(400, { error: 'must hold at most 400 departures' })
    .nullish()
    .describe('Dates on which the weekly departures do not hold, but these'),
})

export const vehicleSchema = vehicleFieldsSchema.extend({ id: objectId })

export type VehicleWire = z.infer<typeof vehicleSchema>
type TargetWire = { readonly target_soc?: unknown; readonly target_kwh?: unknown }

function hasOneTarget({ target_soc: soc, target_kwh: kwh }: TargetWire): boolean {
  return (soc ?? null) === null || (kwh ?? null) === null
}

/** Across the fields of the vehicle itself; undefined: nothing is wrong. */
export function vehicleProblem(wire: TargetWire): string | undefined {
  return hasOneTarget(wire) ? undefined : ONE_TARGET
}

export function vehicleFromWire(wire: VehicleWire): Vehicle {
  const { battery_kwh: batteryKwh, max_current_a: maxCurrentA, phases, priority: own } = wire
  return {
    id: wire.id,
    name: wire.name,
    idTags: wire.id_tags ?? [],
    ...(typeof batteryKwh === 'number' && { batteryKwh }),
    ...(typeof maxCurrentA === 'number' && { maxCurrentA }),
    ...(typeof phases === 'number' && { phases }),
    ...(typeof own === 'number' && { priority: own }),
    ...targetFromWire(wire),
    departures: (wire.departures ?? []).map(weeklyFromWire),
    oneOffDepartures: (wire.one_off_departures ?? []).map(oneOffFromWire),
  }
}

export function vehicleToWire(vehicle: Vehicle): VehicleWire {
  const { batteryKwh, maxCurrentA, phases, priority: own } = vehicle
  return {
    id: vehicle.id,
    name: vehicle.name,
    id_tags: [...vehicle.idTags],
    ...(batteryKwh !== undefined && { battery_kwh: batteryKwh }),
    ...(maxCurrentA !== undefined && { max_current_a: maxCurrentA }),
    ...(phases !== undefined && { phases }),
    ...(own !== undefined && { priority: own }),
    ...targetToWire(vehicle.target),
    departures: vehicle.departures.map(weeklyToWire),
    one_off_departures: vehicle.oneOffDepartures.map(oneOffToWire),
  }
}

/** The fields of a vehicle after a change, still to be checked. Null clears. */
export function vehicleFieldsAfter(
  before: Vehicle | undefined,
  change: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!before) return change
  const { id: _, target_soc: soc, target_kwh: kwh, ...fields } = vehicleToWire(before)
  // A target in one unit takes the place of one in the other.
  const isNew = isStated(change['target_soc']) || isStated(change['target_kwh'])
  return { ...fields, ...(!isNew && { target_soc: soc, target_kwh: kwh }), ...change }
}

function isStated(value: unknown): boolean {
  return value !== undefined && value !== null
}

function weeklyFromWire(wire: z.infer<typeof weeklyDepartureSchema>): WeeklyDeparture {
  const { days } = wire
  return {
    ...(days && { days: WEEKDAYS.filter((day) => days.includes(day)) }),
    time: wire.time,
    ...targetFromWire(wire),
  }
}

function weeklyToWire(departure: WeeklyDeparture): z.infer<typeof weeklyDepartureSchema> {
  const { days, time: at } = departure
  return { ...(days && { days: [...days] }), time: at, ...targetToWire(departure.target) }
}

function oneOffFromWire(wire: z.infer<typeof oneOffDepartureSchema>): OneOffDeparture {
  return {
    date: wire.date,
    ...(typeof wire.time === 'string' && { time: wire.time }),
    ...targetFromWire(wire),
  }
}

function oneOffToWire(departure: OneOffDeparture): z.infer<typeof oneOffDepartureSchema> {
  const { date: on, time: at } = departure
  return { date: on, ...(at !== undefined && { time: at }), ...targetToWire(departure.target) }
}

function targetFromWire(wire: TargetWire): { readonly target?: Target } {
  const { target_soc: soc, target_kwh: kwh } = wire
  if (typeof soc === 'number') return { target: { type: 'soc', soc } }
  return typeof kwh === 'number' ? { target: { type: 'energy', energyWh: wattHours(kwh) } } : {}
}

/** Of a session: a target takes the place of the other kind, null clears, undefined stays. */
export function sessionTarget(
  kwh: number | null | undefined,
  soc: number | null | undefined,
): Target | null | undefined {
  if (typeof kwh === 'number') return { type: 'energy', energyWh: wattHours(kwh) }
  if (typeof soc === 'number') return { type: 'soc', soc }
  return kwh === null || soc === null ? null : undefined
}

function targetToWire(one: Target | undefined): {
  readonly target_soc?: number
  readonly target_kwh?: number
} {
  if (!one) return {}
  return one.type === 'soc' ? { target_soc: one.soc } : { target_kwh: one.energyWh / 1000 }
}

/** Whole: 16.1 kWh must come back as 16.1. */
function wattHours(kwh: number): number {
  return Math.round(kwh * 1000)
}
