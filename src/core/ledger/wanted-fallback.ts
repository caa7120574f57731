/** What an EVSE should do when left alone, and whether it must be told. */
import { countedA, isClockRight, isClockWrong } from '../limits/charger-clock.js'
import type { ChargePoint, Connector, Site } from '../site/state.js'
import { constantly, isSameAhead } from './fallback-schedule.js'
import type { FallbackSchedule } from './fallback-schedule.js'
import type { ProfileForm } from './profile-form.js'

export interface WantedFallback {
  /** The most of it that counts now. */
  readonly limitA: number
  /** Undefined: it stays what it is. */
  readonly schedule: FallbackSchedule | undefined
}

export interface FallbackPlace {
  readonly evseIndex: number
  readonly chargePoint: ChargePoint
  readonly connector: Connector
  readonly form: ProfileForm
  /** It may have lost what it has acknowledged. */
  readonly isDoubtful: boolean
}

/** One that never changes is re-asserted when it was last acknowledged longer ago. */
const FRESH_MS = 12 * 3_600_000

/** Undefined: what the charger has is what it should have. */
export function fallbackToTell(
  site: Site,
  { evseIndex, chargePoint, connector, form, isDoubtful }: FallbackPlace,
  nowMs: number,
): WantedFallback | undefined {
  const { ledger } = connector
  const wallMs = nowMs + (site.clock.offsetMs ?? 0)
  const isOff = wantsFallbackOff(connector)
  const mayChange = !isOff && isForSchedules(form) && nowMs >= ledger.schedulesFromMs
  const ahead = mayChange
    ? withinPeriods(site.fallbacksAhead.schedules[evseIndex], chargePoint.capabilities?.maxPeriods)
    : undefined
  const lowestA = isOff ? 0 : (site.fallbacksAhead.lowestA[evseIndex] ?? 0)
  const wanted: WantedFallback =
    ahead && isClockRight(chargePoint)
      ? { limitA: countedA(ahead, chargePoint, wallMs), schedule: ahead }
      : { limitA: lowestA, schedule: undefined }
  if (ledger.fallbackA === undefined || ledger.fallbackAtMs === -Infinity) return wanted
  if (isDoubtful) return wanted

  const told = ledger.fallbackSchedule
  const has = told ?? constantly(ledger.fallbackA)
  // A new connection leaves its clock as it was: what it has stays good until the clock is seen.
  const isUnseen = !isClockRight(chargePoint) && !isClockWrong(chargePoint)
  if (told && ahead && isUnseen && isSameAhead(told, ahead, wallMs)) return undefined
  if (!isSameAhead(has, wanted.schedule ?? constantly(wanted.limitA), wallMs)) return wanted
  const isOld =
    told && wanted.schedule
      ? told.untilMs - wallMs < (wanted.schedule.untilMs - wallMs) / 2
      : nowMs - ledger.fallbackAtMs > FRESH_MS
  return isOld ? wanted : undefined
}

/** As far as it goes in so many periods; it begins and ends at the lowest, which takes an odd number. */
function withinPeriods(
  schedule: FallbackSchedule | undefined,
  maxPeriods = Infinity,
): FallbackSchedule | undefined {
  if (!schedule || schedule.steps.length <= maxPeriods) return schedule
  const count = maxPeriods % 2 === 0 ? maxPeriods - 1 : maxPeriods
  if (count < 3) return undefined
  const untilMs = schedule.steps[count]?.fromMs ?? schedule.untilMs
  return { steps: schedule.steps.slice(0, count), untilMs }
}

function wantsFallbackOff({ cutOff }: Connector): boolean {
  return cutOff !== 'none' && cutOff !== 'transaction'
}

/** A relative schedule knows no time of day, and of a limit of the charge point less is certain. */
function isForSchedules({ purpose, kind }: ProfileForm): boolean {
  return purpose === 'TxDefaultProfile' && kind === 'Absolute'
}
