/**
 * Transactions are money: a start is never refused an id, a repeat gets the same answer, a stop is
 * always taken. The functions here decide what happened; `apply...` makes it so.
 */
import { withoutTransaction } from '../ledger/evse-ledger.js'
import { authorise } from './authorise.js'
import type { IdTagStatus } from './authorise.js'
import type { Instant, JournalEvent, TransactionStarted, TransactionStopped } from './events.js'
import type { Connector, Site, Transaction } from './state.js'
import { raise } from './uplink-queue.js'

export interface StartRequest {
  readonly chargePointId: string
  readonly connectorId: number
  readonly idTag: string
  readonly meterStartWh: number
  /** Undefined: the charger's timestamp is unusable. */
  readonly startedWallMs: number | undefined
}

export interface StartDecision {
  readonly events: readonly JournalEvent[]
  readonly transactionId: number
  readonly idTagStatus: IdTagStatus
}

export interface StopRequest {
  readonly chargePointId: string
  readonly transactionId: number
  readonly meterStopWh: number
  readonly stoppedWallMs: number | undefined
  readonly reason: string
}

export interface StopDecision {
  readonly events: readonly JournalEvent[]
  readonly outcome: 'stopped' | 'repeated' | 'unknown' | 'foreign'
}

const ENDED_MAX = 2_000
const START_KEYS_MAX = 5_000
/** A start that is older than this comes from an offline queue: its stop may follow at once. */
const HISTORY_MS = 600_000
const HISTORY_WAIT_MS = 30_000

export function decideStart(site: Site, request: StartRequest, at: Instant): StartDecision {
  const { chargePointId, connectorId, idTag, meterStartWh } = request
  const startedWallMs = request.startedWallMs ?? at.wallMs
  // OCPP 1.6 3.7.1: an unanswered start is sent again as it was.
  const startKey = [
    chargePointId,
    connectorId,
    idTag.toLowerCase(),
    request.startedWallMs ?? 'unstamped',
    meterStartWh,
  ].join('|')
  const known = site.startKeys.get(startKey)
  const idTagStatus = statusOf(site, request)
  if (known !== undefined) return { events: [], transactionId: known, idTagStatus }
  const events: JournalEvent[] = []
  const connector = site.chargePoints.get(chargePointId)?.connectors.get(connectorId)
  const open =
    connector?.transactionId === undefined
      ? undefined
      : site.transactions.get(connector.transactionId)
  if (open) events.push(superseded(open, at))
  const transactionId = site.nextTransactionId
  events.push({
    type: 'transactionStarted',
    transactionId,
    chargePointId,
    connectorId,
    idTag,
    idTagStatus,
    meterStartWh,
    startedWallMs,
    receivedWallMs: at.wallMs,
    startKey,
  })
  return { events, transactionId, idTagStatus }
}

function statusOf(site: Site, { chargePointId, connectorId, idTag }: StartRequest): IdTagStatus {
  const evse = site.tree.byChargePoint.get(chargePointId)?.get(connectorId)
  if (!evse || evse.evse.discovered === true || !evse.charger.isActive) return 'Invalid'
  return authorise(site.depot, idTag)
}

/** A new start on a connector whose transaction never ended: the old one ends at its last reading. */
function superseded(open: Transaction, at: Instant): TransactionStopped {
  return {
    type: 'transactionStopped',
    transactionId: open.id,
    meterStopWh: open.meterStartWh + open.energyWh,
    stoppedWallMs: at.wallMs,
    receivedWallMs: at.wallMs,
    reason: 'Superseded',
  }
}

export function decideStop(site: Site, request: StopRequest, at: Instant): StopDecision {
  const { chargePointId } = request
  const transaction = findForStop(site, request)
  if (!transaction) {
    const ended = site.ended.find(({ id }) => id === request.transactionId)
    if (ended?.chargePointId === chargePointId) return { events: [], outcome: 'repeated' }
    return { events: [], outcome: ended ? 'foreign' : 'unknown' }
  }
  if (transaction.chargePointId !== chargePointId) return { events: [], outcome: 'foreign' }
  const event: TransactionStopped = {
    type: 'transactionStopped',
    transactionId: transaction.id,
    meterStopWh: request.meterStopWh,
    stoppedWallMs: request.stoppedWallMs ?? at.wallMs,
    receivedWallMs: at.wallMs,
    reason: request.reason,
  }
  return { events: [event], outcome: 'stopped' }
}

