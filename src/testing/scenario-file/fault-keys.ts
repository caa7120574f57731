/** What goes wrong, as a scenario file says it: one entry, one time, one fault. */
import { z } from 'zod'
import { LIMIT_SOURCE_MODES } from '../simulated-limit-source.js'
import { METER_MODES } from '../simulated-meter.js'
import { behaviourShape, snakeCase } from './behaviour-keys.js'
import { duration, point, signedDuration } from './times.js'

/** One charger, several, or all. */
export const someChargers = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
    error: 'must be a charger such as CP003, a list of them, or all',
  })
  .describe('A charger such as CP003, a list, or all')

const faultShape = {
  cut: someChargers.optional().describe('The connection breaks; nobody gets through until heal'),
  cut_half_open: someChargers
    .optional()
    .describe('The same, and neither side is told: packets vanish'),
  heal: someChargers.optional().describe('Ends a cut'),
  reset_connection: someChargers.optional().describe('The connection breaks once'),
  duplicate_connection: someChargers
    .optional()
    .describe('It dials again while its first connection is open'),
  lose_frames: z
    .strictObject({
      charger: someChargers,
      to: z.enum(['gateway', 'charger']).describe('Which way they were going'),
      count: z.int().min(1).max(1000).default(1),
    })
    .optional()
    .describe('Messages vanish while the connection stays'),
  behave: z
    .strictObject({ charger: someChargers, ...behaviourShape })
    .optional()
    .describe('From now on it behaves so'),
  answer_next: z
    .strictObject({
      charger: someChargers,
      action: z.string().min(1).default('SetChargingProfile').describe('The call'),
      answers: z
        .array(z.enum(['normal', 'reject', 'silent', 'lose_answer']))
        .min(1)
        .max(100)
        .describe('For the next calls; lose_answer carries it out and says nothing'),
    })
    .optional()
    .describe('What becomes of its next calls'),
  reboot: z
    .strictObject({
      charger: someChargers,
      keep_profiles: z.boolean().default(true).describe('false: it forgets them'),
    })
    .optional()
    .describe('It loses power for a moment'),
  meter: z.enum(METER_MODES.map(snakeCase)).optional().describe('What the meter does from now on'),
  meter_delay: duration
    .optional()
    .describe('Its readings come so late until the next "meter"; up to 1m'),
  limit_source: z
    .enum(LIMIT_SOURCE_MODES.map(snakeCase))
    .optional()
    .describe('What the source of the grid limit does from now on'),
  limit_a: z
    .number()
    .min(0)
    .max(100_000)
    .optional()
    .describe('The grid limit changes, A per phase, whatever "limits" says'),
  crash: z
    .strictObject({
      down: duration.describe('So long until it starts again'),
      on: z
        .enum(['frame', 'profile', 'write', 'start'])
        .optional()
        .describe(
          'At the next message, profile on its way, write to disk, or write of the start of a ' +
            'transaction; default: at once',
        ),
    })
    .optional()
    .describe('The gateway loses power'),
  disk_fails: z
    .strictObject({ writes: z.int().min(1).max(10_000).describe('So many writes fail') })
    .optional()
    .describe('The disk refuses'),
  disk_hangs: z
    .strictObject({ for: duration.describe('So long') })
    .optional()
    .describe('The disk answers nothing'),
  clock_step: signedDuration.optional().describe('The wall clock of the gateway jumps'),
  broker: z.enum(['up', 'down']).optional().describe('The MQTT broker'),
  broker_keeps_silent: z
    .strictObject({ messages: z.int().min(1).max(10_000).describe('So many') })
    .optional()
    .describe('It takes the next messages and does not say so'),
}

export const FAULT_KEYS = Object.keys(faultShape)

export const faultSchema = z
  .strictObject({ at: point.describe('When'), ...faultShape })
  .superRefine((entry, context) => {
    const present = Object.keys(entry).filter((key) => FAULT_KEYS.includes(key))
    if (present.length === 1) return
    const message =
      present.length === 0
        ? `must say what goes wrong: one of ${FAULT_KEYS.join(', ')}`
        : `says ${present.join(' and ')}: one entry holds one fault, give each its own`
    context.addIssue({ code: 'custom', message })
  })

export type FaultKeys = z.output<typeof faultSchema>
