/** Which profiles a faulty charge point does not take, whatever the specification says. */
import type { Behaviour } from './behaviour.js'
import type { ChargingProfile } from './charging-profile.js'

export function isUnwanted(
  { purpose, kind, unit, periods }: ChargingProfile,
  behaviour: Behaviour,
): boolean {
  const { rejectsProfiles, refusesPurposes, refusesKinds, refusesUnits } = behaviour
  if (rejectsProfiles || refusesPurposes.includes(purpose)) return true
  if (refusesKinds.includes(kind) || refusesUnits.includes(unit)) return true
  const { refusesZeroLimit, rejectsTxProfileAbove } = behaviour
  if (refusesZeroLimit && periods.some(({ limit }) => limit === 0)) return true
  return purpose === 'TxProfile' && periods.some(({ limit }) => limit > rejectsTxProfileAbove)
}
