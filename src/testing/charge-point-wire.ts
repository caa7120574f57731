/** OCPP-J as a charge point speaks it: frames, and one CALL of its own at a time. */
import { after } from '../after.js'
import type { Cancel, Clock } from '../ports.js'
import { isFields } from './wire-fields.js'
import type { Fields } from './wire-fields.js'

/** The charge point's end of a connection. */
export interface ChargePointLink {
  send(text: string): void
  close(): void
}

export type CallOutcome =
  | { readonly type: 'result'; readonly payload: Fields }
  | { readonly type: 'error'; readonly code: string }
  /** No answer in time, or the connection ended before it. */
  | { readonly type: 'unanswered' }

/** What a charge point says to a CALL; `afterwards` runs when it has been said. */
export type Answer =
  | { readonly type: 'result'; readonly payload: Fields; readonly afterwards?: () => void }
  | { readonly type: 'error'; readonly code: string; readonly description: string }
  | { readonly type: 'nothing' }

export interface Wire {
  isConnected(): boolean
  /** A CALL waits for its answer. */
  isBusy(): boolean
  connect(link: ChargePointLink): void
  /** The link is gone, whoever ended it. */
  disconnected(): void
  /** Ends the link. */
  close(): void
  received(text: string): void
  /** Only when connected and not busy. */
  call(action: string, payload: Fields, settled: (outcome: CallOutcome) => void): void
}

interface Pending {
  readonly id: string
  readonly cancelTimeout: Cancel
  readonly settled: (outcome: CallOutcome) => void
}

export function chargePointWire(options: {
  readonly clock: Clock
  readonly callTimeoutMs: number
  readonly answerDelayMs: () => number
  readonly answer: (action: string, payload: Fields) => Answer
  /** Something arrived that no charge point could understand. */
  readonly complain: (problem: string) => void
}): Wire {
  const { clock, callTimeoutMs, answerDelayMs, answer, complain } = options
  let link: ChargePointLink | undefined
  let pending: Pending | undefined
  let lastId = 0

  return {
    isConnected: () => link !== undefined,
    isBusy: () => pending !== undefined,
    connect(newLink) {
      link = newLink
    },
    disconnected() {
      link = undefined
      settle({ type: 'unanswered' })
    },
    close() {
      link?.close()
    },
    call(action, payload, settled) {
      lastId += 1
      const id = String(lastId)
      const cancelTimeout = after(clock, callTimeoutMs, () => settle({ type: 'unanswered' }))
      pending = { id, cancelTimeout, settled }
      link?.send(JSON.stringify([2, id, action, payload]))
    },
    received(text) {
      const frame = parsed(text)
      if (!Array.isArray(frame)) return complain(`not a JSON array: ${text.slice(0, 100)}`)
      const [type, id, third, fourth]: readonly unknown[] = frame
      if (typeof id !== 'string') return complain(`no message id: ${text.slice(0, 100)}`)
      if (type === 2) called(id, third, fourth)
      else if (type === 3 && isFields(third)) answered(id, { type: 'result', payload: third })
      else if (type === 4) answered(id, { type: 'error', code: String(third) })
      else complain(`neither call nor answer: ${text.slice(0, 100)}`)
    },
  }

  function called(id: string, action: unknown, payload: unknown): void {
    if (typeof action !== 'string' || !isFields(payload)) {
      complain(`a call without action or payload, id ${id}`)
      return
    }
    const said = answer(action, payload)
    if (said.type === 'nothing') return
    const asker = link
    const say = (): void => {
      if (link !== asker) return
      asker?.send(
        JSON.stringify(
          said.type === 'result' ? [3, id, said.payload] : [4, id, said.code, said.description, {}],
        ),
      )
      if (said.type === 'result') said.afterwards?.()
    }
    const delayMs = answerDelayMs()
    if (delayMs > 0) after(clock, delayMs, say)
    else say()
  }

  function answered(id: string, outcome: CallOutcome): void {
    if (pending?.id === id) settle(outcome)
  }

  function settle(outcome: CallOutcome): void {
    const settling = pending
    pending = undefined
    settling?.cancelTimeout()
    settling?.settled(outcome)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
