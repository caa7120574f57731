/**
 * Transactions are money: a start is never refused an id, a repeat gets the same answer, a stop is
 * always taken and kept. Here is decided what happened; `transactions.ts` makes it so.
 */
import { isClockRight } from '../limits/charger-clock.js'
import { isClockTrusted } from '../limits/clock-caution.js'
import { authoriseStart, isSameGroup, ownIdTag } from './authorise.js'
import type { IdTagInfo } from './authorise.js'
import type { Instant, JournalEvent, TransactionStopped } from './events.js'
import { isOrphanOf, isSameStop } from './orphans.js'
import type { Orphan } from './orphans.js'
import { startTime } from './started-at.js'
import type { Site, Transaction } from './state.js'
import { connectorOf, isAssumed } from './transactions.js'

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
  readonly idTagInfo: IdTagInfo
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
  /** For the records, as they came. */
  readonly signedValues?: readonly unknown[] | undefined
}

export interface StopDecision {
  readonly events: readonly JournalEvent[]
  /** `corrected`: it had been taken to be over; now it is known how it ended. */
  readonly outcome: 'stopped' | 'corrected' | 'repeated' | 'unknown' | 'foreign'
}

/** Open transactions of one charge point on connectors that the depot does not have. */
const STRAYS_MAX = 16
/** A start that is older than this comes from an offline queue. */
const HISTORY_MS = 600_000
/** ... or this, by a clock that is known to be right. */
const LATE_MS = 60_000
/** Charge points keep ids in 32 bits with a sign. */
const LAST_ID = 2_147_483_647
const LAST_SEED = LAST_ID - 100_000_000

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
  const isHistory = isOlder(request, at, HISTORY_MS)
  const idTagInfo = authoriseStart(site, { ...request, isHistory }, at)
  if (known !== undefined) {
    const status = site.transactions.get(known)?.idTagStatus ?? idTagInfo.status
    return { events: [], transactionId: known, idTagInfo: { ...idTagInfo, status } }
  }
  const stop = stopBeforeStart(site, request)
  const chargePoint = site.chargePoints.get(chargePointId)
  const isRight = chargePoint !== undefined && isClockRight(chargePoint)
  const isLate = isHistory || (isRight && isOlder(request, at, LATE_MS))
  const overtaken = stop !== undefined || (isLate && hasLater(site, request))
  const replaced = stop ? [] : replacedBy(site, request, overtaken)
  const events: JournalEvent[] = replaced.map((open) => endOf(site, open, 'Superseded', at))
  const transactionId = nextId(site, request, at)
  events.push({
    type: 'transactionStarted',
    transactionId,
    chargePointId,
    connectorId,
    idTag: idTag === '' ? nobodysTag(site, chargePointId) : idTag,
    idTagStatus: idTagInfo.status,
    meterStartWh,
    startedWallMs,
    receivedWallMs: at.wallMs,
    monotonic: startTime(
      { startedWallMs, receivedWallMs: at.wallMs },
      request.startedWallMs !== undefined,
      chargePoint,
      at,
    ),
    ...(overtaken && { overtaken }),
    startKey,
  })
  if (stop) events.push(stopOf(transactionId, stop))
  return { events, transactionId, idTagInfo }
}

/**
 * Never used twice, not even after the restore of an old backup: ids are no lower than the seconds
 * of the day, by the charger's clock where ours was never set.
 */
function nextId(site: Site, { startedWallMs }: StartRequest, { wallMs }: Instant): number {
  const knownMs = isClockTrusted(wallMs) ? wallMs : (startedWallMs ?? 0)
  return Math.max(site.nextTransactionId, idSeed(knownMs))
}

/** Who presents none is noted as the charger itself. */
function nobodysTag(site: Site, chargePointId: string): string {
  const [evse] = site.tree.byChargePoint.get(chargePointId)?.values() ?? []
  return evse ? ownIdTag(evse.charger) : ''
}

