/** What one day brings at a node, as REST and the command line show it. */
import { z } from 'zod'
import { limitWindowSchema, windowToWire } from '../config/limit-window-schema.js'
import type { Bound, DayPreview, PreviewSpan } from '../core/limits/preview.js'
import { limitSourceText } from '../core/reason-text.js'
import { formatTime } from '../ocpp/v16/time.js'
import { rounded } from './phases-schema.js'

const boundSchema = z.object({
  limit: z.number().describe('A per phase, or kW'),
  source: z.string().describe('Where that limit comes from'),
  node_id: z.string().describe('This node, one above it, or "site"'),
  node: z.string(),
})

export const scheduledSpanSchema = z.object({
  from: z.string().describe('Local time HH:MM'),
  to: z.string().describe('Local time HH:MM; 24:00 is the end of the day'),
  starts_at: z.string(),
  ends_at: z.string(),
  entries: z
    .array(
      z.object({
        kind: z.enum(['default', 'weekly', 'exception', 'event']),
        window: limitWindowSchema,
      }),
    )
    .describe('What of the schedule of this node rules'),
  schedule_ignored: z.boolean().describe('By the order of an operator'),
  max_current_a: z
    .object({ l1: boundSchema.nullable(), l2: boundSchema.nullable(), l3: boundSchema.nullable() })
    .describe('The lowest of the node and of all above it, on each phase; null: none'),
  max_power_kw: boundSchema.nullable(),
})

export const dayScheduleSchema = z.object({
  node_id: z.string(),
  name: z.string(),
  date: z.string(),
  timezone: z.string(),
  windows: z.array(scheduledSpanSchema),
})

export function daySchedule(preview: DayPreview): z.infer<typeof dayScheduleSchema> {
  const { node, date, nominalVoltageV, spans } = preview
  return {
    node_id: node.id,
    name: node.name,
    date,
    timezone: node.zone,
    windows: spans.map((span) => scheduledSpan(span, nominalVoltageV)),
  }
}

function scheduledSpan(
  span: PreviewSpan,
  nominalVoltageV: number,
): z.infer<typeof scheduledSpanSchema> {
  const [l1, l2, l3, sum] = span.bounds
  return {
    from: span.from,
    to: span.to,
    starts_at: formatTime(span.fromMs),
    ends_at: formatTime(span.toMs),
    entries: span.entries.map((entry) => ({
      kind: entry.kind ?? 'weekly',
      window: windowToWire(entry),
    })),
    schedule_ignored: span.leftAlone,
    max_current_a: { l1: boundAnswer(l1, 1), l2: boundAnswer(l2, 1), l3: boundAnswer(l3, 1) },
    max_power_kw: boundAnswer(sum, nominalVoltageV / 1000),
  }
}

function boundAnswer(bound: Bound | undefined, factor: number): z.infer<typeof boundSchema> | null {
  if (!bound) return null
  const { limitA, source, node } = bound
  return {
    limit: rounded(limitA * factor, 2),
    source: limitSourceText(source),
    node_id: node.id,
    node: node.name,
  }
}
