/**
 * What happened, in domain units. Everything that changes the site is one of these; the ones in
 * `JournalEvent` are on disk before what they answer is answered, and rebuild the site at start.
 * `nowMs` is monotonic, `wallMs` is UTC.
 */
import type { OutlookState } from '../energy/forecast.js'
import type { SessionPlan } from '../energy/session-plan.js'
import type { Mark } from '../ledger/marks.js'
import type { InFlight } from '../ledger/evse-ledger.js'
import type { Cleared } from '../ledger/told.js'
import type { CertificateNoted } from '../operations/certificates.js'
import type { AvailabilityOrdered } from '../operations/availability.js'
import type {
  ConfigurationNoted,
  SettingChanged,
  SettingsInForce,
} from '../operations/configuration.js'
import type { ReservationEnded, ReservationMade } from '../operations/reservations.js'
import type { TransferNoted } from '../operations/transfers.js'
import type { KeysChanged, ProfileUsed, SecurityEventNoted } from '../security/security-types.js'
import type { PhaseA } from '../phases.js'
import type { IdTagInfo, IdTagStatus } from './authorise.js'
import type { Capabilities } from './capabilities.js'
import type { Depot } from './depot.js'
import type { CutOffCause } from '../watchdog/watchdog-state.js'
import type { Orphan } from './orphans.js'
import type { CutOff, Hold, Override, OverrideVia } from './state.js'
import type { UplinkEvent } from './uplink.js'

export interface TransactionStarted {
  readonly type: 'transactionStarted'
  readonly transactionId: number
  readonly chargePointId: string
  readonly connectorId: number
  readonly idTag: string
  readonly idTagStatus: IdTagStatus
  readonly meterStartWh: number
  /** As the charger says it. */
  readonly startedWallMs: number
  readonly receivedWallMs: number
  /** Absent in journals from before it was noted. */
  readonly monotonic?: MonotonicStart
  /** Another of its connector began later and was told before: it never has the connector. */
  readonly overtaken?: boolean
  /** Repeats of the same start have the same key. */
  readonly startKey: string
}

export interface TransactionStopped {
  readonly type: 'transactionStopped'
  readonly transactionId: number
  readonly meterStopWh: number
  readonly stoppedWallMs: number
  readonly receivedWallMs: number
  readonly reason: string
  /** Who stopped it, if anyone. */
  readonly idTag?: string | undefined
  /** Signed meter values as they came, for the records. */
  readonly signedValues?: readonly unknown[] | undefined
}

/** The backend has said whether an id tag may charge. */
export interface IdTagAnswered {
  readonly type: 'idTagAnswered'
  readonly idTag: string
  readonly info: IdTagInfo
  readonly answeredWallMs: number
}

/** ... after a transaction with it had begun. */
export interface IdTagJudged {
  readonly type: 'idTagJudged'
  readonly transactionId: number
  readonly idTagStatus: IdTagStatus
}

/** The list of id tags that chargers keep has new content. */
export interface LocalListVersioned {
  readonly type: 'localListVersioned'
  readonly version: number
  readonly digest: string
}

/** A stop came that is of no transaction anybody knows. */
export interface OrphanNoted {
  readonly type: 'orphanNoted'
  readonly orphan: Orphan
}

/** Energy and liveness of open sessions, journalled in groups within a minute. */
export interface EnergyNoted {
  readonly type: 'energyNoted'
  readonly transactionId: number
  readonly energyWh: number
  /** What its register counts from; absent: from what it showed at the start. */
  readonly registerBaseWh?: number
}

export interface StatusNoted {
  readonly type: 'statusNoted'
  readonly chargePointId: string
  readonly connectorId: number
  readonly status: string
  readonly errorCode: string | undefined
}

export interface IdentityNoted {
  readonly type: 'identityNoted'
  readonly chargePointId: string
  readonly vendor: string
  readonly model: string
  readonly firmwareVersion: string | undefined
}

/** It was asked what it can do. */
export interface CapabilitiesNoted {
  readonly type: 'capabilitiesNoted'
  readonly chargePointId: string
  readonly capabilities: Capabilities
}

export interface SeenNoted {
  readonly type: 'seenNoted'
  readonly chargePointId: string
  readonly wallMs: number
}

export interface Marked {
  readonly type: 'marked'
  readonly chargePointId: string
  readonly connectorId: number
  readonly mark: Mark
}

export interface LimitCommanded {
  readonly type: 'limitCommanded'
  readonly commandId: string
  readonly nodeId: string
  /** Both absent: the lease is cleared. */
  readonly limitA: PhaseA | undefined
  readonly limitKw: number | undefined
  readonly untilWallMs: number
  /** From when it was commanded; undefined: cleared. */
  readonly validForMs?: number | undefined
}

/** An operator's order for a node, in place of the one before. */
export interface OverrideSet extends Omit<Override, 'untilMs'> {
  readonly type: 'overrideSet'
  readonly validForMs: number
}

/** ... ends before its time. */
export interface OverrideCleared {
  readonly type: 'overrideCleared'
  readonly nodeId: string
  readonly by: string
  readonly via: OverrideVia
  readonly wallMs: number
}

/** A command has been answered: a repeat gets the same answer. */
export interface CommandAnswered {
  readonly type: 'commandAnswered'
  readonly commandId: string
  readonly status: string
  readonly reason: string | undefined
}

