/** The order in which a charge point says things, and what it keeps while nobody listens. */
import { after } from '../after.js'
import type { Cancel, Clock } from '../ports.js'
import type { CallOutcome, Wire } from './charge-point-wire.js'
import type { Fields } from './wire-fields.js'

export interface Outbox {
  /** Said while the connection lasts, or never. */
  send(action: string, payload: Fields, settled?: (outcome: CallOutcome) => void): void
  /**
   * About a transaction: kept over disconnects and boots, in order, and repeated until answered; given
   * up after `maxErrors` errors. `payload` is made when it is sent.
   */
  keep(action: string, payload: () => Fields, settled?: (outcome: CallOutcome) => void): void
  /** Registration alone may speak before it is accepted. */
  open(): void
  shut(): void
  /** Says the next thing, if anything can be said. */
  pump(): void
  /** Messages about transactions that are not answered yet. */
  keptCount(): number
}

interface Message {
  readonly order: number
  readonly action: string
  readonly payload: () => Fields
  readonly settled: ((outcome: CallOutcome) => void) | undefined
}

interface KeptMessage extends Message {
  errors: number
}

const MAX_LIVE = 200
const MAX_KEPT = 2000

export function chargePointOutbox(options: {
  readonly clock: Clock
  readonly wire: Wire
  readonly maxErrors: () => number
  readonly retryMs: () => number
}): Outbox {
  const { clock, wire, maxErrors, retryMs } = options
  let live: Message[] = []
  const kept: KeptMessage[] = []
  let isOpen = false
  let order = 0
  let cancelRetry: Cancel | undefined

  return {
    send(action, payload, settled) {
      if (!isOpen || live.length >= MAX_LIVE) return settled?.({ type: 'unanswered' })
      order += 1
      live.push({ order, action, payload: () => payload, settled })
      pump()
    },
    keep(action, payload, settled) {
      order += 1
      kept.push({ order, action, payload, settled, errors: 0 })
      if (kept.length > MAX_KEPT) forgetOne()
      pump()
    },
    open() {
      isOpen = true
      cancelRetry?.()
      cancelRetry = undefined
      pump()
    },
    shut() {
      isOpen = false
      const lost = live
      live = []
      for (const message of lost) message.settled?.({ type: 'unanswered' })
    },
    pump,
    keptCount: () => kept.length,
  }

  function pump(): void {
    if (!isOpen || !wire.isConnected() || wire.isBusy()) return
    const next = live[0]
    const nextKept = cancelRetry === undefined ? kept[0] : undefined
    if (nextKept && (!next || nextKept.order < next.order)) {
      wire.call(nextKept.action, nextKept.payload(), (outcome) => keptSettled(nextKept, outcome))
    } else if (next) {
      live.shift()
      wire.call(next.action, next.payload(), (outcome) => {
        next.settled?.(outcome)
        pump()
      })
    }
  }

  function keptSettled(message: KeptMessage, outcome: CallOutcome): void {
    if (outcome.type === 'error') message.errors += 1
    if (outcome.type === 'result' || message.errors >= maxErrors()) {
      const index = kept.indexOf(message)
      if (index >= 0) kept.splice(index, 1)
      message.settled?.(outcome)
    } else if (wire.isConnected()) {
      // OCPP 1.6 3.7.1: each further attempt waits one interval longer.
      cancelRetry = after(clock, retryMs() * Math.max(1, message.errors), () => {
        cancelRetry = undefined
        pump()
      })
    }
    pump()
  }

  /** OCPP 1.6 3.7.1 allows to drop meter values between start and stop. The head may be in flight. */
  function forgetOne(): void {
    const index = kept.findIndex((message, at) => at > 0 && message.action === 'MeterValues')
    kept.splice(index < 0 ? 1 : index, 1)
  }
}
