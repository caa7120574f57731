/**
 * Departures in the words of a table: `mon-fri 05:30 80%; sat 07:00 40 kWh; 2026-12-24 none`. Pure.
 */
import { WEEKDAYS } from '../depot-fields.js'

type Fields = Readonly<Record<string, unknown>>

export type DepartureWords =
  | { readonly ok: true; readonly weekly: readonly Fields[]; readonly oneOff: readonly Fields[] }
  /** `offset`: in the text. */
  | { readonly ok: false; readonly offset: number; readonly message: string }

const EXPECTED =
  'write DAYS HH:MM TARGET, such as "mon-fri 05:30 80%", or YYYY-MM-DD HH:MM TARGET, or YYYY-MM-DD none'

export function departuresFromWords(text: string): DepartureWords {
  const weekly: Fields[] = []
  const oneOff: Fields[] = []
  for (const match of text.matchAll(/[^;|\n]+/g)) {
    const lead = match[0].length - match[0].trimStart().length
    const words = match[0].trim()
    if (words === '') continue
    const read = entry(words)
    if (typeof read === 'string') {
      const message = `"${words}" is no departure: ${read}`
      return { ok: false, offset: match.index + lead, message }
    }
    if ('date' in read) oneOff.push(read)
    else weekly.push(read)
  }
  return { ok: true, weekly, oneOff }
}

/** The fields of one, or what is wrong with it. */
function entry(words: string): Fields | string {
  const match = /^(\d{4}-\d\d-\d\d|[A-Za-z,+-]+)?\s*(\d{1,2}:\d\d|none)?\s*(.*)$/.exec(words)
  const [, when, time, rest = ''] = match ?? []
  const target = targetOf(rest)
  if (target === undefined) return EXPECTED
  const clock = time?.padStart(5, '0')
  if (when !== undefined && /^\d/.test(when)) {
    if (time === 'none') return rest === '' ? { date: when } : EXPECTED
    return clock === undefined ? EXPECTED : { date: when, time: clock, ...target }
  }
  if (clock === undefined || time === 'none') return EXPECTED
  const days = daysOf(when ?? 'daily')
  if (days === undefined) {
    return `"${when ?? ''}" names no days; write mon-fri, mon+wed or daily`
  }
  return { ...(days.length < WEEKDAYS.length && { days }), time: clock, ...target }
}

function targetOf(text: string): Fields | undefined {
  if (text === '') return {}
  const match = /^(\d+(?:[.,]\d+)?)\s*(%|kwh)$/i.exec(text)
  if (!match) return undefined
  const value = Number(match[1]?.replace(',', '.'))
  return match[2] === '%' ? { target_soc: value } : { target_kwh: value }
}

/** Undefined: there is a word that is no day. */
function daysOf(words: string): readonly string[] | undefined {
  const named = new Set<string>()
  for (const word of words.toLowerCase().split(/[,+]/)) {
    const [from = '', to = from] = word === 'daily' ? ['mon', 'sun'] : word.split('-')
    const first = WEEKDAYS.findIndex((day) => day === from.slice(0, 3))
    const last = WEEKDAYS.findIndex((day) => day === to.slice(0, 3))
    if (first < 0 || last < 0) return undefined
    for (let index = first; ; index = (index + 1) % WEEKDAYS.length) {
      named.add(WEEKDAYS[index] ?? '')
      if (index === last) break
    }
  }
  return WEEKDAYS.filter((day) => named.has(day))
}
