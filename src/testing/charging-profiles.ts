/** The charging profiles a charge point holds and the limit they make together (OCPP 1.6 3.13). */
import { nextEdgeMs, scheduledPeriod } from './charging-profile.js'
import type {
  ChargingProfile,
  ProfileInstant,
  ProfilePurpose,
  SchedulePeriod,
  ScheduleReading,
} from './charging-profile.js'

export interface InstalledProfile {
  readonly connectorId: number
  readonly profile: ChargingProfile
  /** Monotonic. */
  readonly receivedAtMs: number
}

export interface ProfileSelection {
  readonly id?: number | undefined
  readonly connectorId?: number | undefined
  readonly purpose?: string | undefined
  readonly stackLevel?: number | undefined
}

export interface LimitQuestion {
  readonly connectorId: number
  readonly at: ProfileInstant
  /** Of the running transaction; undefined while none runs or its id is unknown. */
  readonly transactionId: number | undefined
  /** Phases a limit in W is spread over. */
  readonly phases: number
  /** Connectors that share the limit of the whole charge point, this one included. */
  readonly sharing: number
}

export interface ChargingProfiles {
  /** Why a charge point rejects this profile, in words; undefined when it takes it. */
  refusal(
    connectorId: number,
    profile: ChargingProfile,
    transaction: { readonly id: number | undefined } | undefined,
  ): string | undefined
  /** Replaces the profile of the same id, and of the same purpose, level and connector. */
  install(connectorId: number, profile: ChargingProfile, receivedAtMs: number): void
  /** An id makes the other criteria void (errata 3.25). */
  matching(selection: ProfileSelection): readonly InstalledProfile[]
  /** Removes what matches. */
  clear(selection: ProfileSelection): void
  /** Loses what was received before this monotonic instant. */
  forgetReceivedBefore(ms: number): void
  /** A TxProfile ends with its transaction. */
  transactionEnded(connectorId: number): void
  /** A per phase; undefined: nothing limits it but the hardware. */
  limitA(question: LimitQuestion): number | undefined
  /** Monotonic: until then time alone changes nothing in the answer to this question. */
  limitHoldsUntilMs(question: LimitQuestion): number
  /** Another number after each change of what is installed. */
  revision(): number
  /** The same list until it changes. */
  all(): readonly InstalledProfile[]
}

export const NOMINAL_VOLTAGE_V = 230

export interface ProfileLimits {
  readonly maxStackLevel: number
  readonly maxProfiles: number
  readonly maxPeriods: number
}

