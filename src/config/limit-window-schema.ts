/** A limit over time, as REST, the YAML file and the store write it. */
import { z } from 'zod'
import type { PhaseA } from '../core/phases.js'
import type { ClassCeiling, LimitWindow } from '../core/schedule/windows.js'
import type { PhaseCurrent } from './depot-fields.js'
import {
  currentA,
  flag,
  objectId,
  objectName,
  oneOf,
  phaseCurrent,
  powerKw,
  priority,
} from './depot-fields.js'
import {
  checkWindow,
  DATES,
  DAY_OF_YEAR,
  kindOf,
  TIME_FROM,
  TIME_TO,
} from './limit-window-checks.js'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const start = 'must be a time from 00:00 to 23:59 (HH:MM)'
const end = 'must be a time from 00:00 to 24:00 (HH:MM)'
const dates = 'must be dates (2026-12-24) or ranges of dates (2026-12-24/2027-01-06)'
const dayOfYear = 'must be a day of each year (11-01) or a date (2026-11-01)'

export const limitWindowSchema = z
  .strictObject({
    name: objectName.nullish().describe('For people: it is in the reasons of the offers'),
    days: z
      .array(oneOf(DAYS), { error: 'must be a list of days such as ["mon", "tue"]' })
      .min(1, { error: 'must name a day; leave it out for every day' })
      .max(7, { error: 'must name each day at most once' })
      .nullish()
      .describe('Days on which the window starts; every day if left out'),
    season: z
      .strictObject({
        from: z.string({ error: dayOfYear }).regex(DAY_OF_YEAR, { error: dayOfYear }),
        to: z.string({ error: dayOfYear }).regex(DAY_OF_YEAR, { error: dayOfYear }),
      })
      .nullish()
      .describe('Only from this day to that, both included; MM-DD of each year, or YYYY-MM-DD'),
    dates: z
      .array(z.string({ error: dates }).regex(DATES, { error: dates }), { error: dates })
      .min(1, { error: 'must name a date' })
      .max(400, { error: 'must hold at most 400 dates: use ranges, or a list of holidays' })
      .nullish()
      .describe('Makes it an exception: on these days it replaces the windows of the week'),
    holidays: objectId
      .nullish()
      .describe('The same on the days of this list of "holidays" in the configuration file'),
    from: z
      .string({ error: start })
      .regex(TIME_FROM, { error: start })
      .nullish()
      .describe(
        'Local time HH:MM, inclusive; with a date (2026-06-14T16:00) it is a single event, which ' +
          'replaces all else while it lasts',
      ),
    to: z
      .string({ error: end })
      .regex(TIME_TO, { error: end })
      .nullish()
      .describe('Local time HH:MM, exclusive; at or before `from` it is on the next day'),
    max_power_kw: powerKw.nullish(),
    max_current_a: phaseCurrent.nullish(),
    ceilings: z
      .array(
        z.strictObject({
          from_priority: priority.describe('Of this priority, and up to the next ceiling'),
          max_current_a: currentA.describe('At most this for all of them together, A per phase'),
        }),
        { error: 'must be a list of {"from_priority":, "max_current_a":}' },
      )
      .min(1, { error: 'must hold a ceiling; leave it out for none' })
      .max(20, { error: 'must hold at most 20 ceilings' })
      .nullish()
      .describe('What sessions of each class of priorities may draw; below the first: nothing'),
    no_limit: flag.nullish().describe('true: then only the own limits of the node hold'),
  })
  .superRefine((window, context) => {
    for (const { path, message } of checkWindow(window)) {
      context.addIssue({ code: 'custom', path: [...path], message })
    }
  })
  .meta({
    id: 'LimitWindow',
    description:
      'A limit at certain times. Without from, to, days and season it is the default, for all ' +
      'times at which nothing else holds. Events go before exceptions (dates, holidays) before ' +
      'windows of the week before the default; of equals the lowest binds.',
  })

export type LimitWindowWire = z.infer<typeof limitWindowSchema>

const MAX_WINDOWS = 100

export const scheduleSchema = z
  .array(limitWindowSchema, { error: 'must be a list of limit windows' })
  .max(MAX_WINDOWS, { error: `must hold at most ${MAX_WINDOWS} windows` })
  .superRefine((windows, context) => {
    const defaults = [...windows.keys()].filter((at) => {
      const window = windows[at]
      return window !== undefined && kindOf(window) === 'default'
    })
    for (const at of defaults.slice(1)) {
      const message =
        `is a second default beside entry ${defaults[0] ?? 0}: state when it holds ` +
        '(from and to, days, season, dates or holidays), or remove one'
      context.addIssue({ code: 'custom', path: [at], message })
    }
  })

export function windowFromWire(wire: LimitWindowWire): LimitWindow {
  const { name, days, season, dates: on, holidays, max_power_kw: maxPowerKw } = wire
  const { max_current_a: maxCurrentA, ceilings } = wire
  const kind = kindOf(wire)
  return {
    ...(kind !== 'weekly' && { kind }),
    ...(typeof name === 'string' && { name }),
    ...(days && { days: DAYS.filter((day) => days.includes(day)) }),
    ...(season && { season }),
    ...(on && { dates: on }),
    ...(typeof holidays === 'string' && { holidays }),
    from: wire.from ?? '00:00',
    to: wire.to ?? '24:00',
    ...(typeof maxPowerKw === 'number' && { maxPowerKw }),
    ...(maxCurrentA !== undefined &&
      maxCurrentA !== null && { maxCurrentA: phasesFromWire(maxCurrentA) }),
    ...(ceilings && { ceilings: ceilings.map(ceilingFromWire).toSorted(byPriority) }),
  }
}

function ceilingFromWire(wire: { from_priority: number; max_current_a: number }): ClassCeiling {
  return { fromPriority: wire.from_priority, maxCurrentA: wire.max_current_a }
}

function byPriority(a: ClassCeiling, b: ClassCeiling): number {
  return a.fromPriority - b.fromPriority
}

export function windowToWire(window: LimitWindow): LimitWindowWire {
  const { kind, name, days, season, dates: on, holidays, from, to } = window
  const { maxPowerKw, maxCurrentA, ceilings } = window
  const isUnlimited = (maxPowerKw ?? maxCurrentA ?? ceilings) === undefined
  return {
    ...(name !== undefined && { name }),
    ...(days && { days: [...days] }),
    ...(season && { season }),
    ...(on && { dates: [...on] }),
    ...(holidays !== undefined && { holidays }),
    ...(kind !== 'default' && { from, to }),
    ...(maxPowerKw !== undefined && { max_power_kw: maxPowerKw }),
    ...(maxCurrentA && { max_current_a: phasesToWire(maxCurrentA) }),
    ...(ceilings && {
      ceilings: ceilings.map(({ fromPriority, maxCurrentA: limitA }) => ({
        from_priority: fromPriority,
        max_current_a: limitA,
      })),
    }),
    ...(isUnlimited && { no_limit: true }),
  }
}

export function phasesFromWire(wire: PhaseCurrent): PhaseA {
  if (typeof wire === 'number') return [wire, wire, wire]
  return Array.isArray(wire) ? wire : [wire.l1, wire.l2, wire.l3]
}

export function phasesToWire([l1, l2, l3]: PhaseA): { l1: number; l2: number; l3: number } {
  return { l1, l2, l3 }
}
