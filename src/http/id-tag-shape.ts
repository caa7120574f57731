import { z } from 'zod'
import { idTagSchema } from '../config/depot-schema.js'
import type { IdTag } from '../core/site/depot.js'

export const idTagAnswerSchema = z.object({
  id_tag: z.string(),
  priority: z.number().nullable(),
  blocked: z.boolean(),
})

/** What PUT and PATCH take: fields left out stay as they are. */
export const idTagChangeSchema = idTagSchema.partial()

export function idTagAnswer(idTag: IdTag): z.infer<typeof idTagAnswerSchema> {
  return {
    id_tag: idTag.idTag,
    priority: idTag.priority ?? null,
    blocked: idTag.blocked === true,
  }
}
