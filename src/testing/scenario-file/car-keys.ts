/** Cars, as a scenario file states them. */
import { z } from 'zod'
import type { TrafficOptions } from '../car-traffic.js'
import type { EvOptions } from '../simulated-ev.js'
import { stated } from './behaviour-keys.js'
import { duration, point, positiveDuration } from './times.js'

const phases = z.literal([1, 2, 3], { error: 'must be 1, 2 or 3' })
const current = z.number().min(1).max(1000)
const energy = z.number().min(0.01).max(10_000)

/** What traffic and single cars have in common. */
const carShape = {
  min_current_a: current.optional().describe('Offered less it draws nothing; default 6'),
  taper_share: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Last part of its need, over which the current falls; default 0.2'),
  wake_up: duration.optional().describe('From an offer to the first ampere; default 4s'),
  sleeps_after: duration
    .optional()
    .describe('Without an offer for so long it sleeps until plugged in again; default never'),
  wakes_only_by_replug: z
    .boolean()
    .optional()
    .describe('Once it drew and lost its offer it sleeps until plugged in again'),
  delays_stop: duration.optional().describe('Goes on for so long after its offer fell; up to 5s'),
  oscillates: z
    .strictObject({ by_a: current.describe('Down by this'), period: positiveDuration })
    .optional()
    .describe('Its draw swings'),
  changes_phases: z
    .strictObject({ after_kwh: energy, to: phases })
    .optional()
    .describe('Goes on with other phases after so much energy'),
  suspends: z
    .strictObject({
      after: duration.describe('So long after it was plugged in'),
      for: positiveDuration.describe('... it draws nothing for so long'),
    })
    .optional()
    .describe('It pauses by itself, its transaction goes on'),
  overdraw_a: z.number().min(0).max(1000).optional().describe('Draws this much over its offer'),
}

export const trafficSchema = z.strictObject({
  gap: range(duration).optional().describe('A place stays free so long; default [1m, 1h]'),
  stay: range(duration).optional().describe('A car stays so long; default [30m, 8h]'),
  energy_kwh: range(energy).optional().describe('What it needs; default [5, 60]'),
  max_current_a: z
    .array(current)
    .min(1)
    .optional()
    .describe('One of these, A per phase; default [10, 16, 32]'),
  phases: z.array(phases).min(1).optional().describe('One of these; default [1, 2, 3, 3]'),
  ...carShape,
})

export const arrivalSchema = z.strictObject({
  at: point.describe('When it is plugged in'),
  charger: z.string().min(1).describe('Where'),
  connector: z.int().min(1).max(100).default(1),
  id_tag: z.string().min(1).max(20).optional().describe('Default: CAR and its number in the list'),
  energy_kwh: energy.describe('What it needs'),
  max_current_a: current.optional().describe('A per phase; default 16'),
  phases: phases.optional().describe('Default 3'),
  starts_after: duration
    .optional()
    .describe('It stands there without a transaction for so long: then its card is shown'),
  leaves_at: point.optional().describe('When it goes; default: it stays'),
  ...carShape,
})

export const carsSchema = z.strictObject({
  traffic: trafficSchema.optional().describe('Cars that come and go by themselves, by the seed'),
  arrivals: z
    .array(arrivalSchema)
    .max(10_000)
    .default([])
    .describe('Cars that come at stated times'),
})

type Traffic = z.output<typeof trafficSchema>
export type ArrivalKeys = z.output<typeof arrivalSchema>

export function trafficOf(keys: Traffic): TrafficOptions {
  const { energy_kwh: energyKwh } = keys
  return stated({
    gapMs: keys.gap,
    stayMs: keys.stay,
    energyNeedWh: energyKwh && ([energyKwh[0] * 1000, energyKwh[1] * 1000] as const),
    maxCurrentA: keys.max_current_a,
    phases: keys.phases,
    ev: commonOf(keys),
  })
}

export function evOf(keys: ArrivalKeys): EvOptions {
  return {
    energyNeedWh: keys.energy_kwh * 1000,
    ...stated({ maxCurrentA: keys.max_current_a, phases: keys.phases }),
    ...commonOf(keys),
  }
}

function commonOf(keys: Traffic | ArrivalKeys): Partial<EvOptions> {
  const { oscillates: swings, changes_phases: changes, suspends: pause } = keys
  return stated({
    minCurrentA: keys.min_current_a,
    taperShare: keys.taper_share,
    wakeUpMs: keys.wake_up,
    sleepsAfterMs: keys.sleeps_after,
    wakesOnlyByReplug: keys.wakes_only_by_replug,
    delaysStopMs: keys.delays_stop,
    oscillates: swings && { byA: swings.by_a, periodMs: swings.period },
    changesPhases: changes && { afterWh: changes.after_kwh * 1000, to: changes.to },
    suspends: pause && { afterMs: pause.after, forMs: pause.for },
    overdrawA: keys.overdraw_a,
  })
}

function range<Item extends z.ZodType>(item: Item) {
  return z.tuple([item, item], { error: 'must be a list of two: from, to' })
}
