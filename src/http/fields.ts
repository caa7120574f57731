/** The fields of a request body: which count, what they change, and what is wrong with them. */
import type { z } from 'zod'
import { schemaFindings } from '../config/schema-findings.js'
import type { JsonObject } from './body.js'
import { invalid } from './refusal.js'

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly response: Response }

export function checked<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data }
  const problems = schemaFindings(parsed.error, value).map(({ path, message }) => ({
    field: path.join('.'),
    message,
  }))
  return { ok: false, response: invalid(problems) }
}

/** Fields that only answers have: a client may send back what it got, they change nothing. */
export function answerOnly(answer: z.ZodObject, fields: z.ZodObject): ReadonlySet<string> {
  return new Set(
    Object.keys(answer.shape).filter((name) => name !== 'id' && !(name in fields.shape)),
  )
}

export function without(body: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.has(name)))
}

/** The body without the id it may repeat; an id that would change is refused. */
export function sameId(body: JsonObject, id: string): Checked<JsonObject> {
  if (Object.hasOwn(body, 'id') && body['id'] !== id) {
    const message = `cannot be changed: this is "${id}"`
    return { ok: false, response: invalid([{ field: 'id', message }]) }
  }
  return { ok: true, value: without(body, new Set(['id'])) }
}
