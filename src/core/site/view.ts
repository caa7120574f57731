/** What people and telemetry see: an immutable snapshot, made on demand from the state. */
import type { Outlook } from '../energy/outlook.js'
import type { Priority } from '../energy/priority.js'
import type { CertificateRequest } from '../operations/certificates.js'
import type { AvailabilityOrder } from '../operations/operations.js'
import type { Reservation } from '../operations/reservations.js'
import type { Transfer } from '../operations/transfers.js'
import type { PhaseA } from '../phases.js'
import type { LimitDimension, LimitSource, Reason } from '../reason.js'
import type { MeasuredBy } from '../watchdog/watchdog-state.js'
import type { Capabilities } from './capabilities.js'
import type { EffectiveQuirks } from './quirks.js'
import type { Charger, Constraint, Evse, IdTag } from './depot.js'
import type { Vehicle } from './vehicle.js'

/** The limit in force at a node. */
export interface LimitView {
  /** Per phase. */
  readonly currentA: PhaseA
  readonly currentSource: LimitSource
  /** Total, if one is in force. */
  readonly powerW: number | undefined
  readonly powerSource: LimitSource | undefined
}

/** What is measured stays above the limit: chargers below are being cut off. */
export interface AlarmView {
  /** Above the limit now, A per phase, or the sum over phases for `power`. */
  readonly overA: number
  readonly dimension: LimitDimension
  /** Wall ms. */
  readonly sinceMs: number
  readonly worstA: number
  readonly worstAtMs: number
  /** Ampere-seconds above the limit since then. */
  readonly overLimitAs: number
}

/** What an operator ordered for this node. */
export interface OverrideView {
  readonly limitA: PhaseA | undefined
  readonly limitKw: number | undefined
  readonly ignoresSchedule: boolean
  readonly reason: string
  readonly by: string
  readonly via: 'rest' | 'mqtt'
  /** Wall ms. */
  readonly setMs: number
  readonly untilMs: number
}

export interface NodeView {
  readonly id: string
  readonly name: string
  /** In force; absent: none. */
  readonly override?: OverrideView | undefined
  /** Absent only while nothing limits this node. */
  readonly limit: LimitView | undefined
  /** What the chargers below may draw at most, per phase (the ledger's figure). */
  readonly exposureA: PhaseA
  /** What the chargers below report to draw. */
  readonly drawA: PhaseA
  /** Upper estimate of the uncontrolled load here. */
  readonly baseLoadA: PhaseA
  /** False while exposure and base load exceed the limit after an outside event. */
  readonly withinLimit: boolean
  readonly failsafe: boolean
  /** What says how much flows here now. */
  readonly measuredBy: MeasuredBy
  /** Ampere-seconds measured above the limit since the start of the program. */
  readonly overLimitAs: number
  readonly alarm: AlarmView | undefined
}

export interface MeterView {
  readonly id: string
  readonly nodeId: string
  readonly currentA: PhaseA | undefined
  readonly powerW: number | undefined
  readonly energyWh: number | undefined
  readonly ageMs: number | undefined
  readonly quality: 'good' | 'stale' | 'lost'
  /** Why there is no reading now; undefined: there is one. */
  readonly problem: string | undefined
}

export interface SiteView extends NodeView {
  readonly meters: readonly MeterView[]
  readonly connectedChargers: number
  readonly upstreamConnected: boolean
  /** False: there is no backend to be connected to. */
  readonly upstreamConfigured: boolean
}

export interface ConstraintView extends NodeView {
  readonly constraint: Constraint
  /** Its own, or inherited. */
  readonly priority: number
}

export interface EvseView {
  readonly evse: Evse
  /** As last ordered; absent: never. */
  readonly availability?: AvailabilityOrder | undefined
  /** Live OCPP status of the connector, or as configured before the first StatusNotification. */
  readonly status: string
  readonly errorCode: string | undefined
  /** The limit acknowledged by the charger and in effect, A per phase. */
  readonly offerA: number
  readonly exposureA: PhaseA
  readonly drawA: PhaseA | undefined
  readonly fallbackA: number
  readonly reason: Reason
  readonly transactionId: number | undefined
  /** Of its session, by the id tag. */
  readonly vehicle: Vehicle | undefined
}

export interface ChargerView {
  readonly charger: Charger
  /** The last of each kind; absent: none yet. */
  readonly firmware?: Transfer | undefined
  readonly log?: Transfer | undefined
  /** The last it asked for; absent: none. */
  readonly certificate?: CertificateRequest | undefined
  /** Settings that count from its next boot on. */
  readonly rebootFor?: readonly string[]
  readonly status: string
  readonly connected: boolean
  readonly lastSeenMs: number | undefined
  readonly vendor: string | undefined
  readonly model: string | undefined
  readonly firmwareVersion: string | undefined
  readonly quirks: EffectiveQuirks
  readonly capabilities: Capabilities | undefined
  readonly offerA: number
  readonly reason: Reason
  readonly evses: readonly EvseView[]
}

/** The record of one transaction, StartTransaction to StopTransaction. */
export interface SessionView {
  /** Our id: a string, unique for ever. */
  readonly id: string
  readonly transactionId: number
  /** Undefined when the charger has been deleted since. */
  readonly chargerId: string | undefined
  readonly chargePointId: string
  readonly evseId: number
  readonly idTag: string
  readonly idTagStatus: string
  readonly startedAtMs: number
  readonly meterStartWh: number
  readonly energyWh: number
  readonly powerW: number | undefined
  readonly currentA: PhaseA | undefined
  readonly offerA: number
  readonly reason: Reason
  readonly stoppedAtMs: number | undefined
  readonly meterStopWh: number | undefined
  readonly stopReason: string | undefined
  readonly signedValues?: readonly unknown[] | undefined
  /** By its id tag. */
  readonly vehicle: Vehicle | undefined
  /** Undefined: ended, or its connector is gone. */
  readonly priority: Priority | undefined
  /** What it wants and whether it will have it in time; undefined: ended, or nobody asks. */
  readonly outlook: Outlook | undefined
  /** That it will not, or that it cannot be told, in words. */
  readonly warning: string | undefined
}

export interface View {
  /** Wall time, ms. */
  readonly atMs: number
  readonly siteId: string
  readonly siteName: string
  /** IANA. */
  readonly timezone: string
  readonly site: SiteView
  readonly constraints: readonly ConstraintView[]
  readonly chargers: readonly ChargerView[]
  readonly idTags: readonly IdTag[]
  readonly vehicles: readonly Vehicle[]
  /** Open transactions. */
  readonly sessions: readonly SessionView[]
  readonly reservations?: readonly Reservation[]
}
