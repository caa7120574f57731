/** Lists of days that schedules name. */
import { z } from 'zod'
import { dayNumber } from '../core/schedule/dates.js'
import { objectId } from './depot-fields.js'

const date = 'must be a date such as "2026-12-25"'

export const holidaysSchema = z
  .array(
    z.strictObject({
      id: objectId.describe('What schedules call it'),
      dates: z
        .array(
          z.string({ error: date }).refine((text) => dayNumber(text) !== undefined, {
            error: ({ input }) => `${date}, got "${String(input)}"`,
          }),
        )
        .max(2000),
    }),
  )
  .max(50)
  .default([])
  .describe(
    'Lists of days that exceptions of schedules name; `import holidays` makes one of an ICS file',
  )

export function unknownHolidays(name: string, known: readonly string[]): string {
  const there = known.length === 0 ? 'there is none' : `there is ${known.join(', ')}`
  return `"${name}" is no list below "holidays" of the configuration file (${there}): add it there`
}
