import { SITE_NODE_ID } from '../../core/site/tree.js'
import type { Settings } from '../../config/settings.js'

/** The nodes that every charger hangs below. */
export function wholeSiteNodes({ depot }: Settings): ReadonlySet<string> {
  const groups = new Set(
    [...(depot?.chargers.values() ?? [])].map(({ parentChargeGroup }) => parentChargeGroup),
  )
  let common: ReadonlySet<string> | undefined
  for (const group of groups) {
    const above = new Set<string>()
    for (let at: string | undefined = group; at !== undefined;) {
      above.add(at)
      at = depot?.constraints.get(at)?.parentId
    }
    common = common ? new Set([...common].filter((id) => above.has(id))) : above
  }
  return new Set([SITE_NODE_ID, ...(common ?? [])])
}
