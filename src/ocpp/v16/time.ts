/** RFC 3339 times as OCPP 1.6 writes them, without a Date. */
import { dateOf, daysIn, daysSinceEpoch } from '../../core/calendar.js'

const PATTERN =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))?$/
const MS_PER_DAY = 86_400_000
const SECONDS_PER_DAY = 86_400

/**
 * Ms since the epoch, or undefined when the text names no instant (2026-02-30). Without a zone it
 * is read as UTC, the only zone OCPP 1.6 §3.15 asks for.
 */
export function parseTime(text: string): number | undefined {
  const match = PATTERN.exec(text)
  if (!match) return undefined
  const year = Number(match[1])
  const month = Number(match[2])
  const day = Number(match[3])
  const hour = Number(match[4])
  const minute = Number(match[5])
  const second = Number(match[6])
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  // A leap second (:60) is the first of the next minute, as in POSIX time.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const fraction = match[7]
  const fractionMs = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'))
  const offsetMinutes = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)
  if (offsetMinutes > 23 * 60 + 59 || Number(match[10] ?? 0) > 59) return undefined
  const utcMinutes = hour * 60 + minute + (match[8] === '-' ? offsetMinutes : -offsetMinutes)
  return (
    daysSinceEpoch(year, month, day) * MS_PER_DAY + utcMinutes * 60_000 + second * 1000 + fractionMs
  )
}

/**
 * `YYYY-MM-DDTHH:MM:SSZ`, rounded down to the second: fractions break the parsers of some charge
 * points. Years 0 to 9999.
 */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastFormatted.second) lastFormatted = { second, text: formatSecond(second) }
  return lastFormatted.text
}

/** Hundreds of charge points are told the same time. */
let lastFormatted: { readonly second: number; readonly text: string } = { second: NaN, text: '' }

function formatSecond(second: number): string {
  const days = Math.floor(second / SECONDS_PER_DAY)
  const seconds = second - days * SECONDS_PER_DAY
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return `${dateOf(days)}T${time}Z`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
