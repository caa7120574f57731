/** Why an offer is what it is. The figure and its reason always travel together. */
import type { WindowKind } from './schedule/windows.js'

/** Where a limit comes from. */
export type LimitSource =
  /** `priorities`: it bounds these alone: `3 to 4`. */
  | { readonly type: 'configured'; readonly priorities?: string }
  | { readonly type: 'fuse' }
  | { readonly type: 'contract' }
  | {
      readonly type: 'schedule'
      readonly from: string
      readonly to: string
      /** Absent: weekly. */
      readonly kind?: WindowKind
      readonly name?: string | undefined
      /** It bounds these alone: `3 to 4`. */
      readonly priorities?: string
    }
  /** A grid-limit source; `fallback`: it is silent and its fallback applies. */
  | { readonly type: 'external'; readonly sourceId: string; readonly fallback: boolean }
  | { readonly type: 'command'; readonly commandId: string }
  /** An operator's order, in his words; `untilTs` wall ms. */
  | { readonly type: 'override'; readonly reason: string; readonly untilTs: number }
  /** The meter is silent: everything below is at its fallback. */
  | { readonly type: 'failsafe'; readonly meterId: string }

/** What of a node binds: one phase, or the sum of the phases (power). */
export type LimitDimension = 'l1' | 'l2' | 'l3' | 'power'

/** How far the watchdog went; each step includes those before it. */
export type CutOffStep =
  | 'transaction'
  | 'fallback'
  | 'chargePoint'
  | 'remoteStop'
  | 'inoperative'
  | 'relay'

export type Reason =
  /** No car asks for anything. */
  | { readonly type: 'idle' }
  | { readonly type: 'offline' }
  | { readonly type: 'inactive' }
  /** A connector nobody configured. */
  | { readonly type: 'discovered' }
  /** The EVSE's hardware maximum. */
  | { readonly type: 'hardware'; readonly maxA: number }
  /** The car takes no more; 0: it takes nothing, and others can use its place. */
  | { readonly type: 'vehicle'; readonly capA: number }
  /** This node's limit binds. `limitA` is per phase, or the sum over phases for `power`. */
  | {
      readonly type: 'limit'
      readonly nodeId: string
      readonly nodeName: string
      readonly dimension: LimitDimension
      readonly limitA: number
      readonly source: LimitSource
    }
  /** No room for its minimum now: it waits for a turn. */
  | {
      readonly type: 'waiting'
      readonly nodeId: string
      readonly nodeName: string
      readonly dimension: LimitDimension
      readonly limitA: number
      readonly source: LimitSource
      readonly charging: number
      readonly waiting: number
      /** Local time at which its turn is to come, `HH:MM`; undefined: that cannot be told. */
      readonly nextAt?: string | undefined
    }
  /** The room is promised, but others have not given way yet. */
  | { readonly type: 'pending'; readonly targetA: number }
  /** A probe of the charger keeps it low. */
  | { readonly type: 'probe'; readonly maxA: number }
  /** The charger refuses or does not answer; it counts at `exposureA`. */
  | { readonly type: 'unresponsive'; readonly exposureA: number }
  /** The watchdog cut it off: what is measured at this node was above its limit by so much. */
  | {
      readonly type: 'cutOff'
      readonly step: CutOffStep
      /** Empty when nobody remembers. */
      readonly nodeName: string
      readonly overA: number
    }
  /** It takes no limit and could draw more than there is room for: out of service. */
  | {
      readonly type: 'unprotected'
      readonly nodeName: string
      readonly needsA: number
      readonly roomA: number
    }
