import { z } from 'zod'
import { idTagSchema } from '../config/depot-schema.js'
import type { IdTag } from '../core/site/depot.js'
import { formatTime } from '../ocpp/v16/time.js'

export const idTagAnswerSchema = z.object({
  id_tag: z.string(),
  priority: z.number().nullable(),
  blocked: z.boolean(),
  parent_id_tag: z.string().nullable().describe('Its group'),
  expires_at: z.string().nullable().describe('Accepted until then, RFC 3339'),
  max_active_transactions: z.number().nullable().describe('null: any number'),
})

/** What PUT and PATCH take: fields left out stay as they are. */
export const idTagChangeSchema = idTagSchema.partial()

export function idTagAnswer(idTag: IdTag): z.infer<typeof idTagAnswerSchema> {
  return {
    id_tag: idTag.idTag,
    priority: idTag.priority ?? null,
    blocked: idTag.blocked === true,
    parent_id_tag: idTag.parentIdTag ?? null,
    expires_at: idTag.expiresWallMs === undefined ? null : formatTime(idTag.expiresWallMs),
    max_active_transactions: idTag.maxActiveTransactions ?? null,
  }
}
