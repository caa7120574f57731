/**
 * Reads the fields of one payload, as leniently as sense allows. A needed field that cannot be read
 * leaves a fault and gives a stand-in value: whoever reads must look at `fault` before using any.
 */
import { cutText } from '../cut-text.js'
import type { ErrorCode } from '../frame.js'
import { parseTime } from './time.js'

export interface Fault {
  readonly code: ErrorCode
  readonly description: string
}

export interface Fields {
  readonly payload: Readonly<Record<string, unknown>>
  /** What was repaired or passed over, in words without the peer's own; undefined when nothing was. */
  notes: string[] | undefined
  /** The first needed field that could not be read. */
  fault: Fault | undefined
}

/** Enough for an operator; keeps what a peer says from growing in our memory. */
const MAX_TEXT_LENGTH = 255

export function note(fields: Fields, remark: string): void {
  fields.notes ??= []
  fields.notes.push(remark)
}

/** A needed connector id: 0 or more. */
export function connectorId(fields: Fields): number {
  const id = integer(fields, 'connectorId')
  if (id < 0 && !fields.fault) {
    fields.fault = { code: 'PropertyConstraintViolation', description: 'connectorId is negative' }
  }
  return Math.max(0, id)
}

/** A needed integer; digits in a text are read as a number. */
export function integer(fields: Fields, name: string): number {
  const value = fields.payload[name]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  const repaired = numberIn(value)
  if (repaired !== undefined && Number.isSafeInteger(repaired)) {
    note(fields, `${name} is a text, read as a number`)
    return repaired
  }
  fields.fault ??= missingOrMistyped(value, name, 'an integer')
  return 0
}

export function optionalInteger(fields: Fields, name: string): number | undefined {
  const value = optionalNumber(fields, name)
  if (value === undefined || Number.isSafeInteger(value)) return value
  note(fields, `${name} is not an integer, passed over`)
  return undefined
}

/** A finite number, or undefined with a note when something else is there. */
export function optionalNumber(fields: Fields, name: string): number | undefined {
  const value = fields.payload[name]
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (value === undefined || value === null) return undefined
  const repaired = numberIn(value)
  note(fields, `${name} is not a number, ${repaired === undefined ? 'passed over' : 'read as one'}`)
  return repaired
}

/** A needed text; a number is read as one. `maxLength` undefined: any length, cut at 255. */
export function text(fields: Fields, name: string, maxLength?: number): string {
  const value = textIn(fields.payload[name])
  if (value === undefined) {
    fields.fault ??= missingOrMistyped(fields.payload[name], name, 'a text')
    return ''
  }
  if (maxLength !== undefined && value.length > maxLength) {
    fields.fault ??= {
      code: 'PropertyConstraintViolation',
      description: `${name} has ${value.length} characters, at most ${maxLength} are allowed`,
    }
  }
  return cutText(value, Math.max(MAX_TEXT_LENGTH, maxLength ?? 0))
}

export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields.payload[name]
  if (value === undefined || value === null) return undefined
  const read = textIn(value)
  if (read === undefined) note(fields, `${name} is not a text, passed over`)
  return read === undefined ? undefined : cutText(read, MAX_TEXT_LENGTH)
}

/** A needed word of this list, in any case. */
export function word<Word extends string>(
  fields: Fields,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const value = fields.payload[name]
  if (typeof value === 'string') {
    const known = wordIn(value, words)
    if (known === undefined) {
      fields.fault ??= {
        code: 'PropertyConstraintViolation',
        description: `${name} is none of ${words.join(', ')}`,
      }
    }
    return known
  }
  fields.fault ??= missingOrMistyped(value, name, 'a text')
  return undefined
}

/** Finds a word whatever its case; some firmware writes its own. */
export function wordIn<Word extends string>(
  value: string,
  words: readonly Word[],
): Word | undefined {
  const exact = words.find((known) => known === value)
  if (exact !== undefined || value.length > MAX_TEXT_LENGTH) return exact
  const folded = value.toLowerCase()
  return words.find((known) => known.toLowerCase() === folded)
}

/** A time by the charge point's clock, ms since the epoch; undefined with a note if unreadable. */
export function time(fields: Fields, name: string): number | undefined {
  const value = fields.payload[name]
  if (value === undefined || value === null) return undefined
  const ms = typeof value === 'string' ? parseTime(value) : undefined
  if (ms === undefined) note(fields, `${name} is not a time, passed over`)
  return ms
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

function numberIn(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\s*[+-]?\d{1,15}(\.\d{1,9})?\s*$/.test(value))
    return undefined
  return Number(value)
}

function missingOrMistyped(value: unknown, name: string, wanted: string): Fault {
  return value === undefined || value === null
    ? { code: 'OccurenceConstraintViolation', description: `${name} is missing` }
    : { code: 'TypeConstraintViolation', description: `${name} is not ${wanted}` }
}
