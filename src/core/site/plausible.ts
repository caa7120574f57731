/** What a charger reports, as far as it can be true: nonsense is passed over, never taken for 0. */
import type { PhaseA } from '../phases.js'
import { phaseCount } from '../phases.js'
import type { SiteRules } from './rules.js'
import type { TreeEvse } from './tree.js'

/** Stated hardware figures are exceeded by real cars, but not by so much. */
const MOST_FACTOR = 2
const MOST_MORE_A = 10
/** An EVSE takes; what its meter shows below this is its wiring, or no measurement at all. */
const LEAST_A = -1
/** Registers count in steps, and a start may be heard of late. */
const MOST_MORE_WH = 5_000
const HOUR_MS = 3_600_000

function mostA({ evse }: TreeEvse): number {
  return MOST_FACTOR * evse.maxCurrentA + MOST_MORE_A
}

function mostW(evse: TreeEvse, { nominalVoltageV }: SiteRules): number {
  return mostA(evse) * nominalVoltageV * Math.max(1, phaseCount(evse.mask))
}

/** On its own phases; undefined: it says nothing that can be. Noise around 0 is 0. */
export function plausibleA(evse: TreeEvse, currentA: PhaseA | undefined): PhaseA | undefined {
  if (!currentA?.every((phaseA) => phaseA >= LEAST_A && phaseA <= mostA(evse))) return undefined
  const [l1, l2, l3] = currentA
  return [Math.max(0, l1), Math.max(0, l2), Math.max(0, l3)]
}

export function plausibleW(
  evse: TreeEvse,
  powerW: number | undefined,
  rules: SiteRules,
): number | undefined {
  if (powerW === undefined) return undefined
  const isPossible = powerW >= LEAST_A * rules.nominalVoltageV && powerW <= mostW(evse, rules)
  return isPossible ? Math.max(0, powerW) : undefined
}

/** Whether a session of this age can have taken so much. */
export function isPlausibleWh(
  evse: TreeEvse,
  energyWh: number,
  ageMs: number,
  rules: SiteRules,
): boolean {
  return energyWh <= MOST_MORE_WH + (mostW(evse, rules) * ageMs) / HOUR_MS
}
