import type { ChargingProfile } from './charging-profile.js'

/**
 * How a simulated charge point departs from what it should do: plain data, each field a fault of its
 * own, to be combined at will.
 */
export interface Behaviour {
  // ---- calls
  /** From a CALL to its answer; above the controller's timeout the answer comes too late. */
  readonly answerDelayMs: number
  /** From a change of profiles to its effect. */
  readonly applyDelayMs: number
  /** CALLs of these actions are neither answered nor carried out; `*` stands for all. */
  readonly neverAnswers: readonly string[]
  /** Answers Accepted to ChangeAvailability and does nothing. */
  readonly ignoresChangeAvailability: boolean

  // ---- which profiles it takes
  readonly rejectsProfiles: boolean
  /** Rejects a TxProfile with a limit (in its own unit) above this. */
  readonly rejectsTxProfileAbove: number
  readonly refusesPurposes: readonly ChargingProfile['purpose'][]
  readonly refusesKinds: readonly ChargingProfile['kind'][]
  /** Also says so in ChargingScheduleAllowedChargingRateUnit. */
  readonly refusesUnits: readonly ChargingProfile['unit'][]
  /** The highest it takes; also in ChargeProfileMaxStackLevel. */
  readonly maxStackLevel: number
  /** Also in ChargingScheduleMaxPeriods. */
  readonly maxPeriods: number
  readonly refusesZeroLimit: boolean
  /** What it says to a profile it does not take: the status Rejected, or a CALLERROR. */
  readonly answersProfilesWith: 'rejected' | 'notSupported' | 'notImplemented'
  /** Answers Accepted to profiles and does nothing. */
  readonly acceptsAndIgnores: boolean

  // ---- what becomes of profiles
  readonly ignoresExpiry: boolean
  readonly dropsProfilesOnDisconnect: boolean
  readonly dropsProfilesOnReboot: boolean
  /** It forgets each profile so long after it took it. */
  readonly profilesLostAfterMs: number
  /** What the duration of a relative schedule counts from. */
  readonly relativeDurationFrom: 'transactionStart' | 'receipt'

  // ---- what it makes of a limit
  /** It knows whole amperes only and takes up to 1 A more than it is allowed. */
  readonly roundsUp: boolean
  /** A limit below this is no offer at all. IEC 61851: never below 6 A. */
  readonly minCurrentA: number
  /** False: once an offer went to 0 its session stays suspended until the car is unplugged. */
  readonly resumesFromZero: boolean
  /** False: CALLERROR NotSupported to GetCompositeSchedule. */
  readonly supportsCompositeSchedule: boolean
  /** GetCompositeSchedule tells this instead of what is in force. */
  readonly compositeLies: 'never' | 'hardwareMaximum' | 'zero'

  // ---- meter values
  /** Sends MeterValues at all. */
  readonly meterValues: boolean
  readonly garbageMeterValues: boolean
  /** Its meter shows this many times what flows. */
  readonly meterFactor: number

  // ---- clock
  /** Its clock is this far ahead of the time it is told. */
  readonly clockOffsetMs: number
  /** How much its clock gains, in millionths of the time that passes. */
  readonly clockDriftPpm: number
  /** Sets its clock by BootNotification and Heartbeat. */
  readonly syncsClock: boolean
  /**
   * It writes the local time of a zone so many hours ahead of UTC as if it were UTC. It reads times
   * rightly; for one that does not there is `clockOffsetMs`.
   */
  readonly localTimeAsUtcHours: number

  // ---- transactions and connections
  /** Asks before it starts a transaction. */
  readonly authorizesFirst: boolean
  /** Lets a car charge while nobody can be asked. */
  readonly startsOffline: boolean
  /** Sends BootNotification on each connection, not only after a boot. */
  readonly bootsOnReconnect: boolean
  /** A reboot forgets running transactions and all that was not told yet. */
  readonly losesTransactionsOnReboot: boolean
  /**
   * How it tells what it kept while nobody listened. `late`: a minute after it is back, the present
   * first. `doubled`: each message once more after its answer. `outOfOrder`: the last first.
   */
  readonly replaysOfflineQueue: 'inOrder' | 'late' | 'doubled' | 'outOfOrder'
}

export const OBEDIENT: Behaviour = {
  answerDelayMs: 0,
  applyDelayMs: 0,
  neverAnswers: [],
  ignoresChangeAvailability: false,
  rejectsProfiles: false,
  rejectsTxProfileAbove: Infinity,
  refusesPurposes: [],
  refusesKinds: [],
  refusesUnits: [],
  maxStackLevel: 10,
  maxPeriods: 24,
  refusesZeroLimit: false,
  answersProfilesWith: 'rejected',
  acceptsAndIgnores: false,
  ignoresExpiry: false,
  dropsProfilesOnDisconnect: false,
  dropsProfilesOnReboot: false,
  profilesLostAfterMs: Infinity,
  relativeDurationFrom: 'transactionStart',
  roundsUp: false,
  minCurrentA: 6,
  resumesFromZero: true,
  supportsCompositeSchedule: true,
  compositeLies: 'never',
  meterValues: true,
  garbageMeterValues: false,
  meterFactor: 1,
  clockOffsetMs: 0,
  clockDriftPpm: 0,
  syncsClock: true,
  localTimeAsUtcHours: 0,
  authorizesFirst: true,
  startsOffline: true,
  bootsOnReconnect: false,
  losesTransactionsOnReboot: false,
  replaysOfflineQueue: 'inOrder',
}

/**
 * What becomes of one CALL: `reject` answers Rejected, `silent` does nothing at all, `loseAnswer`
 * carries it out and says nothing.
 */
export type ScriptedAnswer = 'normal' | 'reject' | 'silent' | 'loseAnswer'
