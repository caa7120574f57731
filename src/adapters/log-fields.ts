/** What may be written to a log: bounded, plain, and without secrets. Never throws. */
import type { LogFields } from '../ports.js'

const MAX_DEPTH = 6
const MAX_ENTRIES = 100
const MAX_TEXT_LENGTH = 4096
const SECRET_NAME = /passw|passphrase|secret|token|authori[sz]ation|api_?key|credential|cookie/i
/** `user:password@` of a URL. */
const URL_CREDENTIALS = /(?<=[a-z]:\/\/)[^/@\s]+(?=@)/gi
/** Written by the log itself. */
const RESERVED = new Set(['level', 'time', 'event'])

export function loggable(fields: LogFields): Record<string, unknown> {
  const plain: Record<string, unknown> = {}
  for (const [name, value] of safeEntries(fields)) {
    plain[RESERVED.has(name) ? `${name}_` : name] = SECRET_NAME.test(name)
      ? '[redacted]'
      : plainValue(value, 1)
  }
  return plain
}

function plainValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return shortened(value.replace(URL_CREDENTIALS, '[redacted]'))
    case 'bigint':
      return value.toString()
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'boolean':
    case 'undefined':
      return value
    case 'symbol':
    case 'function':
      return `[${typeof value}]`
    case 'object':
      return value === null ? null : plainObject(value, depth)
  }
}

function plainObject(value: object, depth: number): unknown {
  if (depth > MAX_DEPTH) return '[too deep]'
  if (value instanceof Date) return value.toJSON()
  if (value instanceof Error) return plainError(value, depth)
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).map((entry) => plainValue(entry, depth + 1))
  }
  if (value instanceof Map) return plainObject(Object.fromEntries(value), depth)
  if (value instanceof Set) return plainObject([...value], depth)
  const plain: Record<string, unknown> = {}
  for (const [name, entry] of safeEntries(value)) {
    plain[name] = SECRET_NAME.test(name) ? '[redacted]' : plainValue(entry, depth + 1)
  }
  return plain
}

function plainError(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error
  const plain: Record<string, unknown> = { name, message: plainValue(message, depth) }
  if ('code' in error) plain['code'] = plainValue(error.code, depth + 1)
  if (stack !== undefined) plain['stack'] = plainValue(stack, depth)
  if (cause !== undefined) plain['cause'] = plainValue(cause, depth + 1)
  return plain
}

/** A getter that throws costs its own field only. */
function safeEntries(value: object): [string, unknown][] {
  return Object.keys(value)
    .slice(0, MAX_ENTRIES)
    .map((name) => {
      try {
        return [name, Reflect.get(value, name)]
      } catch {
        return [name, '[unreadable]']
      }
    })
}

function shortened(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text
  return `${text.slice(0, MAX_TEXT_LENGTH)}[${text.length} characters]`
}