/** An id for what is not kept. */
export function takeId(site: Site, { wallMs }: Instant): number {
  const id = Math.max(site.nextTransactionId, idSeed(wallMs))
  site.nextTransactionId = id + 1
  return id
}

export function idSeed(wallMs: number): number {
  const seconds = Math.floor(wallMs / 1000)
  return isClockTrusted(wallMs) && seconds < LAST_SEED ? seconds : 1
}

/** Without a timestamp the next day's start may look the same: only an open one is repeated. */
function repeatOf(site: Site, request: StartRequest, startKey: string): number | undefined {
  const known = site.startKeys.get(startKey)
  if (known === undefined || request.startedWallMs !== undefined) return known
  return site.transactions.has(known) ? known : undefined
}

function isOlder({ startedWallMs }: StartRequest, { wallMs }: Instant, ms: number): boolean {
  if (startedWallMs === undefined || !isClockTrusted(startedWallMs)) return false
  return wallMs - startedWallMs > ms
}

/** Its connector is known to have begun something since: what comes now is not what runs there. */
function hasLater(site: Site, request: StartRequest): boolean {
  const { chargePointId, connectorId, startedWallMs = Infinity } = request
  const isLater = (one: Transaction): boolean =>
    one.chargePointId === chargePointId &&
    one.connectorId === connectorId &&
    one.startedWallMs > startedWallMs
  return [...site.transactions.values()].some(isLater) || site.ended.some(isLater)
}

/** Its stop, when that was told before: a queue that is told backwards. */
function stopBeforeStart(site: Site, request: StartRequest): Orphan | undefined {
  const { startedWallMs, ...start } = request
  if (startedWallMs === undefined) return undefined
  const fitting = site.orphans.filter((orphan) =>
    isOrphanOf(site.depot, orphan, { startedWallMs, ...start }),
  )
  return fitting.toSorted((a, b) => (a.stoppedWallMs ?? 0) - (b.stoppedWallMs ?? 0))[0]
}

/** What must have ended when this one starts: a connector has one transaction. */
function replacedBy(site: Site, request: StartRequest, overtaken: boolean): readonly Transaction[] {
  const open = openAt(site, request.chargePointId)
  const here = open.filter(({ connectorId }) => connectorId === request.connectorId)
  const { startedWallMs = Infinity } = request
  const before = overtaken ? here.filter((one) => one.startedWallMs < startedWallMs) : here
  if (connectorOf(site, request)) return before
  const strays = open.filter((one) => !before.includes(one) && !connectorOf(site, one))
  return [...before, ...strays.slice(0, Math.max(0, strays.length + 1 - STRAYS_MAX))]
}

/** Oldest first. */
function openAt(site: Site, chargePointId: string): readonly Transaction[] {
  return [...site.transactions.values()].filter((open) => open.chargePointId === chargePointId)
}

/**
 * The end of one that must be over and was never stopped: as its stop says that came without an id,
 * else at its last reading, until the stop comes after all.
 */
export function endOf(
  site: Site,
  open: Transaction,
  reason: 'Superseded' | 'Abandoned',
  { wallMs }: Instant,
): TransactionStopped {
  const orphans = site.orphans.filter((orphan) => isOrphanOf(site.depot, orphan, open))
  const [orphan] = orphans
  if (orphan && orphans.length === 1) return stopOf(open.id, orphan)
  return {
    type: 'transactionStopped',
    transactionId: open.id,
    meterStopWh: open.meterStartWh + open.energyWh,
    stoppedWallMs: wallMs,
    receivedWallMs: wallMs,
    reason,
  }
}

function stopOf(transactionId: number, orphan: Orphan): TransactionStopped {
  const { meterStopWh = 0, receivedWallMs, reason, idTag, signedValues } = orphan
  const stoppedWallMs = orphan.stoppedWallMs ?? receivedWallMs
  return {
    type: 'transactionStopped',
    transactionId,
    meterStopWh,
    stoppedWallMs,
    receivedWallMs,
    reason,
    idTag,
    signedValues,
  }
}

