/**
 * `max_allocation` of balanz: `HH:MM-HH:MM>PRIORITY=AMPS:PRIORITY=AMPS;...`. The end is inclusive to
 * the minute; a session uses the amps of the highest priority that is not above its own, and nothing
 * where there is none; the amps of the highest priority bound all sessions together. What balanz
 * itself stumbles over, or reads otherwise than it looks, is refused.
 */
import type { LimitWindow } from '../../core/schedule/windows.js'

export interface AllocationProblem {
  /** In the text, from 0. */
  readonly at: number
  readonly message: string
}

export type Allocation =
  | { readonly ok: true; readonly windows: readonly LimitWindow[] }
  | { readonly ok: false; readonly problems: readonly AllocationProblem[] }

interface Interval {
  readonly at: number
  readonly fromMinute: number
  /** Inclusive. */
  readonly lastMinute: number
  readonly text: string
  readonly window: LimitWindow
}

const LAST_MINUTE = 1_439
const MAX_A = 100_000

export function balanzAllocation(text: string): Allocation {
  const problems: AllocationProblem[] = []
  const intervals: Interval[] = []
  let at = 0
  for (const part of text.split(';')) {
    const read = intervalOf(part, at)
    if ('message' in read) problems.push(read)
    else intervals.push(read)
    at += part.length + 1
  }
  if (problems.length > 0) return { ok: false, problems }
  const misplaced = gapsAndOverlaps(intervals, text.length)
  if (misplaced.length > 0) return { ok: false, problems: misplaced }
  const [only] = intervals
  if (intervals.length > 1 || !only) {
    return { ok: true, windows: intervals.map(({ window }) => window) }
  }
  return { ok: true, windows: [{ ...only.window, kind: 'default' }] }
}

function intervalOf(part: string, at: number): Interval | AllocationProblem {
  if (part.trim() === '') {
    return { at, message: 'is empty: write HH:MM-HH:MM>PRIORITY=AMPS, such as 00:00-23:59>0=63' }
  }
  const match = /^([^>]*)>(.*)$/.exec(part)
  if (!match) {
    return { at, message: `"${part}" has no ">": write HH:MM-HH:MM>PRIORITY=AMPS` }
  }
  const [, times = '', values = ''] = match
  const span = spanOf(times, at)
  if ('message' in span) return span
  const valuesAt = at + times.length + 1
  const ceilings = ceilingsOf(values, valuesAt)
  if ('message' in ceilings) return ceilings
  const totalA = ceilings.at(-1)?.maxCurrentA ?? 0
  const isSimple = ceilings.length === 1 && ceilings[0]?.fromPriority === 0
  return {
    at,
    ...span,
    text: times,
    window: {
      from: clockText(span.fromMinute),
      to: clockText(span.lastMinute + 1),
      maxCurrentA: [totalA, totalA, totalA],
      ...(!isSimple && { ceilings }),
    },
  }
}

function spanOf(
  times: string,
  at: number,
): { readonly fromMinute: number; readonly lastMinute: number } | AllocationProblem {
  const match = /^([^-]*)-(.*)$/.exec(times)
  if (!match) return { at, message: `"${times}" is no interval: write HH:MM-HH:MM` }
  const [, from = '', to = ''] = match
  const toAt = at + from.length + 1
  const fromMinute = minuteOf(from, at)
  if (typeof fromMinute !== 'number') return fromMinute
  const lastMinute = minuteOf(to, toAt)
  if (typeof lastMinute !== 'number') return lastMinute
  if (fromMinute <= lastMinute) return { fromMinute, lastMinute }
  const message =
    `${times} runs over midnight, where balanz matches nothing: write two intervals, ` +
    `${from}-23:59 and 00:00-${to}`
  return { at, message }
}

function minuteOf(clock: string, at: number): number | AllocationProblem {
  if (clock === '24:00') {
    return { at, message: '24:00 is no time of balanz: write 23:59, the end is inclusive' }
  }
  if (/^\d:\d\d$/.test(clock)) {
    return { at, message: `${clock} has one digit, and balanz drops it: write 0${clock}` }
  }
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(clock)
  if (!match) return { at, message: `"${clock}" is no time: write HH:MM from 00:00 to 23:59` }
  return Number(match[1]) * 60 + Number(match[2])
}

type Ceilings = NonNullable<LimitWindow['ceilings']>

function ceilingsOf(values: string, at: number): Ceilings | AllocationProblem {
  if (values.trim() === '') {
    return { at, message: 'states no amps: write PRIORITY=AMPS, such as 0=63, or 0=0 for none' }
  }
  const ceilings = new Map<number, number>()
  let pairAt = at
  for (const pair of values.split(':')) {
    const [priority = '', amps = ''] = pair.split('=')
    const ampsAt = pairAt + priority.length + 1
    if (!/^\d+=/.test(pair)) {
      return { at: pairAt, message: `"${pair}" is no pair: write PRIORITY=AMPS, such as 3=32` }
    }
    if (amps.startsWith('-')) {
      return { at: ampsAt, message: `${amps} A is negative, and balanz drops it: write 0 or more` }
    }
    if (/^\d+\.\d*$/.test(amps)) {
      const message = `${amps} A has a fraction, which balanz cuts off: write ${Math.floor(Number(amps))}`
      return { at: ampsAt, message }
    }
    if (!/^\d+$/.test(amps) || Number(amps) > MAX_A) {
      return { at: ampsAt, message: `"${amps}" is no current: write whole amperes, such as 32` }
    }
    const key = Number(priority)
    if (key > 1_000_000) return { at: pairAt, message: `priority ${priority} is above 1000000` }
    if (ceilings.has(key)) {
      return { at: pairAt, message: `priority ${key} is there twice: keep the one that is meant` }
    }
    ceilings.set(key, Number(amps))
    pairAt += pair.length + 1
  }
  return [...ceilings]
    .map(([fromPriority, maxCurrentA]) => ({ fromPriority, maxCurrentA }))
    .toSorted((a, b) => a.fromPriority - b.fromPriority)
}

/** Of two that overlap balanz takes the first; where none is it stops balancing. */
function gapsAndOverlaps(intervals: readonly Interval[], end: number): AllocationProblem[] {
  const problems: AllocationProblem[] = []
  const sorted = intervals.toSorted((a, b) => a.fromMinute - b.fromMinute || a.at - b.at)
  let next = 0
  let before: Interval | undefined
  for (const one of sorted) {
    if (one.fromMinute > next) problems.push(gap(next, one.fromMinute - 1, one.at))
    if (before && one.fromMinute < next) {
      const message =
        `${one.text} overlaps ${before.text}, of which balanz takes the first: ` +
        'let each minute be in one interval'
      problems.push({ at: one.at, message })
    }
    if (one.lastMinute >= next) {
      next = one.lastMinute + 1
      before = one
    }
  }
  if (next <= LAST_MINUTE) problems.push(gap(next, LAST_MINUTE, end))
  return problems.toSorted((a, b) => a.at - b.at)
}

function gap(first: number, last: number, at: number): AllocationProblem {
  const times = `${clockText(first)}-${clockText(last)}`
  return { at, message: `nothing is stated for ${times}, where balanz stops: add ${times}>0=AMPS` }
}

function clockText(minute: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  return `${two(minute / 60)}:${two(minute % 60)}`
}
