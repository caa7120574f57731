/** What is known of a charger's kind and of what it can do, as REST shows it. */
import { z } from 'zod'
import { QUIRK_NAMES } from '../config/quirk-schema.js'
import type { Capabilities } from '../core/site/capabilities.js'
import type { EffectiveQuirks } from '../core/site/quirks.js'
import { formatTime } from '../ocpp/v16/time.js'

export const effectiveQuirkSchema = z
  .object({
    name: z.string(),
    value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
    from: z.string().describe('The record that says so, or stated: by the operator'),
  })
  .meta({ id: 'EffectiveQuirk', description: 'How this charger departs from others' })

export const capabilitiesSchema = z
  .object({
    asked_at: z.string().describe('RFC 3339, UTC'),
    firmware: z.string().nullable(),
    configuration: z
      .enum(['all', 'single', 'none'])
      .describe('Whether it tells its settings at once, one by one, or not at all'),
    feature_profiles: z.array(z.string()).nullable().describe('null: not said, as for the others'),
    units: z
      .array(z.enum(['A', 'W']))
      .nullable()
      .describe('Of limits'),
    max_stack_level: z.number().nullable(),
    max_periods: z.number().nullable().describe('Of one schedule'),
    max_profiles: z.number().nullable(),
    connectors: z.number().nullable(),
    max_keys: z.number().nullable().describe('In one GetConfiguration'),
    measurands: z.array(z.string()).nullable().describe('It took; null: no list'),
    meter_interval_s: z.number().nullable().describe('Between samples, as it took it'),
  })
  .meta({ id: 'Capabilities', description: 'What a charger said it can do' })

export function quirksAnswer({
  values,
  from,
}: EffectiveQuirks): z.infer<typeof effectiveQuirkSchema>[] {
  return QUIRK_NAMES.flatMap(([name, own]) => {
    const value = values[own]
    if (value === undefined) return []
    const shown = value === 'remoteStop' ? 'remote_stop' : value
    const isList = typeof shown === 'object'
    return [{ name, value: isList ? [...shown] : shown, from: from.get(own) ?? '' }]
  })
}

export function capabilitiesAnswer(found: Capabilities): z.infer<typeof capabilitiesSchema> {
  return {
    asked_at: formatTime(found.atMs),
    firmware: found.firmware ?? null,
    configuration: found.configuration,
    feature_profiles: found.featureProfiles ? [...found.featureProfiles] : null,
    units: found.units ? [...found.units] : null,
    max_stack_level: found.maxStackLevel ?? null,
    max_periods: found.maxPeriods ?? null,
    max_profiles: found.maxProfiles ?? null,
    connectors: found.connectors ?? null,
    max_keys: found.maxKeys ?? null,
    measurands: found.measurands ? [...found.measurands] : null,
    meter_interval_s: found.meterIntervalS ?? null,
  }
}