export function decideStop(site: Site, request: StopRequest, at: Instant): StopDecision {
  const { chargePointId, transactionId } = request
  if (isRepeated(site, request)) return { events: [], outcome: 'repeated' }
  const found = findForStop(site, request)
  if (!found) {
    const isForeign = site.ended.some(({ id }) => id === transactionId)
    return { events: orphanOf(request, at), outcome: isForeign ? 'foreign' : 'unknown' }
  }
  if (found.chargePointId !== chargePointId) {
    return { events: orphanOf(request, at), outcome: 'foreign' }
  }
  const event: TransactionStopped = {
    type: 'transactionStopped',
    transactionId: found.id,
    meterStopWh: request.meterStopWh ?? found.meterStartWh + found.energyWh,
    stoppedWallMs: request.stoppedWallMs ?? at.wallMs,
    receivedWallMs: at.wallMs,
    reason: request.reason,
    idTag: request.idTag,
    signedValues: request.signedValues,
  }
  return { events: [event], outcome: found.stop ? 'corrected' : 'stopped' }
}

/** What belongs to no transaction is kept: it may be money. */
function orphanOf(request: StopRequest, { wallMs }: Instant): readonly JournalEvent[] {
  return [{ type: 'orphanNoted', orphan: { ...request, receivedWallMs: wallMs } }]
}

/** An unanswered stop is sent again as it was; without an id its register and time tell it. */
function isRepeated(site: Site, request: StopRequest): boolean {
  const { chargePointId, transactionId, meterStopWh, stoppedWallMs } = request
  if (site.orphans.some((orphan) => isSameStop(orphan, request))) return true
  return site.ended.some((ended) => {
    if (ended.chargePointId !== chargePointId) return false
    if (transactionId > 0) return ended.id === transactionId && !isAssumed(ended.stop)
    return ended.stop?.meterStopWh === meterStopWh && ended.stop?.stoppedWallMs === stoppedWallMs
  })
}

/**
 * Errata 3.18: -1 (and 0) stand for a start whose answer never arrived. Which one that was must be
 * beyond doubt: a car that still charges would go on without a transaction.
 */
function findForStop(site: Site, request: StopRequest): Transaction | undefined {
  const { chargePointId, transactionId } = request
  const assumed = site.ended.filter(
    (ended) => ended.chargePointId === chargePointId && isAssumed(ended.stop),
  )
  if (transactionId > 0) {
    return site.transactions.get(transactionId) ?? assumed.find(({ id }) => id === transactionId)
  }
  // Whose id the charge point has used, that it would name.
  const open = openAt(site, chargePointId).filter(({ idSeen }) => idSeen !== true)
  const [only] = open
  if (only && open.length === 1 && !speaksAgainst(site, request, only)) return only
  const ofOpen = open.filter((one) => isFitting(site, request, one))
  if (ofOpen.length === 1) return ofOpen[0]
  const ofAssumed = assumed.filter((one) => one.idSeen !== true && isFitting(site, request, one))
  return ofOpen.length === 0 && ofAssumed.length === 1 ? ofAssumed[0] : undefined
}

function speaksAgainst(site: Site, request: StopRequest, only: Transaction): boolean {
  const { idTag, meterStopWh = -Infinity, stoppedWallMs = Infinity } = request
  // A queue that is told late or backwards: it is of one that was before.
  if (stoppedWallMs < only.startedWallMs && meterStopWh <= only.meterStartWh) return true
  const isOther = idTag !== undefined && !isSameGroup(site.depot, only.idTag, idTag)
  return isOther && meterStopWh < only.meterStartWh
}

function isFitting(site: Site, request: StopRequest, one: Transaction): boolean {
  const { idTag, meterStopWh = -Infinity, stoppedWallMs = Infinity } = request
  if (idTag === undefined || !isSameGroup(site.depot, one.idTag, idTag)) return false
  return meterStopWh >= one.meterStartWh && stoppedWallMs >= one.startedWallMs
}
