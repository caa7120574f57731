/** What is live at a node of the tree: the site or a constraint. */
import { z } from 'zod'
import type { AlarmView, LimitView, NodeView } from '../core/site/view.js'
import { limitSourceText } from '../core/reason-text.js'
import { formatTime } from '../ocpp/v16/time.js'
import { overrideAnswer, overrideSchema } from './override-shape.js'
import { phases, phasesSchema, rounded } from './phases-schema.js'

const limitPhase = z.number().nullable()

export const nodeLiveShape = {
  limit_a: z
    .object({ l1: limitPhase, l2: limitPhase, l3: limitPhase })
    .nullable()
    .describe('Limit in force, A per phase; null: none'),
  limit_source: z.string().nullable().describe('Where that limit comes from'),
  limit_power_kw: z.number().nullable().describe('Limit in force on the total power'),
  limit_power_source: z.string().nullable(),
  exposure_a: phasesSchema.describe('What the chargers below may draw at most, A per phase'),
  draw_a: phasesSchema.describe('What the chargers below report to draw, A per phase'),
  base_load_estimate_a: phasesSchema.describe('Upper estimate of the uncontrolled load here'),
  within_limit: z.boolean().describe('False while exposure and base load exceed the limit'),
  failsafe: z.boolean().describe('Its meter is silent: the chargers below are at their fallback'),
  measured_by: z
    .enum(['meter', 'samples', 'nothing'])
    .describe('What says how much flows here: its meter, or the chargers below'),
  over_limit_as: z
    .number()
    .describe('Measured above the limit since the start of the program, ampere-seconds'),
  override: overrideSchema.nullable().describe('What an operator ordered for a while'),
  alarm: z
    .object({
      over_a: z.number().describe('Above the limit now, A'),
      dimension: z.enum(['l1', 'l2', 'l3', 'power']).describe('Which phase, or all as a sum'),
      since: z.string(),
      worst_a: z.number(),
      worst_at: z.string(),
      over_limit_as: z.number().describe('Above the limit since then, ampere-seconds'),
    })
    .nullable()
    .describe('What is measured stays above the limit: chargers below are being cut off'),
}

type NodeLive = z.infer<z.ZodObject<typeof nodeLiveShape>>

export function nodeLive(node: NodeView): NodeLive {
  return {
    ...limitLive(node.limit),
    exposure_a: phases(node.exposureA),
    draw_a: phases(node.drawA),
    base_load_estimate_a: phases(node.baseLoadA),
    within_limit: node.withinLimit,
    failsafe: node.failsafe,
    measured_by: node.measuredBy,
    over_limit_as: rounded(node.overLimitAs, 0),
    override: node.override ? overrideAnswer(node.override) : null,
    alarm: node.alarm ? alarmLive(node.alarm) : null,
  }
}

function alarmLive(alarm: AlarmView): NonNullable<NodeLive['alarm']> {
  return {
    over_a: rounded(alarm.overA, 1),
    dimension: alarm.dimension,
    since: formatTime(alarm.sinceMs),
    worst_a: rounded(alarm.worstA, 1),
    worst_at: formatTime(alarm.worstAtMs),
    over_limit_as: rounded(alarm.overLimitAs, 0),
  }
}

function limitLive(
  limit: LimitView | undefined,
): Pick<NodeLive, 'limit_a' | 'limit_source' | 'limit_power_kw' | 'limit_power_source'> {
  const perPhase = limit?.currentA.some(Number.isFinite) === true ? limit : undefined
  return {
    limit_a: perPhase ? limitPhases(perPhase) : null,
    limit_source: perPhase ? limitSourceText(perPhase.currentSource) : null,
    limit_power_kw: limit?.powerW === undefined ? null : rounded(limit.powerW / 1000, 3),
    limit_power_source:
      limit?.powerSource === undefined ? null : limitSourceText(limit.powerSource),
  }
}

/** A phase without a limit is null, not Infinity. */
function limitPhases({ currentA }: LimitView): NonNullable<NodeLive['limit_a']> {
  const [l1, l2, l3] = currentA.map((limitA) =>
    Number.isFinite(limitA) ? rounded(limitA, 2) : null,
  )
  return { l1: l1 ?? null, l2: l2 ?? null, l3: l3 ?? null }
}
