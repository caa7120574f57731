/** Departures of a simulated charger from what it should do, as a scenario file names them. */
import { z } from 'zod'
import type { Behaviour } from '../behaviour.js'
import { durationText, duration, signedDuration } from './times.js'

const flag = (words: string) => z.boolean().optional().describe(words)

export const behaviourShape = {
  answer_delay: duration.optional().describe('From a call to its answer'),
  apply_delay: duration.optional().describe('From a change of profiles to its effect'),
  never_answers: z
    .array(z.string().min(1))
    .optional()
    .describe('Calls (such as SetChargingProfile) it neither answers nor carries out; "*": all'),
  rejects_profiles: flag('Answers Rejected to every profile'),
  rejects_tx_profile_above_a: z
    .number()
    .min(0)
    .optional()
    .describe('Rejects a TxProfile above this, A'),
  accepts_and_ignores: flag('Answers Accepted to profiles and does nothing'),
  ignores_expiry: flag('Keeps a profile past its end'),
  drops_profiles_on_disconnect: flag('Forgets its profiles when the connection ends'),
  drops_profiles_on_reboot: flag('Forgets its profiles when it boots'),
  meter_values: flag('false: sends none'),
  garbage_meter_values: flag('Sends nonsense as meter values'),
  relative_duration_from: z
    .enum(['transaction_start', 'receipt'])
    .optional()
    .describe('What the duration of a relative profile counts from'),
  clock_offset: signedDuration.optional().describe('Its clock is ahead by this; -1h: behind'),
  authorizes_first: flag('false: starts transactions without asking'),
  starts_offline: flag('false: starts nothing while nobody can be asked'),
  boots_on_reconnect: flag('Says BootNotification on each connection'),
}

export const behaviourSchema = z.strictObject(behaviourShape)

export type BehaviourKeys = z.output<typeof behaviourSchema>

export function behaviourOf(keys: BehaviourKeys): Partial<Behaviour> {
  const { relative_duration_from: from } = keys
  return stated({
    answerDelayMs: keys.answer_delay,
    applyDelayMs: keys.apply_delay,
    neverAnswers: keys.never_answers,
    rejectsProfiles: keys.rejects_profiles,
    rejectsTxProfileAbove: keys.rejects_tx_profile_above_a,
    acceptsAndIgnores: keys.accepts_and_ignores,
    ignoresExpiry: keys.ignores_expiry,
    dropsProfilesOnDisconnect: keys.drops_profiles_on_disconnect,
    dropsProfilesOnReboot: keys.drops_profiles_on_reboot,
    meterValues: keys.meter_values,
    garbageMeterValues: keys.garbage_meter_values,
    relativeDurationFrom: from && (from === 'receipt' ? 'receipt' : 'transactionStart'),
    clockOffsetMs: keys.clock_offset,
    authorizesFirst: keys.authorizes_first,
    startsOffline: keys.starts_offline,
    bootsOnReconnect: keys.boots_on_reconnect,
  })
}

/** The way back, for a file that repeats what happened. */
export function behaviourKeys(change: Partial<Behaviour>): Readonly<Record<string, unknown>> {
  const keys: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(change)) {
    if (name === 'rejectsTxProfileAbove') {
      // Above infinity nothing is rejected, and YAML has a word for it that the schema does not take.
      keys['rejects_tx_profile_above_a'] = Math.min(Number(value), 100_000)
    } else if (name === 'relativeDurationFrom') {
      keys['relative_duration_from'] = value === 'receipt' ? 'receipt' : 'transaction_start'
    } else if (name.endsWith('Ms') && typeof value === 'number') {
      const text = durationText(Math.abs(value))
      keys[snakeCase(name.slice(0, -2))] = value < 0 ? `-${text}` : text
    } else {
      keys[snakeCase(name)] = value
    }
  }
  return keys
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Only what is stated: a key that is there with undefined would replace a default. */
export function stated<Fields extends Record<string, unknown>>(
  fields: Fields,
): { [K in keyof Fields]?: Exclude<Fields[K], undefined> } {
  const result: { [K in keyof Fields]?: Exclude<Fields[K], undefined> } = {}
  return Object.assign(
    result,
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  )
}
