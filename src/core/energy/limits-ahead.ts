/**
 * The limits until the day after tomorrow, as far as anybody can know them: schedules and the ends of
 * commands and orders. What a grid operator says now goes on; a silent meter stays silent.
 */
import { windowsByZone } from '../ledger/fallbacks.js'
import { limitsInForce } from '../limits/in-force.js'
import { windowEdges } from '../schedule/edges.js'
import type { Instant } from '../site/events.js'
import type { Site } from '../site/state.js'
import type { LimitsAhead } from './outlook.js'

const AHEAD_MS = 48 * 3_600_000
const LOOK_AGAIN_MS = 60_000

/** The same for a minute. */
export function limitsAhead(site: Site, at: Instant): LimitsAhead {
  const { tree, outlooks } = site
  const known = outlooks.ahead
  const ageMs = at.wallMs - (known?.madeAtMs ?? -Infinity)
  if (known?.tree === tree && ageMs >= 0 && ageMs < LOOK_AGAIN_MS) return known
  const ends = [...site.leases.values(), ...site.overrides.values()].map(
    ({ untilMs }) => untilMs - at.nowMs + at.wallMs,
  )
  const edges = [
    ...[...windowsByZone(tree)].flatMap(([zone, windows]) =>
      windowEdges(windows, zone, at.wallMs, at.wallMs + AHEAD_MS),
    ),
    ...ends.filter((ms) => ms > at.wallMs && ms < at.wallMs + AHEAD_MS),
  ].toSorted((a, b) => a - b)
  const stretches = [at.wallMs, ...edges].map((fromMs) => {
    const laterMs = fromMs - at.wallMs
    const leases = lasting(site.leases, at.nowMs, laterMs)
    const then = { ...site, leases, overrides: lasting(site.overrides, at.nowMs, laterMs) }
    return { fromMs, limits: limitsInForce(then, at.nowMs, fromMs, 0) }
  })
  outlooks.ahead = { tree, madeAtMs: at.wallMs, stretches }
  return outlooks.ahead
}

/** What is still there so much later, as if it were now. */
function lasting<T extends { readonly untilMs: number }>(
  orders: ReadonlyMap<string, T>,
  nowMs: number,
  laterMs: number,
): Map<string, T> {
  return new Map(
    [...orders].flatMap(([id, order]): [string, T][] => {
      const untilMs = order.untilMs - laterMs
      return untilMs > nowMs ? [[id, { ...order, untilMs }]] : []
    }),
  )
}
