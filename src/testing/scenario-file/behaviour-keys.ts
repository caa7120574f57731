/** Departures of a simulated charger from what it should do, as a scenario file names them. */
import { z } from 'zod'
import type { Behaviour } from '../behaviour.js'
import { durationText, duration, signedDuration } from './times.js'

const listOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.array(z.enum(values)).optional()
const flag = (words: string) => z.boolean().optional().describe(words)

export const behaviourShape = {
  answer_delay: duration.optional().describe('From a call to its answer'),
  apply_delay: duration.optional().describe('From a change of profiles to its effect'),
  never_answers: z
    .array(z.string().min(1))
    .optional()
    .describe('Calls (such as SetChargingProfile) it neither answers nor carries out; "*": all'),
  ignores_change_availability: flag('Answers Accepted to ChangeAvailability and does nothing'),
  refuses_change_availability: flag('Answers Rejected to ChangeAvailability'),
  tells_settings_by_name_only: flag('Tells its settings by name, and none when asked for all'),
  rejects_profiles: flag('Answers Rejected to every profile'),
  rejects_tx_profile_above_a: z
    .number()
    .min(0)
    .optional()
    .describe('Rejects a TxProfile above this, A'),
  refuses_purposes: listOf(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']).describe(
    'Takes no profiles of these',
  ),
  refuses_kinds: listOf(['Absolute', 'Recurring', 'Relative']).describe('Takes none of these'),
  refuses_units: listOf(['A', 'W']).describe('Takes no limits in these'),
  max_stack_level: z.int().min(0).max(1000).optional().describe('The highest it takes; usually 10'),
  max_periods: z.int().min(1).max(1000).optional().describe('Of one schedule; usually 24'),
  refuses_zero_limit: flag('Takes no limit of 0'),
  answers_profiles_with: z
    .enum(['rejected', 'not_supported', 'not_implemented'])
    .optional()
    .describe('What it says to a profile it does not take; default rejected'),
  accepts_and_ignores: flag('Answers Accepted to profiles and does nothing'),
  ignores_kinds: listOf(['Absolute', 'Recurring', 'Relative']).describe(
    'Answers Accepted to these and does nothing',
  ),
  leftover_limit_a: z
    .number()
    .min(0)
    .max(1000)
    .optional()
    .describe('A limit of the charge point that another back end left, A; 0: none'),
  ignores_expiry: flag('Keeps a profile past its end'),
  drops_profiles_on_disconnect: flag('Forgets its profiles when the connection ends'),
  drops_profiles_on_reboot: flag('Forgets its profiles when it boots'),
  meter_values: flag('false: sends none'),
  samples_on_trigger_only: flag('Sends meter values only when it is asked for them'),
  least_sample_interval_s: z
    .int()
    .min(0)
    .max(900)
    .optional()
    .describe('Rejects a shorter MeterValueSampleInterval'),
  refuses_measurands: z
    .array(z.string().min(1))
    .optional()
    .describe('Rejects a list of measurands with any of these'),
  boots_above_measurands: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('Boots when it is given more measurands; default 100'),
  garbage_meter_values: flag('Sends nonsense as meter values'),
  profiles_lost_after: duration.optional().describe('Forgets each profile after so long'),
  rounds_up: flag('Knows whole amperes only and takes up to 1 A more than allowed'),
  min_current_a: z.number().min(6).max(1000).optional().describe('Less is no offer; default 6'),
  resumes_from_zero: flag('false: after an offer of 0 nothing flows until the car is unplugged'),
  ends_session_at_zero: flag('An offer of 0 ends its session'),
  supports_composite_schedule: flag('false: refuses GetCompositeSchedule'),
  composite_lies: z
    .enum(['never', 'hardware_maximum', 'zero'])
    .optional()
    .describe('GetCompositeSchedule tells this instead of what is in force'),
  relative_duration_from: z
    .enum(['transaction_start', 'receipt'])
    .optional()
    .describe('What the duration of a relative profile counts from'),
  meter_factor: z
    .number()
    .min(0)
    .max(1000)
    .optional()
    .describe('Its meter shows so many times what flows'),
  clock_offset: signedDuration.optional().describe('Its clock is ahead by this; -1h: behind'),
  clock_drift_ppm: z
    .number()
    .min(-100_000)
    .max(100_000)
    .optional()
    .describe('Its clock gains so much, in millionths'),
  syncs_clock: flag('false: does not set its clock by BootNotification and Heartbeat'),
  local_time_as_utc_hours: z
    .number()
    .min(-14)
    .max(14)
    .optional()
    .describe('Writes the local time of a zone so far ahead as if it were UTC'),
  authorizes_first: flag('false: starts transactions without asking'),
  starts_remotely_only: flag('Starts nothing unless it is told to'),
  starts_offline: flag('false: starts nothing while nobody can be asked'),
  boots_on_reconnect: flag('Says BootNotification on each connection'),
  loses_transactions_on_reboot: flag('A reboot forgets what was not told yet'),
  replays_offline_queue: z
    .enum(['in_order', 'late', 'doubled', 'out_of_order'])
    .optional()
    .describe('How it tells what it kept while nobody listened'),
}

