/** /security, /security-events, and how a charger proves who it is. */
import { z } from 'zod'
import type { Charger } from '../core/site/depot.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { invalid, refusal, refusedEdit } from './refusal.js'
import {
  chargerSecurityAnswer,
  keyOrderSchema,
  profileOrderSchema,
  securityAnswer,
  securityEventAnswer,
} from './security-shape.js'

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
export function securityEndpoints(backend: Backend, failed: (error: unknown) => void): Endpoint[] {
  const { security } = backend

  const events = ({ request }: Call): Response => {
    const given = new URL(request.url).searchParams.get('limit')
    const query = checked(querySchema, given === null ? {} : { limit: given })
    if (!query.ok) return query.response
    return json(200, security.events(query.value.limit).map(securityEventAnswer))
  }

  /** The charger and the body, or why neither is looked at. */
  const asked = async <T>(
    { request, id }: Call,
    schema: z.ZodType<T>,
  ): Promise<{ readonly charger: Identified; readonly order: T } | Response> => {
    const charger = identified(backend, id)
    if (charger instanceof Response) return charger
    const read = await readBody(request)
    if (!read.ok) return read.response
    const order = checked(schema, read.body)
    return order.ok ? { charger, order: order.value } : order.response
  }

  const orderKey = async (call: Call): Promise<Response> => {
    const given = await asked(call, keyOrderSchema)
    if (given instanceof Response) return given
    const { via, key, revoke_others: revokesOthers } = given.order
    const outcome = await onDisk(() =>
      security.orderKey(given.charger.ocppChargePointId, {
        via,
        key: key ?? undefined,
        revokesOthers: revokesOthers === true,
      }),
    )
    if (outcome instanceof Response) return outcome
    switch (outcome.type) {
      case 'made':
        return json(201, {
          status: 'made',
          message: 'type it into the charge point; older keys end when it connects with this one',
          authorization_key: outcome.hex,
          ...(outcome.text !== undefined && { authorization_key_text: outcome.text }),
        })
      case 'accepted': {
        const message = 'the older key ends when the charge point connects with the new one'
        return json(201, { status: 'accepted', message })
      }
      case 'refused': {
        const message = `the charge point keeps the key it has: ${outcome.why}`
        return json(201, { status: 'refused', message })
      }
      case 'unanswered': {
        const message = `both are valid until it connects with one of them: ${outcome.why}`
        return json(201, { status: 'unanswered', message })
      }
      case 'invalid':
        return invalid([{ field: 'key', message: outcome.message }])
      case 'conflict':
        return refusal(409, outcome.message)
    }
  }

  const revoke = async ({ id }: Call): Promise<Response> => {
    const charger = identified(backend, id)
    if (charger instanceof Response) return charger
    const done = await onDisk(() => security.revokeKeys(charger.ocppChargePointId))
    return done instanceof Response ? done : new Response(null, { status: 204 })
  }

  const setProfile = async (call: Call): Promise<Response> => {
    const given = await asked(call, profileOrderSchema)
    if (given instanceof Response) return given
    const { charger, order } = given
    const outcome = await onDisk(() =>
      security.setProfile(charger.id, order.security_profile, order.lower === true),
    )
    if (outcome instanceof Response) return outcome
    return outcome.ok ? shown(charger.id) : refusedEdit(outcome.problem)
  }

  const shown = (id: string): Response => {
    const charger = identified(backend, id)
    if (charger instanceof Response) return charger
    return json(200, chargerSecurityAnswer(security.ofCharger(charger.ocppChargePointId)))
  }

  const onDisk = async <T>(write: () => Promise<T>): Promise<T | Response> => {
    try {
      return await write()
    } catch (error) {
      failed(error)
      return refusal(503, 'the change could not be written to disk, so it was not made')
    }
  }

  const key = { tag: 'chargers', path: '/chargers/{id}/authorization-key' } as const
  return [
    {
      tag: 'security',
      method: 'get',
      path: '/security',
      summary: 'The listeners of charge points, their certificates, and what should be seen to',
      success: { status: 200, schema: 'Security' },
      answer: () => {
        const { listeners, warnings, wallMs } = security.listeners()
        return json(200, securityAnswer(listeners, warnings, wallMs))
      },
    },
    {
      tag: 'security',
      method: 'get',
      path: '/security-events',
      summary: 'What has happened that matters for security, newest first',
      query: querySchema,
      success: { status: 200, listOf: 'SecurityEvent' },
      answer: events,
    },
    {
      tag: 'chargers',
      method: 'get',
      path: '/chargers/{id}/security',
      summary: 'How a charge point proves who it is',
      success: { status: 200, schema: 'ChargerSecurity' },
      answer: ({ id }) => shown(id),
    },
    {
      ...key,
      method: 'post',
      summary: 'Give the charge point a new authorization key',
      body: 'KeyOrder',
      success: { status: 201, schema: 'KeyOutcome' },
      answer: orderKey,
    },
    {
      ...key,
      method: 'delete',
      summary: 'Revoke all its authorization keys',
      success: { status: 204 },
      answer: revoke,
    },
    {
      tag: 'chargers',
      method: 'post',
      path: '/chargers/{id}/security-profile',
      summary: 'Set the security profile that the charge point must use at least',
      body: 'ProfileOrder',
      success: { status: 200, schema: 'ChargerSecurity' },
      answer: setProfile,
    },
  ]
}

type Identified = Charger & { readonly ocppChargePointId: string }

function identified(backend: Backend, id: string): Identified | Response {
  const charger = backend.view().chargers.find((view) => view.charger.id === id)?.charger
  if (!charger) return refusal(404, `no charger has the id ${JSON.stringify(id)}`)
  const { ocppChargePointId } = charger
  if (ocppChargePointId !== undefined) return { ...charger, ocppChargePointId }
  return refusal(409, 'the charger has no ocpp_charge_point_id: there is nobody to prove it')
}
