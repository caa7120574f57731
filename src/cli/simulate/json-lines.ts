/** A run as JSON lines: keys in snake_case, times in ms since the start. */
import type { TimelineEntry } from '../../testing/simulation/result.js'
import { passes } from './summary-lines.js'
import type { Summary } from './summary-lines.js'

/** `reason`: of an offer. */
export function entryJson(entry: TimelineEntry, reason: string | undefined): string {
  return JSON.stringify(snakeCase({ ...entry, ...(reason !== undefined && { reason }) }))
}

export function summaryJson(summary: Summary, type: 'summary' | 'run'): string {
  const { timeline: _timeline, ok: _ok, counters, ...result } = summary.result
  return JSON.stringify({
    type,
    ok: passes(summary),
    ...asObject(snakeCase(result)),
    // Names, not keys.
    counters,
    failed_expectations: snakeCase(summary.failures),
    took_ms: Math.round(summary.tookMs),
  })
}

/** Of keys alone: values and the names in them stay as they are. */
export function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCase(inner),
    ]),
  )
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
