/** How pressing a departure is, as whoever shares current needs to know it. */
import type { Site } from '../site/state.js'

export interface Urgency {
  /** `known`: from the calendar of a vehicle. `guessed`: stated for a session; drivers err by hours. */
  readonly trust: 'known' | 'guessed'
  /** Needed on average until it leaves, A per phase. */
  readonly currentA: number
  /** It could wait so long and still have all, if it then came before all others. */
  readonly slackMs: number
}

/** Undefined: there is no departure, nobody knows what is wanted, or its time is over. */
export function urgencyOf(
  { outlooks }: Site,
  transactionId: number | undefined,
  wallMs: number,
): Urgency | undefined {
  if (transactionId === undefined || outlooks.byTransaction.size === 0) return undefined
  const { need, forecast } = outlooks.byTransaction.get(transactionId) ?? {}
  const leftMs = (need?.departure?.atMs ?? -Infinity) - wallMs
  if (!forecast || leftMs <= 0) return undefined
  const { requiredA: currentA, bestA } = forecast
  // At its best it needs the same share of the time as of the current.
  const share = bestA > 0 ? currentA / bestA : Infinity
  const trust = need?.departure?.source === 'vehicle' ? 'known' : 'guessed'
  return { trust, currentA, slackMs: Math.max(0, leftMs * (1 - share)) }
}
