/** What a simulated run shows, as plain data: verdicts on ground truth, and what a reader sees. */
import type { PhaseA } from '../../core/phases.js'
import type { LimitDimension } from '../../core/reason.js'
import type { View } from '../../core/site/view.js'
import type { SimulatedChargePoint } from '../simulated-charge-point.js'
import type { Fault } from './scenario.js'

/** What is judged. */
export type Invariant =
  /** No excess stays that reachable, obedient chargers could still have removed. */
  | 'limit'
  /** No permission was raised while something above it was in excess, nor into excess. */
  | 'raise'
  /** While others cannot be helped, those that can are at their floor. */
  | 'floor'
  /** On the wire an offer is 0 or at least the minimum, and what is above the fallback ends. */
  | 'offers'
  /** Every true transaction is there exactly once, with its energy. */
  | 'transactions'
  /** What a charger was told about a transaction survives every crash. */
  | 'durability'
  /** Every record of a session reaches the backend once or more, in order for each charger. */
  | 'uplink'
  /** Nobody waits longer than the longest wait while turns could be given. */
  | 'waiting'
  /** Queues and lists stay bounded. */
  | 'bounds'
  /** When everything is healed, everything comes right. */
  | 'recovery'
  /** The controller neither throws nor talks nonsense. */
  | 'sanity'

export const INVARIANTS: readonly Invariant[] = [
  'limit',
  'raise',
  'floor',
  'offers',
  'transactions',
  'durability',
  'uplink',
  'waiting',
  'bounds',
  'recovery',
  'sanity',
]

export interface Verdict {
  readonly invariant: Invariant
  /** False as soon as there is one violation. */
  readonly holds: boolean
  /** How often it was looked at; 0: the run says nothing about it. */
  readonly checks: number
  readonly violations: number
}

export interface Violation {
  readonly invariant: Invariant
  /** Ms since the start of the run. */
  readonly atMs: number
  /** Node id, or charge point identity with `#connector`. */
  readonly where: string
  /** One sentence with the figures. */
  readonly what: string
}

/** Excess that only chargers caused which could not be helped: recorded, never counted as a pass. */
export interface Residual {
  readonly nodeId: string
  readonly dimension: LimitDimension
  readonly ampereSeconds: number
  readonly worstA: number
  /** Ms since the start of the run, of the first of it. */
  readonly fromMs: number
  /** The chargers that could not be helped, as identity#connector. */
  readonly causedBy: readonly string[]
}

/** How outside events that put a node into excess were answered. */
export interface Reactions {
  readonly count: number
  /** From the event to the end of what could be removed; undefined without any. */
  readonly p50Ms: number | undefined
  readonly p99Ms: number | undefined
  readonly maxMs: number | undefined
  /** Permitted over the limit meanwhile, summed over nodes (worst dimension). */
  readonly ampereSeconds: number
  /** All of them, from the quickest on. */
  readonly eachMs: readonly number[]
}

/** What a reader sees, in order of time. Times are ms since the start of the run. */
export type TimelineEntry =
  | {
      readonly type: 'fault'
      readonly atMs: number
      readonly fault: Fault
    }
  /** What a connector with a car may take per phase changed; undefined: no transaction any more. */
  | {
      readonly type: 'offer'
      readonly atMs: number
      readonly charger: string
      readonly connectorId: number
      readonly limitA: number | undefined
    }
  /** The true limit of a node changed. A per phase, and summed for power; undefined: none. */
  | {
      readonly type: 'limit'
      readonly atMs: number
      readonly nodeId: string
      readonly currentA: number | undefined
      readonly powerA: number | undefined
    }
  | {
      readonly type: 'transaction'
      readonly atMs: number
      readonly charger: string
      readonly connectorId: number
      readonly change: 'started' | 'stopped'
      readonly idTag: string
    }
  | {
      readonly type: 'controller'
      readonly atMs: number
      readonly change: 'started' | 'lostPower'
    }
  | { readonly type: 'violation'; readonly atMs: number; readonly violation: Violation }

export interface RunResult {
  readonly scenario: string
  readonly seed: string
  /** No violation of anything. A run with residuals may pass; see `residuals`. */
  readonly ok: boolean
  readonly verdicts: readonly Verdict[]
  /** The first of each invariant and place; later ones are only counted in the verdict. */
  readonly violations: readonly Violation[]
  readonly residuals: readonly Residual[]
  readonly reactions: Reactions
  /** Rare coincidences that were seen, by name. */
  readonly counters: Readonly<Record<string, number>>
  readonly simulatedMs: number
  /** Chargers x hours. */
  readonly chargerHours: number
  /** Of every frame with its time and every durable record: the same scenario has the same. */
  readonly traceHash: string
  /** Empty unless asked for; bounded. */
  readonly timeline: readonly TimelineEntry[]
}

export interface RunOptions {
  /** Keep what a reader sees. Default false. */
  readonly timeline?: boolean
  /** Stop at the first violation. Default false. */
  readonly stopsAtViolation?: boolean
  /** Called each simulated minute, ms since the start. */
  readonly onProgress?: (atMs: number) => void
  /** Called each simulated second, after it was judged. */
  readonly onLook?: (look: Look) => void
}

/** One instant of a run: ground truth, and what the controller says about it. */
export interface Look {
  /** Ms since the start of the run. */
  readonly atMs: number
  readonly chargePoints: readonly SimulatedChargePoint[]
  /** Uncontrolled load of the site. */
  readonly baseLoadA: PhaseA
  /** Undefined while the gateway is down. Made when asked for. */
  view(): View | undefined
}
