/** Transactions whose stop never came: their charge point has had no car for them for a while. */
import { endOf } from '../core/site/decide-transaction.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { Site, Transaction } from '../core/site/state.js'
import { connectorOf } from '../core/site/transactions.js'

export interface LostStops {
  /** Looks at all open transactions: the ends that nobody told. */
  due(site: Site, at: Instant): readonly JournalEvent[]
}

/** An offline queue may still tell it: so long it is waited for, while the charger is in sight. */
const FREE_FOR_MS = 900_000
/** One that never had its connector is of a queue that is told within a day. */
const OVERTAKEN_FOR_MS = 86_400_000

export function lostStops(): LostStops {
  /** Since when its connector says that it is free, monotonic, by transaction id. */
  const freeSince = new Map<number, number>()
  return {
    due(site, at) {
      for (const id of freeSince.keys()) if (!site.transactions.has(id)) freeSince.delete(id)
      return [...site.transactions.values()].flatMap((open) =>
        isOver(site, open, at) ? [endOf(site, open, 'Abandoned', at)] : [],
      )
    },
  }

  function isOver(site: Site, open: Transaction, { nowMs, wallMs }: Instant): boolean {
    if (open.overtaken === true) return wallMs - open.receivedWallMs > OVERTAKEN_FOR_MS
    const isConnected = site.chargePoints.get(open.chargePointId)?.connected === true
    if (!isConnected || connectorOf(site, open)?.saysFree !== true) {
      freeSince.delete(open.id)
      return false
    }
    const sinceMs = freeSince.get(open.id) ?? nowMs
    freeSince.set(open.id, sinceMs)
    return nowMs - sinceMs >= FREE_FOR_MS
  }
}
