/** Calendar dates `YYYY-MM-DD` as days since 1970-01-01, without a Date. */
import { dateOf, daysIn, daysSinceEpoch } from '../calendar.js'

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/

/** Undefined: there is no such date. */
export function dayNumber(date: string): number | undefined {
  const match = DATE.exec(date)
  if (!match) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  return daysSinceEpoch(year, month, day)
}

/** The date so many days after this one; the date itself must be one. */
export function datePlus(date: string, days: number): string {
  return dateOf((dayNumber(date) ?? 0) + days)
}
