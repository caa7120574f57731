/** /chargers/{id}/calls: what an operator asks of a charge point. */
import type { Charger } from '../core/site/depot.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { CallOrder, OrderOutcome } from './call-order.js'
import { callResult } from './call-result.js'
import type { CallResultWire } from './call-result.js'
import { callSchema } from './call-shape.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { refusal } from './refusal.js'
import type { RefusalStatus } from './refusal.js'

export function callEndpoints(backend: Backend): Endpoint[] {
  const send = async ({ request, id }: Call): Promise<Response> => {
    const charger = chargerOf(backend, id)
    if (!charger) return unknownCharger(id)
    const read = await readBody(request)
    if (!read.ok) return read.response
    const order = checked(callSchema, read.body)
    if (!order.ok) return order.response
    return ordered(backend, charger, order.value)
  }
  return [
    {
      tag: 'chargers',
      method: 'post',
      path: '/chargers/{id}/calls',
      summary: 'Ask something of the charge point and wait for its answer',
      body: 'Call',
      success: { status: 200, schema: 'CallResult' },
      answer: send,
    },
  ]
}

export function chargerOf(backend: Backend, id: string): Charger | undefined {
  return backend.view().chargers.find((view) => view.charger.id === id)?.charger
}

export function unknownCharger(id: string): Response {
  return refusal(404, `no charger has the id ${JSON.stringify(id)}`)
}

/** `shown` makes another answer of an accepted one. */
export async function ordered(
  backend: Backend,
  charger: Charger,
  order: CallOrder,
  shown: (result: CallResultWire) => Response = (result) => json(200, result),
): Promise<Response> {
  const { ocppChargePointId } = charger
  if (ocppChargePointId === undefined) {
    return refusal(409, 'the charger has no ocpp_charge_point_id: nobody can be called')
  }
  const told = orderResult(await backend.order(ocppChargePointId, order))
  return told.ok ? shown(told.result) : refusal(told.status, told.message)
}

export type OrderResult =
  | { readonly ok: true; readonly result: CallResultWire }
  | { readonly ok: false; readonly status: RefusalStatus; readonly message: string }

/** The answer of the charge point, or why there is none, in words. */
export function orderResult(outcome: OrderOutcome): OrderResult {
  if (outcome.type === 'forbidden') return no(403, outcome.message)
  if (outcome.type === 'impossible') {
    return no(outcome.kind === 'invalid' ? 422 : 409, outcome.message)
  }
  const { call, end, facts } = outcome
  switch (end.type) {
    case 'answered': {
      const read = callResult(call, end.payload, facts)
      return read.ok ? read : no(502, read.reason)
    }
    case 'refused':
      return no(502, `the charge point answered with an error: ${end.code} ${end.description}`)
    case 'timedOut':
      return no(504, 'the charge point did not answer in time')
    case 'disconnected':
      return no(409, 'the charge point is not connected')
    case 'notSent':
      return no(409, end.reason)
  }
}

function no(status: RefusalStatus, message: string): OrderResult {
  return { ok: false, status, message }
}
