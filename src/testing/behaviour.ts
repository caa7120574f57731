/** How a simulated charge point departs from what it should do. */
export interface Behaviour {
  /** From a CALL to its answer. */
  readonly answerDelayMs: number
  /** From a change of profiles to its effect. */
  readonly applyDelayMs: number
  /** CALLs of these actions are neither answered nor carried out; `*` stands for all. */
  readonly neverAnswers: readonly string[]
  readonly rejectsProfiles: boolean
  /** Rejects a TxProfile with a limit (in its own unit) above this. */
  readonly rejectsTxProfileAbove: number
  /** Answers Accepted to profiles and does nothing. */
  readonly acceptsAndIgnores: boolean
  readonly ignoresExpiry: boolean
  readonly dropsProfilesOnDisconnect: boolean
  readonly dropsProfilesOnReboot: boolean
  /** Sends MeterValues at all. */
  readonly meterValues: boolean
  readonly garbageMeterValues: boolean
  /** What the duration of a relative schedule counts from. */
  readonly relativeDurationFrom: 'transactionStart' | 'receipt'
  /** Its clock is this far ahead of the time it is told. */
  readonly clockOffsetMs: number
  /** Asks before it starts a transaction. */
  readonly authorizesFirst: boolean
  /** Lets a car charge while nobody can be asked. */
  readonly startsOffline: boolean
  /** Sends BootNotification on each connection, not only after a boot. */
  readonly bootsOnReconnect: boolean
}

export const OBEDIENT: Behaviour = {
  answerDelayMs: 0,
  applyDelayMs: 0,
  neverAnswers: [],
  rejectsProfiles: false,
  rejectsTxProfileAbove: Infinity,
  acceptsAndIgnores: false,
  ignoresExpiry: false,
  dropsProfilesOnDisconnect: false,
  dropsProfilesOnReboot: false,
  meterValues: true,
  garbageMeterValues: false,
  relativeDurationFrom: 'transactionStart',
  clockOffsetMs: 0,
  authorizesFirst: true,
  startsOffline: true,
  bootsOnReconnect: false,
}

/**
 * What becomes of one CALL: `reject` answers Rejected, `silent` does nothing at all, `loseAnswer`
 * carries it out and says nothing.
 */
export type ScriptedAnswer = 'normal' | 'reject' | 'silent' | 'loseAnswer'
