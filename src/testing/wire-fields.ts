/** JSON as it comes from the wire, read without sharing code with the controller under test. */

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function integerOf(value: unknown): number | undefined {
  return Number.isInteger(value) ? numberOf(value) : undefined
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** RFC 3339 with milliseconds, UTC. */
export function timeText(ms: number): string {
  // oxlint-disable-next-line no-restricted-globals -- a calendar, not a clock
  return new Date(ms).toISOString()
}

/** Ms since the epoch; undefined when the text is no time. Without a zone: UTC. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  const zoned = /(?:[Zz]|[+-]\d\d:\d\d)$/.test(value) ? value : `${value}Z`
  // oxlint-disable-next-line no-restricted-globals -- a calendar, not a clock
  const ms = Date.parse(zoned)
  return Number.isNaN(ms) ? undefined : ms
}
