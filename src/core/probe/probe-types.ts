/** What a probe of a charger sees, does and finds out. */
import type { PhaseA } from '../phases.js'
import type { ProbeRecord } from '../site/depot.js'
import type { Hold } from '../site/state.js'

/** In the order they run: what may leave the car asleep or without a transaction comes last. */
export const PROBE_STEPS = [
  'units',
  'effect',
  'phases',
  'expiry',
  'reconnect',
  'zero',
  'reboot',
] as const

export type ProbeStep = (typeof PROBE_STEPS)[number]

/** These need a car that charges. */
export const CAR_STEPS: readonly ProbeStep[] = ['effect', 'phases', 'expiry', 'reconnect', 'zero']

/** What is asked of the charge point; none of it changes a limit. */
export type ProbeQuestion =
  | { readonly type: 'configuration' }
  /** A MeterValues out of turn. */
  | { readonly type: 'sample' }
  | { readonly type: 'schedule' }
  | { readonly type: 'reset' }

export type ProbeAnswer =
  /** By key; undefined: no usable answer. */
  | { readonly type: 'configuration'; readonly keys: ReadonlyMap<string, string> | undefined }
  | { readonly type: 'sample'; readonly isTaken: boolean }
  /** The limit it says it has now, A per phase; undefined: no usable answer. */
  | { readonly type: 'schedule'; readonly limitA: number | undefined }
  | { readonly type: 'reset'; readonly isTaken: boolean }

export type ProbeAction =
  /** Undefined: let go. */
  | { readonly type: 'hold'; readonly hold: Hold | undefined }
  /** Closes the connection and refuses new ones for this long. */
  | { readonly type: 'keepAway'; readonly forMs: number }
  /** Ends that early. */
  | { readonly type: 'letBack' }
  | { readonly type: 'ask'; readonly question: ProbeQuestion }
  /** To be asked as soon as it has booted, before anything else. */
  | { readonly type: 'askAtBoot'; readonly question: ProbeQuestion }

export interface ProbeSample {
  /** On the EVSE's own L1, L2, L3. */
  readonly ownA: PhaseA
  readonly highestA: number
  readonly powerW: number
  readonly atMs: number
}

export interface ProbeGrant {
  readonly limitA: number
  readonly acknowledgedAtMs: number
  /** As told to the charger. */
  readonly expiresAtMs: number
  /** Whatever its clock. */
  readonly expiredByMs: number
}

/** The charger and its place in the site at one instant; monotonic times. */
export interface ProbeObservation {
  readonly connected: boolean
  readonly connectedAtMs: number | undefined
  /** BootNotifications since the probe began. */
  readonly boots: number
  readonly status: string | undefined
  readonly transactionId: number | undefined
  /** Of the running transaction. */
  readonly energyWh: number
  readonly sample: ProbeSample | undefined
  /** The TxProfile acknowledged on this connection. */
  readonly grant: ProbeGrant | undefined
  /** The TxDefaultProfile acknowledged. */
  readonly fallbackA: number | undefined
  /** A profile is under way. */
  readonly isCalling: boolean
  /** In force where nothing is granted. */
  readonly standingA: number | undefined
  /** In what it has taken limits, and in what it has not. */
  readonly takenUnit: 'A' | 'W' | undefined
  readonly refusedUnit: 'A' | 'W' | undefined
  readonly minA: number
  readonly hardwareA: number
  /** Every limit above it holds. */
  readonly within: boolean
  /** All of its hardware maximum would fit. */
  readonly hasRoom: boolean
  readonly isCutOff: boolean
  /** The nearest meter above it. */
  readonly meter: { readonly currentA: PhaseA; readonly atMs: number } | undefined
  /** Since the last look. */
  readonly answers: readonly ProbeAnswer[]
}

/** What a step adds to the record of the charger. */
export type Findings = Partial<
  Omit<ProbeRecord, 'atMs' | 'vendor' | 'model' | 'firmware' | 'outdated'>
>

/** What each stage of each step has. */
export interface StageBase {
  /** For people: waiting for ..., */
  readonly doing: string
  /** The stage ends by then, whatever happens. */
  readonly untilMs: number
  /** MeterValues are asked for, beside those that come by themselves. */
  readonly wantsSamples?: boolean
  /** The charger may go to full power at any moment: all of that must fit. */
  readonly needsRoom?: boolean
  /** It is not expected to be connected. */
  readonly mayBeAway?: boolean
}

export type Move<Stage> =
  | { readonly type: 'stage'; readonly stage: Stage; readonly actions?: readonly ProbeAction[] }
  | {
      readonly type: 'done'
      /** False: the step could not find out. */
      readonly isClear: boolean
      readonly findings: Findings
      readonly actions?: readonly ProbeAction[]
    }

/** What the steps share. */
export interface ProbeContext {
  /** What the car took on its highest phase before anything was held, A. */
  readonly baselineA: number
  /** The same in W. */
  readonly baselineW: number
}

export function unclear<Stage>(why: string, findings: Findings = {}): Move<Stage> {
  return { type: 'done', isClear: false, findings: { ...findings, notes: [why] } }
}

export function held(maxA: number, refresh = true): ProbeAction {
  return { type: 'hold', hold: { maxA, refresh } }
}

export function amps(currentA: number): string {
  return `${Math.round(currentA * 10) / 10} A`
}
