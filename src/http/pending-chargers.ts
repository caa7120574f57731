/** /pending-chargers: who came and has no place yet. */
import { chargerFieldsSchema, chargerFromWire } from '../config/depot-schema.js'
import type { PendingCharger } from '../core/site/pending.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { JsonObject } from './body.js'
import type { Changes } from './changes.js'
import { chargers } from './chargers.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import {
  pendingAcceptSchema,
  pendingChangeSchema,
  pendingChargerAnswer,
} from './pending-charger-shape.js'
import { refusal } from './refusal.js'

export function pendingChargerEndpoints(backend: Backend, changes: Changes): Endpoint[] {
  const { pending } = backend
  const find = (id: string): PendingCharger | undefined =>
    pending.list().find(({ chargePointId }) => chargePointId === id)
  const shown = (id: string): Response => {
    const charger = find(id)
    return charger ? json(200, pendingChargerAnswer(charger)) : unknown(id)
  }

  const accept = async ({ request, id }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const found = find(id)
    if (!found) return unknown(id)
    const given = checked(pendingAcceptSchema, read.body)
    if (!given.ok) return given.response
    const fields = checked(chargerFieldsSchema, withDefaults(found, given.value))
    if (!fields.ok) return fields.response
    const chargerId = backend.newId()
    const charger = chargerFromWire({ ...fields.value, id: chargerId })
    const resource = chargers(backend)
    return changes.make(
      (view) =>
        resource.list(view).length < resource.max
          ? { type: 'putCharger', charger }
          : refusal(409, `there are ${resource.max} chargers already`),
      (view) => {
        const made = resource.find(view, chargerId)
        const headers = { location: `/api/v1/chargers/${chargerId}` }
        return made ? json(201, resource.answer(made), headers) : resource.unknown(chargerId)
      },
    )
  }

  const change = async ({ request, id }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const fields = checked(pendingChangeSchema, read.body)
    if (!fields.ok) return fields.response
    return pending.reject(id, fields.value.rejected) ? shown(id) : unknown(id)
  }

  const one = { tag: 'pending-chargers', path: '/pending-chargers/{id}' } as const
  return [
    {
      tag: 'pending-chargers',
      method: 'get',
      path: '/pending-chargers',
      summary: 'Charge points that came and that the depot does not have, the last first',
      success: { status: 200, listOf: 'PendingCharger' },
      answer: () => json(200, pending.list().map(pendingChargerAnswer)),
    },
    {
      ...one,
      method: 'get',
      summary: 'One of them, by its charge point id',
      success: { status: 200, schema: 'PendingCharger' },
      answer: ({ id }) => shown(id),
    },
    {
      ...one,
      method: 'delete',
      summary: 'Forget it: it may come again',
      success: { status: 204 },
      answer: ({ id }) => (pending.forget(id) ? new Response(null, { status: 204 }) : unknown(id)),
    },
    {
      ...one,
      path: '/pending-chargers/{id}/accept',
      method: 'post',
      summary: 'Give it a place: it becomes a charger of a charge group, and connects again',
      body: 'PendingAccept',
      success: { status: 201, schema: 'Charger' },
      answer: accept,
    },
    {
      ...one,
      method: 'patch',
      summary: 'Turn it away, until it is forgotten or the gateway restarts, or let it come again',
      body: 'PendingChange',
      success: { status: 200, schema: 'PendingCharger' },
      answer: change,
    },
  ]
}

/** Each connector it told of may take as much as the charger. */
function withDefaults(
  { chargePointId, connectors }: PendingCharger,
  given: Readonly<Record<string, unknown>>,
): JsonObject {
  const ids = Array.from({ length: Math.max(1, Math.min(8, connectors)) }, (_, index) => index + 1)
  return {
    ...given,
    name: given['name'] ?? chargePointId,
    ocpp_charge_point_id: chargePointId,
    evses: given['evses'] ?? ids.map((id) => ({ id, max_power_kw: given['max_power_kw'] })),
  }
}

function unknown(id: string): Response {
  return refusal(404, `no charge point ${JSON.stringify(id)} waits for a place`)
}
