/** From what the store kept to a site: depot, history, then the journal on top. */
import { depotFromDocument } from '../config/depot-document.js'
import { restoreMark } from '../core/ledger/doubted.js'
import { markOnDisk } from '../core/ledger/marks.js'
import { noteRequestId } from '../core/operations/operations.js'
import { createSite } from '../core/site/create.js'
import { idSeed } from '../core/site/decide-transaction.js'
import { EMPTY_DEPOT } from '../core/site/depot.js'
import type { Depot } from '../core/site/depot.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import { restoreHistory } from '../core/site/history.js'
import { replay } from '../core/site/reduce.js'
import { profileTimes } from '../core/site/profile-times.js'
import type { SiteRules } from '../core/site/rules.js'
import type { Site, Transaction } from '../core/site/state.js'
import { connectorOf } from '../core/site/transactions.js'
import type { JournalRecord, StoredState } from '../ports.js'

export interface Restored {
  readonly site: Site
  readonly isFirstStart: boolean
  /** Hash of the REST token; undefined: none was made yet. */
  readonly tokenHash: string | undefined
}

/** Throws with a remedy when the kept depot cannot be read: starting empty would lose it. */
export function restoreSite(
  rules: SiteRules,
  stored: StoredState,
  firstDepot: Depot | undefined,
  at: Instant,
): Restored {
  const isFirstStart = stored.depot === undefined
  const depot = isFirstStart ? (firstDepot ?? EMPTY_DEPOT) : keptDepot(stored.depot['depot'])
  const site = createSite(rules, depot, at.nowMs)
  if (stored.history) restoreHistory(site, stored.history, at)
  for (const record of stored.journal) {
    if (isJournalEvent(record)) replay(site, record, at)
  }
  for (const transaction of site.transactions.values()) doubtGrant(site, transaction, at)
  // Never used twice, not even after an old backup was restored: time has passed since.
  site.nextTransactionId = Math.max(site.nextTransactionId, idSeed(at.wallMs))
  noteRequestId(site.operations, idSeed(at.wallMs))
  return { site, isFirstStart, tokenHash: keptHash(stored.depot?.['access']) }
}

/** I8: a running transaction may hold the highest that was ever marked for its connector. */
function doubtGrant(site: Site, transaction: Transaction, at: Instant): void {
  const ledger = connectorOf(site, transaction)?.ledger
  if (!ledger?.seen) return
  const { durationMs } = profileTimes(site, transaction.chargePointId)
  restoreMark(ledger, markOnDisk(ledger), at.nowMs, durationMs)
}

function keptDepot(document: unknown): Depot {
  const decoded = depotFromDocument(document)
  if (decoded.ok) return decoded.depot
  throw new Error(
    `the stored depot cannot be used: ${decoded.problems.join('; ')}. Restore a backup of the ` +
      'data folder, or move depot.json away to start with the configuration file again',
  )
}

function keptHash(access: unknown): string | undefined {
  if (typeof access !== 'object' || access === null || !('token_hash' in access)) return undefined
  return typeof access.token_hash === 'string' ? access.token_hash : undefined
}

const EVENT_TYPES: ReadonlySet<string> = new Set<JournalEvent['type']>([
  'transactionStarted',
  'transactionStopped',
  'orphanNoted',
  'localListVersioned',
  'idTagAnswered',
  'idTagJudged',
  'energyNoted',
  'statusNoted',
  'identityNoted',
  'capabilitiesNoted',
  'seenNoted',
  'marked',
  'limitCommanded',
  'overrideSet',
  'overrideCleared',
  'commandAnswered',
  'uplinkAcknowledged',
  'cutOffChanged',
  'serviceOrdered',
  'sessionPlanned',
  'outlookJudged',
  'reservationMade',
  'reservationEnded',
  'transferNoted',
  'configurationNoted',
  'settingChanged',
  'settingsInForce',
  'availabilityOrdered',
  'certificateNoted',
  'keysChanged',
  'profileUsed',
  'securityEventNoted',
])

/** The journal guards its lines by checksums: a known type was written by us, whole. */
function isJournalEvent(record: JournalRecord): record is JournalRecord & JournalEvent {
  return EVENT_TYPES.has(record.type)
}
