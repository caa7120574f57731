/** What kind of entry of a schedule a limit window is, and whether its fields go together. */
import { dayNumber } from '../core/schedule/dates.js'
import type { WindowKind } from '../core/schedule/windows.js'
import type { Finding } from './problem.js'

interface WindowFields {
  readonly days?: readonly string[] | null | undefined
  readonly season?: { readonly from: string; readonly to: string } | null | undefined
  readonly dates?: readonly string[] | null | undefined
  readonly holidays?: string | null | undefined
  readonly from?: string | null | undefined
  readonly to?: string | null | undefined
  readonly ceilings?: readonly { readonly from_priority: number }[] | null | undefined
  readonly no_limit?: boolean | null | undefined
  readonly [limit: string]: unknown
}

const CLOCK = '([01]\\d|2[0-3]):[0-5]\\d'
const DATE = '\\d{4}-\\d{2}-\\d{2}'
export const TIME_FROM = new RegExp(`^(${DATE}T)?${CLOCK}$`)
export const TIME_TO = new RegExp(`^(${DATE}T)?(${CLOCK}|24:00)$`)
export const DATES = new RegExp(`^${DATE}(/${DATE})?$`)
export const DAY_OF_YEAR = /^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/

/** Fields that say how much. */
const LIMITS = ['max_power_kw', 'max_current_a', 'ceilings']

export function kindOf({ days, season, dates, holidays, from, to }: WindowFields): WindowKind {
  if (isDated(from) || isDated(to)) return 'event'
  if (dates ?? holidays) return 'exception'
  return (from ?? to ?? days ?? season) ? 'weekly' : 'default'
}

export function checkWindow(window: WindowFields): readonly Finding[] {
  return [
    ...limitFindings(window),
    ...ceilingFindings(window),
    ...timeFindings(window),
    ...dateFindings(window),
  ]
}

function limitFindings(window: WindowFields): Finding[] {
  const limits = LIMITS.filter((key) => (window[key] ?? null) !== null)
  if (window.no_limit === true) {
    if (limits.length > 0)
      return [found('no_limit', `is true beside ${limits[0]}: state one of them`)]
    if (kindOf(window) !== 'default') return []
    return [found('no_limit', 'is what holds without a default: remove this entry')]
  }
  if (limits.length > 0) return []
  const message = 'must limit something: max_power_kw, max_current_a, ceilings (or no_limit: true)'
  return [{ path: [], message }]
}

function ceilingFindings({ ceilings }: WindowFields): Finding[] {
  const seen = new Set<number>()
  return (ceilings ?? []).flatMap(({ from_priority: from }, at): Finding[] => {
    if (seen.size !== seen.add(from).size) return []
    const message = `${from} is there twice: a class has one ceiling`
    return [{ path: ['ceilings', at, 'from_priority'], message }]
  })
}

function timeFindings(window: WindowFields): Finding[] {
  const { from, to } = window
  if (!from !== !to) {
    const [there, missing] = from ? ['from', 'to'] : ['to', 'from']
    const message = `has "${there}" without "${missing}": state both, or neither for the whole day`
    return [{ path: [], message }]
  }
  if (!from || !to || kindOf(window) !== 'event') return []
  for (const [key, time] of [
    ['from', from],
    ['to', to],
  ] as const) {
    const date = time.slice(0, -6)
    if (!isDated(time)) {
      const message = `must have a date too, as the other end has: 2026-06-14T${time}, got "${time}"`
      return [found(key, message)]
    }
    if (dayNumber(date) === undefined) return [found(key, `there is no ${date} in the calendar`)]
  }
  if (from < to) return []
  return [found('to', `must be after from (${from}), got "${to}"`)]
}

function dateFindings(window: WindowFields): Finding[] {
  const { season, dates } = window
  const findings: Finding[] = []
  const kind = kindOf(window)
  if (kind === 'exception' || kind === 'event') {
    for (const key of kind === 'event' ? NOT_OF_EVENTS : NOT_OF_EXCEPTIONS) {
      if ((window[key] ?? null) === null) continue
      const because =
        kind === 'event'
          ? 'an event is once, at its dates in from and to'
          : 'an exception is on the days of dates and holidays'
      findings.push(found(key, `does not go with the rest: ${because}. Leave it out`))
    }
  }
  for (const [at, entry] of (dates ?? []).entries()) {
    const [first = '', last = first] = entry.split('/')
    const unknown = [first, last].find((date) => dayNumber(date) === undefined)
    if (unknown !== undefined) {
      findings.push(found('dates', `there is no ${unknown} in the calendar`, at))
    } else if (last < first) {
      findings.push(found('dates', `must end after it begins, got "${entry}"`, at))
    }
  }
  return season ? [...findings, ...seasonFindings(season)] : findings
}

const NOT_OF_EXCEPTIONS = ['days', 'season']
const NOT_OF_EVENTS = ['days', 'season', 'dates', 'holidays']

function seasonFindings({ from, to }: { from: string; to: string }): Finding[] {
  for (const [key, day] of [
    ['from', from],
    ['to', to],
  ] as const) {
    // A leap year has them all.
    const date = day.length > 5 ? day : `2028-${day}`
    if (dayNumber(date) === undefined) {
      return [found('season', `there is no ${day} in the calendar`, key)]
    }
  }
  if (from.length !== to.length) {
    return [
      found('season', `must be like from: both with a year or both without, got "${to}"`, 'to'),
    ]
  }
  if (from.length === 5 || from <= to) return []
  return [found('season', `must not be before from (${from}), got "${to}"`, 'to')]
}

function found(key: string, message: string, below?: string | number): Finding {
  return { path: below === undefined ? [key] : [key, below], message }
}

function isDated(time: string | null | undefined): boolean {
  return typeof time === 'string' && time.includes('T')
}
