/** Whether what a car takes is known from its charger, or only from a meter above it. */
import type { Connector, Site } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import { intervalMs, isSampleFresh, measuredA } from './draw.js'

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

/**
 * What it was seen to take, on its highest phase. When its charger falls silent the meter shows that
 * as base load, with its next reading; until that has come it is nowhere else in the books.
 */
export function seenA(
  site: Site,
  { path }: TreeEvse,
  connector: Connector,
  nowMs: number,
): number | undefined {
  const freshA = measuredA(connector, site.rules, nowMs)
  const { sample, transactionId } = connector
  if (freshA !== undefined || !sample || transactionId === undefined) return freshA
  const silentFromMs = sample.atMs + 2 * intervalMs(connector, site.rules)
  const isUnread = path.some((index) => {
    const meterId = site.tree.nodes[index]?.meter?.id
    const meter = meterId === undefined ? undefined : site.meters.get(meterId)
    return meter !== undefined && (meter.rests.at(-1)?.atMs ?? -Infinity) < silentFromMs
  })
  return isUnread ? Math.max(...sample.currentA) : undefined
}
