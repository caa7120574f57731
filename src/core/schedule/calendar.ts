/** The Gregorian calendar without the clock: pure code has no Date. */

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/** Days since 1970-01-01 of a `YYYY-MM-DD`; undefined: there is no such day. */
export function dayOf(date: string): number | undefined {
  const match = DATE.exec(date)
  if (!match) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = month === 2 && isLeap ? 29 : (MONTH_DAYS[month - 1] ?? 0)
  if (day < 1 || day > days) return undefined
  return daysSinceEpoch(year, month, day)
}

export function isDate(date: string): boolean {
  return dayOf(date) !== undefined
}

export function daysSinceEpoch(year: number, month: number, day: number): number {
  // Years that start in March put the leap day last, so that a month's start needs no table.
  const marchYear = month > 2 ? year : year - 1
  const marchMonth = month > 2 ? month - 3 : month + 9
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) + day - 1 - 719_468
}

/** 0 is Monday. */
export function weekdayOf(day: number): number {
  // 1970-01-01 was a Thursday.
  return (((day + 3) % 7) + 7) % 7
}