/** What is wanted of a session from now on, whole. */
export interface SessionPlanned {
  readonly type: 'sessionPlanned'
  readonly transactionId: number
  readonly plan: SessionPlan
}

/** Whether a session will have what it wants in time looks different: the backend is told. */
export interface OutlookJudged {
  readonly type: 'outlookJudged'
  readonly transactionId: number
  readonly state: OutlookState
  readonly wallMs: number
  /** Figures and words for the backend. */
  readonly facts: UplinkEvent['data']
}

/** The backend has everything up to `seq`. */
export interface UplinkAcknowledged {
  readonly type: 'uplinkAcknowledged'
  readonly seq: number
}

/** How far the watchdog goes with an EVSE from now on. */
export interface CutOffChanged {
  readonly type: 'cutOffChanged'
  readonly chargePointId: string
  readonly connectorId: number
  readonly cutOff: CutOff
  readonly cause?: CutOffCause | undefined
  /** When; with it the backend is told. */
  readonly wallMs?: number
}

/** We ordered it out of service, or its order to serve again was accepted. */
export interface ServiceOrdered {
  readonly type: 'serviceOrdered'
  readonly chargePointId: string
  readonly connectorId: number
  readonly outOfService: boolean
}

export type JournalEvent =
  | TransactionStarted
  | TransactionStopped
  | OrphanNoted
  | LocalListVersioned
  | IdTagAnswered
  | IdTagJudged
  | EnergyNoted
  | StatusNoted
  | IdentityNoted
  | CapabilitiesNoted
  | SeenNoted
  | Marked
  | LimitCommanded
  | OverrideSet
  | OverrideCleared
  | CommandAnswered
  | UplinkAcknowledged
  | CutOffChanged
  | ServiceOrdered
  | SessionPlanned
  | OutlookJudged
  | ReservationMade
  | ReservationEnded
  | TransferNoted
  | ConfigurationNoted
  | SettingChanged
  | SettingsInForce
  | AvailabilityOrdered
  | CertificateNoted
  | KeysChanged
  | ProfileUsed
  | SecurityEventNoted

/** What is not journalled: connections, samples, readings, answers to profiles. */
export type LiveEvent =
  | { readonly type: 'depotChanged'; readonly depot: Depot }
  | { readonly type: 'connected'; readonly chargePointId: string }
  /** A frame arrived, or the charge point is taken to be there: from now on it counts. */
  | { readonly type: 'spoke'; readonly chargePointId: string }
  | { readonly type: 'disconnected'; readonly chargePointId: string }
  /** What its clock shows less what ours shows. */
  | { readonly type: 'clockSeen'; readonly chargePointId: string; readonly offsetMs: number }
  | { readonly type: 'rebooted'; readonly chargePointId: string }
  | {
      readonly type: 'metered'
      readonly chargePointId: string
      readonly connectorId: number
      readonly transactionId: number | undefined
      /** As the charger's own phases. */
      readonly currentA: PhaseA | undefined
      readonly powerW: number | undefined
      /** Absolute register of the charger, Wh. */
      readonly registerWh: number | undefined
      /** Of the vehicle, %. */
      readonly soc?: number | undefined
      /** The sample says it is of now. */
      readonly isCurrent: boolean
    }
  | {
      readonly type: 'profileSent'
      readonly chargePointId: string
      readonly connectorId: number
      readonly inFlight: InFlight
    }
  | {
      readonly type: 'profileAnswered'
      readonly chargePointId: string
      readonly connectorId: number
      readonly answer: 'accepted' | 'refused' | 'none'
    }
  /** Nobody counts on it any more. */
  | {
      readonly type: 'profileCleared'
      readonly what: Cleared
      readonly chargePointId: string
      readonly connectorId: number
    }
  /** GetCompositeSchedule was sent, or answered. */
  | {
      readonly type: 'compositeNoted'
      readonly chargePointId: string
      readonly connectorId: number
      readonly limitA: number | undefined
    }
  /** A probe holds the EVSE low, or lets go of it. */
  | {
      readonly type: 'held'
      readonly chargePointId: string
      readonly connectorId: number
      readonly hold: Hold | undefined
    }
  | {
      readonly type: 'meterRead'
      readonly meterId: string
      readonly atMs: number
      readonly currentA: PhaseA
      readonly powerW: number | undefined
      readonly energyWh: number | undefined
    }
  | { readonly type: 'meterFailed'; readonly meterId: string; readonly problem: string }
  | {
      readonly type: 'limitRead'
      readonly sourceId: string
      readonly atMs: number
      readonly limitA: number | undefined
      readonly limitW: number | undefined
    }
  | { readonly type: 'limitFailed'; readonly sourceId: string; readonly problem: string }

export type SiteEvent = JournalEvent | LiveEvent

/** When an event is reduced. */
export interface Instant {
  readonly nowMs: number
  readonly wallMs: number
  /** What `nowMs` counts from; undefined: this process only. */
  readonly epoch?: string | undefined
}

/** When a transaction began, on the monotonic clock. */
export interface MonotonicStart {
  /** Never too early. */
  readonly latestMs: number
  /** Never too late. */
  readonly earliestMs: number
  /** The charger's clock, once it is seen, tells it better. */
  readonly isByItsClock: boolean
  /** What the two count from. */
  readonly epoch: string | undefined
}
