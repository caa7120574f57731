/** Quirks of a charger as REST, the YAML file and the store write them. */
import { z } from 'zod'
import type { QuirkName, Quirks } from '../core/site/quirks.js'
import { currentA, flag, oneOf } from './depot-fields.js'

const seconds = (min: number, max: number) => {
  const error = `must be a whole number of seconds from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error }).nullish()
}

const shape = {
  purpose_order: z
    .array(oneOf(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']))
    .max(3)
    .nullish()
    .describe('Purposes in which limits are put to it, the best first'),
  kind: oneOf(['Absolute', 'Relative']).nullish().describe('Kind of profiles it follows'),
  unit: oneOf(['A', 'W']).nullish().describe('Unit of limits it follows'),
  stack_level: z
    .union([z.int().min(0).max(1000), z.literal('max')], {
      error: 'must be a whole number from 0 to 1000, or "max"',
    })
    .nullish()
    .describe('The only level it takes, or max: the highest two it knows'),
  number_phases: z
    .literal([1, 3], { error: 'must be 1 or 3' })
    .nullish()
    .describe('Sent with each limit'),
  limit_rounding: z
    .literal([0.1, 1], { error: 'must be 0.1 or 1' })
    .nullish()
    .describe('It rounds limits to this, A: 1 tells it whole amperes'),
  min_current_a: currentA.nullish().describe('Less is a pause, A per phase'),
  min_power_w: z
    .number({ error: 'must be a number from 0 to 1000000 (W)' })
    .min(0)
    .max(1_000_000)
    .nullish()
    .describe('Less is a pause, W over all phases; only of DC'),
  pause_method: oneOf(['zero', 'minimum', 'remote_stop'])
    .nullish()
    .describe(
      'How a session is paused. minimum: 0 would end it, so it keeps its least before others get ' +
        'theirs. remote_stop: so too, and where that is too much it is stopped',
    ),
  profile_duration_s: seconds(60, 3600).describe('Its offers expire by themselves after this'),
  profile_interval_min_s: seconds(0, 3600).describe('It is raised at most so often'),
  clear_on_connect: flag
    .nullish()
    .describe('Limits of the charge point that another back end left are cleared'),
  auto_remote_start: flag
    .nullish()
    .describe('It is told to start when a car comes, for its own_id_tag'),
  no_change_availability: flag.nullish().describe('It is not taken out of service'),
  measurands: z
    .array(z.string({ error: 'must be a text' }).min(1).max(50))
    .max(20)
    .nullish()
    .describe('The only ones it is asked to send'),
  meter_interval_min_s: seconds(1, 900).describe('It is asked for samples no more often'),
  poll_meter_values: flag.nullish().describe('Samples are asked for one by one'),
  skip_get_configuration_all: flag
    .nullish()
    .describe('It is asked for its settings by name, never for all'),
}

type WireName = keyof typeof shape

/** As it is written and as the program calls it. */
export const QUIRK_NAMES: readonly (readonly [WireName, QuirkName])[] = [
  ['purpose_order', 'purposeOrder'],
  ['kind', 'kind'],
  ['unit', 'unit'],
  ['stack_level', 'stackLevel'],
  ['number_phases', 'numberPhases'],
  ['limit_rounding', 'limitRounding'],
  ['min_current_a', 'minCurrentA'],
  ['min_power_w', 'minPowerW'],
  ['pause_method', 'pauseMethod'],
  ['profile_duration_s', 'profileDurationS'],
  ['profile_interval_min_s', 'profileIntervalMinS'],
  ['clear_on_connect', 'clearOnConnect'],
  ['auto_remote_start', 'autoRemoteStart'],
  ['no_change_availability', 'noChangeAvailability'],
  ['measurands', 'measurands'],
  ['meter_interval_min_s', 'meterIntervalMinS'],
  ['poll_meter_values', 'pollMeterValues'],
  ['skip_get_configuration_all', 'skipGetConfigurationAll'],
]

/** Who slips is told all the names there are. */
const NO_SUCH = z.unknown().refine(() => false, {
  error: `there is no such quirk; there are ${Object.keys(shape).join(', ')}`,
})

export const quirksSchema = z.object(shape).catchall(NO_SUCH).meta({
  id: 'Quirks',
  description: 'How a charger departs from others, over what is known of its model',
  additionalProperties: false,
})

export type QuirksWire = z.infer<z.ZodObject<typeof shape>>

export function quirksFromWire(wire: QuirksWire): Quirks | undefined {
  const stated = QUIRK_NAMES.flatMap(([name, own]) => {
    const value = wire[name]
    if (value === null || value === undefined) return []
    return [[own, value === 'remote_stop' ? 'remoteStop' : value] as const]
  })
  return stated.length === 0 ? undefined : Object.fromEntries(stated)
}

export function quirksToWire(quirks: Quirks): QuirksWire {
  return Object.fromEntries(
    QUIRK_NAMES.flatMap(([name, own]) => {
      const value = quirks[own]
      if (value === undefined) return []
      return [[name, value === 'remoteStop' ? 'remote_stop' : value] as const]
    }),
  )
}

/** Each with its words. */
export function quirkFields(): readonly { readonly name: string; readonly words: string }[] {
  return QUIRK_NAMES.map(([name]) => ({ name, words: shape[name].description ?? '' }))
}

export function quirkWireName(own: string): string {
  return QUIRK_NAMES.find(([, name]) => name === own)?.[0] ?? own
}
