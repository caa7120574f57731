/** A limit over time, as REST, the YAML file and the store write it. */
import { z } from 'zod'
import type { PhaseA } from '../core/phases.js'
import type { LimitWindow } from '../core/schedule/windows.js'
import type { PhaseCurrent } from './depot-fields.js'
import { oneOf, phaseCurrent, powerKw } from './depot-fields.js'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const start = 'must be a time from 00:00 to 23:59 (HH:MM)'
const end = 'must be a time from 00:00 to 24:00 (HH:MM)'

export const limitWindowSchema = z
  .strictObject({
    days: z
      .array(oneOf(DAYS), { error: 'must be a list of days such as ["mon", "tue"]' })
      .min(1, { error: 'must name a day; leave it out for every day' })
      .max(7, { error: 'must name each day at most once' })
      .nullish()
      .describe('Days on which the window starts; every day if left out'),
    from: z
      .string({ error: start })
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: start })
      .describe('Local time HH:MM, inclusive'),
    to: z
      .string({ error: end })
      .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: end })
      .describe('Local time HH:MM, exclusive; at or before `from` it is on the next day'),
    max_power_kw: powerKw.nullish(),
    max_current_a: phaseCurrent.nullish(),
  })
  .refine((window) => (window.max_power_kw ?? window.max_current_a ?? null) !== null, {
    error: 'must limit something: max_power_kw, max_current_a or both',
  })
  .meta({ id: 'LimitWindow', description: 'A lower limit at certain times of the week' })

export type LimitWindowWire = z.infer<typeof limitWindowSchema>

export function windowFromWire(wire: LimitWindowWire): LimitWindow {
  const { days, from, to, max_power_kw: maxPowerKw, max_current_a: maxCurrentA } = wire
  return {
    ...(days && { days: DAYS.filter((day) => days.includes(day)) }),
    from,
    to,
    ...(typeof maxPowerKw === 'number' && { maxPowerKw }),
    ...(maxCurrentA !== undefined &&
      maxCurrentA !== null && { maxCurrentA: phasesFromWire(maxCurrentA) }),
  }
}

export function windowToWire(window: LimitWindow): LimitWindowWire {
  const { days, from, to, maxPowerKw, maxCurrentA } = window
  return {
    ...(days && { days: [...days] }),
    from,
    to,
    ...(maxPowerKw !== undefined && { max_power_kw: maxPowerKw }),
    ...(maxCurrentA && { max_current_a: phasesToWire(maxCurrentA) }),
  }
}

export function phasesFromWire(wire: PhaseCurrent): PhaseA {
  if (typeof wire === 'number') return [wire, wire, wire]
  return Array.isArray(wire) ? wire : [wire.l1, wire.l2, wire.l3]
}

export function phasesToWire([l1, l2, l3]: PhaseA): { l1: number; l2: number; l3: number } {
  return { l1, l2, l3 }
}
