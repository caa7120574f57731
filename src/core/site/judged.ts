/** What is said of a departure: remembered with the session, and told the backend once. */
import type { OutlookJudged } from './events.js'
import type { Site } from './state.js'
import { raise } from './uplink-queue.js'

export function applyJudged(site: Site, event: OutlookJudged): void {
  const { transactionId, state, wallMs, facts } = event
  const transaction = site.transactions.get(transactionId)
  if (!transaction) return
  const count = (transaction.judged?.count ?? 0) + 1
  transaction.judged = { state, count }
  const { chargePointId, connectorId } = transaction
  raise(site, 'session', `transaction-${transactionId}-departure-${count}`, wallMs, {
    event: 'departure',
    transactionId,
    chargePointId,
    connectorId,
    state,
    ...facts,
  })
}
