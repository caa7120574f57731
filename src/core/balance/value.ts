/**
 * What an ampere is worth to a car. Who got little so far comes before who got much; where departure
 * and energy are stated, who needs a high current until it leaves comes before who has time. What
 * drivers state is off by hours: so it is one half of the key, and shortens or lengthens no wait.
 */
import type { Demand, Need } from './demand.js'

/** Energy that halves the claim of a car. */
const HALF_WH = 1000
/** Who charges is worth so much more: each change of turns costs a minute of waking up. */
const KEEPS_ON = 3
/** Of nobody known: it needs half of what it could take. */
const UNKNOWN_RATIO = 0.5
const LEAST_RATIO = 0.02
/** How much the stated need counts, and how much what it got so far. */
const EXPONENTS = {
  known: { ratio: 0.9, deficit: 0.15 },
  guessed: { ratio: 0.5, deficit: 0.5 },
} as const
/** How steeply the share falls with the time to spare. */
const HASTE = { known: 8, guessed: 1 } as const
/** Of who has said nothing: as if it had two hours to spare. */
const UNKNOWN_WEIGHT = 1 / 3
/** Far below any other, and still a share. */
const LEAST_WEIGHT = 1e-9
const HOUR_MS = 3_600_000
/** Nobody waits longer than so many times the bound, whatever is stated of it. */
const PATIENCE_MAX = 6

export function valueOf({ deliveredWh, need, capA, isOn, takes }: Demand): number {
  const deficit = 1 / (1 + deliveredWh / HALF_WH)
  const value = takes * (need ? blended(need, capA, deficit) : deficit)
  return isOn ? value * KEEPS_ON : value
}

function blended({ trust, currentA }: Need, capA: number, deficit: number): number {
  const ratio = capA > 0 ? Math.min(1, Math.max(LEAST_RATIO, currentA / capA)) : UNKNOWN_RATIO
  const exponents = EXPONENTS[trust]
  return ratio ** exponents.ratio * deficit ** exponents.deficit
}

/** Of what is left above the minimums: who has less time gets more. */
export function weightOf({ need }: Demand): number {
  if (!need) return UNKNOWN_WEIGHT
  const hours = Math.max(0, need.slackMs) / HOUR_MS
  return Math.max(LEAST_WEIGHT, (1 / (1 + hours)) ** HASTE[need.trust])
}

/** How long it may wait: as all; longer where it has time, and where it would use little of its turn. */
export function patienceMs(
  { need, takes }: Pick<Demand, 'need' | 'takes'>,
  maxWaitMs: number,
): number {
  const slackMs = need?.trust === 'known' ? need.slackMs : 0
  const longestMs = PATIENCE_MAX * maxWaitMs
  return Math.max(maxWaitMs, Math.min(longestMs, Math.max(slackMs, maxWaitMs / takes)))
}
