/** What chargers do when left alone changes by itself, as the day goes on: the site follows. */
import type { EvseLedger } from '../ledger/evse-ledger.js'
import { highestOf } from '../ledger/fallback-schedule.js'
import type { FallbackSchedule } from '../ledger/fallback-schedule.js'
import { fallbackSchedules } from '../ledger/fallbacks.js'
import { countedA, inForceAround } from '../limits/charger-clock.js'
import { isClockTrusted } from '../limits/clock-caution.js'
import type { Instant } from './events.js'
import type { ChargePoint, Site } from './state.js'

/** What lies ahead is looked at anew so often. */
const LOOK_AGAIN_MS = 3_600_000

export function followFallbacks(site: Site, at: Instant): void {
  lookAhead(site, at)
  const { lowestA, schedules } = site.fallbacksAhead
  const { wallMs } = at
  const isCautious = at.nowMs < site.clock.cautiousUntilMs
  const oldMs = isCautious ? at.nowMs + site.clock.oldOffsetMs : wallMs
  site.fallbackA =
    schedules.length === 0
      ? lowestA
      : lowestA.map((lowA, index) => {
          const schedule = schedules[index]
          if (!schedule) return lowA
          const heldA = inForceAround(schedule, wallMs, wallMs)
          // Nobody may count on more than what holds by the old time and by the new one.
          return isCautious ? Math.min(heldA, inForceAround(schedule, oldMs, oldMs)) : heldA
        })
  for (const chargePoint of site.chargePoints.values()) {
    for (const { ledger } of chargePoint.connectors.values()) follow(ledger, chargePoint, at)
  }
}

function lookAhead(site: Site, { wallMs }: Instant): void {
  const { lowestA, madeAtMs } = site.fallbacksAhead
  if (!isClockTrusted(wallMs)) {
    site.fallbacksAhead = { lowestA, schedules: [], madeAtMs: undefined }
  } else if (madeAtMs === undefined || wallMs < madeAtMs || wallMs >= madeAtMs + LOOK_AGAIN_MS) {
    const schedules = fallbackSchedules(site.tree, site.rules, lowestA, wallMs)
    site.fallbacksAhead = { lowestA, schedules, madeAtMs: wallMs }
  }
}

function follow(ledger: EvseLedger, chargePoint: ChargePoint, { wallMs }: Instant): void {
  // Before our own clock is right, any of it may be in force.
  const isTrusted = isClockTrusted(wallMs)
  const nowA = (schedule: FallbackSchedule): number =>
    isTrusted ? countedA(schedule, chargePoint, wallMs) : highestOf(schedule)
  if (ledger.fallbackSchedule) ledger.fallbackA = nowA(ledger.fallbackSchedule)
  const { inFlight } = ledger
  if (inFlight?.schedule) ledger.inFlight = { ...inFlight, limitA: nowA(inFlight.schedule) }
}
