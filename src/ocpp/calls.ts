/** The CALLs we send over one connection: at most one is unanswered (OCPP-J 1.6 §4.1.1). */
import type { ErrorFrame, ResultFrame } from './frame.js'

export interface OutgoingCall<Context extends object> {
  /** Message id, unique over all connections of this charge point. */
  readonly id: string
  readonly action: string
  /** Whatever the caller needs to make sense of the answer. */
  readonly context: Context
  /** Monotonic ms. */
  readonly nowMs: number
  readonly timeoutMs: number
}

export type CallOutcome =
  | { readonly type: 'answered'; readonly payload: unknown }
  | { readonly type: 'refused'; readonly code: string; readonly description: string }

export interface SettledCall<Context extends object> {
  readonly context: Context
  readonly action: string
  readonly outcome: CallOutcome
  /** True when `expire` gave this call up before: what it asked for may be in force all the same. */
  readonly late: boolean
  /** From begin to answer, monotonic ms. */
  readonly tookMs: number
}

/**
 * Each begun call ends exactly once: by `settle`, `expire` or `drop`. One that expired may still
 * settle once more, marked late.
 */
export interface OutgoingCalls<Context extends object> {
  /** True while a call is unanswered and not timed out. */
  readonly busy: boolean
  /** False, with nothing changed, while busy: the call must not be sent. */
  begin(call: OutgoingCall<Context>): boolean
  /** The call this frame answers; undefined when it answers none we know of. */
  settle(frame: ResultFrame | ErrorFrame, nowMs: number): SettledCall<Context> | undefined
  /** The context of the call whose time is up, once; the slot is free again. */
  expire(nowMs: number): Context | undefined
  /** The connection is lost: contexts of the calls without an answer, not of those that expired. */
  drop(): readonly Context[]
}

/** Answers later than this many timeouts are no longer recognised. */
const REMEMBERED_TIMEOUTS = 8

export function outgoingCalls<Context extends object>(): OutgoingCalls<Context> {
  let outstanding: OutgoingCall<Context> | undefined
  let timedOut: readonly OutgoingCall<Context>[] = []

  return {
    get busy() {
      return outstanding !== undefined
    },

    begin(call) {
      if (outstanding) return false
      outstanding = call
      return true
    },

    settle(frame, nowMs) {
      // Some peers answer the id "17" with the number 17.
      const id = String(frame.id)
      if (outstanding?.id === id) {
        const call = outstanding
        outstanding = undefined
        return settled(call, frame, nowMs, false)
      }
      const late = timedOut.find((call) => call.id === id)
      if (!late) return undefined
      timedOut = timedOut.filter((call) => call !== late)
      return settled(late, frame, nowMs, true)
    },

    expire(nowMs) {
      const call = outstanding
      if (!call || nowMs - call.nowMs < call.timeoutMs) return undefined
      outstanding = undefined
      timedOut = [...timedOut, call].slice(-REMEMBERED_TIMEOUTS)
      return call.context
    },

    drop() {
      const dropped = outstanding ? [outstanding.context] : []
      outstanding = undefined
      timedOut = []
      return dropped
    },
  }
}

function settled<Context extends object>(
  call: OutgoingCall<Context>,
  frame: ResultFrame | ErrorFrame,
  nowMs: number,
  late: boolean,
): SettledCall<Context> {
  const outcome: CallOutcome =
    frame.type === 'result'
      ? { type: 'answered', payload: frame.payload }
      : { type: 'refused', code: frame.code, description: frame.description }
  return { context: call.context, action: call.action, outcome, late, tookMs: nowMs - call.nowMs }
}
