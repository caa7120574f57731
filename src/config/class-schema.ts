/** Classes of priorities at a constraint, as REST, the YAML file and the store write them. */
import { z } from 'zod'
import type { PriorityClass } from '../core/site/depot.js'
import { currentA, priority } from './depot-fields.js'

export const priorityClassSchema = z
  .strictObject({
    from_priority: priority.describe('Lowest priority that belongs to it'),
    to_priority: priority.nullish().describe('Highest; left out: and all above'),
    min_current_a: currentA
      .nullish()
      .describe('Its cars are sure of this together as far as they want it, A per phase'),
    max_current_a: currentA.nullish().describe('They get no more than this together, A per phase'),
  })
  .refine((one) => (one.min_current_a ?? one.max_current_a ?? null) !== null, {
    error: 'must state min_current_a, max_current_a or both',
  })
  .meta({ id: 'PriorityClass', description: 'What cars of some priorities have at a constraint' })

export const classesSchema = z
  .array(priorityClassSchema, { error: 'must be a list of classes' })
  .max(20, { error: 'must hold at most 20 classes' })

type PriorityClassWire = z.infer<typeof priorityClassSchema>

export function classFromWire(wire: PriorityClassWire): PriorityClass {
  const { to_priority: to, min_current_a: minA, max_current_a: maxA } = wire
  return {
    fromPriority: wire.from_priority,
    ...(typeof to === 'number' && { toPriority: to }),
    ...(typeof minA === 'number' && { minCurrentA: minA }),
    ...(typeof maxA === 'number' && { maxCurrentA: maxA }),
  }
}

export function classToWire(one: PriorityClass): PriorityClassWire {
  const { fromPriority, toPriority, minCurrentA, maxCurrentA } = one
  return {
    from_priority: fromPriority,
    ...(toPriority !== undefined && { to_priority: toPriority }),
    ...(minCurrentA !== undefined && { min_current_a: minCurrentA }),
    ...(maxCurrentA !== undefined && { max_current_a: maxCurrentA }),
  }
}
