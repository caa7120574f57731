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
  readonly refusesChangeAvailability: boolean
  /** Tells its settings by name, and none when it is asked for all. */
  readonly tellsSettingsByNameOnly: boolean

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
  /** The same for profiles of these kinds. */
  readonly ignoresKinds: readonly ChargingProfile['kind'][]
  /** A ChargePointMaxProfile of another central system that it has from its first boot, A; 0: none. */
  readonly leftoverLimitA: number

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
  /** An offer of 0 ends its session, also before anything has flowed. */
  readonly endsSessionAtZero: boolean
  /** False: CALLERROR NotSupported to GetCompositeSchedule. */
  readonly supportsCompositeSchedule: boolean
  /** GetCompositeSchedule tells this instead of what is in force. */
  readonly compositeLies: 'never' | 'hardwareMaximum' | 'zero'

  // ---- meter values
  /** Sends MeterValues at all. */
  readonly meterValues: boolean
  /** Only when it is asked for them. */
  readonly samplesOnTriggerOnly: boolean
  /** Rejects a shorter MeterValueSampleInterval. */
  readonly leastSampleIntervalS: number
  /** Rejects a list of measurands with any of these in it. */
  readonly refusesMeasurands: readonly string[]
  /** Boots each time it is given a list of more measurands than this. */
  readonly bootsAboveMeasurands: number
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
  /** Starts nothing unless it is told to. */
  readonly startsRemotelyOnly: boolean
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
  refusesChangeAvailability: false,
  tellsSettingsByNameOnly: false,
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
  ignoresKinds: [],
  leftoverLimitA: 0,
  ignoresExpiry: false,
  dropsProfilesOnDisconnect: false,
  dropsProfilesOnReboot: false,
  profilesLostAfterMs: Infinity,
  relativeDurationFrom: 'transactionStart',
  roundsUp: false,
  minCurrentA: 6,
  resumesFromZero: true,
  endsSessionAtZero: false,
  supportsCompositeSchedule: true,
  compositeLies: 'never',
  meterValues: true,
  samplesOnTriggerOnly: false,
  leastSampleIntervalS: 0,
  refusesMeasurands: [],
  bootsAboveMeasurands: 100,
  garbageMeterValues: false,
  meterFactor: 1,
  clockOffsetMs: 0,
  clockDriftPpm: 0,
  syncsClock: true,
  localTimeAsUtcHours: 0,
  authorizesFirst: true,
  startsRemotelyOnly: false,
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
