/** Charging profiles as we send them: fixed ids, limits rounded down, one limit but for a fallback over time. */
import { formatTime } from './time.js'

export type ChargingProfilePurpose = 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
export type ChargingRateUnit = 'A' | 'W'

/** OCPP 1.6 §7.8, as far as we use it. */
export interface ChargingProfile {
  readonly chargingProfileId: number
  readonly transactionId?: number
  readonly stackLevel: number
  readonly chargingProfilePurpose: ChargingProfilePurpose
  readonly chargingProfileKind: 'Absolute' | 'Relative'
  readonly chargingSchedule: ChargingSchedule
}

export interface ChargingSchedule {
  /** Seconds; absent: without end. */
  readonly duration?: number
  readonly startSchedule?: string
  readonly chargingRateUnit: ChargingRateUnit
  readonly chargingSchedulePeriod: readonly [SchedulePeriod, ...SchedulePeriod[]]
}

interface SchedulePeriod {
  /** Seconds from the start of the schedule; the first at 0, ascending. */
  readonly startPeriod: number
  /** A per phase with one decimal, or W in all. */
  readonly limit: number
  readonly numberPhases?: number
}

interface Limit {
  /** Per phase. Anything but a finite positive number is sent as 0. */
  readonly limitA: number
  readonly unit: ChargingRateUnit
  /** The phases that share a limit in W; default 3. Not sent. */
  readonly phases?: number
  /** Sent as it is: some charge points switch phases by it, so leave it out unless one asks for it. */
  readonly numberPhases?: number
  /** For a limit in W; default 230. */
  readonly nominalVoltageV?: number
}

interface Place {
  /** 0: each connector of the charge point, or, for a limit of the charge point, all together. */
  readonly connectorId: number
  readonly purpose: ChargingProfilePurpose
  /** Which of our two of this purpose: what stands, or what is above it. */
  readonly stackLevel: 0 | 1
  /** What that is on this charge point; default: the same. */
  readonly sentLevel?: number
  readonly kind: 'Absolute' | 'Relative'
}

export interface StandingProfile extends Limit, Place {
  /** Absolute: its limits over time, wall ms; the first holds before, the last after all others. */
  readonly steps?: readonly { readonly fromMs: number; readonly limitA: number }[]
}

export interface ExpiringProfile extends Limit, Place {
  /** Of a TxProfile. */
  readonly transactionId?: number
  /** Wall time, ms. */
  readonly nowMs: number
  /** The limit ends by itself this long after `nowMs`. */
  readonly durationS: number
  /** When the transaction started, wall time in ms: from there a relative schedule counts. */
  readonly transactionStartedAtMs: number
}

/** An absolute schedule starts this long ago, so that a charge point whose clock is late applies it. */
const CLOCK_MARGIN_S = 60

/**
 * The fallback holds also for a clock that lost its time and restarted at the epoch: it then finds
 * the first of several limits. So does a charge point that counts from the start of charging.
 */
const ALWAYS_MS = 0

/** What a connector does when left alone: never ends. */
export function standingProfile(standing: StandingProfile): ChargingProfile {
  const limits = limitPeriods(standing, standing.steps ?? [])
  const isAbsolute = standing.kind === 'Absolute'
  const startSchedule = formatTime(ALWAYS_MS)
  return profileOf(standing, undefined, isAbsolute ? { startSchedule, ...limits } : limits)
}

/** A limit that ends at `nowMs + durationS`, or up to a second earlier. */
export function expiringProfile(profile: ExpiringProfile): ChargingProfile {
  const { duration, startSchedule } = validity(profile)
  return profileOf(profile, profile.transactionId, {
    duration,
    ...(startSchedule === undefined ? {} : { startSchedule }),
    ...limitPeriod(profile),
  })
}

function profileOf(
  { connectorId, purpose, stackLevel, sentLevel = stackLevel, kind }: Place,
  transactionId: number | undefined,
  chargingSchedule: ChargingProfile['chargingSchedule'],
): ChargingProfile {
  return {
    chargingProfileId: profileId(purpose, stackLevel, connectorId),
    stackLevel: sentLevel,
    chargingProfilePurpose: purpose,
    chargingProfileKind: kind,
    ...(transactionId === undefined ? {} : { transactionId }),
    chargingSchedule,
  }
}

/** Fixed, so that a new profile replaces the old one (OCPP 1.6 §3.13.2); unique over connectors. */
export function profileId(
  purpose: ChargingProfilePurpose,
  stackLevel: 0 | 1,
  connectorId: number,
): number {
  return connectorId * 10 + PURPOSE_DIGIT[purpose] + 3 * stackLevel
}

const PURPOSE_DIGIT: Readonly<Record<ChargingProfilePurpose, number>> = {
  ChargePointMaxProfile: 1,
  TxDefaultProfile: 2,
  TxProfile: 3,
}

function validity(profile: ExpiringProfile): { duration: number; startSchedule?: string } {
  const durationS = Math.floor(profile.durationS)
  if (profile.kind === 'Absolute') {
    return {
      duration: CLOCK_MARGIN_S + durationS,
      startSchedule: formatTime(profile.nowMs - CLOCK_MARGIN_S * 1000),
    }
  }
  // OCPP 1.6 §7.9: a relative schedule runs from the start of the transaction, not from now.
  const elapsedS = Math.floor((profile.nowMs - profile.transactionStartedAtMs) / 1000)
  return { duration: Math.max(0, elapsedS) + durationS }
}

type Limited = Pick<ChargingSchedule, 'chargingRateUnit' | 'chargingSchedulePeriod'>

function limitPeriods(limit: Limit, steps: NonNullable<StandingProfile['steps']>): Limited {
  const [first, ...others] = steps
  if (!first) return limitPeriod(limit)
  const later = others.map(({ fromMs, limitA }) => {
    const startPeriod = Math.round((fromMs - ALWAYS_MS) / 1000)
    return period({ ...limit, limitA }, startPeriod)
  })
  return {
    chargingRateUnit: limit.unit,
    chargingSchedulePeriod: [period({ ...limit, limitA: first.limitA }, 0), ...later],
  }
}

function limitPeriod(limit: Limit): Limited {
  return { chargingRateUnit: limit.unit, chargingSchedulePeriod: [period(limit, 0)] }
}

function period(limit: Limit, startPeriod: number): SchedulePeriod {
  const { numberPhases } = limit
  return {
    startPeriod,
    limit: limit.unit === 'A' ? tenthsDown(limit.limitA) : wattsDown(limit),
    ...(numberPhases === undefined ? {} : { numberPhases }),
  }
}

/** Errata 3.71: one decimal. Division, not multiplication by 0.1, gives the nearest binary number. */
function tenthsDown(limitA: number): number {
  if (!isLimit(limitA)) return 0
  const tenths = Math.floor(limitA * 10)
  // The product may fall short of a whole tenth that the limit really has, as for 32.3.
  return ((tenths + 1) / 10 <= limitA ? tenths + 1 : tenths) / 10
}

function wattsDown({ limitA, phases = 3, nominalVoltageV = 230 }: Limit): number {
  return isLimit(limitA) ? Math.floor(limitA * nominalVoltageV * phases) : 0
}

function isLimit(limitA: number): boolean {
  return limitA > 0 && Number.isFinite(limitA)
}
