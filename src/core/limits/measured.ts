/** Whether what a car takes is known from its charger, or only from a meter above it. */
import type { Connector, Site } from '../site/state.js'
import { isSampleFresh } from './draw.js'

export function isMetered(site: Site, node: number): boolean {
  return site.tree.nodes[node]?.meter !== undefined
}

export function isMeasured(site: Site, connector: Connector, nowMs: number): boolean {
  if (isSampleFresh(connector, site.rules, nowMs)) return true
  // A car that just came has not had the time to report.
  const transaction =
    connector.transactionId === undefined
      ? undefined
      : site.transactions.get(connector.transactionId)
  const ageMs = nowMs - (transaction?.liveFromMs ?? -Infinity)
  return ageMs < 2 * site.rules.meterValueIntervalMs
}
