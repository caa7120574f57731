/**
 * Transactions are money: a start is never refused an id, a repeat gets the same answer, a stop is
 * always taken. The functions here decide what happened; `apply...` makes it so.
 */
import { newTurn } from '../balance/turns.js'
import { withoutTransaction } from '../ledger/doubted.js'
import { noteDraw } from '../limits/base-load.js'
import { authorise } from './authorise.js'
import type { IdTagStatus } from './authorise.js'
import type { Instant, JournalEvent, TransactionStarted, TransactionStopped } from './events.js'
import { startTime, startTimeAgain } from './started-at.js'
import type { Connector, Site, Transaction } from './state.js'
import type { UplinkEvent } from './uplink.js'
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
  /** Undefined: the charger does not say; the last reading stands for it. */
  readonly meterStopWh: number | undefined
  readonly stoppedWallMs: number | undefined
  readonly reason: string
  /** Who stopped it, if anyone. */
  readonly idTag?: string | undefined
}

export interface StopDecision {
  readonly events: readonly JournalEvent[]
  readonly outcome: 'stopped' | 'repeated' | 'unknown' | 'foreign'
}

const ENDED_MAX = 2_000
const START_KEYS_MAX = 5_000
/** Open transactions of one charge point on connectors that the depot does not have. */
const STRAYS_MAX = 16
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
  const known = repeatOf(site, request, startKey)
  const idTagStatus = statusOf(site, request)
  if (known !== undefined) return { events: [], transactionId: known, idTagStatus }
  const events: JournalEvent[] = replacedBy(site, request).map((open) => superseded(open, at))
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
    monotonic: startTime(
      { startedWallMs, receivedWallMs: at.wallMs },
      request.startedWallMs !== undefined,
      site.chargePoints.get(chargePointId),
      at,
    ),
    startKey,
  })
  return { events, transactionId, idTagStatus }
}

/** Without a timestamp the next day's start may look the same: only an open one is repeated. */
function repeatOf(site: Site, request: StartRequest, startKey: string): number | undefined {
  const known = site.startKeys.get(startKey)
  if (known === undefined || request.startedWallMs !== undefined) return known
  return site.transactions.has(known) ? known : undefined
}

/** What must have ended when this one starts: a connector has one transaction. */
function replacedBy(site: Site, request: StartRequest): readonly Transaction[] {
  const open = openAt(site, request.chargePointId)
  const before = open.filter(({ connectorId }) => connectorId === request.connectorId)
  if (connectorOf(site, request)) return before
  const strays = open.filter((one) => !before.includes(one) && !connectorOf(site, one))
  return [...before, ...strays.slice(0, Math.max(0, strays.length + 1 - STRAYS_MAX))]
}

/** Oldest first. */
function openAt(site: Site, chargePointId: string): readonly Transaction[] {
  return [...site.transactions.values()].filter((open) => open.chargePointId === chargePointId)
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
  if (isRepeated(site, request)) return { events: [], outcome: 'repeated' }
  const transaction = findForStop(site, request)
  if (!transaction) {
    const isForeign = site.ended.some(({ id }) => id === request.transactionId)
    return { events: [], outcome: isForeign ? 'foreign' : 'unknown' }
  }
  if (transaction.chargePointId !== chargePointId) return { events: [], outcome: 'foreign' }
  const event: TransactionStopped = {
    type: 'transactionStopped',
    transactionId: transaction.id,
    meterStopWh: request.meterStopWh ?? transaction.meterStartWh + transaction.energyWh,
    stoppedWallMs: request.stoppedWallMs ?? at.wallMs,
    receivedWallMs: at.wallMs,
    reason: request.reason,
  }
  return { events: [event], outcome: 'stopped' }
}

/** An unanswered stop is sent again as it was; without an id its register and time tell it. */
function isRepeated(site: Site, request: StopRequest): boolean {
  const { chargePointId, transactionId, meterStopWh, stoppedWallMs } = request
  return site.ended.some((ended) => {
    if (ended.chargePointId !== chargePointId) return false
    if (transactionId > 0) return ended.id === transactionId
    return ended.stop?.meterStopWh === meterStopWh && ended.stop?.stoppedWallMs === stoppedWallMs
  })
}

/**
 * Errata 3.18: -1 (and 0) stand for a start whose answer never arrived. Which one that was must be
 * beyond doubt: a car that still charges would go on without a transaction.
 */
function findForStop(site: Site, request: StopRequest): Transaction | undefined {
  if (request.transactionId > 0) return site.transactions.get(request.transactionId)
  const open = openAt(site, request.chargePointId)
  const idTag = request.idTag?.toLowerCase()
  const isSameTag = (one: Transaction): boolean => one.idTag.toLowerCase() === idTag
  const { meterStopWh = -Infinity } = request
  const [only] = open
  if (only && open.length === 1) {
    const speaksAgainst = idTag !== undefined && !isSameTag(only) && meterStopWh < only.meterStartWh
    return speaksAgainst ? undefined : only
  }
  const fitting = open.filter((one) => isSameTag(one) && meterStopWh >= one.meterStartWh)
  return fitting.length === 1 ? fitting[0] : undefined
}

export function applyStarted(site: Site, event: TransactionStarted, at: Instant): void {
  // A journal may tell again what the history holds already.
  const { transactionId: id } = event
  if (site.startKeys.get(event.startKey) === id || site.transactions.has(id)) return
  if (site.ended.some((ended) => ended.id === id)) return
  // What a restart finds has been waited for already.
  const isNews = event.receivedWallMs === at.wallMs
  const isHistory = isNews && event.receivedWallMs - event.startedWallMs > HISTORY_MS
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
    liveFromMs: isHistory ? at.nowMs + HISTORY_WAIT_MS : at.nowMs,
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
  if (connector) {
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
  if (!transaction) return
  const { meterStopWh, stoppedWallMs, receivedWallMs, reason } = event
  transaction.stop = { meterStopWh, stoppedWallMs, receivedWallMs, reason }
  // The registers at both ends are what counts: one wrong sample between them must not. A stop
  // below the start is a meter fault: keep the raw value, bill what was seen.
  const energyWh = meterStopWh - transaction.meterStartWh
  if (energyWh >= 0 && Number.isFinite(energyWh)) transaction.energyWh = energyWh
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
  raise(site, 'session', `transaction-${transaction.id}-stopped`, receivedWallMs, {
    event: 'stopped',
    ...sessionFacts(transaction),
    meterStopWh,
    stoppedAtMs: stoppedWallMs,
    energyWh: transaction.energyWh,
    reason,
  })
}

/** What both events of a session tell. */
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
