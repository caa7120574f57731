/** An operator's order for a node, as REST takes and shows it. */
import { z } from 'zod'
import { flag, objectName, phaseCurrent, powerKw } from '../config/depot-fields.js'
import type { OverrideView } from '../core/site/view.js'
import { formatTime } from '../ocpp/v16/time.js'
import { phases, phasesSchema } from './phases-schema.js'

export const overrideSchema = z.object({
  max_current_a: phasesSchema.nullable(),
  max_power_kw: z.number().nullable(),
  ignore_schedule: z.boolean().describe('The schedule of the node does not count meanwhile'),
  reason: z.string(),
  by: z.string().describe('Who ordered it, in his own words'),
  via: z.enum(['rest', 'mqtt']),
  set_at: z.string(),
  until: z.string(),
})

const until = 'must be a time such as 22:00, in the zone of the node, or 2026-06-14T22:00:00+02:00'
const seconds = 'must be a number of seconds from 1 to 604800'

export const overrideOrderSchema = z.strictObject({
  max_current_a: phaseCurrent.nullish().describe('At most this per phase, A'),
  max_power_kw: powerKw.nullish().describe('At most this in all, kW'),
  ignore_schedule: flag
    .nullish()
    .describe('true: the schedule of the node does not count; fuse, contract and own limits do'),
  until: z
    .string({ error: until })
    .regex(
      /^([01]\d|2[0-3]):[0-5]\d$|^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/,
      { error: until },
    )
    .nullish()
    .describe('When it ends: the next 22:00 in the zone of the node, or an instant (RFC 3339)'),
  for_s: z
    .number({ error: seconds })
    .min(1, { error: seconds })
    .max(604_800, { error: seconds })
    .nullish()
    .describe('Instead of `until`: how long it lasts, s'),
  reason: objectName.describe('Why; shown wherever it limits something'),
  by: objectName.nullish().describe('Who orders it'),
})

export function overrideAnswer(view: OverrideView): z.infer<typeof overrideSchema> {
  return {
    max_current_a: view.limitA ? phases(view.limitA) : null,
    max_power_kw: view.limitKw ?? null,
    ignore_schedule: view.ignoresSchedule,
    reason: view.reason,
    by: view.by,
    via: view.via,
    set_at: formatTime(view.setMs),
    until: formatTime(view.untilMs),
  }
}
