/**
 * Everything the controller knows, in one place with one owner. `reduce` changes it in place: an
 * event costs what it touches. Times named `...Ms` are monotonic unless they say wall.
 */
import type { BackendAnswer } from '../authorisation/backend-answers.js'
import type { ListVersion } from '../authorisation/local-list.js'
import type { OutlookState } from '../energy/forecast.js'
import type { Outlooks } from '../energy/outlook.js'
import type { SessionPlan, SocSeen } from '../energy/session-plan.js'
import type { Operations } from '../operations/operations.js'
import type { EvseLedger } from '../ledger/evse-ledger.js'
import type { FallbackSchedule } from '../ledger/fallback-schedule.js'
import type { PhaseA, PhaseMask } from '../phases.js'
import type { CutOffStep, Reason } from '../reason.js'
import type { SecurityState } from '../security/security-types.js'
import type { WatchdogState } from '../watchdog/watchdog-state.js'
import type { IdTagStatus } from './authorise.js'
import type { Capabilities } from './capabilities.js'
import type { Depot } from './depot.js'
import type { MonotonicStart } from './events.js'
import type { Orphan } from './orphans.js'
import type { EffectiveQuirks } from './quirks.js'
import type { Register } from './register.js'
import type { SiteRules } from './rules.js'
import type { Tree } from './tree.js'
import type { UplinkEvent } from './uplink.js'

export interface Site {
  readonly rules: SiteRules
  depot: Depot
  tree: Tree
  /** What each EVSE does when left alone now, A per phase, by EVSE index. */
  fallbackA: readonly number[]
  fallbacksAhead: FallbacksAhead
  /** By charge point id. Only ids the depot knows. */
  readonly chargePoints: Map<string, ChargePoint>
  /** Open transactions by OCPP transaction id. */
  readonly transactions: Map<number, Transaction>
  /** Ended transactions, oldest first, bounded. */
  readonly ended: Transaction[]
  /** Stops of no transaction that is known, oldest first, bounded. */
  readonly orphans: Orphan[]
  /** OCPP 1.6 retries a StartTransaction as it was: same key, same transaction. Bounded. */
  readonly startKeys: Map<string, number>
  nextTransactionId: number
  /** What the backend last said of id tags, by the tag in lower case. Bounded. */
  readonly backendAnswers: Map<string, BackendAnswer>
  /** Of the list of id tags that chargers keep; undefined: none ever had one. */
  localList: ListVersion | undefined
  readonly meters: Map<string, MeterState>
  readonly limitSources: Map<string, LimitSourceState>
  /** Limits commanded from upstream, by node id. */
  readonly leases: Map<string, LimitLease>
  /** What operators ordered for a while, by node id. */
  readonly overrides: Map<string, Override>
  /** Answers to commands by id, so that a repeat gets the same one. Bounded. */
  readonly commandAnswers: Map<string, CommandAnswer>
  readonly outlooks: Outlooks
  readonly operations: Operations
  readonly clock: ClockState
  readonly watchdog: WatchdogState
  readonly security: SecurityState
  /** What the backend has not acknowledged yet, oldest first. Bounded. */
  readonly outbox: UplinkEvent[]
  uplinkSeq: number
}

/** By EVSE index. */
export interface FallbacksAhead {
  /** What is safe whatever the time. */
  readonly lowestA: readonly number[]
  /** Undefined: the lowest, always. */
  readonly schedules: readonly (FallbackSchedule | undefined)[]
  /** Wall ms; undefined: nobody has looked ahead yet. */
  readonly madeAtMs: number | undefined
}

export interface ChargePoint {
  readonly id: string
  connected: boolean
  /** Wall ms of the last frame. */
  lastSeenWallMs: number | undefined
  connectedAtMs: number | undefined
  /** When it may last have forgotten what it was told. */
  bootedAtMs: number | undefined
  /** It refuses limits in every form there is. */
  unprotected: boolean
  vendor: string | undefined
  model: string | undefined
  firmwareVersion: string | undefined
  /** By what is known of its kind and stated of it. */
  quirks: EffectiveQuirks
  /** As it told them; undefined: it has not been asked. */
  capabilities: Capabilities | undefined
  /** Its clock less ours, by its last live message, ms. */
  clockOffsetMs: number
  /** A live message of this connection has told it. */
  clockSeen: boolean
  /** When something last spoke for that offset. */
  clockSeenAtMs: number
  /** Of the messages that came late since the last in time the nearest, and when one came nearer. */
  lateOffsetMs: number
  queueSeenAtMs: number
  /** Between which values it may be, 0 among them. */
  clockRangeMs: readonly [number, number]
  /** Connector 0. */
  status: string | undefined
  readonly connectors: Map<number, Connector>
}

/** Live state of one EVSE (OCPP 1.6 connector). */
export interface Connector {
  readonly id: number
  status: string | undefined
  errorCode: string | undefined
  /** It says since the start of its transaction that no car is there: the stop may have been lost. */
  saysFree: boolean
  /** It has said so, or that it waits for the next, since the start of its transaction. */
  wasFree: boolean
  /** It says so on this connection and since its boot: nobody can charge here. */
  saysUnavailable: boolean
  transactionId: number | undefined
  sample: DrawSample | undefined
  /** What it drew before that, and until when: a meter may have been read then. */
  drewBefore: { readonly mostA: PhaseA; readonly leastA: PhaseA; readonly untilMs: number }
  /** When the last two MeterValues came: their real interval. */
  sampleIntervalMs: number | undefined
  /** Samples in a row at or below a lowered limit. */
  settledSamples: number
  phases: PhaseEvidence
  readonly ledger: EvseLedger
  /** Held low by a probe; undefined: not. */
  hold: Hold | undefined
  /** How far the watchdog had to go with it. */
  cutOff: CutOff
  /** We made it Inoperative, and nobody has made it Operative since. */
  outOfService: boolean
  readonly turn: Turn
  offerReason: Reason
}

