/** The dead-man rule (I3) node by node, with its figures: would the site be safe without us? */
import { guaranteeProblems } from '../classes/guarantees.js'
import { addLoad, loadOf, noLoad } from '../load.js'
import type { Load } from '../load.js'
import type { Site } from '../site/state.js'
import { allWindows, fallbacks, lowestLimit, worstBaseLoads } from './fallbacks.js'

export interface NodeCheck {
  readonly nodeId: string
  readonly nodeName: string
  /** The lowest of fuse, contract, own limits, whole schedule and fallbacks of limit sources. */
  readonly lowest: Load
  readonly worstBase: Load
  /** What the chargers below do together when left alone. */
  readonly fallbacks: Load
  readonly left: Load
  readonly evses: number
  /** How many of them go on charging when left alone. */
  readonly evsesWithFallback: number
  readonly fits: boolean
}

export interface SiteCheck {
  readonly nodes: readonly NodeCheck[]
  /** What does not fit, with the arithmetic and what to change. */
  readonly problems: readonly { readonly nodeId: string; readonly message: string }[]
}

/** Chargers themselves are left out: their figures are their own. */
export function checkSite({ tree, rules }: Site): SiteCheck {
  const { currentA, problems } = fallbacks(tree, rules)
  const bases = worstBaseLoads(tree)
  const unfit = new Set(problems.map(({ nodeId }) => nodeId))
  const nodes = tree.nodes.flatMap((node): NodeCheck[] => {
    if (node.kind === 'charger') return []
    const below = tree.evses.filter(({ path }) => path.includes(node.index))
    const sum = noLoad()
    for (const evse of below) addLoad(sum, evse.unit, currentA[evse.index] ?? 0)
    const lowest = lowestLimit(node, rules, allWindows(node))
    const worstBase = loadOf(bases[node.index] ?? [0, 0, 0])
    return [
      {
        nodeId: node.id,
        nodeName: node.name,
        lowest,
        worstBase,
        fallbacks: sum,
        left: leftOf(lowest, worstBase, sum),
        evses: below.length,
        evsesWithFallback: below.filter(({ index }) => (currentA[index] ?? 0) > 0).length,
        fits: !unfit.has(node.id),
      },
    ]
  })
  const told = [...problems, ...guaranteeProblems(tree)]
  return { nodes, problems: told.map(({ nodeId, message }) => ({ nodeId, message })) }
}

function leftOf(lowest: Load, base: Load, sum: Load): Load {
  return [
    lowest[0] - base[0] - sum[0],
    lowest[1] - base[1] - sum[1],
    lowest[2] - base[2] - sum[2],
    lowest[3] - base[3] - sum[3],
  ]
}
