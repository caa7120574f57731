/** The days of a calendar file (RFC 5545), such as the public holidays of a state. */
import { datePlus, dayNumber } from '../../core/schedule/dates.js'

export interface HolidayDate {
  readonly date: string
  readonly name: string
}

export interface IcsProblem {
  /** From 1. */
  readonly line: number
  readonly column: number
  readonly message: string
}

export type IcsDates =
  | { readonly ok: true; readonly dates: readonly HolidayDate[] }
  | { readonly ok: false; readonly problems: readonly IcsProblem[] }

/** What recurs each year is written out so far. */
const YEARS = 10
const LONGEST_DAYS = 370

interface Line {
  readonly name: string
  readonly value: string
  readonly line: number
  readonly column: number
}

interface Event {
  readonly begin: Line
  readonly fields: ReadonlyMap<string, Line>
}

export function icsDates(text: string): IcsDates {
  const lines = unfolded(text)
  const first = lines[0]
  if (first?.name !== 'BEGIN' || first.value !== 'VCALENDAR') {
    const message = 'is no calendar file: it must begin with BEGIN:VCALENDAR'
    return { ok: false, problems: [{ line: 1, column: 1, message }] }
  }
  const problems: IcsProblem[] = []
  const dates = new Map<string, string>()
  for (const event of eventsOf(lines, problems)) {
    const found = daysOf(event)
    if (!Array.isArray(found)) {
      problems.push(found)
      continue
    }
    const name = unescaped(event.fields.get('SUMMARY')?.value ?? '')
    for (const date of found) dates.set(date, name)
  }
  if (problems.length > 0) return { ok: false, problems }
  const sorted = [...dates].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { ok: true, dates: sorted.map(([date, name]) => ({ date, name })) }
}

/** A line that begins with a blank goes on with the one before. */
function unfolded(text: string): readonly Line[] {
  const whole: { text: string; line: number }[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const last = whole.at(-1)
    if (/^[ \t]/.test(raw) && last) last.text += raw.slice(1)
    else if (raw !== '') whole.push({ text: raw, line: index + 1 })
  }
  return whole.map((one) => {
    const colon = colonOf(one.text)
    const [name = ''] = one.text.slice(0, colon).split(';')
    return {
      name: name.toUpperCase(),
      value: one.text.slice(colon + 1),
      line: one.line,
      column: colon + 2,
    }
  })
}

/** The first that is not in quotes. */
function colonOf(text: string): number {
  const found = /^(?:[^":]|"[^"]*")*:/.exec(text)
  return found ? found[0].length - 1 : text.length
}

function eventsOf(lines: readonly Line[], problems: IcsProblem[]): readonly Event[] {
  const events: Event[] = []
  let begin: Line | undefined
  let fields = new Map<string, Line>()
  let depth = 0
  for (const line of lines) {
    if (line.name === 'BEGIN' && line.value === 'VEVENT') {
      begin = line
      fields = new Map()
      depth = 0
    } else if (begin && line.name === 'BEGIN') depth += 1
    else if (begin && depth > 0 && line.name === 'END') depth -= 1
    else if (begin && line.name === 'END') {
      events.push({ begin, fields })
      begin = undefined
    } else if (begin && depth === 0) fields.set(line.name, line)
  }
  if (begin) {
    const { line, column } = begin
    problems.push({ line, column, message: 'has no END:VEVENT: the file is not whole' })
  }
  return events
}

/** Each day of the event and of its repeats, or what cannot be read. */
function daysOf({ begin, fields }: Event): string[] | IcsProblem {
  const at = ({ line, column }: Line, message: string): IcsProblem => ({ line, column, message })
  const start = fields.get('DTSTART')
  if (!start) return at(begin, 'this VEVENT has no DTSTART: give it a date, or remove it')
  const first = dateOf(start)
  if (first === undefined) return at(start, `must be a date such as 20261225, got "${start.value}"`)
  const end = fields.get('DTEND')
  const after = end ? dateOf(end) : datePlus(first, 1)
  if (end && after === undefined) {
    return at(end, `must be a date such as 20261226, got "${end.value}"`)
  }
  // Of all-day events the end is the day after; of others a time of the last day.
  const isAllDay = !start.value.includes('T')
  const span = (dayNumber(after ?? first) ?? 0) - (dayNumber(first) ?? 0)
  const days = Math.max(1, isAllDay ? span : span + 1)
  if (days > LONGEST_DAYS) {
    return at(
      end ?? start,
      `is ${days} days after the start: a holiday has at most ${LONGEST_DAYS}`,
    )
  }
  const rule = fields.get('RRULE')
  const starts = rule ? yearly(first, rule.value) : [first]
  if (!starts) {
    const message =
      `only FREQ=YEARLY with COUNT, UNTIL or nothing can be read, got "${rule?.value ?? ''}": ` +
      'write the dates out'
    return at(rule ?? begin, message)
  }
  return starts.flatMap((one) => Array.from({ length: days }, (_, index) => datePlus(one, index)))
}

function dateOf({ value }: Line): string | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?$/.exec(value)
  if (!match) return undefined
  const date = `${match[1] ?? ''}-${match[2] ?? ''}-${match[3] ?? ''}`
  return dayNumber(date) === undefined ? undefined : date
}

const KNOWN = new Set(['FREQ', 'COUNT', 'UNTIL', 'INTERVAL', 'WKST'])

function yearly(first: string, rule: string): string[] | undefined {
  const parts = new Map(rule.split(';').map((part) => [part.split('=')[0], part.split('=')[1]]))
  if (parts.get('FREQ') !== 'YEARLY' || (parts.get('INTERVAL') ?? '1') !== '1') return undefined
  if ([...parts.keys()].some((key) => !KNOWN.has(key ?? ''))) return undefined
  const count = Math.min(Number(parts.get('COUNT') ?? YEARS), YEARS)
  if (!(count >= 1)) return undefined
  const until = parts.get('UNTIL')?.slice(0, 8)
  const year = Number(first.slice(0, 4))
  return (
    Array.from({ length: count }, (_, index) => `${year + index}${first.slice(4)}`)
      // 29 February is not in each year.
      .filter((date) => dayNumber(date) !== undefined)
      .filter((date) => until === undefined || date.replaceAll('-', '') <= until)
  )
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\;,nN])/g, (_, escaped: string) =>
    escaped.toLowerCase() === 'n' ? ' ' : escaped,
  )
}
