/** /sessions: what charges now, and what has charged. */
import { z } from 'zod'
import type { Backend } from './backend.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { endedSession, liveSession } from './session-shape.js'

const limit = 'must be a whole number from 1 to 1000'

const querySchema = z.object({
  limit: z.coerce
    .number({ error: limit })
    .int({ error: limit })
    .min(1, { error: limit })
    .max(1000, { error: limit })
    .default(100)
    .describe('How many at most'),
})

export function sessionEndpoints(backend: Backend): Endpoint[] {
  const ended = ({ request }: Call): Response => {
    const given = new URL(request.url).searchParams.get('limit')
    const query = checked(querySchema, given === null ? {} : { limit: given })
    if (!query.ok) return query.response
    return json(200, backend.sessions(query.value.limit).map(endedSession))
  }

  return [
    {
      tag: 'sessions',
      method: 'get',
      path: '/sessions/live',
      summary: 'Sessions that are going on',
      success: { status: 200, listOf: 'LiveSession' },
      answer: () => json(200, backend.view().sessions.map(liveSession)),
    },
    {
      tag: 'sessions',
      method: 'get',
      path: '/sessions',
      summary: 'Ended sessions, newest first',
      query: querySchema,
      success: { status: 200, listOf: 'EndedSession' },
      answer: ended,
    },
  ]
}