/** Errata 3.18: -1 (and 0) stand for a start whose answer never arrived: the latest open one. */
function findForStop(site: Site, request: StopRequest): Transaction | undefined {
  if (request.transactionId > 0) return site.transactions.get(request.transactionId)
  let latest: Transaction | undefined
  for (const transaction of site.transactions.values()) {
    if (transaction.chargePointId !== request.chargePointId) continue
    if (!latest || transaction.id > latest.id) latest = transaction
  }
  return latest
}

export function applyStarted(site: Site, event: TransactionStarted, at: Instant): void {
  // A journal may tell again what the history holds already.
  if (site.startKeys.get(event.startKey) === event.transactionId) return
  const isHistory = event.receivedWallMs - event.startedWallMs > HISTORY_MS
  const transaction: Transaction = {
    id: event.transactionId,
    chargePointId: event.chargePointId,
    connectorId: event.connectorId,
    idTag: event.idTag,
    idTagStatus: event.idTagStatus,
    meterStartWh: event.meterStartWh,
    startedWallMs: event.startedWallMs,
    receivedWallMs: event.receivedWallMs,
    liveFromMs: isHistory ? at.nowMs + HISTORY_WAIT_MS : at.nowMs,
    energyWh: 0,
    stop: undefined,
  }
  site.transactions.set(transaction.id, transaction)
  site.nextTransactionId = Math.max(site.nextTransactionId, transaction.id + 1)
  remember(site.startKeys, event.startKey, transaction.id)
  const connector = connectorOf(site, transaction)
  if (connector) {
    connector.transactionId = transaction.id
    connector.saysFree = false
    forgetCar(connector, at.nowMs)
  }
  raise(site, 'session', `transaction-${transaction.id}-started`, at.wallMs, {
    event: 'started',
    transactionId: transaction.id,
    chargePointId: transaction.chargePointId,
    connectorId: transaction.connectorId,
    idTag: transaction.idTag,
    idTagStatus: transaction.idTagStatus,
    meterStartWh: transaction.meterStartWh,
    startedAtMs: transaction.startedWallMs,
  })
}

export function applyStopped(site: Site, event: TransactionStopped, at: Instant): void {
  const transaction = site.transactions.get(event.transactionId)
  if (!transaction) return
  const { meterStopWh, stoppedWallMs, receivedWallMs, reason } = event
  transaction.stop = { meterStopWh, stoppedWallMs, receivedWallMs, reason }
  // A stop register below the start is a meter fault: keep the raw value, bill what was seen.
  transaction.energyWh = Math.max(transaction.energyWh, meterStopWh - transaction.meterStartWh)
  site.transactions.delete(transaction.id)
  site.ended.push(transaction)
  if (site.ended.length > ENDED_MAX) site.ended.shift()
  const connector = connectorOf(site, transaction)
  if (connector?.transactionId === transaction.id) {
    connector.transactionId = undefined
    connector.sample = undefined
    withoutTransaction(connector.ledger, at.nowMs)
    forgetCar(connector, at.nowMs)
  }
  raise(site, 'session', `transaction-${transaction.id}-stopped`, at.wallMs, {
    event: 'stopped',
    transactionId: transaction.id,
    chargePointId: transaction.chargePointId,
    connectorId: transaction.connectorId,
    idTag: transaction.idTag,
    idTagStatus: transaction.idTagStatus,
    meterStartWh: transaction.meterStartWh,
    startedAtMs: transaction.startedWallMs,
    meterStopWh,
    stoppedAtMs: stoppedWallMs,
    energyWh: transaction.energyWh,
    reason,
  })
}

export function connectorOf(
  site: Site,
  { chargePointId, connectorId }: { chargePointId: string; connectorId: number },
): Connector | undefined {
  return site.chargePoints.get(chargePointId)?.connectors.get(connectorId)
}

/** What was learned of a car goes with it. */
function forgetCar(connector: Connector, nowMs: number): void {
  connector.phases = { learned: undefined, candidate: undefined }
  connector.turn.targetA = 0
  connector.turn.sinceMs = nowMs
  connector.turn.guaranteed = false
  connector.turn.underDrawSinceMs = undefined
  connector.turn.capA = undefined
}

function remember(keys: Map<string, number>, key: string, transactionId: number): void {
  keys.set(key, transactionId)
  if (keys.size <= START_KEYS_MAX) return
  const oldest = keys.keys().next()
  if (!oldest.done) keys.delete(oldest.value)
}
