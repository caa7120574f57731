/** What can be told of each session's departure, as it was last looked at. */
import type { LimitInForce } from '../limits/in-force.js'
import type { Reason } from '../reason.js'
import type { Tree } from '../site/tree.js'
import type { Forecast, Judgement, OutlookState } from './forecast.js'
import type { Need } from './need.js'

export interface Outlook {
  readonly need: Need
  /** Undefined: no departure, or nobody knows what is still wanted. */
  readonly forecast: SessionForecast | undefined
  readonly warning: Warning | undefined
  /** What is not known that must be; undefined: nothing, or nobody asks. */
  readonly unknown: 'soc' | 'battery' | undefined
}

export interface SessionForecast extends Forecast {
  readonly state: OutlookState
  /** On the phases it charges on, A each. */
  readonly requiredA: number
  readonly givenA: number
  readonly bestA: number
  /** By the departure, %; undefined: battery or state of charge are not known. */
  readonly expectedSoc: number | undefined
  readonly possibleSoc: number | undefined
}

/** That it will not have all in time, why, and what would help. */
export interface Warning {
  readonly state: Exclude<OutlookState, 'fine'>
  /** Its vehicle, else its charger. */
  readonly who: string
  readonly departureMs: number
  readonly amounts: Amounts
  /** What stops it. */
  readonly reason: Reason
  readonly givenA: number
  readonly requiredA: number
  readonly bestA: number
  /** A higher priority would do. */
  readonly priorityHelps: boolean
  /** So much later it would have all; undefined: not within a day. */
  readonly lateMs: number | undefined
}

export type Amounts =
  | { readonly unit: 'soc'; readonly wanted: number; readonly expected: number }
  /** Of the session, Wh. */
  | { readonly unit: 'energy'; readonly wanted: number; readonly expected: number }

/** The limits that are known ahead. */
export interface LimitsAhead {
  readonly tree: Tree
  /** Wall ms of the look. */
  readonly madeAtMs: number
  readonly stretches: readonly {
    /** Wall ms. */
    readonly fromMs: number
    /** By node index. */
    readonly limits: readonly LimitInForce[]
  }[]
}

export interface Outlooks {
  readonly byTransaction: Map<number, Outlook>
  readonly paces: Map<number, Pace>
  readonly judgements: Map<number, Judgement>
  ahead: LimitsAhead | undefined
}

/** What it gets, smoothed. */
export interface Pace {
  readonly currentA: number
  /** Monotonic ms. */
  readonly atMs: number
}

export function newOutlooks(): Outlooks {
  return { byTransaction: new Map(), paces: new Map(), judgements: new Map(), ahead: undefined }
}
