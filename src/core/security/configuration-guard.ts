/** What nobody may change at a charge point by ChangeConfiguration. */
import type { Site } from '../site/state.js'
import { minimumProfile } from './security-state.js'

/** Why this change is not sent; undefined: it may be. Keys of OCPP are compared without case. */
export function whyNotConfigured(
  site: Site,
  chargePointId: string,
  change: { readonly key?: unknown; readonly value?: unknown },
): string | undefined {
  const key = typeof change.key === 'string' ? change.key.toLowerCase() : ''
  if (key === 'authorizationkey') {
    return 'a key that is not known here would lock the charger out: POST authorization-key sends one'
  }
  if (key !== 'securityprofile') return undefined
  const minimum = minimumProfile(site, chargePointId)
  if (!(Number(change.value) < minimum)) return undefined
  return (
    `its security profile is ${minimum}, and a profile is never lowered over OCPP ` +
    '(POST security-profile takes a lower one at the gateway)'
  )
}
