/** Whether the site is safe without the controller, as REST shows it. */
import { z } from 'zod'
import type { NodeCheck } from '../core/ledger/check-site.js'
import type { Load } from '../core/load.js'
import type { SiteChecked } from './backend.js'
import { phases, phasesSchema, rounded } from './phases-schema.js'

const limitPhase = z.number().nullable()
const leftA = z.object({ l1: limitPhase, l2: limitPhase, l3: limitPhase })

export const siteCheckSchema = z
  .object({
    fits: z.boolean().describe('Nothing is wrong'),
    nodes: z.array(
      z.object({
        node_id: z.string(),
        name: z.string(),
        fits: z.boolean(),
        lowest_limit_a: leftA.describe('Whatever the time and whoever is silent; null: no limit'),
        worst_base_load_a: phasesSchema,
        fallbacks_a: phasesSchema.describe('What the chargers below do when left alone, together'),
        left_a: leftA,
        lowest_limit_kw: limitPhase,
        worst_base_load_kw: z.number(),
        fallbacks_kw: z.number(),
        left_kw: limitPhase,
        evses: z.number().describe('Below this node'),
        evses_with_fallback: z.number().describe('That go on charging when left alone'),
      }),
    ),
    problems: z
      .array(z.object({ node_id: z.string(), message: z.string() }))
      .describe('What does not fit, with the arithmetic and what to change'),
    loose_ends: z.array(z.string()).describe('What names something that is not there'),
  })
  .describe('The dead-man rule: worst base load + fallbacks <= lowest limit')

export function siteCheckAnswer({
  check,
  looseEnds,
  nominalVoltageV,
}: SiteChecked): z.infer<typeof siteCheckSchema> {
  const { nodes, problems } = check
  const kw = (sumA: number): number => rounded((sumA * nominalVoltageV) / 1000, 2)
  const isSound = ({ fits }: NodeCheck): boolean => fits
  return {
    fits: problems.length === 0 && nodes.every(isSound),
    nodes: nodes.map((node) => ({
      node_id: node.nodeId,
      name: node.nodeName,
      fits: node.fits,
      lowest_limit_a: limits(node.lowest),
      worst_base_load_a: phases([node.worstBase[0], node.worstBase[1], node.worstBase[2]]),
      fallbacks_a: phases([node.fallbacks[0], node.fallbacks[1], node.fallbacks[2]]),
      left_a: limits(node.left),
      lowest_limit_kw: finite(kw(node.lowest[3])),
      worst_base_load_kw: kw(node.worstBase[3]),
      fallbacks_kw: kw(node.fallbacks[3]),
      left_kw: finite(kw(node.left[3])),
      evses: node.evses,
      evses_with_fallback: node.evsesWithFallback,
    })),
    problems: problems.map(({ nodeId, message }) => ({ node_id: nodeId, message })),
    loose_ends: [...looseEnds],
  }
}

function limits([l1, l2, l3]: Load): z.infer<typeof leftA> {
  return { l1: finite(rounded(l1, 2)), l2: finite(rounded(l2, 2)), l3: finite(rounded(l3, 2)) }
}

/** What has no limit is null, not Infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
