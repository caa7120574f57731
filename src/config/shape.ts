/** Whether plain values have the shape of the configuration, and in words where they do not. */
import type { z } from 'zod'
import type { JsonSchema } from './json-schema.js'
import { unknownKey } from './known-keys.js'
import type { Finding } from './problem.js'
import { schemaFindings } from './schema-findings.js'
import { configSchema } from './schema.js'
import type { ConfigFile } from './schema.js'

export interface Shape {
  readonly findings: readonly Finding[]
  /** What could be read: sections with findings in them are as if they were not in the file. */
  readonly file: ConfigFile | undefined
}

export function shapeOf(value: unknown): Shape {
  const parsed = configSchema.safeParse(value, { error: expectation })
  if (parsed.success) return { findings: [], file: parsed.data }
  const findings = findingsOf(parsed.error, value)
  const wrong = new Set(findings.map(({ path }) => path[0]))
  // Sound sections are still worth checking: all problems are told at once.
  const sound = Object.entries(isRecord(value) ? value : {}).filter(([key]) => !wrong.has(key))
  return { findings, file: configSchema.safeParse(Object.fromEntries(sound)).data }
}

/** What is wrong with `value`, slips named. `root`: the file's JSON Schema, default: the configuration. */
export function findingsOf(error: z.ZodError, value: unknown, root?: JsonSchema): Finding[] {
  const unknown = new Set(
    error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => JSON.stringify([...issue.path, key]))
        : [],
    ),
  )
  return schemaFindings(error, value).map(({ path, message }) => {
    if (unknown.has(JSON.stringify(path))) {
      return { path, aboutKey: true, message: unknownKey(path, root) }
    }
    const whole = `${message}${hint(message)}`
    return { path, message: path.at(-1) === 'password' ? withoutValue(whole) : whole }
  })
}

/** Words for what schemas without words of their own expect. */
export const expectation: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') return `must be ${KINDS[issue.expected] ?? issue.expected}`
  if (issue.code === 'invalid_value') return `must be ${issue.values.map(String).join(' or ')}`
  if (issue.code === 'too_small') {
    if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty'
    return `must ${MEASURES[issue.origin] ?? 'be'} at least ${issue.minimum}`
  }
  if (issue.code === 'too_big') {
    return `must ${MEASURES[issue.origin] ?? 'be'} at most ${issue.maximum}`
  }
  return undefined
}

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
}

const MEASURES: Readonly<Record<string, string>> = {
  string: 'have a length of',
  array: 'have a length of',
}

/** Problems are printed and logged; a secret is neither. */
function withoutValue(message: string): string {
  return message.replace(/, got [^:]*/s, '')
}

/** The slips that YAML invites: the unit beside the number, text that reads as a number. */
function hint(message: string): string {
  if (/ number.*, got "[-+]?[\d.]+ ?[A-Za-z%]+"$/.test(message)) {
    return ': leave the unit out, the key states it'
  }
  if (/ (text|characters).*, got (-?[\d.]+|-?Infinity|NaN|true|false)$/.test(message))
    return ': put it in quotes'
  if (message.endsWith(' got null')) return ': give the key a value or leave it out'
  return ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
