/** /constraints/{id}/override and /site/override: an operator's order for a while. */
import type { z } from 'zod'
import { phasesFromWire } from '../config/limit-window-schema.js'
import type { OverrideEnd } from '../core/site/overrides.js'
import { SITE_NODE_ID } from '../core/site/tree.js'
import type { NodeView } from '../core/site/view.js'
import { parseTime } from '../ocpp/v16/time.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { overrideAnswer, overrideOrderSchema } from './override-shape.js'
import { invalid, refusal } from './refusal.js'

export function overrideEndpoints(backend: Backend, failed: (error: unknown) => void): Endpoint[] {
  return [
    ...endpointsOf('constraints', '/constraints/{id}/override', (id) => id),
    ...endpointsOf('site', '/site/override', () => SITE_NODE_ID),
  ]

  function nodeOf(id: string): NodeView | undefined {
    const view = backend.view()
    return id === SITE_NODE_ID
      ? view.site
      : view.constraints.find(({ constraint }) => constraint.id === id)
  }

  function shown(id: string): Response {
    const node = nodeOf(id)
    if (!node) return unknown(id)
    return node.override ? json(200, overrideAnswer(node.override)) : none(node)
  }

  async function set(id: string, { request }: Call): Promise<Response> {
    if (!nodeOf(id)) return unknown(id)
    const read = await readBody(request)
    if (!read.ok) return read.response
    const order = checked(overrideOrderSchema, read.body)
    if (!order.ok) return order.response
    const { value } = order
    const end = endOf(value)
    if (!end) {
      return invalid([{ field: 'until', message: 'is missing: state it, or for_s, and not both' }])
    }
    const { max_current_a: currentA } = value
    const outcome = await onDisk(() =>
      backend.overrides.set({
        nodeId: id,
        limitA: currentA === null || currentA === undefined ? undefined : phasesFromWire(currentA),
        limitKw: value.max_power_kw ?? undefined,
        ignoresSchedule: value.ignore_schedule === true,
        until: end,
        reason: value.reason,
        by: value.by ?? '',
        via: 'rest',
      }),
    )
    if (outcome instanceof Response) return outcome
    if (outcome.ok) return shown(id)
    return refusal(outcome.kind === 'notFound' ? 404 : 422, outcome.message)
  }

  async function clear(id: string): Promise<Response> {
    const node = nodeOf(id)
    if (!node) return unknown(id)
    if (!node.override) return none(node)
    const outcome = await onDisk(() => backend.overrides.clear(id, { by: '', via: 'rest' }))
    return outcome instanceof Response ? outcome : new Response(null, { status: 204 })
  }

  async function onDisk<T>(act: () => Promise<T>): Promise<T | Response> {
    try {
      return await act()
    } catch (error) {
      failed(error)
      const message = 'it is in force, but the disk refused it: it will not survive a restart'
      return refusal(503, message)
    }
  }

  function endpointsOf(
    tag: string,
    path: string,
    nodeId: (id: string) => string,
  ): readonly Endpoint[] {
    const one = { tag, path } as const
    return [
      {
        ...one,
        method: 'put',
        summary: 'Order a lower limit, or to leave the schedule alone, for a while',
        body: 'OverrideOrder',
        success: { status: 200, schema: 'Override' },
        answer: (call) => set(nodeId(call.id), call),
      },
      {
        ...one,
        method: 'get',
        summary: 'What is ordered now',
        success: { status: 200, schema: 'Override' },
        answer: ({ id }) => shown(nodeId(id)),
      },
      {
        ...one,
        method: 'delete',
        summary: 'End the order before its time',
        success: { status: 204 },
        answer: ({ id }) => clear(nodeId(id)),
      },
    ]
  }
}

function endOf(order: z.infer<typeof overrideOrderSchema>): OverrideEnd | undefined {
  const { until, for_s: seconds } = order
  if (typeof until === 'string' && typeof seconds === 'number') return undefined
  if (typeof seconds === 'number') return { type: 'for', seconds }
  if (typeof until !== 'string') return undefined
  if (until.length === 5) return { type: 'clock', time: until }
  const wallMs = parseTime(until)
  return wallMs === undefined ? undefined : { type: 'at', wallMs }
}

function none({ id, name }: NodeView): Response {
  return refusal(404, `nothing is ordered for "${name}" (${id}) now`)
}

function unknown(id: string): Response {
  return refusal(404, `no constraint has the id ${JSON.stringify(id)}`)
}
