/**
 * What becomes of transactions that their charge points leave alone: one that was refused and goes on
 * is stopped from here, one whose stop was lost is ended.
 */
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { Connector, Site, Transaction } from '../core/site/state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import { remoteStopTransaction } from '../ocpp/v16/outbound.js'
import type { Log } from '../ports.js'
import { lostStops } from './lost-stops.js'
import type { Sessions } from './sessions.js'

export interface TransactionDesk {
  /** Once a second. */
  tick(): void
}

export interface TransactionDeskOwner {
  readonly site: Site
  readonly sessions: Pick<Sessions, 'get'>
  readonly timeoutMs: number
  now(): Instant
  commit(events: readonly JournalEvent[]): Promise<void>
}

/** StopTransactionOnInvalidId: so long the charge point may do it by itself. */
const PATIENCE_MS = 10_000
/** Between attempts to stop it; then it stays at 0 A, and the operator is told. */
const PAUSES_MS: readonly number[] = [30_000, 60_000, 120_000, 240_000]

interface Attempts {
  count: number
  notBeforeMs: number
}

export function createTransactionDesk(owner: TransactionDeskOwner, log: Log): TransactionDesk {
  const { site, sessions } = owner
  const lost = lostStops()
  /** By transaction id. */
  const refused = new Map<number, Attempts>()

  const stop = (transaction: Transaction, attempts: Attempts): void => {
    const { id: transactionId, chargePointId, idTagStatus } = transaction
    const facts = { chargePoint: chargePointId, transactionId, idTagStatus }
    const pauseMs = PAUSES_MS[attempts.count]
    if (pauseMs === undefined) {
      if (attempts.notBeforeMs === Infinity) return
      attempts.notBeforeMs = Infinity
      log.warn('refusedTransactionGoesOn', { ...facts, attempts: attempts.count })
      return
    }
    const ended = (end: CallEnd): void => {
      if (end.type !== 'answered')
        log.info('refusedTransactionNotStopped', { ...facts, end: end.type })
    }
    const call = remoteStopTransaction(transactionId)
    const isSent = sessions.get(chargePointId)?.call({ call, timeoutMs: owner.timeoutMs, ended })
    if (isSent !== true) return
    attempts.count += 1
    attempts.notBeforeMs = owner.now().nowMs + pauseMs
    log.info('refusedTransactionStopped', facts)
  }

  const lookAt = (connector: Connector, connected: boolean): void => {
    if (!connected || connector.transactionId === undefined || connector.saysFree) return
    const transaction = site.transactions.get(connector.transactionId)
    if (!transaction || transaction.idTagStatus === 'Accepted') return
    const { nowMs } = owner.now()
    const sinceMs = Math.max(transaction.liveFromMs, nowMs)
    const attempts = refused.get(transaction.id) ?? { count: 0, notBeforeMs: sinceMs + PATIENCE_MS }
    refused.set(transaction.id, attempts)
    if (nowMs >= attempts.notBeforeMs) stop(transaction, attempts)
  }

  return {
    tick() {
      for (const id of refused.keys()) if (!site.transactions.has(id)) refused.delete(id)
      for (const { connected, connectors } of site.chargePoints.values()) {
        for (const connector of connectors.values()) lookAt(connector, connected)
      }
      const ends = lost.due(site, owner.now())
      if (ends.length === 0) return
      log.warn('transactionsAbandoned', { count: ends.length })
      // What the disk refuses the journal reports, and writes later.
      owner.commit(ends).catch(() => undefined)
    },
  }
}
