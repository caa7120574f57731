/** Every answer that is not a success has the same body. */
import { z } from 'zod'
import { wirePath } from '../config/wire-path.js'
import type { Problem } from '../core/site/edit.js'
import { json } from './json.js'

export const fieldProblemSchema = z.object({
  field: z.string().describe('Path of the field, such as evses.0.max_power_kw; empty: the body'),
  message: z.string().describe('What is wrong, with the value, and what is expected'),
})

export type FieldProblem = z.infer<typeof fieldProblemSchema>

const ERRORS = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'too_large',
  415: 'unsupported_media_type',
  422: 'invalid',
  429: 'too_many_requests',
  500: 'internal',
  502: 'bad_answer',
  503: 'unavailable',
  504: 'no_answer',
} as const

export type RefusalStatus = keyof typeof ERRORS

export const refusalSchema = z.object({
  error: z.enum(Object.values(ERRORS)).describe('Stable word for the kind of error'),
  message: z.string().describe('What happened, for people'),
  problems: z.array(fieldProblemSchema).describe('Each wrong field; empty if no field is at fault'),
})

export function refusal(
  status: RefusalStatus,
  message: string,
  problems: readonly FieldProblem[] = [],
  headers: Readonly<Record<string, string>> = {},
): Response {
  return json(status, { error: ERRORS[status], message, problems }, headers)
}

/** All wrong fields of a body at once. */
export function invalid(problems: readonly FieldProblem[]): Response {
  return refusal(422, problems.map(problemText).join('; '), problems)
}

/** What the depot says against a change. */
export function refusedEdit({ kind, field, message }: Problem): Response {
  if (kind === 'notFound') return refusal(404, message)
  const problems = field === undefined ? [] : [{ field: wirePath(field).join('.'), message }]
  const text = problems[0] === undefined ? message : problemText(problems[0])
  return refusal(kind === 'conflict' ? 409 : 422, text, problems)
}

function problemText({ field, message }: FieldProblem): string {
  return field === '' ? message : `${field} ${message}`
}