/** Limits and reading are looked at each time: a fault can begin while profiles are installed. */
export function chargingProfiles(
  limits: ProfileLimits,
  reading: () => ScheduleReading,
): ChargingProfiles {
  let installed: readonly InstalledProfile[] = []
  let revision = 0
  const change = (now: readonly InstalledProfile[]): void => {
    installed = now
    revision += 1
  }

  return {
    refusal(connectorId, profile, transaction) {
      const { maxStackLevel, maxPeriods, maxProfiles } = limits
      if (profile.stackLevel > maxStackLevel) return 'stack level too high'
      if (profile.periods.length > maxPeriods) return 'too many periods'
      const others = installed.filter((other) => !isReplaced(other, connectorId, profile))
      if (others.length >= maxProfiles) return 'too many profiles'
      return misplaced(connectorId, profile, transaction)
    },
    install(connectorId, profile, receivedAtMs) {
      const others = installed.filter((other) => !isReplaced(other, connectorId, profile))
      change([...others, { connectorId, profile, receivedAtMs }])
    },
    matching: (selection) => installed.filter((entry) => isSelected(entry, selection)),
    clear(selection) {
      change(installed.filter((entry) => !isSelected(entry, selection)))
    },
    forgetReceivedBefore(ms) {
      if (ms === -Infinity || !installed.some(({ receivedAtMs }) => receivedAtMs < ms)) return
      change(installed.filter(({ receivedAtMs }) => receivedAtMs >= ms))
    },
    transactionEnded(connectorId) {
      change(
        installed.filter(
          (entry) => entry.profile.purpose !== 'TxProfile' || entry.connectorId !== connectorId,
        ),
      )
    },
    limitA(question) {
      const ofTransaction = inForce(question, 'TxProfile') ?? inForce(question, 'TxDefaultProfile')
      const ofChargePoint = inForce({ ...question, connectorId: 0 }, 'ChargePointMaxProfile')
      // 3.13.3: the limit of the charge point is one for all its connectors.
      return lower(
        ofTransaction,
        ofChargePoint === undefined ? undefined : ofChargePoint / Math.max(1, question.sharing),
      )
    },
    limitHoldsUntilMs({ at }) {
      let untilMs = Infinity
      for (const { profile, receivedAtMs } of installed) {
        untilMs = Math.min(untilMs, nextEdgeMs(profile, receivedAtMs, at, reading()))
      }
      return untilMs
    },
    revision: () => revision,
    all: () => installed,
  }

  /** The limit of the highest stack level that is valid now, A per phase. */
  function inForce(question: LimitQuestion, purpose: ProfilePurpose): number | undefined {
    let best: { readonly entry: InstalledProfile; readonly period: SchedulePeriod } | undefined
    for (const entry of installed) {
      if (entry.profile.purpose !== purpose || !concerns(entry, question)) continue
      const period = scheduledPeriod(entry.profile, entry.receivedAtMs, question.at, reading())
      if (period && (!best || outranks(entry, best.entry))) best = { entry, period }
    }
    if (!best) return undefined
    const { limit } = best.period
    return best.entry.profile.unit === 'A' ? limit : limit / (NOMINAL_VOLTAGE_V * question.phases)
  }
}

function concerns({ connectorId, profile }: InstalledProfile, question: LimitQuestion): boolean {
  if (connectorId !== 0 && connectorId !== question.connectorId) return false
  if (profile.purpose !== 'TxProfile') return true
  return profile.transactionId === undefined || profile.transactionId === question.transactionId
}

/** At the same level the profile of the connector goes before the one for all connectors (3.13.1). */
function outranks(one: InstalledProfile, other: InstalledProfile): boolean {
  if (one.profile.stackLevel !== other.profile.stackLevel) {
    return one.profile.stackLevel > other.profile.stackLevel
  }
  return one.connectorId > other.connectorId
}

function isReplaced(
  old: InstalledProfile,
  connectorId: number,
  { id, purpose, stackLevel }: ChargingProfile,
): boolean {
  if (old.profile.id === id) return true
  return (
    old.connectorId === connectorId &&
    old.profile.purpose === purpose &&
    old.profile.stackLevel === stackLevel
  )
}

/** OCPP 1.6 3.13.1 and 5.16. */
function misplaced(
  connectorId: number,
  { purpose, transactionId }: ChargingProfile,
  transaction: { readonly id: number | undefined } | undefined,
): string | undefined {
  if (purpose !== 'TxProfile') {
    if (transactionId !== undefined) return `a ${purpose} belongs to no transaction`
    if (purpose === 'ChargePointMaxProfile' && connectorId !== 0) return 'only for connector 0'
    return undefined
  }
  if (connectorId === 0) return 'a TxProfile needs a connector'
  if (!transaction) return 'no transaction runs'
  if (transactionId !== undefined && transactionId !== transaction.id) return 'other transaction'
  return undefined
}

function isSelected({ connectorId, profile }: InstalledProfile, wanted: ProfileSelection): boolean {
  if (wanted.id !== undefined) return profile.id === wanted.id
  if (wanted.connectorId !== undefined && connectorId !== wanted.connectorId) return false
  if (wanted.purpose !== undefined && profile.purpose !== wanted.purpose) return false
  return wanted.stackLevel === undefined || profile.stackLevel === wanted.stackLevel
}

function lower(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Math.min(a, b)
}
