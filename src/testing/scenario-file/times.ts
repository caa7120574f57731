/** Durations and times as people write them in a scenario file. */
import { z } from 'zod'
import { statedStart } from './wall-time.js'

/** A time of a scenario before its start and zone are known. */
export type TimePoint =
  | { readonly type: 'elapsed'; readonly ms: number }
  /** Local time of day: the first one at or after the start. */
  | { readonly type: 'clock'; readonly secondOfDay: number }

const UNIT_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
}

const DURATION =
  /^(?=.)(\d+(?:\.\d+)?d)?(\d+(?:\.\d+)?h)?(\d+(?:\.\d+)?m)?(\d+(?:\.\d+)?s)?(\d+ms)?$/
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/

const durationWords = 'must be a duration such as 90s, 15m, 2h or 1h30m'
const pointWords =
  'must be a time of day (HH:MM or HH:MM:SS) or a duration since the start such as 90s, 15m, 2h'

const startWords = 'must be a date and time such as 2026-03-02T06:00, with or without +01:00 or Z'

/** Undefined: not a duration. */
export function durationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined
  let sumMs = 0
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)) {
    sumMs += Number(number) * (UNIT_MS[unit] ?? 0)
  }
  return Math.round(sumMs)
}

/** The shortest text that `durationMs` reads as the same. */
export function durationText(ms: number): string {
  let rest = Math.round(ms)
  if (rest === 0) return '0s'
  let text = ''
  for (const [unit, unitMs] of Object.entries(UNIT_MS)) {
    const count = Math.floor(rest / unitMs)
    if (count > 0) text += `${count}${unit}`
    rest -= count * unitMs
  }
  return text
}

export function timePoint(text: string): TimePoint | undefined {
  const clock = CLOCK.exec(text)
  if (clock) {
    const [, hours, minutes, seconds] = clock
    const secondOfDay = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0)
    return { type: 'clock', secondOfDay }
  }
  const ms = durationMs(text)
  return ms === undefined ? undefined : { type: 'elapsed', ms }
}

const text = (error: string): z.ZodString => z.string({ error })

/** Ms in the output. */
export const duration = text(durationWords).transform((given, context) => {
  const ms = durationMs(given)
  return ms ?? refused(context, durationWords)
})

/** The same, longer than nothing. */
export const positiveDuration = text(durationWords).transform((given, context) => {
  const ms = durationMs(given)
  return ms === undefined || ms < 1 ? refused(context, `${durationWords}, above 0`) : ms
})

/** May begin with a minus sign. */
export const signedDuration = text(`${durationWords} or -1h`).transform((given, context) => {
  const ms = durationMs(given.replace(/^-/, ''))
  if (ms === undefined) return refused(context, `${durationWords} or -1h`)
  return given.startsWith('-') ? -ms : ms
})

export const point = text(pointWords).transform(
  (given, context) => timePoint(given) ?? refused(context, pointWords),
)

export const start = text(startWords).transform(
  (given, context) => statedStart(given) ?? refused(context, startWords),
)

function refused(context: z.RefinementCtx<string>, message: string): never {
  context.issues.push({
    code: 'custom',
    message: `${message}, got "${context.value}"`,
    input: context.value,
  })
  return z.NEVER
}
