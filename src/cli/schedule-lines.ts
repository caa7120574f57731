/** A day at a node, in lines for people. */
import type { z } from 'zod'
import type { Weekday } from '../core/schedule/windows.js'
import type { dayScheduleSchema } from '../http/schedule-shape.js'

type Day = z.infer<typeof dayScheduleSchema>
type Span = Day['windows'][number]
type Bound = NonNullable<Span['max_power_kw']>

export function scheduleLines(day: Day, weekday: Weekday): readonly string[] {
  const { node_id: id, name, date, timezone, windows } = day
  return [
    `${name} (${id}), ${weekday} ${date}, ${timezone}`,
    ...windows.map((span) => `  ${span.from}-${span.to}  ${limitsText(span, id)}`),
  ]
}

function limitsText(span: Span, nodeId: string): string {
  const { l1, l2, l3 } = span.max_current_a
  const isEven = [l2, l3].every((bound) => text(bound, 'A', nodeId) === text(l1, 'A', nodeId))
  const phases = isEven
    ? [text(l1, 'A', nodeId)]
    : [`L1 ${text(l1, 'A', nodeId)}`, `L2 ${text(l2, 'A', nodeId)}`, `L3 ${text(l3, 'A', nodeId)}`]
  const limits = [...phases, text(span.max_power_kw, 'kW', nodeId)].filter((part) => part !== '')
  const classes = span.entries.flatMap(({ window }) => window.ceilings ?? [])
  for (const { from_priority: from, max_current_a: limitA } of classes) {
    limits.push(`${limitA} A for priorities from ${from} on`)
  }
  const whole = limits.length === 0 ? 'no limit' : limits.join('; ')
  return span.schedule_ignored ? `${whole}; its schedule is left alone by an order` : whole
}

function text(bound: Bound | null, unit: string, nodeId: string): string {
  if (!bound) return ''
  const where = bound.node_id === nodeId || bound.node_id === 'site' ? '' : ` of ${bound.node}`
  return `${bound.limit} ${unit} (${bound.source}${where})`
}
