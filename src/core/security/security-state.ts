/** Keys, profiles and events: how they follow what happened, and what of them is kept. */
import { raise } from '../site/uplink-queue.js'
import type { Site } from '../site/state.js'
import type {
  ChargePointSecurity,
  KeysChanged,
  ProfileUsed,
  SecurityEvent,
  SecurityProfile,
  SecurityState,
} from './security-types.js'

const EVENTS_MAX = 1_000
/**
 * In the queue for the backend. It is shared with sessions, which must not be lost: a flood of events
 * while the backend is away ends here. What is critical has more room.
 */
const WAITING_MAX = 200
const CRITICAL_WAITING_MAX = 400

export function newSecurity(): SecurityState {
  return { chargePoints: new Map(), events: [], noted: 0 }
}

export function securityOf(site: Site, chargePointId: string): Readonly<ChargePointSecurity> {
  return site.security.chargePoints.get(chargePointId) ?? { keys: [], usedProfile: 0 }
}

/** A charge point is taken on no listener of a lower profile than this. */
export function minimumProfile(site: Site, chargePointId: string): SecurityProfile {
  const assigned = site.tree.byChargePoint.has(chargePointId)
    ? chargerProfile(site, chargePointId)
    : 0
  const { usedProfile } = securityOf(site, chargePointId)
  return assigned > usedProfile ? assigned : usedProfile
}

function chargerProfile(site: Site, chargePointId: string): SecurityProfile {
  for (const charger of site.depot.chargers.values()) {
    if (charger.ocppChargePointId === chargePointId) return charger.securityProfile ?? 0
  }
  return 0
}

export function applyKeys(site: Site, { chargePointId, keys }: KeysChanged): void {
  change(site, chargePointId, (security) => {
    security.keys = keys
  })
}

export function applyProfile(site: Site, { chargePointId, profile }: ProfileUsed): void {
  change(site, chargePointId, (security) => {
    security.usedProfile = profile
  })
}

function change(
  site: Site,
  chargePointId: string,
  apply: (security: ChargePointSecurity) => void,
): void {
  if (!site.tree.byChargePoint.has(chargePointId)) return
  const { chargePoints } = site.security
  const security = chargePoints.get(chargePointId) ?? { keys: [], usedProfile: 0 }
  chargePoints.set(chargePointId, security)
  apply(security)
}

export function applySecurityEvent(site: Site, noted: SecurityEvent): void {
  const { events } = site.security
  events.push(noted)
  site.security.noted += 1
  if (events.length > EVENTS_MAX) events.shift()
  const waiting = site.outbox.reduce((sum, { type }) => sum + (type === 'security' ? 1 : 0), 0)
  if (waiting >= (noted.critical ? CRITICAL_WAITING_MAX : WAITING_MAX)) return
  const { id, wallMs, source, event, critical, chargePointId, remoteAddress, text, count } = noted
  raise(site, 'security', id, wallMs, {
    source,
    event,
    critical,
    ...(chargePointId !== undefined && { chargePointId }),
    ...(remoteAddress !== undefined && { remoteAddress }),
    ...(text !== undefined && { text }),
    ...(noted.atWallMs !== undefined && { happenedAt: noted.atWallMs }),
    count,
  })
}

/** Of the event that is noted next; never of another one, also after a restart. */
export function nextEventId({ security }: Site, wallMs: number): string {
  return `security-${wallMs.toString(36)}-${security.noted}`
}

/** Keys of a charge point that is no more in the depot are forgotten. */
export function followChargePoints(site: Site): void {
  for (const id of site.security.chargePoints.keys()) {
    if (!site.tree.byChargePoint.has(id)) site.security.chargePoints.delete(id)
  }
}

/** The part of the history that holds it. */
export interface SecurityHistory {
  readonly chargePoints: readonly (readonly [string, ChargePointSecurity])[]
  readonly events: readonly SecurityEvent[]
}

export function securityHistory({ security }: Site): SecurityHistory {
  return { chargePoints: [...security.chargePoints], events: security.events }
}

export function restoreSecurity(site: Site, kept: SecurityHistory | undefined): void {
  for (const [id, security] of kept?.chargePoints ?? []) {
    if (site.tree.byChargePoint.has(id)) site.security.chargePoints.set(id, { ...security })
  }
  site.security.events.push(...(kept?.events ?? []))
}
