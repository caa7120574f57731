/** /chargers: the charge points of the depot. */
import { chargerFieldsSchema, chargerFromWire } from '../config/depot-schema.js'
import type { ChargerView, View } from '../core/site/view.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { Changes } from './changes.js'
import { mergedCharger, newCharger } from './charger-fields.js'
import { chargerAnswer } from './charger-shape.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked, sameId } from './fields.js'
import { json } from './json.js'
import { refusal } from './refusal.js'

const MAX_CHARGERS = 1000

export function chargerEndpoints(backend: Backend, changes: Changes): Endpoint[] {
  const create = async ({ request }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const fields = checked(chargerFieldsSchema, newCharger(read.body))
    if (!fields.ok) return fields.response
    const id = backend.newId()
    return changes.make(
      ({ chargers }) =>
        chargers.length >= MAX_CHARGERS
          ? refusal(409, `there are ${MAX_CHARGERS} chargers already`)
          : { type: 'putCharger', charger: chargerFromWire({ ...fields.value, id }) },
      (view) => shown(view, id, 201, { location: `/api/v1/chargers/${id}` }),
    )
  }

  const change = async ({ request, id }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const { body } = read
    return changes.make(
      (view) => {
        const before = find(view, id)
        if (!before) return unknown(id)
        const own = sameId(body, id)
        if (!own.ok) return own.response
        const fields = checked(chargerFieldsSchema, mergedCharger(before, own.value))
        if (!fields.ok) return fields.response
        return { type: 'putCharger', charger: chargerFromWire({ ...fields.value, id }) }
      },
      (view) => shown(view, id),
    )
  }

  const one = { tag: 'chargers', path: '/chargers/{id}' } as const
  const all = { tag: 'chargers', path: '/chargers' } as const
  const changing = {
    ...one,
    summary: 'Change a charger; fields left out stay, null clears',
    body: 'ChargerChange',
    success: { status: 200, schema: 'Charger' },
    answer: change,
  } as const
  return [
    {
      ...all,
      method: 'get',
      summary: 'All chargers',
      success: { status: 200, listOf: 'Charger' },
      answer: () => json(200, backend.view().chargers.map(chargerAnswer)),
    },
    {
      ...all,
      method: 'post',
      summary: 'Create a charger',
      body: 'ChargerFields',
      success: { status: 201, schema: 'Charger' },
      answer: create,
    },
    {
      ...one,
      method: 'get',
      summary: 'One charger',
      success: { status: 200, schema: 'Charger' },
      answer: ({ id }) => shown(backend.view(), id),
    },
    { ...changing, method: 'put' },
    { ...changing, method: 'patch' },
    {
      ...one,
      method: 'delete',
      summary: 'Delete a charger',
      success: { status: 204 },
      answer: ({ id }) =>
        changes.make(
          (view) => (find(view, id) ? { type: 'deleteCharger', id } : unknown(id)),
          () => new Response(null, { status: 204 }),
        ),
    },
  ]
}

function find(view: View, id: string): ChargerView | undefined {
  return view.chargers.find(({ charger }) => charger.id === id)
}

function shown(
  view: View,
  id: string,
  status: 200 | 201 = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const found = find(view, id)
  return found ? json(status, chargerAnswer(found), headers) : unknown(id)
}

function unknown(id: string): Response {
  return refusal(404, `no charger has the id ${JSON.stringify(id)}`)
}
