/** A constraint as REST shows it: as configured, and what is live at it. */
import { z } from 'zod'
import { classesSchema, classToWire } from '../config/class-schema.js'
import { constraintFieldsSchema, constraintToWire } from '../config/depot-schema.js'
import { limitWindowSchema } from '../config/limit-window-schema.js'
import type { ConstraintView } from '../core/site/view.js'
import { nodeLive, nodeLiveShape } from './node-shape.js'
import { phases, phasesSchema } from './phases-schema.js'

export const constraintAnswerSchema = z.object({
  id: z.string(),
  name: z.string(),
  max_power_kw: z.number(),
  priority: z.number().nullable().describe('null: that of the constraint above'),
  type: constraintFieldsSchema.shape.type,
  parent_id: z.string().nullable(),
  max_current_a: phasesSchema.nullable(),
  base_load_a: z.number(),
  schedule: z.array(limitWindowSchema),
  schedule_timezone: z.string().nullable().describe('null: that of the site'),
  classes: classesSchema,
  cut_off_relay: z.string().nullable(),
  ...nodeLiveShape,
})

/** What PUT and PATCH take: fields left out stay as they are. */
export const constraintChangeSchema = constraintFieldsSchema.partial()

export function constraintAnswer(view: ConstraintView): z.infer<typeof constraintAnswerSchema> {
  const { constraint } = view
  const { maxCurrentA } = constraint
  return {
    ...constraintToWire(constraint),
    priority: constraint.priority ?? null,
    parent_id: constraint.parentId ?? null,
    max_current_a: maxCurrentA ? phases(maxCurrentA) : null,
    base_load_a: constraint.baseLoadA,
    schedule: constraintToWire(constraint).schedule ?? [],
    schedule_timezone: constraint.scheduleTimezone ?? null,
    classes: (constraint.classes ?? []).map(classToWire),
    cut_off_relay: constraint.cutOffRelay ?? null,
    ...nodeLive(view),
  }
}
