/** /sessions: what charges now, and what has charged. */
import { z } from 'zod'
import type { Backend } from './backend.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { readBody } from './body.js'
import { refusal, refusedEdit } from './refusal.js'
import { planChangeOf } from './session-plan-shape.js'
import { endedSession, liveSession } from './session-shape.js'
import type { SessionView } from '../core/site/view.js'

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

/** `failed` is told when a change could not be written. */
export function sessionEndpoints(backend: Backend, failed: (error: unknown) => void): Endpoint[] {
  const ended = ({ request }: Call): Response => {
    const given = new URL(request.url).searchParams.get('limit')
    const query = checked(querySchema, given === null ? {} : { limit: given })
    if (!query.ok) return query.response
    return json(200, backend.sessions(query.value.limit).map(endedSession))
  }

  const one = (id: string): SessionView | undefined =>
    backend.view().sessions.find((session) => session.id === id)
  const shown = (id: string): Response => {
    const session = one(id)
    return session ? json(200, liveSession(session)) : unknown(id)
  }

  const change = async ({ request, id }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const session = one(id)
    if (!session) return unknown(id)
    const wanted = planChangeOf(liveSession(session), read.body, id)
    if (!wanted.ok) return wanted.response
    try {
      const outcome = await backend.plan(id, wanted.value)
      return outcome.ok ? shown(id) : refusedEdit(outcome.problem)
    } catch (error) {
      failed(error)
      return refusal(503, 'the change could not be written to disk, so it was not made')
    }
  }
  const changing = {
    tag: 'sessions',
    path: '/sessions/live/{id}',
    summary: 'Say what is wanted of a session; fields left out stay, null clears',
    body: 'SessionPlan',
    success: { status: 200, schema: 'LiveSession' },
    answer: change,
  } as const

  return [
    {
      tag: 'sessions',
      method: 'get',
      path: '/sessions/live/{id}',
      summary: 'One session that is going on',
      success: { status: 200, schema: 'LiveSession' },
      answer: ({ id }) => shown(id),
    },
    { ...changing, method: 'put' },
    { ...changing, method: 'patch' },
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

function unknown(id: string): Response {
  return refusal(404, `no session with the id ${JSON.stringify(id)} is going on`)
}