/** A probe of the charger keeps its transaction at a current of its own. Only ever lowers. */
export interface Hold {
  readonly maxA: number
  /** False: what was granted is left to expire. */
  readonly refresh: boolean
}

/** How far the watchdog went. */
export type CutOff = 'none' | CutOffStep

export interface DrawSample {
  /** On site phases. */
  readonly currentA: PhaseA
  readonly powerW: number | undefined
  readonly atMs: number
}

export interface PhaseEvidence {
  /** Site phases the car draws on; undefined: unknown, counts on all. */
  learned: PhaseMask | undefined
  /** Seen once, to be confirmed by a second sample. */
  candidate: PhaseMask | undefined
}

/** Whose turn it is when not all can have their minimum. */
export interface Turn {
  /** Last target, A; 0 is off. */
  targetA: number
  /** Since when it is on or off. */
  sinceMs: number
  /** It is on, but its offer has not been there yet: since when it has waited. */
  waitsSinceMs: number | undefined
  /** It had waited too long: this turn lasts its time whatever the priorities. */
  guaranteed: boolean
  /** The car takes less than it is offered since then. */
  underDrawSinceMs: number | undefined
  /** What the car takes at most, learned; undefined: unknown. */
  capA: number | undefined
  /** It took nothing for a while: until then it charges with what nobody else can use. */
  restsUntilMs: number | undefined
  /** How long it rested last, ms; 0: it took something since. */
  restMs: number
}

export interface Transaction {
  readonly id: number
  readonly chargePointId: string
  readonly connectorId: number
  readonly idTag: string
  idTagStatus: IdTagStatus
  readonly meterStartWh: number
  /** Wall ms as the charger says it. */
  readonly startedWallMs: number
  readonly receivedWallMs: number
  /** Monotonic start of the control of it; before, it may be history from an offline queue. */
  liveFromMs: number
  readonly monotonic: MonotonicStart
  /** Another of its connector began later and was told before; absent in old documents: no. */
  readonly overtaken?: boolean
  /** The charge point has used its id: it would name it. */
  idSeen?: boolean
  energyWh: number
  /** What it is counted by; absent: nothing has come yet. */
  register?: Register
  stop: TransactionStop | undefined
  /** What is wanted of it, over what its vehicle says. */
  plan: SessionPlan | undefined
  /** As the charger last told it. */
  soc: SocSeen | undefined
  /** What was last said of its departure, and how often; undefined: nothing. */
  judged: { readonly state: OutlookState; readonly count: number } | undefined
}

export interface TransactionStop {
  readonly meterStopWh: number
  readonly stoppedWallMs: number
  readonly receivedWallMs: number
  readonly reason: string
  /** Who stopped it, if anyone. */
  readonly idTag?: string | undefined
  /** Signed meter values as they came. */
  readonly signedValues?: readonly unknown[] | undefined
}

export interface MeterState {
  readonly id: string
  currentA: PhaseA | undefined
  powerW: number | undefined
  energyWh: number | undefined
  readAtMs: number | undefined
  /** Since when every value is identical to the bit. */
  sameSinceMs: number
  /** What each EVSE drew then over all phases, by its index, A. */
  readonly sameDrawsA: Map<number, number>
  /** Since when the chargers draw something else than they did then. */
  deviatesSinceMs: number | undefined
  /** Uncontrolled load behind it, by the last reading; undefined before the first. */
  baseA: PhaseA | undefined
  /** What may be uncontrolled of its last reading, if no car has followed a raise. */
  mostA: PhaseA | undefined
  /** What it saw beyond the samples of the chargers, at its last readings. */
  readonly rests: { readonly atMs: number; restA: PhaseA }[]
  /** Its maxima by time slot, for the last minute. */
  readonly baseMaxima: BaseMaximum[]
  /** It came back: until then the samples of the chargers may be older than its readings. */
  worstUntilMs: number
  problem: string | undefined
}

export interface BaseMaximum {
  readonly slot: number
  maxA: PhaseA
}

export interface LimitSourceState {
  readonly id: string
  limitA: number | undefined
  limitW: number | undefined
  readAtMs: number | undefined
  problem: string | undefined
}

export interface LimitLease {
  readonly commandId: string
  readonly nodeId: string
  readonly limitA: PhaseA | undefined
  readonly limitKw: number | undefined
  /** Monotonic; after it the lease does not exist. */
  readonly untilMs: number
  /** The same on the wall clock, for the journal. */
  readonly untilWallMs: number
}

/** An operator's order for a node. It only ever lowers below fuse, contract and the own limits. */
export interface Override {
  readonly nodeId: string
  readonly limitA: PhaseA | undefined
  readonly limitKw: number | undefined
  /** The schedule of the node does not count meanwhile. */
  readonly ignoresSchedule: boolean
  readonly reason: string
  /** Who, in his own words; empty: he did not say. */
  readonly by: string
  readonly via: OverrideVia
  readonly setWallMs: number
  /** Monotonic; after it there is none. */
  readonly untilMs: number
  readonly untilWallMs: number
  readonly validForMs: number
}

export type OverrideVia = 'rest' | 'mqtt'

export interface CommandAnswer {
  readonly status: string
  readonly reason: string | undefined
}

export interface ClockState {
  /** Wall minus monotonic at the last look. */
  offsetMs: number | undefined
  /** Until then the limits of `oldOffsetMs` hold too (I14). */
  cautiousUntilMs: number
  oldOffsetMs: number
}
