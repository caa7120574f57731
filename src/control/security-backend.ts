/** What REST may ask and order of the security of charge points. */
import { minimumProfile, securityOf } from '../core/security/security-state.js'
import type { SecurityProfile } from '../core/security/security-types.js'
import type { Instant } from '../core/site/events.js'
import type { EditOutcome, SecurityBackend } from '../http/backend.js'
import type { Running } from './running.js'

export interface SecurityBackendOwner {
  /** Throws before the start. */
  readonly on: () => Running
  readonly now: () => Instant
}

export function securityBackend({ on, now }: SecurityBackendOwner): SecurityBackend {
  return {
    events: (limit) => on().site.security.events.slice(-limit).toReversed(),
    listeners: () => {
      const { listeners, listenerWatch } = on()
      return { listeners: listeners(), warnings: listenerWatch.warnings(), wallMs: now().wallMs }
    },
    ofCharger: (chargePointId) => {
      const { site, security, sessions } = on()
      const isConnected = sessions.get(chargePointId) !== undefined
      return {
        minimumProfile: minimumProfile(site, chargePointId),
        connectedProfile: isConnected ? security.profileOf(chargePointId) : undefined,
        keys: securityOf(site, chargePointId).keys.length,
      }
    },
    orderKey: (chargePointId, order) => on().keys.order(chargePointId, order),
    revokeKeys: (chargePointId) => on().keys.revoke(chargePointId),
    setProfile: (chargerId, profile, lowers) => setProfile(on(), chargerId, profile, lowers),
  }
}

async function setProfile(
  { site, desk, security, setUsedProfile }: Running,
  chargerId: string,
  profile: SecurityProfile,
  lowers: boolean,
): Promise<EditOutcome> {
  const chargePointId = site.depot.chargers.get(chargerId)?.ocppChargePointId
  if (chargePointId === undefined) {
    return { ok: false, problem: { kind: 'notFound', field: 'id', message: 'no such charger' } }
  }
  const before = minimumProfile(site, chargePointId)
  if (profile < before && !lowers) {
    const message =
      `its profile is ${before}: a lower one lets in whoever proves less. Add "lower": true ` +
      'if that is what you want'
    return { ok: false, problem: { kind: 'conflict', field: undefined, message } }
  }
  const outcome = await desk.change((depot) => {
    const charger = depot.chargers.get(chargerId)
    return charger && { type: 'putCharger', charger: { ...charger, securityProfile: profile } }
  })
  if (!outcome.ok) return outcome
  // Only now: between the two the higher one counts.
  if (securityOf(site, chargePointId).usedProfile > profile) {
    await setUsedProfile(chargePointId, profile)
  }
  if (profile < before) {
    const text = `from ${before} to ${profile}`
    await security.note({ event: 'SecurityProfileLowered', chargePointId, text })
  }
  return outcome
}
