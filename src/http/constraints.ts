/** /constraints: the tree of limits. */
import {
  constraintFieldsSchema,
  constraintFromWire,
  constraintToWire,
} from '../config/depot-schema.js'
import type { ConstraintView, View } from '../core/site/view.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { JsonObject } from './body.js'
import type { Changes } from './changes.js'
import { constraintAnswer, constraintAnswerSchema } from './constraint-shape.js'
import type { Call, Endpoint } from './endpoint.js'
import { answerOnly, checked, sameId, without } from './fields.js'
import { json } from './json.js'
import { refusal } from './refusal.js'

const MAX_CONSTRAINTS = 1000
const ANSWER_ONLY = answerOnly(constraintAnswerSchema, constraintFieldsSchema)

export function constraintEndpoints(backend: Backend, changes: Changes): Endpoint[] {
  const create = async ({ request }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const fields = checked(constraintFieldsSchema, without(read.body, ANSWER_ONLY))
    if (!fields.ok) return fields.response
    const id = backend.newId()
    return changes.make(
      ({ constraints }) =>
        constraints.length >= MAX_CONSTRAINTS
          ? refusal(409, `there are ${MAX_CONSTRAINTS} constraints already`)
          : { type: 'putConstraint', constraint: constraintFromWire({ ...fields.value, id }) },
      (view) => shown(view, id, 201, { location: `/api/v1/constraints/${id}` }),
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
        const own = sameId(without(body, ANSWER_ONLY), id)
        if (!own.ok) return own.response
        const fields = checked(constraintFieldsSchema, merged(before, own.value))
        if (!fields.ok) return fields.response
        return { type: 'putConstraint', constraint: constraintFromWire({ ...fields.value, id }) }
      },
      (view) => shown(view, id),
    )
  }

  const one = { tag: 'constraints', path: '/constraints/{id}' } as const
  const all = { tag: 'constraints', path: '/constraints' } as const
  const changing = {
    ...one,
    summary: 'Change a constraint; fields left out stay, null clears',
    body: 'ConstraintChange',
    success: { status: 200, schema: 'Constraint' },
    answer: change,
  } as const
  return [
    {
      ...all,
      method: 'get',
      summary: 'All constraints and charge groups',
      success: { status: 200, listOf: 'Constraint' },
      answer: () => json(200, backend.view().constraints.map(constraintAnswer)),
    },
    {
      ...all,
      method: 'post',
      summary: 'Create a constraint or a charge group',
      body: 'ConstraintFields',
      success: { status: 201, schema: 'Constraint' },
      answer: create,
    },
    {
      ...one,
      method: 'get',
      summary: 'One constraint or charge group',
      success: { status: 200, schema: 'Constraint' },
      answer: ({ id }) => shown(backend.view(), id),
    },
    { ...changing, method: 'put' },
    { ...changing, method: 'patch' },
    {
      ...one,
      method: 'delete',
      summary: 'Delete a constraint that nothing is below',
      success: { status: 204 },
      answer: ({ id }) =>
        changes.make(
          (view) => (find(view, id) ? { type: 'deleteConstraint', id } : unknown(id)),
          () => new Response(null, { status: 204 }),
        ),
    },
  ]
}

function merged({ constraint }: ConstraintView, change: JsonObject): JsonObject {
  const { id: _, ...fields } = constraintToWire(constraint)
  return { ...fields, ...change }
}

function find(view: View, id: string): ConstraintView | undefined {
  return view.constraints.find(({ constraint }) => constraint.id === id)
}

function shown(
  view: View,
  id: string,
  status: 200 | 201 = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const found = find(view, id)
  return found ? json(status, constraintAnswer(found), headers) : unknown(id)
}

function unknown(id: string): Response {
  return refusal(404, `no constraint has the id ${JSON.stringify(id)}`)
}
