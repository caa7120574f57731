/** How the site follows the watchdog. */
import { tellAgain } from '../ledger/doubted.js'
import { evseKey } from '../watchdog/watchdog-state.js'
import type { CutOffChanged, Instant } from './events.js'
import type { Site } from './state.js'
import { connectorOf } from './transactions.js'
import { raise } from './uplink-queue.js'

export function applyCutOff(site: Site, event: CutOffChanged, at: Instant): void {
  const connector = connectorOf(site, event)
  if (!connector) return
  const { chargePointId, connectorId, cutOff, cause, wallMs } = event
  connector.cutOff = cutOff
  // The books may say that it has 0 A already: they are what is not believed any more.
  if (cutOff !== 'none') tellAgain(connector.ledger, at.nowMs)
  const key = evseKey(event)
  if (cutOff === 'none') site.watchdog.evses.delete(key)
  else {
    const { transactionId } = connector
    site.watchdog.evses.set(key, { cause, steppedAtMs: at.nowMs, transactionId })
  }
  if (wallMs === undefined) return
  // A clock that is set back comes to the same instant again: the number tells the two apart.
  const id = `cut-off-${chargePointId}-${connectorId}-${wallMs}-${site.uplinkSeq + 1}`
  raise(site, 'fault', id, wallMs, {
    event: 'cutOff',
    chargePointId,
    connectorId,
    step: cutOff,
    transactionId: connector.transactionId,
    ...cause,
  })
}
