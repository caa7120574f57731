/** The REST API as a function from request to response; sockets are somebody else's. */
import { Hono } from 'hono'
import type { AccessRules as Access } from './access.js'
import { denied } from './access.js'
import type { Backend } from './backend.js'
import { callEndpoints } from './calls.js'
import { configurationEndpoints } from './configuration.js'
import { createChanges } from './changes.js'
import { chargers } from './chargers.js'
import { siteCheckAnswer } from './check-shape.js'
import { constraints } from './constraints.js'
import { cutOffEndpoints } from './cut-offs.js'
import type { Endpoint } from './endpoint.js'
import { frameEndpoint } from './frames.js'
import { idTagTableEndpoints } from './id-tag-table.js'
import { fileEndpoints } from './files.js'
import { idTags } from './id-tags.js'
import { json } from './json.js'
import { liveEndpoint } from './live.js'
import { openApi } from './openapi.js'
import { overrideEndpoints } from './overrides.js'
import { pendingChargerEndpoints } from './pending-chargers.js'
import { probeEndpoints } from './probes.js'
import { rateLimit } from './rate-limit.js'
import { refusal } from './refusal.js'
import { reservationEndpoints } from './reservations.js'
import { resourceEndpoints } from './resource.js'
import { scheduleEndpoints } from './schedules.js'
import { securityEndpoints } from './security.js'
import { sessionEndpoints } from './sessions.js'
import { siteAnswer } from './site-shape.js'
import { vehicles } from './vehicles.js'

export interface Peer {
  /** IP address of the other end of the socket. */
  readonly remoteAddress: string
}

export interface AccessRules extends Access {
  /** Monotonic ms, for the rate limit. */
  monotonic(): number
  /** Told what went wrong inside when an answer is 500 or 503. */
  failed?(error: unknown): void
}

const BASE = '/api/v1'
const HEALTH = '/healthz'

/** Never rejects. `/healthz` needs no token; everything else does, except from this machine. */
export function restApi(
  backend: Backend,
  access: AccessRules,
): (request: Request, peer: Peer) => Promise<Response> {
  const failed = (error: unknown): void => access.failed?.(error)
  const limit = rateLimit({ perSecond: 50, burst: 200, maxAddresses: 1000 })
  const app = router(endpoints(backend, failed))

  const answer = async (request: Request, { remoteAddress }: Peer): Promise<Response> => {
    const isHealth = new URL(request.url).pathname === HEALTH
    const refused = isHealth ? undefined : denied(request, remoteAddress, access)
    // Strangers must not use up what the others behind their address, or behind a proxy, may ask.
    const isStranger = isHealth || refused !== undefined
    const asking = isStranger ? `stranger ${remoteAddress}` : remoteAddress
    const waitS = limit.take(asking, access.monotonic())
    if (waitS !== undefined) {
      const message = `more than 50 requests a second from ${remoteAddress}`
      return refusal(429, message, [], { 'retry-after': String(waitS) })
    }
    return refused ?? (await app.fetch(request))
  }

  return async (request, peer) => {
    try {
      return guarded(await answer(request, peer))
    } catch (error) {
      failed(error)
      return guarded(refusal(500, 'something failed inside; the log says what'))
    }
  }
}

function endpoints(backend: Backend, failed: (error: unknown) => void): Endpoint[] {
  const changes = createChanges(backend, failed)
  const described: Endpoint[] = [
    ...resourceEndpoints(constraints(backend), backend, changes),
    ...scheduleEndpoints(backend),
    ...overrideEndpoints(backend, failed),
    ...cutOffEndpoints(backend),
    ...resourceEndpoints(chargers(backend), backend, changes),
    ...callEndpoints(backend),
    frameEndpoint(backend),
    ...configurationEndpoints(backend),
    ...reservationEndpoints(backend),
    ...fileEndpoints(backend),
    ...probeEndpoints(backend),
    ...pendingChargerEndpoints(backend, changes),
    ...idTagTableEndpoints(backend, changes),
    ...resourceEndpoints(idTags(), backend, changes),
    ...resourceEndpoints(vehicles(backend), backend, changes),
    ...sessionEndpoints(backend, failed),
    ...securityEndpoints(backend, failed),
    {
      tag: 'site',
      method: 'get',
      path: '/site',
      summary: 'The grid connection and its meters',
      success: { status: 200, schema: 'Site' },
      answer: () => json(200, siteAnswer(backend.view())),
    },
    {
      tag: 'site',
      method: 'get',
      path: '/site/check',
      summary: 'Whether fallbacks and worst base load fit every limit, with the arithmetic',
      success: { status: 200, schema: 'SiteCheck' },
      answer: () => json(200, siteCheckAnswer(backend.check())),
    },
    liveEndpoint(backend),
  ]
  const description: Endpoint = {
    tag: 'site',
    method: 'get',
    path: '/openapi.json',
    summary: 'This description',
    success: { status: 200, text: 'OpenAPI 3.1' },
    answer: () => json(200, document()),
  }
  let made: object | undefined
  const document = (): object => (made ??= openApi([...described, description]))
  return [...described, description]
}

function router(all: readonly Endpoint[]): Hono {
  const app = new Hono({ strict: false })
  const allowed = new Map<string, string[]>([[HEALTH, ['GET']]])
  app.get(HEALTH, () => json(200, { status: 'ok' }))
  for (const { method, path, answer } of all) {
    const pattern = `${BASE}${path.replace('{id}', ':id')}`
    const verb = method.toUpperCase()
    allowed.set(pattern, [...(allowed.get(pattern) ?? []), verb])
    app.on(verb, pattern, (c) => answer({ request: c.req.raw, id: c.req.param('id') ?? '' }))
  }
  for (const [pattern, methods] of allowed) {
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
    app.options(pattern, () => new Response(null, { status: 204, headers: { allow } }))
    app.all(pattern, (c) =>
      refusal(405, `${c.req.method} is not possible here: ${allow}`, [], { allow }),
    )
  }
  app.notFound((c) => refusal(404, `there is nothing at ${JSON.stringify(c.req.path)}`))
  // There is one place that answers for faults, and it is not here.
  app.onError((error) => {
    throw error
  })
  return app
}

/** Answers are data of the moment, for the one who asked, and nothing to run or embed. */
function guarded(response: Response): Response {
  response.headers.set('cache-control', 'no-store')
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('cross-origin-resource-policy', 'same-origin')
  return response
}
