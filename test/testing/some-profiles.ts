/** Charging profiles and questions about them, for tests, around noon of a day. */
import { decodeChargingProfile } from '../../src/testing/charging-profile.js'
import type { ChargingProfile, ScheduleReading } from '../../src/testing/charging-profile.js'
import { chargingProfiles } from '../../src/testing/charging-profiles.js'
import type { ChargingProfiles } from '../../src/testing/charging-profiles.js'

const NOON = Date.parse('2026-03-02T12:00:00Z')
/** The monotonic clock at noon. */
const AT_NOON = 1_000_000
export const OBEDIENT: ScheduleReading = {
  relativeDurationFrom: 'transactionStart',
  ignoresExpiry: false,
}

export interface Given {
  readonly id?: number
  readonly connector?: number
  readonly purpose?: 'ChargePointMaxProfile' | 'TxDefaultProfile' | 'TxProfile'
  readonly level?: number
  readonly limit?: number
  readonly unit?: 'A' | 'W'
  readonly kind?: 'Absolute' | 'Recurring' | 'Relative'
  readonly recurrency?: 'Daily' | 'Weekly'
  /** Null: the schedule states none. */
  readonly start?: string | null
  readonly duration?: number | undefined
  readonly validFrom?: string | undefined
  readonly validTo?: string | undefined
  readonly transactionId?: number | undefined
  readonly periods?: readonly (readonly [number, number])[]
  /** Monotonic, relative to noon, s. */
  readonly receivedS?: number
}

export function wire(given: Given): Record<string, unknown> {
  return {
    chargingProfileId: given.id ?? 1,
    stackLevel: given.level ?? 0,
    chargingProfilePurpose: given.purpose ?? 'TxDefaultProfile',
    chargingProfileKind: given.kind ?? 'Absolute',
    recurrencyKind: given.recurrency,
    validFrom: given.validFrom,
    validTo: given.validTo,
    transactionId: given.transactionId,
    chargingSchedule: {
      duration: given.duration,
      startSchedule: startOf(given),
      chargingRateUnit: given.unit ?? 'A',
      chargingSchedulePeriod: (given.periods ?? [[0, given.limit ?? 10]]).map(
        ([startPeriod, limit]) => ({ startPeriod, limit }),
      ),
    },
  }
}

function startOf({ kind, start = '1970-01-01T00:00:00Z' }: Given): string | undefined {
  return kind === 'Relative' ? undefined : (start ?? undefined)
}

export function profile(given: Given): ChargingProfile {
  const decoded = decodeChargingProfile(JSON.parse(JSON.stringify(wire(given))))
  if (!decoded) throw new Error(`malformed: ${JSON.stringify(given)}`)
  return decoded
}

export function store(profiles: readonly Given[], reading = OBEDIENT): ChargingProfiles {
  const made = chargingProfiles(
    { maxStackLevel: 10, maxProfiles: 20, maxPeriods: 24 },
    () => reading,
  )
  for (const [index, given] of profiles.entries()) {
    made.install(
      given.connector ?? 1,
      profile({ id: index + 1, ...given }),
      AT_NOON + (given.receivedS ?? 0) * 1000,
    )
  }
  return made
}

export interface Asked {
  readonly connector?: number
  /** Seconds after noon. */
  readonly atS?: number
  /** When the running transaction started, seconds after noon; absent: none runs. */
  readonly startedS?: number
  readonly transactionId?: number
  readonly phases?: number
  readonly sharing?: number
}

export function limitA(profiles: ChargingProfiles, asked: Asked = {}): number | undefined {
  const { connector = 1, atS = 0, startedS, transactionId, phases = 3, sharing = 1 } = asked
  return profiles.limitA({
    connectorId: connector,
    at: {
      wallMs: NOON + atS * 1000,
      monotonicMs: AT_NOON + atS * 1000,
      transactionStartedAtMs: startedS === undefined ? undefined : AT_NOON + startedS * 1000,
    },
    transactionId,
    phases,
    sharing,
  })
}

export const tx = { startedS: -300, transactionId: 7 }
export const CPMAX = { purpose: 'ChargePointMaxProfile', connector: 0 } as const
export const TX = { purpose: 'TxProfile', transactionId: 7 } as const
