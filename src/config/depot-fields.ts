/** The kinds of values depot objects are made of, each with the words for what it must be. */
import { z } from 'zod'
import { parseTime } from '../ocpp/v16/time.js'

const MAX_POWER_KW = 100_000
const MAX_CURRENT_A = 100_000
const MAX_ENERGY_KWH = 10_000
/** Small enough that the current it implies on one phase stays below `MAX_CURRENT_A`. */
const MAX_EVSE_POWER_KW = 10_000

/** An opaque id: it stands in URLs and MQTT topics, so it needs no escaping. */
export const objectId = matching(
  /^[A-Za-z0-9._-]{1,64}$/,
  'must be 1 to 64 of the characters A-Z a-z 0-9 . _ -',
)

export const objectName = matching(
  /^(?!\s)[^\p{Cc}\p{Cs}]{1,200}(?<!\s)$/u,
  'must be 1 to 200 characters, without control characters or spaces around them',
)

export const statusText = matching(
  /^[^\p{Cc}\p{Cs}]{1,50}$/u,
  'must be 1 to 50 characters, such as Available',
)

/** How the charge point calls itself in the URL it connects to; case-sensitive. */
export const chargePointId = matching(
  /^(?! )[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,64}(?<! )$/u,
  'must be 1 to 64 printable characters, without spaces around them',
)

/** OCPP 1.6 CiString20. */
export const idTagText = matching(
  /^[^\p{Cc}\p{Cs}]{1,20}$/u,
  'must be 1 to 20 characters (OCPP 1.6 CiString20)',
)

const INSTANT = 'must be an RFC 3339 time with its zone, such as 2026-06-14T05:30:00+02:00'

export const instant = z
  .string({ error: INSTANT })
  // Without a zone it would be read as UTC, hours from what was meant.
  .refine((text) => /(Z|z|[+-]\d\d:\d\d)$/.test(text) && parseTime(text) !== undefined, {
    error: INSTANT,
  })

export const powerKw = number(0, MAX_POWER_KW, 'kW')
export const energyKwh = number(0, MAX_ENERGY_KWH, 'kWh')
export const percent = number(0, 100, '%')
export const evsePowerKw = number(0, MAX_EVSE_POWER_KW, 'kW')
export const currentA = number(0, MAX_CURRENT_A, 'A')
export const priority = wholeNumber(0, 1_000_000)
export const connectorId = wholeNumber(1, 1000)
export const flag = z.boolean({ error: 'must be true or false' })

export const timezone = z.string().refine(isTimezone, {
  error: ({ input }) => `must be an IANA time zone such as Europe/Berlin, got "${String(input)}"`,
})

/** A current on each phase: one number for all three, a list, or the phases by name. */
export const phaseCurrent = z.union(
  [
    currentA,
    z.tuple([currentA, currentA, currentA]),
    z.strictObject({ l1: currentA, l2: currentA, l3: currentA }),
  ],
  {
    error:
      `must be from 0 to ${MAX_CURRENT_A} A: one number for all phases, [l1, l2, l3] ` +
      'or {"l1":, "l2":, "l3":}',
  },
)

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export const weekdays = z
  .array(oneOf(WEEKDAYS), { error: 'must be a list of days such as ["mon", "tue"]' })
  .min(1, { error: 'must name a day; leave it out for every day' })
  .max(7, { error: 'must name each day at most once' })

export type PhaseCurrent = z.infer<typeof phaseCurrent>

export function oneOf<const T extends readonly [string, ...string[]]>(
  values: T,
): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(values, { error: `must be ${values.map((value) => `"${value}"`).join(' or ')}` })
}

function number(min: number, max: number, unit: string): z.ZodNumber {
  const error = `must be a number from ${min} to ${max} (${unit})`
  return z.number({ error }).min(min, { error }).max(max, { error })
}

export function wholeNumber(min: number, max: number): z.ZodInt {
  const error = `must be a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, { error }).max(max, { error })
}

function matching(pattern: RegExp, error: string): z.ZodString {
  return z.string({ error }).regex(pattern, { error })
}

function isTimezone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
