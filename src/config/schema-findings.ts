/** What a schema says about a value, as paths and sentences that show the value. */
import type { z } from 'zod'

export interface SchemaFinding {
  /** Keys and list positions, outermost first; empty: the value as a whole. */
  readonly path: readonly (string | number)[]
  /** What is wrong, with the value, and what is expected. */
  readonly message: string
}

/** Each wrong field once, unknown fields by name. `value` is what was checked. */
export function schemaFindings(error: z.ZodError, value: unknown): SchemaFinding[] {
  const findings = error.issues.flatMap((issue): SchemaFinding[] => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], message: 'there is no such field' }))
    }
    return [{ path, message: sentence(issue, valueAt(value, path)) }]
  })
  const seen = new Set<string>()
  return findings.filter(({ path }) => {
    const key = JSON.stringify(path)
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

function sentence(issue: z.core.$ZodIssue, value: unknown): string {
  const isObject = issue.code === 'invalid_type' && issue.expected === 'object'
  const expectation = isObject ? 'must be an object' : issue.message
  if (value === undefined) return `is missing: ${expectation}`
  return issue.code === 'custom' ? expectation : `${expectation}, got ${shown(value)}`
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let at = value
  for (const key of path) at = isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined
  return at
}

function isRecord(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null
}

const SHOWN_MAX = 60

function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  // NaN and the infinities have no JSON.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text
}
