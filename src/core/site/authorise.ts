/** Who may charge: decided here, by what the depot knows. Tags compare without case (OCPP 1.6 3.9). */
import { freshAnswer } from '../authorisation/backend-answers.js'
import { isClockTrusted } from '../limits/clock-caution.js'
import type { Charger, Depot, IdTag } from './depot.js'
import type { Instant } from './events.js'
import type { Site } from './state.js'

export type IdTagStatus = 'Accepted' | 'Blocked' | 'Expired' | 'Invalid' | 'ConcurrentTx'

/** What a charge point is told of an id tag. */
export interface IdTagInfo {
  readonly status: IdTagStatus
  /** Its group: who has the same may stop what it started. */
  readonly parentIdTag?: string | undefined
  /** From then on it must be asked about again, wall ms. */
  readonly expiresWallMs?: number | undefined
}

export interface Presented {
  readonly chargePointId: string
  readonly idTag: string
}

const ACCEPTED: IdTagInfo = { status: 'Accepted' }

/** Of a tag that is presented anywhere but in a start. */
export function authorise(site: Site, { chargePointId, idTag }: Presented, at: Instant): IdTagInfo {
  const charger = chargerOf(site, chargePointId)
  const known = findIdTag(site.depot, idTag)
  if (charger && acceptsAnyway(charger, idTag)) {
    return known ? { ...factsOf(known), status: 'Accepted' } : ACCEPTED
  }
  const { authorisation } = site.rules
  if (authorisation) return freshAnswer(site, idTag, at) ?? withoutBackend(site, idTag, at)
  if (site.depot.idTags.size === 0) return ACCEPTED
  return known ? ofList(known, at) : { status: 'Invalid' }
}

/** The backend decides about it, unless it has done so lately. */
export function isAskedFor(site: Site, { chargePointId, idTag }: Presented): boolean {
  const charger = chargerOf(site, chargePointId)
  return site.rules.authorisation !== undefined && !(charger && acceptsAnyway(charger, idTag))
}

/** The backend does not answer in time, or is away. */
function withoutBackend(site: Site, idTag: string, at: Instant): IdTagInfo {
  const { offline = 'refuse' } = site.rules.authorisation ?? {}
  if (offline === 'refuse') return { status: 'Invalid' }
  const known = findIdTag(site.depot, idTag)
  if (known) return ofList(known, at)
  const before = site.backendAnswers.get(fold(idTag))?.info
  if (!before) return offline === 'accept-all' ? ACCEPTED : { status: 'Invalid' }
  // What it said of another moment says nothing of this one.
  if (before.status === 'ConcurrentTx') return { ...before, status: 'Accepted' }
  const isOver = before.status === 'Accepted' && isPast(before.expiresWallMs, at)
  return isOver ? { ...before, status: 'Expired' } : before
}

function ofList(known: IdTag, at: Instant): IdTagInfo {
  return { ...factsOf(known), status: statusOf(known, at) }
}

/** `isHistory`: it was accepted long ago, and what runs now says nothing of then. */
export function authoriseStart(
  site: Site,
  start: Presented & { readonly connectorId: number; readonly isHistory: boolean },
  at: Instant,
): IdTagInfo {
  const { chargePointId, connectorId, idTag } = start
  const evse = site.tree.byChargePoint.get(chargePointId)?.get(connectorId)
  if (!evse || evse.evse.discovered === true || !evse.charger.isActive) return { status: 'Invalid' }
  const info = authorise(site, start, at)
  const { maxActiveTransactions = Infinity } = findIdTag(site.depot, idTag) ?? {}
  if (info.status !== 'Accepted' || start.isHistory || acceptsAnyway(evse.charger, idTag)) {
    return info
  }
  const isTooMany = activeElsewhere(site, start) >= maxActiveTransactions
  return isTooMany ? { ...info, status: 'ConcurrentTx' } : info
}

/** May who presents `stopTag` stop what `startTag` started (4.10)? */
export function isSameGroup(depot: Depot, startTag: string, stopTag: string): boolean {
  if (fold(startTag) === fold(stopTag)) return true
  const parent = findIdTag(depot, startTag)?.parentIdTag
  const other = findIdTag(depot, stopTag)?.parentIdTag
  if (parent === undefined) return false
  return fold(stopTag) === fold(parent) || (other !== undefined && fold(other) === fold(parent))
}

export function findIdTag(depot: Depot, idTag: string): IdTag | undefined {
  return depot.idTags.get(fold(idTag))
}

/** The tag that stands for a charger: it presents it itself, or who presents none is noted as it. */
export function ownIdTag({ ownIdTag: stated, ocppChargePointId, id }: Charger): string {
  return stated ?? (ocppChargePointId ?? id).slice(0, 20)
}

function chargerOf(site: Site, chargePointId: string): Charger | undefined {
  const [evse] = site.tree.byChargePoint.get(chargePointId)?.values() ?? []
  return evse?.charger
}

function acceptsAnyway(charger: Charger, idTag: string): boolean {
  switch (charger.authorisation ?? 'id-tag') {
    case 'id-tag':
      return false
    case 'free-vend':
      return true
    case 'by-charger':
      return fold(idTag) === fold(ownIdTag(charger))
  }
}

function factsOf({ parentIdTag, expiresWallMs }: IdTag): Omit<IdTagInfo, 'status'> {
  return { parentIdTag, expiresWallMs }
}

function statusOf({ blocked, expiresWallMs }: IdTag, at: Instant): IdTagStatus {
  if (blocked === true) return 'Blocked'
  return isPast(expiresWallMs, at) ? 'Expired' : 'Accepted'
}

/** A clock that was never set cannot tell that something is over. */
function isPast(expiresWallMs: number | undefined, { wallMs }: Instant): boolean {
  return expiresWallMs !== undefined && isClockTrusted(wallMs) && wallMs >= expiresWallMs
}

/** Its transactions with a car, but for the one that this start puts an end to. */
function activeElsewhere(
  site: Site,
  { chargePointId, connectorId, idTag }: Presented & { readonly connectorId: number },
): number {
  let active = 0
  for (const open of site.transactions.values()) {
    if (fold(open.idTag) !== fold(idTag) || open.idTagStatus !== 'Accepted') continue
    if (open.chargePointId === chargePointId && open.connectorId === connectorId) continue
    const connector = site.chargePoints.get(open.chargePointId)?.connectors.get(open.connectorId)
    if (connector?.saysFree !== true) active += 1
  }
  return active
}

function fold(idTag: string): string {
  return idTag.toLowerCase()
}
