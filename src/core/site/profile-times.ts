/** How long the limits of a charger last, and how long it may take to answer them, ms. */
import type { Site } from './state.js'

export interface ProfileTimes {
  /** D of the charger: its limits above the fallback expire after this, and are told again at a third. */
  readonly durationMs: number
  readonly timeoutMs: number
}

/** Its own where it has some: chargers that keep profiles in flash want them seldom. */
export function profileTimes(site: Site, chargePointId: string): ProfileTimes {
  const [evse] = site.tree.byChargePoint.get(chargePointId)?.values() ?? []
  const { profileTimeoutMs } = evse?.charger ?? {}
  const ofKind = site.chargePoints.get(chargePointId)?.quirks.values.profileDurationS
  const profileDurationS = evse?.charger.profileDurationS ?? ofKind
  const { rules } = site
  const durationMs =
    profileDurationS === undefined ? rules.profileDurationMs : profileDurationS * 1000
  // An answer that comes after the refresh is due is late in any case.
  const timeoutMs = Math.min(profileTimeoutMs ?? rules.profileTimeoutMs, durationMs / 3)
  return { durationMs, timeoutMs }
}
