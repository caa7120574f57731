/** /chargers/{id}/probe: finds out what a charger really does, with the consent of the operator. */
import type { Charger } from '../core/site/depot.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { probeAnswer, probeOrderSchema } from './probe-shape.js'
import { refusal } from './refusal.js'

export function probeEndpoints(backend: Backend): Endpoint[] {
  const chargerOf = (id: string): Charger | undefined =>
    backend.view().chargers.find((view) => view.charger.id === id)?.charger

  const shown = (id: string, status: 200 | 201 = 200): Response => {
    const charger = chargerOf(id)
    return charger ? json(status, probeAnswer(charger, backend.probes.view(id))) : unknown(id)
  }

  const start = async ({ request, id }: Call): Promise<Response> => {
    if (!chargerOf(id)) return unknown(id)
    const read = await readBody(request)
    if (!read.ok) return read.response
    const order = checked(probeOrderSchema, read.body)
    if (!order.ok) return order.response
    const { steps, connector_id: connectorId } = order.value
    const started = backend.probes.start(id, { steps, connectorId })
    if (started.ok) return shown(id, 201)
    return refusal(started.kind === 'notFound' ? 404 : 409, started.message)
  }

  const one = { tag: 'chargers', path: '/chargers/{id}/probe' } as const
  return [
    {
      ...one,
      method: 'post',
      summary: 'Probe a charger: find out what it does when limits expire, links break, cars pause',
      body: 'ProbeOrder',
      success: { status: 201, schema: 'Probe' },
      answer: start,
    },
    {
      ...one,
      method: 'get',
      summary: 'How far the probe is, and its result',
      success: { status: 200, schema: 'Probe' },
      answer: ({ id }) => shown(id),
    },
    {
      ...one,
      method: 'delete',
      summary: 'Abort the probe: the charger is let go at once',
      success: { status: 200, schema: 'Probe' },
      answer: ({ id }) => {
        if (chargerOf(id)) backend.probes.abort(id)
        return shown(id)
      },
    },
  ]
}

function unknown(id: string): Response {
  return refusal(404, `no charger has the id ${JSON.stringify(id)}`)
}
