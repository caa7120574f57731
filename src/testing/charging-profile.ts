/** One charging profile as a charge point understands it, and what it says at an instant. */
import { integerOf, isFields, numberOf, textOf, timeOf } from './wire-fields.js'
import type { Fields } from './wire-fields.js'

export type ProfilePurpose = 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'

export interface ChargingProfile {
  readonly id: number
  readonly transactionId: number | undefined
  readonly stackLevel: number
  readonly purpose: ProfilePurpose
  readonly kind: 'Absolute' | 'Recurring' | 'Relative'
  /** Of a recurring profile, s. */
  readonly recurrenceS: number | undefined
  /** Wall time, ms. */
  readonly validFromMs: number | undefined
  readonly validToMs: number | undefined
  readonly durationS: number | undefined
  /** Wall time, ms. */
  readonly startMs: number | undefined
  readonly unit: 'A' | 'W'
  /** At least one, the first at 0 s, ascending. */
  readonly periods: readonly SchedulePeriod[]
}

export interface SchedulePeriod {
  readonly startS: number
  /** A per phase, or W in all. */
  readonly limit: number
}

/** Where a schedule stands in time, by the charge point's own clocks. */
export interface ProfileInstant {
  readonly wallMs: number
  readonly monotonicMs: number
  /** Monotonic; undefined: as if a transaction started at this instant. */
  readonly transactionStartedAtMs: number | undefined
}

export interface ScheduleReading {
  /** What the duration of a relative schedule counts from. */
  readonly relativeDurationFrom: 'transactionStart' | 'receipt'
  /** A fault: schedules and validity never end. */
  readonly ignoresExpiry: boolean
}

/** The limit a profile states at an instant; undefined when it does not apply then. */
export function scheduledPeriod(
  profile: ChargingProfile,
  receivedAtMs: number,
  at: ProfileInstant,
  reading: ScheduleReading,
): SchedulePeriod | undefined {
  const { validFromMs, validToMs, durationS, periods } = profile
  if (validFromMs !== undefined && at.wallMs < validFromMs) return undefined
  const elapsedS = elapsedMs(profile, receivedAtMs, at, reading) / 1000
  if (elapsedS < 0) return undefined
  if (!reading.ignoresExpiry) {
    if (validToMs !== undefined && at.wallMs >= validToMs) return undefined
    if (durationS !== undefined && elapsedS >= durationS) return undefined
  }
  return periods.findLast((period) => period.startS <= elapsedS)
}

/** The monotonic instant until which `scheduledPeriod` gives what it gives at `at`, or earlier. */
export function nextEdgeMs(
  profile: ChargingProfile,
  receivedAtMs: number,
  at: ProfileInstant,
  reading: ScheduleReading,
): number {
  const { validFromMs, validToMs, durationS, recurrenceS, periods } = profile
  const scheduleMs = elapsedMs(profile, receivedAtMs, at, reading)
  let aheadMs = Infinity
  const consider = (inMs: number): void => {
    if (inMs > 0) aheadMs = Math.min(aheadMs, inMs)
  }
  if (validFromMs !== undefined) consider(validFromMs - at.wallMs)
  if (validToMs !== undefined) consider(validToMs - at.wallMs)
  // The first period begins with the schedule itself.
  for (const { startS } of periods) consider(startS * 1000 - scheduleMs)
  if (durationS !== undefined) consider(durationS * 1000 - scheduleMs)
  if (recurrenceS !== undefined) consider(recurrenceS * 1000 - scheduleMs)
  return at.monotonicMs + aheadMs
}

function elapsedMs(
  { kind, startMs, recurrenceS, purpose }: ChargingProfile,
  receivedAtMs: number,
  at: ProfileInstant,
  { relativeDurationFrom }: ScheduleReading,
): number {
  if (kind !== 'Relative' && startMs !== undefined) {
    const sinceStartMs = at.wallMs - startMs
    // Errata 3.79: it repeats from its start, not from midnight.
    return recurrenceS === undefined || sinceStartMs < 0
      ? sinceStartMs
      : sinceStartMs % (recurrenceS * 1000)
  }
  // OCPP 1.6 7.13: without a start the schedule is relative to the start of charging.
  if (relativeDurationFrom === 'receipt' || purpose === 'ChargePointMaxProfile') {
    return at.monotonicMs - receivedAtMs
  }
  return at.monotonicMs - (at.transactionStartedAtMs ?? at.monotonicMs)
}

/** Undefined when something it cannot do without is missing or malformed. */
export function decodeChargingProfile(value: unknown): ChargingProfile | undefined {
  if (!isFields(value) || !isFields(value['chargingSchedule'])) return undefined
  const schedule = value['chargingSchedule']
  const id = integerOf(value['chargingProfileId'])
  const stackLevel = integerOf(value['stackLevel'])
  const purpose = PURPOSES.find((known) => known === value['chargingProfilePurpose'])
  const kind = KINDS.find((known) => known === value['chargingProfileKind'])
  const unit = UNITS.find((known) => known === schedule['chargingRateUnit'])
  const periods = decodePeriods(schedule['chargingSchedulePeriod'])
  if (id === undefined || stackLevel === undefined || stackLevel < 0) return undefined
  if (!purpose || !kind || !unit || !periods) return undefined
  const recurrenceS = RECURRENCES_S.get(textOf(value['recurrencyKind']) ?? '')
  if (kind === 'Recurring' && recurrenceS === undefined) return undefined
  if (!hasTimes(value, ['validFrom', 'validTo']) || !hasTimes(schedule, ['startSchedule'])) {
    return undefined
  }
  return {
    id,
    transactionId: integerOf(value['transactionId']),
    stackLevel,
    purpose,
    kind,
    recurrenceS: kind === 'Recurring' ? recurrenceS : undefined,
    validFromMs: timeOf(value['validFrom']),
    validToMs: timeOf(value['validTo']),
    durationS: integerOf(schedule['duration']),
    startMs: timeOf(schedule['startSchedule']),
    unit,
    periods,
  }
}

const PURPOSES = ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'] as const
const KINDS = ['Absolute', 'Recurring', 'Relative'] as const
const UNITS = ['A', 'W'] as const
const RECURRENCES_S = new Map([
  ['Daily', 86_400],
  ['Weekly', 604_800],
])

function hasTimes(fields: Fields, names: readonly string[]): boolean {
  return names.every((name) => fields[name] === undefined || timeOf(fields[name]) !== undefined)
}

/** Errata 3.45 and 3.70: the first period starts at 0, the others follow in order. */
function decodePeriods(value: unknown): readonly SchedulePeriod[] | undefined {
  if (!Array.isArray(value)) return undefined
  const periods: SchedulePeriod[] = []
  for (const entry of value) {
    if (!isFields(entry)) return undefined
    const startS = integerOf(entry['startPeriod'])
    const limit = numberOf(entry['limit'])
    if (startS === undefined || limit === undefined || limit < 0) return undefined
    const last = periods.at(-1)
    if (last === undefined ? startS !== 0 : startS <= last.startS) return undefined
    periods.push({ startS, limit })
  }
  return periods.length > 0 ? periods : undefined
}
