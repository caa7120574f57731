/** The backend orders in the name of an operator: a lower limit for a while, or to leave a schedule alone. */
import { z } from 'zod'
import type { PhaseA } from '../core/phases.js'
import { limitArgs } from './limit-args.js'

export type OverrideCommand =
  | {
      readonly type: 'override'
      readonly id: string
      /** Undefined: the whole site. */
      readonly constraintId: string | undefined
      readonly limitA: PhaseA | undefined
      readonly limitKw: number | undefined
      readonly ignoresSchedule: boolean
      readonly until:
        | { readonly type: 'for'; readonly seconds: number }
        /** A time of day at the site, `HH:MM`. */
        | { readonly type: 'clock'; readonly time: string }
      readonly reason: string
      readonly by: string
    }
  | {
      readonly type: 'clearOverride'
      readonly id: string
      readonly constraintId: string | undefined
    }

const LONGEST_S = 604_800

const words = z
  .string()
  .regex(/^(?!\s)[^\p{Cc}]{1,200}(?<!\s)$/u, 'must be 1 to 200 characters, none of them control')
const overrideArgs = z.strictObject({
  ...limitArgs,
  ignoreSchedule: z.literal(true).optional(),
  validForS: z.number().positive().max(LONGEST_S).optional(),
  until: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day at the site such as 22:00')
    .optional(),
  reason: words.optional(),
  by: words.optional(),
  clear: z.literal(true).optional(),
})

/** The command, or what is wrong with its arguments. */
export function overrideCommand(id: string, given: unknown): OverrideCommand | string {
  const parsed = overrideArgs.safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${['args', ...path.map(String)].join('.')}: ${message}`,
    )
    return problems.join('; ')
  }
  const args = parsed.data
  const { clear, until, validForS, reason, limitA } = args
  if (clear) {
    const others = Object.keys(args).filter((key) => key !== 'clear' && key !== 'constraintId')
    if (others.length > 0) return 'args: clear comes alone or with constraintId'
    return { type: 'clearOverride', id, constraintId: args.constraintId }
  }
  if ((limitA ?? args.limitKw ?? args.ignoreSchedule) === undefined) {
    return 'args: limitA, limitKw or ignoreSchedule is missing'
  }
  if (reason === undefined) return 'args: reason is missing: it is shown to the people at the site'
  if ((until === undefined) === (validForS === undefined)) {
    return 'args: state until or validForS, one of them'
  }
  return {
    type: 'override',
    id,
    constraintId: args.constraintId,
    limitA: typeof limitA === 'number' ? [limitA, limitA, limitA] : limitA,
    limitKw: args.limitKw,
    ignoresSchedule: args.ignoreSchedule === true,
    until:
      until === undefined
        ? { type: 'for', seconds: validForS ?? 0 }
        : { type: 'clock', time: until },
    reason,
    by: args.by ?? '',
  }
}
