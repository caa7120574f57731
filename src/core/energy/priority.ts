/** Who goes first, and who says so. */
import { findIdTag } from '../site/authorise.js'
import type { Connector, Site, Transaction } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import { vehicleByTag } from '../site/vehicle.js'
import { overrideNow } from './session-plan.js'

export interface Priority {
  /** Higher is better. */
  readonly value: number
  readonly source: 'session' | 'vehicle' | 'idTag' | 'charger' | 'group'
  /** Wall ms; absent: it does not end by itself. */
  readonly untilMs?: number
}

/** Of all EVSEs of a plan, by their index: asked once, compared often. */
export function prioritiesOf(
  site: Site,
  evses: readonly { readonly evse: TreeEvse; readonly connector: Connector | undefined }[],
  wallMs: number,
): readonly number[] {
  return evses.map(({ evse, connector }) => {
    const id = connector?.transactionId
    const transaction = id === undefined ? undefined : site.transactions.get(id)
    return priorityFor(site, evse, transaction, wallMs).value
  })
}

/** Who charges counts more than where; what was said of this one session counts most. */
export function priorityFor(
  { depot }: Site,
  { priority, charger }: TreeEvse,
  transaction: Transaction | undefined,
  wallMs: number,
): Priority {
  const place = {
    value: priority,
    source: charger.priority === undefined ? ('group' as const) : ('charger' as const),
  }
  if (!transaction) return place
  const own = overrideNow(transaction.plan, wallMs)
  if (own) return { ...own, source: 'session' }
  const vehicle = vehicleByTag(depot.vehicles, transaction.idTag)
  if (vehicle?.priority !== undefined) return { value: vehicle.priority, source: 'vehicle' }
  const idTag = findIdTag(depot, transaction.idTag)
  return idTag?.priority === undefined ? place : { value: idTag.priority, source: 'idTag' }
}
