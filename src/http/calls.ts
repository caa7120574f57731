/** /chargers/{id}/calls: what an operator asks of a charge point. */
import type { CallEnd } from '../ocpp/call-end.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { OutboundAction } from '../ocpp/v16/outbound.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import { callFromWire, callSchema } from './call-shape.js'
import type { CallResultWire } from './call-shape.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { refusal } from './refusal.js'

export function callEndpoints(backend: Backend): Endpoint[] {
  const send = async ({ request, id }: Call): Promise<Response> => {
    const charger = backend.view().chargers.find((view) => view.charger.id === id)?.charger
    if (!charger) return refusal(404, `no charger has the id ${JSON.stringify(id)}`)
    const read = await readBody(request)
    if (!read.ok) return read.response
    const wire = checked(callSchema, read.body)
    if (!wire.ok) return wire.response
    const { ocppChargePointId } = charger
    if (ocppChargePointId === undefined) {
      return refusal(409, 'the charger has no ocpp_charge_point_id: nobody can be called')
    }
    const call = callFromWire(wire.value)
    return answered(call.action, await backend.call(ocppChargePointId, call))
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

function answered(action: OutboundAction, end: CallEnd): Response {
  switch (end.type) {
    case 'answered':
      return action === 'GetConfiguration'
        ? configuration(end.payload)
        : status(action, end.payload)
    case 'refused':
      return refusal(502, `the charge point answered with an error: ${end.code} ${end.description}`)
    case 'timedOut':
      return refusal(504, 'the charge point did not answer in time')
    case 'disconnected':
      return refusal(409, 'the charge point is not connected')
    case 'notSent':
      return refusal(409, end.reason)
  }
}

function status(action: OutboundAction, payload: unknown): Response {
  const decoded = decodeResult(action, payload)
  if (!decoded.ok) return refusal(502, decoded.reason)
  const { result } = decoded
  const answer: CallResultWire = { action, status: 'status' in result ? result.status : null }
  return json(200, answer)
}

function configuration(payload: unknown): Response {
  const decoded = decodeResult('GetConfiguration', payload)
  if (!decoded.ok) return refusal(502, decoded.reason)
  const { keys, unknownKeys } = decoded.result
  const answer: CallResultWire = {
    action: 'GetConfiguration',
    status: null,
    configuration: keys.map(({ key, readonly, value }) => ({
      key,
      readonly,
      value: value ?? null,
    })),
    unknown_keys: [...unknownKeys],
  }
  return json(200, answer)
}
