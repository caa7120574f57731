/** What is live at a node of the tree: the site or a constraint. */
import { z } from 'zod'
import type { LimitView, NodeView } from '../core/site/view.js'
import { limitSourceText } from '../core/reason-text.js'
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
