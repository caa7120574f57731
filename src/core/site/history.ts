/**
 * The folded history: everything the journal would rebuild, as one plain JSON document. Written and
 * read only by this file; the store guards it by a checksum.
 */
import type { ListVersion } from '../authorisation/local-list.js'
import { restoreMark, withoutTransaction } from '../ledger/doubted.js'
import { markOnDisk } from '../ledger/marks.js'
import type { Mark } from '../ledger/marks.js'
import { operationsHistory, restoreOperations } from '../operations/operations-history.js'
import type { OperationsHistory } from '../operations/operations-history.js'
import { restoreSecurity, securityHistory } from '../security/security-state.js'
import type { SecurityHistory } from '../security/security-state.js'
import type { CutOffCause } from '../watchdog/watchdog-state.js'
import { evseKey } from '../watchdog/watchdog-state.js'
import type { Capabilities } from './capabilities.js'
import { followTree } from './create.js'
import { noteQuirks } from './follow-quirks.js'
import type { IdTagInfo } from './authorise.js'
import type { Instant } from './events.js'
import { applyCutOff } from './cut-off.js'
import { leaseUntilMs } from './lease-time.js'
import type { LeaseTime } from './lease-time.js'
import type { Orphan } from './orphans.js'
import { profileTimes } from './profile-times.js'
import type {
  ChargePoint,
  CommandAnswer,
  Connector,
  CutOff,
  LimitLease,
  Override,
  Site,
  Transaction,
} from './state.js'
import { startTimeAgain } from './started-at.js'
import { connectorOf } from './transactions.js'
import type { UplinkEvent } from './uplink.js'

const VERSION = 1

interface ConnectorHistory {
  readonly id: number
  readonly status: string | undefined
  readonly errorCode: string | undefined
  readonly mark: Mark | undefined
}

interface ChargePointHistory {
  readonly id: string
  readonly lastSeenWallMs: number | undefined
  readonly vendor: string | undefined
  readonly model: string | undefined
  readonly firmwareVersion: string | undefined
  /** Absent in documents from before chargers were asked. */
  readonly capabilities?: Capabilities | undefined
  readonly status: string | undefined
  readonly connectors: readonly ConnectorHistory[]
}

interface History {
  readonly version: number
  readonly nextTransactionId: number
  readonly uplinkSeq: number
  readonly open: readonly Transaction[]
  readonly ended: readonly Transaction[]
  /** Absent in documents from before they were kept. */
  readonly orphans?: readonly Orphan[]
  readonly backendAnswers?: readonly { readonly idTag: string; readonly info: IdTagInfo }[]
  readonly localList?: ListVersion | undefined
  readonly startKeys: readonly (readonly [string, number])[]
  readonly chargePoints: readonly ChargePointHistory[]
  readonly leases: readonly (LimitLease & LeaseTime)[]
  /** Absent in documents from before there were any. */
  readonly overrides?: readonly Override[]
  readonly commandAnswers: readonly (readonly [string, CommandAnswer])[]
  readonly outbox: readonly UplinkEvent[]
  /** EVSEs that the watchdog holds; absent in documents from before there was one. */
  readonly cutOffs?: readonly CutOffHistory[]
  /** Absent in documents from before it was kept. */
  readonly operations?: OperationsHistory
  /** Absent in documents from before there was any. */
  readonly security?: SecurityHistory
}

interface CutOffHistory {
  readonly chargePointId: string
  readonly connectorId: number
  readonly cutOff: CutOff
  readonly outOfService: boolean
  readonly cause: CutOffCause | undefined
}

export function historyOf(site: Site): Readonly<Record<string, unknown>> {
  const history: History = {
    version: VERSION,
    nextTransactionId: site.nextTransactionId,
    uplinkSeq: site.uplinkSeq,
    open: [...site.transactions.values()],
    ended: site.ended,
    orphans: site.orphans,
    localList: site.localList,
    backendAnswers: [...site.backendAnswers].map(([idTag, { info }]) => ({ idTag, info })),
    startKeys: [...site.startKeys],
    chargePoints: [...site.chargePoints.values()].map(chargePointHistory),
    leases: [...site.leases.values()],
    overrides: [...site.overrides.values()],
    commandAnswers: [...site.commandAnswers],
    outbox: site.outbox,
    cutOffs: [...site.chargePoints.values()].flatMap((chargePoint) => cutOffs(site, chargePoint)),
    operations: operationsHistory(site.operations),
    security: securityHistory(site),
  }
  return { ...history }
}

