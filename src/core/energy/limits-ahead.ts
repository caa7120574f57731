/**
 * The limits until the day after tomorrow, as far as anybody can know them: schedules and the ends of
 * commands. What a grid operator says now goes on; a silent meter stays silent.
 */
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
  const windows = tree.nodes.flatMap((node) => node.windows)
  const leaseEnds = [...site.leases.values()].map(({ untilMs }) => untilMs - at.nowMs + at.wallMs)
  const edges = [
    ...(windows.length === 0
      ? []
      : windowEdges(windows, site.rules.timezone, at.wallMs, at.wallMs + AHEAD_MS)),
    ...leaseEnds.filter((ms) => ms > at.wallMs && ms < at.wallMs + AHEAD_MS),
  ].toSorted((a, b) => a - b)
  const stretches = [at.wallMs, ...edges].map((fromMs) => {
    const then = { ...site, leases: leasesAt(site, at.nowMs + fromMs - at.wallMs) }
    return { fromMs, limits: limitsInForce(then, at.nowMs, fromMs, 0) }
  })
  outlooks.ahead = { tree, madeAtMs: at.wallMs, stretches }
  return outlooks.ahead
}

function leasesAt({ leases }: Site, nowMs: number): Site['leases'] {
  return new Map([...leases].filter(([, { untilMs }]) => nowMs < untilMs))
}
