/** /constraints/{id}/schedule: what applies on a day, and why. */
import { dayNumber } from '../core/schedule/dates.js'
import { SITE_NODE_ID } from '../core/site/tree.js'
import { z } from 'zod'
import type { Backend } from './backend.js'
import type { Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { refusal } from './refusal.js'
import { daySchedule } from './schedule-shape.js'

const querySchema = z.object({
  date: z
    .string()
    .refine((text) => dayNumber(text) !== undefined, {
      error: ({ input }) => `must be a date such as 2026-12-24, got "${String(input)}"`,
    })
    .optional()
    .describe('YYYY-MM-DD; default: today, in the zone of the node'),
})

export function scheduleEndpoints(backend: Backend): Endpoint[] {
  const shown = (request: Request, id: string): Response => {
    const given = new URL(request.url).searchParams.get('date')
    const query = checked(querySchema, given === null ? {} : { date: given })
    if (!query.ok) return query.response
    const preview = backend.preview(id, query.value.date)
    if (!preview) return refusal(404, `no constraint has the id ${JSON.stringify(id)}`)
    return json(200, daySchedule(preview))
  }
  const common = {
    method: 'get',
    summary: 'What applies on a day and why; orders of operators included, of grid and backend not',
    query: querySchema,
    success: { status: 200, schema: 'DaySchedule' },
  } as const
  return [
    {
      ...common,
      tag: 'constraints',
      path: '/constraints/{id}/schedule',
      answer: ({ request, id }) => shown(request, id),
    },
    {
      ...common,
      tag: 'site',
      path: '/site/schedule',
      answer: ({ request }) => shown(request, SITE_NODE_ID),
    },
  ]
}