export const behaviourSchema = z.strictObject(behaviourShape)

export type BehaviourKeys = z.output<typeof behaviourSchema>

const ANSWERS = {
  rejected: 'rejected',
  not_supported: 'notSupported',
  not_implemented: 'notImplemented',
} as const

const COMPOSITES = { never: 'never', hardware_maximum: 'hardwareMaximum', zero: 'zero' } as const

const REPLAYS = {
  in_order: 'inOrder',
  late: 'late',
  doubled: 'doubled',
  out_of_order: 'outOfOrder',
} as const

export function behaviourOf(keys: BehaviourKeys): Partial<Behaviour> {
  const { relative_duration_from: from } = keys
  return stated({
    answerDelayMs: keys.answer_delay,
    applyDelayMs: keys.apply_delay,
    neverAnswers: keys.never_answers,
    ignoresChangeAvailability: keys.ignores_change_availability,
    refusesChangeAvailability: keys.refuses_change_availability,
    tellsSettingsByNameOnly: keys.tells_settings_by_name_only,
    rejectsProfiles: keys.rejects_profiles,
    rejectsTxProfileAbove: keys.rejects_tx_profile_above_a,
    refusesPurposes: keys.refuses_purposes,
    refusesKinds: keys.refuses_kinds,
    refusesUnits: keys.refuses_units,
    maxStackLevel: keys.max_stack_level,
    maxPeriods: keys.max_periods,
    refusesZeroLimit: keys.refuses_zero_limit,
    answersProfilesWith: keys.answers_profiles_with && ANSWERS[keys.answers_profiles_with],
    acceptsAndIgnores: keys.accepts_and_ignores,
    ignoresKinds: keys.ignores_kinds,
    leftoverLimitA: keys.leftover_limit_a,
    ignoresExpiry: keys.ignores_expiry,
    dropsProfilesOnDisconnect: keys.drops_profiles_on_disconnect,
    dropsProfilesOnReboot: keys.drops_profiles_on_reboot,
    meterValues: keys.meter_values,
    samplesOnTriggerOnly: keys.samples_on_trigger_only,
    leastSampleIntervalS: keys.least_sample_interval_s,
    refusesMeasurands: keys.refuses_measurands,
    bootsAboveMeasurands: keys.boots_above_measurands,
    garbageMeterValues: keys.garbage_meter_values,
    profilesLostAfterMs: keys.profiles_lost_after,
    roundsUp: keys.rounds_up,
    minCurrentA: keys.min_current_a,
    resumesFromZero: keys.resumes_from_zero,
    endsSessionAtZero: keys.ends_session_at_zero,
    supportsCompositeSchedule: keys.supports_composite_schedule,
    compositeLies: keys.composite_lies && COMPOSITES[keys.composite_lies],
    relativeDurationFrom: from && (from === 'receipt' ? 'receipt' : 'transactionStart'),
    meterFactor: keys.meter_factor,
    clockDriftPpm: keys.clock_drift_ppm,
    syncsClock: keys.syncs_clock,
    localTimeAsUtcHours: keys.local_time_as_utc_hours,
    clockOffsetMs: keys.clock_offset,
    authorizesFirst: keys.authorizes_first,
    startsRemotelyOnly: keys.starts_remotely_only,
    startsOffline: keys.starts_offline,
    bootsOnReconnect: keys.boots_on_reconnect,
    losesTransactionsOnReboot: keys.loses_transactions_on_reboot,
    replaysOfflineQueue: keys.replays_offline_queue && REPLAYS[keys.replays_offline_queue],
  })
}

/** Never lost, never rejected: a file says so by a figure beyond every run and every charger. */
const ALWAYS: Readonly<Record<string, unknown>> = {
  rejects_tx_profile_above_a: 100_000,
  profiles_lost_after: '365d',
}

/** Words of this file format among the values; others are those of OCPP. */
const WORDS = new Set<unknown>([
  ...Object.values(ANSWERS),
  ...Object.values(COMPOSITES),
  ...Object.values(REPLAYS),
  'transactionStart',
])

/** The way back, for a file that repeats what happened. */
export function behaviourKeys(change: Partial<Behaviour>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(change).map(([name, value]: [string, unknown]) => {
      const key = behaviourKey(name)
      if (value === Infinity) return [key, ALWAYS[key]]
      if (name.endsWith('Ms') && typeof value === 'number') {
        return [key, `${value < 0 ? '-' : ''}${durationText(Math.abs(value))}`]
      }
      return [key, typeof value === 'string' && WORDS.has(value) ? snakeCase(value) : value]
    }),
  )
}

/** How a scenario file calls this field. */
export function behaviourKey(name: string): string {
  if (name === 'rejectsTxProfileAbove') return 'rejects_tx_profile_above_a'
  return snakeCase(name.replace(/Ms$/, ''))
}

export function snakeCase(name: string): string {
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