function cutOffs(
  site: Site,
  { id: chargePointId, connectors }: ChargePoint,
): readonly CutOffHistory[] {
  return [...connectors.values()].flatMap(({ id: connectorId, cutOff, outOfService }) => {
    if (cutOff === 'none' && !outOfService) return []
    const { cause } = site.watchdog.evses.get(evseKey({ chargePointId, connectorId })) ?? {}
    return [{ chargePointId, connectorId, cutOff, outOfService, cause }]
  })
}

function chargePointHistory(chargePoint: ChargePoint): ChargePointHistory {
  const { id, lastSeenWallMs, vendor, model, firmwareVersion, status, capabilities } = chargePoint
  const connectors = [...chargePoint.connectors.values()].map(connectorHistory)
  const identity = { vendor, model, firmwareVersion, capabilities }
  return { id, lastSeenWallMs, ...identity, status, connectors }
}

function connectorHistory({ id, status, errorCode, ledger }: Connector): ConnectorHistory {
  return { id, status, errorCode, mark: ledger.seen ? markOnDisk(ledger) : undefined }
}

/** Fills a new site from a document of `historyOf`. Throws when the version is not ours. */
export function restoreHistory(
  site: Site,
  document: Readonly<Record<string, unknown>>,
  at: Instant,
): void {
  // The store has verified checksum and origin: the document is what historyOf wrote.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const history = document as unknown as History
  if (history.version !== VERSION) {
    throw new Error(
      `history has version ${history.version}, this program reads ${VERSION}: use the program ` +
        'that wrote it, or restore a backup',
    )
  }
  site.nextTransactionId = Math.max(site.nextTransactionId, history.nextTransactionId)
  site.uplinkSeq = history.uplinkSeq
  for (const transaction of history.open) {
    site.transactions.set(transaction.id, {
      ...transaction,
      liveFromMs: transaction.overtaken === true ? Infinity : at.nowMs,
      monotonic: startTimeAgain(transaction.monotonic, at),
    })
    const connector = connectorOf(site, transaction)
    if (connector && transaction.overtaken !== true) connector.transactionId = transaction.id
  }
  site.ended.push(...history.ended)
  site.localList = history.localList
  // Known, and not fresh: the backend is asked again.
  for (const { idTag, info } of history.backendAnswers ?? []) {
    site.backendAnswers.set(idTag, { info, freshUntilMs: -Infinity })
  }
  site.orphans.push(...(history.orphans ?? []))
  for (const [key, id] of history.startKeys) site.startKeys.set(key, id)
  for (const chargePoint of history.chargePoints) restoreChargePoint(site, chargePoint, at)
  // What is known of a charger's kind tells its least current and its steps.
  followTree(site, at.nowMs)
  for (const lease of history.leases) {
    const untilMs = leaseUntilMs(lease, at)
    if (untilMs > at.nowMs) site.leases.set(lease.nodeId, { ...lease, untilMs })
  }
  for (const override of history.overrides ?? []) {
    const untilMs = leaseUntilMs(override, at)
    if (untilMs > at.nowMs) site.overrides.set(override.nodeId, { ...override, untilMs })
  }
  for (const [id, answer] of history.commandAnswers) site.commandAnswers.set(id, answer)
  site.outbox.push(...history.outbox)
  for (const kept of history.cutOffs ?? []) restoreCutOff(site, kept, at)
  if (history.operations) restoreOperations(site.operations, history.operations, at)
  restoreSecurity(site, history.security)
}

function restoreCutOff(site: Site, kept: CutOffHistory, at: Instant): void {
  const connector = connectorOf(site, kept)
  if (connector) connector.outOfService = kept.outOfService
  applyCutOff(site, { type: 'cutOffChanged', ...kept }, at)
}

function restoreChargePoint(site: Site, kept: ChargePointHistory, at: Instant): void {
  const chargePoint = site.chargePoints.get(kept.id)
  if (!chargePoint) return
  chargePoint.lastSeenWallMs = kept.lastSeenWallMs
  chargePoint.vendor = kept.vendor
  chargePoint.model = kept.model
  chargePoint.firmwareVersion = kept.firmwareVersion
  chargePoint.capabilities = kept.capabilities
  noteQuirks(site, chargePoint)
  chargePoint.status = kept.status
  for (const { id, status, errorCode, mark } of kept.connectors) {
    const connector = chargePoint.connectors.get(id)
    if (!connector) continue
    connector.status = status
    connector.errorCode = errorCode
    if (!mark) continue
    restoreMark(connector.ledger, mark, at.nowMs, profileTimes(site, kept.id).durationMs)
    if (connector.transactionId === undefined) withoutTransaction(connector.ledger, at.nowMs)
  }
}
