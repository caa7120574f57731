/** /constraints: the tree of limits. */
import {
  constraintFieldsSchema,
  constraintFromWire,
  constraintToWire,
} from '../config/depot-schema.js'
import type { ConstraintView } from '../core/site/view.js'
import type { Backend } from './backend.js'
import type { JsonObject } from './body.js'
import { constraintAnswer, constraintAnswerSchema } from './constraint-shape.js'
import { answerOnly, checked, sameId, without } from './fields.js'
import { refusal } from './refusal.js'
import type { Resource } from './resource.js'

const ANSWER_ONLY = answerOnly(constraintAnswerSchema, constraintFieldsSchema)

export function constraints(backend: Backend): Resource<ConstraintView> {
  return {
    tag: 'constraints',
    summaries: {
      list: 'All constraints and charge groups',
      create: 'Create a constraint or a charge group',
      one: 'One constraint or charge group',
      change: 'Change a constraint; fields left out stay, null clears',
      remove: 'Delete a constraint that nothing is below',
    },
    schemas: { shown: 'Constraint', fields: 'ConstraintFields', change: 'ConstraintChange' },
    max: 1000,
    list: (view) => view.constraints,
    find: (view, id) => view.constraints.find(({ constraint }) => constraint.id === id),
    answer: constraintAnswer,
    unknown: (id) => refusal(404, `no constraint has the id ${JSON.stringify(id)}`),
    create(body) {
      const fields = checked(constraintFieldsSchema, without(body, ANSWER_ONLY))
      if (!fields.ok) return fields.response
      const id = backend.newId()
      const constraint = constraintFromWire({ ...fields.value, id })
      return { id, edit: { type: 'putConstraint', constraint } }
    },
    change(before, body, id) {
      const own = sameId(without(body, ANSWER_ONLY), id)
      if (!own.ok) return own.response
      const fields = checked(constraintFieldsSchema, merged(before, own.value))
      if (!fields.ok) return fields.response
      return { type: 'putConstraint', constraint: constraintFromWire({ ...fields.value, id }) }
    },
    remove: (id) => ({ type: 'deleteConstraint', id }),
  }
}

function merged({ constraint }: ConstraintView, change: JsonObject): JsonObject {
  const { id: _, ...fields } = constraintToWire(constraint)
  return { ...fields, ...change }
}
