/** The scenario file. Beside `settings`, which is the configuration file of the process. */
import { z } from 'zod'
import type { JsonSchema } from '../../config/json-schema.js'
import { phaseCurrent } from '../../config/depot-fields.js'
import { behaviourShape } from './behaviour-keys.js'
import { carsSchema } from './car-keys.js'
import { expectationSchema } from './expectation-keys.js'
import { faultSchema, someChargers } from './fault-keys.js'
import { RANDOM_FAULTS } from './random-faults.js'
import { siteSchema } from './site-keys.js'
import { duration, point, positiveDuration, start } from './times.js'

const baseLoadSchema = z
  .strictObject({
    low_a: z
      .number()
      .min(-100_000)
      .max(100_000)
      .optional()
      .describe('It moves over the day from this; below 0 something there feeds in'),
    high_a: z.number().min(0).max(100_000).optional().describe('... to this, A on each phase'),
    step: positiveDuration
      .optional()
      .describe('... with appliances that switch so often; default 60s'),
    steps: z
      .array(
        z.strictObject({
          at: point.describe('From then on'),
          current_a: phaseCurrent.describe('A on each phase: one number or [l1, l2, l3]'),
        }),
      )
      .min(1)
      .max(10_000)
      .optional()
      .describe('Or it is stated over time'),
  })
  .superRefine(({ low_a: lowA, high_a: highA, step, steps }, context) => {
    const issue = (message: string): void => context.addIssue({ code: 'custom', message })
    const moves = (lowA ?? highA ?? step) !== undefined
    if (steps && moves) issue('has "steps" beside "low_a" and "high_a": state one of them')
    if (steps || (lowA !== undefined && highA !== undefined && lowA <= highA)) return
    issue('must state low_a and high_a with low_a <= high_a, or steps')
  })

export const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(200).optional().describe('Default: the name of the file'),
  seed: z
    .union([z.int().min(0), z.string().min(1).max(200)], {
      error: 'must be a whole number or text',
    })
    .default(1)
    .describe('Which cars and random faults come when; --seed goes over it'),
  duration: positiveDuration.describe('How long it runs'),
  quiet: duration
    .default(0)
    .describe('The last part, without random faults, in which everything must come right'),
  start: start
    .prefault('2026-01-05T00:00')
    .describe('Wall time of the start, in the zone of the site unless an offset is stated'),
  latency_ms: z
    .tuple([z.int().min(0).max(60_000), z.int().min(0).max(60_000)], {
      error: 'must be a list of two: from, to',
    })
    .default([5, 40])
    .describe('Of one message, one way'),
  site: siteSchema.optional().describe('The short form of a depot'),
  settings: z
    .record(z.string(), z.unknown(), { error: 'must hold the sections of a configuration file' })
    .optional()
    .describe(
      'The keys of a configuration file: site, ocpp, balancing, meters, limit_sources, depot; ' +
        'beside the short form all but depot',
    ),
  chargers: z
    .array(z.strictObject({ charger: someChargers, ...behaviourShape }))
    .max(1000)
    .default([])
    .describe('Chargers that do not behave as they should, from the start'),
  cars: carsSchema.prefault({}).describe('Who comes to charge'),
  base_load: baseLoadSchema.optional().describe('What the site draws beside the cars'),
  limits: z
    .array(
      z.strictObject({
        at: point.describe('From then on'),
        limit_a: z.number().min(0).max(100_000).describe('A per phase'),
      }),
    )
    .max(10_000)
    .default([])
    .describe('What the source of the grid limit states'),
  faults: z.array(faultSchema).max(10_000).default([]).describe('What goes wrong, and when'),
  random_faults: z
    .strictObject({
      per_hour: z.number().min(0).max(3600).describe('On average, over all chargers'),
      of: z
        .array(z.enum(RANDOM_FAULTS))
        .min(1)
        .default([...RANDOM_FAULTS])
        .describe('Of these kinds; default: all'),
      lasting: z
        .tuple([positiveDuration, positiveDuration], { error: 'must be a list of two: from, to' })
        .default([10_000, 300_000])
        .describe('What has an end ends after so long; default [10s, 5m]'),
    })
    .optional()
    .describe('More of it, by the seed'),
  expect: z.array(expectationSchema).max(1000).default([]).describe('What the run must show'),
})

export type ScenarioKeys = z.output<typeof scenarioSchema>

let made: JsonSchema | undefined

/** For editors, for the names of known keys, and for the table in the documentation. */
export function scenarioJsonSchema(): JsonSchema {
  made ??= { title: 'Yardmaster scenario', ...z.toJSONSchema(scenarioSchema, { io: 'input' }) }
  return made
}
