/** What a start and a stop change: the records, and the connector that has no car of another now. */
import { newTurn } from '../balance/turns.js'
import { withoutTransaction } from '../ledger/doubted.js'
import { noteDraw } from '../limits/base-load.js'
import type { Instant, TransactionStarted, TransactionStopped } from './events.js'
import { claimOrphan } from './orphans.js'
import { startTimeAgain } from './started-at.js'
import { energyAtStop } from './register.js'
import type { Connector, Site, Transaction, TransactionStop } from './state.js'
import type { UplinkEvent } from './uplink.js'
import { raise } from './uplink-queue.js'

const ENDED_MAX = 2_000
const START_KEYS_MAX = 5_000
/** A start that is older than this comes from an offline queue: its stop may follow at once. */
const HISTORY_MS = 600_000
const HISTORY_WAIT_MS = 30_000

/** Ends that we made up, since none was told: the charge point's own word replaces them. */
const ASSUMED: ReadonlySet<string> = new Set(['Superseded', 'Abandoned'])

export function isAssumed(stop: Pick<TransactionStop, 'reason'> | undefined): boolean {
  return stop !== undefined && ASSUMED.has(stop.reason)
}

export function applyStarted(site: Site, event: TransactionStarted, at: Instant): void {
  // A journal may tell again what the history holds already.
  const { transactionId: id } = event
  if (site.startKeys.get(event.startKey) === id || site.transactions.has(id)) return
  if (site.ended.some((ended) => ended.id === id)) return
  // What a restart finds has been waited for already.
  const isNews = event.receivedWallMs === at.wallMs
  const isHistory = isNews && event.receivedWallMs - event.startedWallMs > HISTORY_MS
  const overtaken = event.overtaken === true
  const transaction: Transaction = {
    id: event.transactionId,
    chargePointId: event.chargePointId,
    connectorId: event.connectorId,
    idTag: event.idTag,
    idTagStatus: event.idTagStatus,
    meterStartWh: event.meterStartWh,
    startedWallMs: event.startedWallMs,
    receivedWallMs: event.receivedWallMs,
    monotonic: startTimeAgain(event.monotonic, at),
    liveFromMs: liveFromMs(at, { overtaken, isHistory }),
    overtaken,
    idSeen: false,
    energyWh: 0,
    stop: undefined,
    plan: undefined,
    soc: undefined,
    judged: undefined,
  }
  site.transactions.set(transaction.id, transaction)
  site.nextTransactionId = Math.max(site.nextTransactionId, transaction.id + 1)
  remember(site.startKeys, event.startKey, transaction.id)
  const connector = connectorOf(site, transaction)
  if (connector && !overtaken) {
    connector.transactionId = transaction.id
    connector.saysFree = false
    connector.wasFree = false
    forgetCar(connector, at.nowMs)
  }
  raise(site, 'session', `transaction-${transaction.id}-started`, event.receivedWallMs, {
    event: 'started',
    ...sessionFacts(transaction),
  })
}

export function applyStopped(site: Site, event: TransactionStopped, at: Instant): void {
  const transaction = site.transactions.get(event.transactionId)
  if (!transaction) {
    correct(site, event)
    return
  }
  noteStop(site, transaction, event)
  site.transactions.delete(transaction.id)
  site.outlooks.byTransaction.delete(transaction.id)
  site.ended.push(transaction)
  if (site.ended.length > ENDED_MAX) site.ended.shift()
  const connector = connectorOf(site, transaction)
  if (connector?.transactionId === transaction.id) {
    const { chargePointId, connectorId } = transaction
    const evse = site.tree.byChargePoint.get(chargePointId)?.get(connectorId)
    if (evse) noteDraw(site, evse, connector, undefined, at.nowMs)
    connector.transactionId = undefined
    withoutTransaction(connector.ledger, at.nowMs)
    forgetCar(connector, at.nowMs)
  }
  tell(site, transaction, 'stopped', event)
}

/** The stop of one that was taken to be over has come: the registers count, not the last reading. */
function correct(site: Site, event: TransactionStopped): void {
  const ended = site.ended.find(({ id }) => id === event.transactionId)
  if (!ended || !isAssumed(ended.stop) || isAssumed(event)) return
  noteStop(site, ended, event)
  tell(site, ended, 'corrected', event)
}

function noteStop(site: Site, transaction: Transaction, event: TransactionStopped): void {
  const { type: _, transactionId: __, ...stop } = event
  transaction.stop = stop
  // The registers at both ends are what counts: one wrong sample between them must not. A stop
  // below the start is a meter fault: keep the raw value, bill what was seen.
  const { register, energyWh, meterStartWh } = transaction
  transaction.energyWh = energyAtStop({ register, energyWh }, meterStartWh, stop.meterStopWh)
  const { chargePointId } = transaction
  claimOrphan(site, { chargePointId, ...stop })
}

function tell(
  site: Site,
  transaction: Transaction,
  what: 'stopped' | 'corrected',
  { meterStopWh, stoppedWallMs, receivedWallMs, reason, idTag, signedValues }: TransactionStopped,
): void {
  raise(site, 'session', `transaction-${transaction.id}-${what}`, receivedWallMs, {
    event: what,
    ...sessionFacts(transaction),
    meterStopWh,
    stoppedAtMs: stoppedWallMs,
    energyWh: transaction.energyWh,
    reason,
    ...(idTag !== undefined && idTag !== transaction.idTag && { stopIdTag: idTag }),
    ...(signedValues && { signedValues }),
  })
}

/** One that was overtaken never had its connector: nothing is controlled for it. */
function liveFromMs(
  { nowMs }: Instant,
  { overtaken, isHistory }: { readonly overtaken: boolean; readonly isHistory: boolean },
): number {
  if (overtaken) return Infinity
  return isHistory ? nowMs + HISTORY_WAIT_MS : nowMs
}

/** What all events of a session tell. */
function sessionFacts(transaction: Transaction): UplinkEvent['data'] {
  return {
    transactionId: transaction.id,
    chargePointId: transaction.chargePointId,
    connectorId: transaction.connectorId,
    idTag: transaction.idTag,
    idTagStatus: transaction.idTagStatus,
    meterStartWh: transaction.meterStartWh,
    startedAtMs: transaction.startedWallMs,
  }
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
  Object.assign(connector.turn, newTurn(nowMs))
}

function remember(keys: Map<string, number>, key: string, transactionId: number): void {
  keys.set(key, transactionId)
  if (keys.size <= START_KEYS_MAX) return
  const oldest = keys.keys().next()
  if (!oldest.done) keys.delete(oldest.value)
}
