/**
 * A run of a simulated depot as plain data: what stands there, what happens over time, what goes
 * wrong. The same scenario gives the same run, to the last frame. Times are ms since its start.
 */
import type { Settings } from '../../config/settings.js'
import type { PhaseA } from '../../core/phases.js'
import type { Behaviour, ScriptedAnswer } from '../behaviour.js'
import type { TrafficOptions } from '../car-traffic.js'
import type { LimitSourceMode } from '../simulated-limit-source.js'
import type { MeterMode } from '../simulated-meter.js'
import type { EvOptions } from '../simulated-ev.js'
import type { SiteCharger } from '../simulated-site.js'

export interface Scenario {
  readonly name: string
  readonly seed: string
  readonly durationMs: number
  /** The last part, in which nothing goes wrong any more and everything must come right. */
  readonly quietMs: number
  /** Wall time at its start. */
  readonly startWallMs: number
  /** As from a configuration file: site, meters, limit sources, the depot. */
  readonly settings: Settings
  readonly chargers: readonly SiteCharger[]
  /** Cars that come and go by themselves. */
  readonly traffic: TrafficOptions | undefined
  /** Cars that come at stated times. */
  readonly arrivals: readonly Arrival[]
  readonly baseLoad: BaseLoadPlan
  /** What the source of the grid limit states, from each time on; empty: there is none. */
  readonly limits: readonly { readonly atMs: number; readonly limitA: number }[]
  readonly faults: readonly TimedFault[]
  /** Of one frame, one way. */
  readonly latencyMs: readonly [number, number]
}

export interface Arrival {
  readonly atMs: number
  readonly charger: string
  readonly connectorId: number
  readonly idTag: string
  /** It stands there without a transaction for so long. */
  readonly startsAfterMs?: number | undefined
  readonly ev: EvOptions
  /** Undefined: it stays. */
  readonly leavesAtMs: number | undefined
}

export type BaseLoadPlan =
  /** Follows the day between these, A per phase, with steps each `stepMs`. */
  | {
      readonly type: 'moving'
      readonly lowA: number
      readonly highA: number
      readonly stepMs: number
    }
  | {
      readonly type: 'steps'
      readonly steps: readonly { readonly atMs: number; readonly currentA: PhaseA }[]
    }

export interface TimedFault {
  readonly atMs: number
  readonly fault: Fault
}

/**
 * A frame arrives, a profile reaches its charger, records are on their way to the disk, the start of
 * a transaction is.
 */
export type CrashMoment = 'frame' | 'profile' | 'write' | 'start'

/** What goes wrong. A mode stays until the next fault of its kind ends it. */
export type Fault =
  | { readonly type: 'cut'; readonly charger: string; readonly halfOpen: boolean }
  | { readonly type: 'heal'; readonly charger: string }
  | { readonly type: 'resetConnection'; readonly charger: string }
  /** A second socket of the same charge point while the first is open. */
  | { readonly type: 'duplicateConnection'; readonly charger: string }
  | {
      readonly type: 'loseFrames'
      readonly charger: string
      readonly to: 'server' | 'chargePoint'
      readonly count: number
    }
  | { readonly type: 'behave'; readonly charger: string; readonly change: Partial<Behaviour> }
  | {
      readonly type: 'answerNext'
      readonly charger: string
      readonly action: string
      readonly answers: readonly ScriptedAnswer[]
    }
  | { readonly type: 'reboot'; readonly charger: string; readonly keepProfiles: boolean }
  /** `delayMs`: how late its readings come in `delayed`. */
  | { readonly type: 'meter'; readonly mode: MeterMode; readonly delayMs?: number }
  | { readonly type: 'limitSource'; readonly mode: LimitSourceMode }
  | { readonly type: 'limit'; readonly limitA: number }
  /** The gateway loses power; what was not on disk is lost (or, by chance, not) and it starts again after `downMs`. */
  | {
      readonly type: 'crash'
      readonly downMs: number
      /** Absent: at its time. Else armed then, and it happens at the next of these. */
      readonly on?: CrashMoment
    }
  | { readonly type: 'diskFails'; readonly writes: number }
  | { readonly type: 'diskHangs'; readonly forMs: number }
  /** The gateway's wall clock jumps. */
  | { readonly type: 'clockStep'; readonly byMs: number }
  | { readonly type: 'broker'; readonly up: boolean }
  /** It takes the next messages and does not say so. */
  | { readonly type: 'brokerKeepsSilent'; readonly count: number }
