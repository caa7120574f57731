/** The order in which a charge point says things, and what it keeps while nobody listens. */
import { after } from '../after.js'
import type { Cancel, Clock } from '../ports.js'
import type { Behaviour } from './behaviour.js'
import type { CallOutcome, Wire } from './charge-point-wire.js'
import type { LocalTransaction } from './simulated-device.js'
import type { Fields } from './wire-fields.js'

export interface Outbox {
  /** Said while the connection lasts, or never. */
  send(action: string, payload: Fields, settled?: (outcome: CallOutcome) => void): void
  /**
   * About a transaction: kept over disconnects and boots, in order, and repeated until answered; given
   * up after `maxErrors` errors. `payload` is made when it is sent.
   */
  keep(
    action: string,
    payload: () => Fields,
    settled?: (outcome: CallOutcome) => void,
    transaction?: LocalTransaction,
  ): void
  /** Registration alone may speak before it is accepted. */
  open(): void
  shut(): void
  /** Says the next thing, if anything can be said. */
  pump(): void
  /** Messages about transactions that are not answered yet. */
  keptCount(): number
  /** Nothing waits to be said or answered. */
  isIdle(): boolean
  /** Those messages, as they would be said now. */
  kept(): readonly {
    readonly action: string
    readonly payload: Fields
    readonly transaction: LocalTransaction | undefined
  }[]
  /** Another number after each change of what is kept. */
  revision(): number
  /** Loses them all. */
  forget(): void
}

interface Message {
  readonly order: number
  readonly action: string
  readonly payload: () => Fields
  readonly settled: ((outcome: CallOutcome) => void) | undefined
}

interface KeptMessage extends Message {
  readonly transaction: LocalTransaction | undefined
  errors: number
  /** It was kept when this connection began. */
  isHistory: boolean
  isAnswered: boolean
}

const MAX_LIVE = 200
const MAX_KEPT = 2000
/** How late is late. */
const LATE_MS = 60_000

export function chargePointOutbox(options: {
  readonly clock: Clock
  readonly wire: Wire
  readonly maxErrors: () => number
  readonly retryMs: () => number
  readonly replays: () => Behaviour['replaysOfflineQueue']
  /** False: what nobody listens to is lost. */
  readonly keepsOffline: () => boolean
}): Outbox {
  const { clock, wire, maxErrors, retryMs, replays, keepsOffline } = options
  let live: Message[] = []
  const kept: KeptMessage[] = []
  let isOpen = false
  let order = 0
  let cancelRetry: Cancel | undefined
  let openedAtMs = 0
  let revision = 0
  let cancelLate: Cancel | undefined

  return {
    send(action, payload, settled) {
      if (!isOpen || live.length >= MAX_LIVE) return settled?.({ type: 'unanswered' })
      order += 1
      live.push({ order, action, payload: () => payload, settled })
      pump()
    },
    keep(action, payload, settled, transaction) {
      if (!isOpen && !keepsOffline()) return settled?.({ type: 'unanswered' })
      order += 1
      revision += 1
      kept.push({
        order,
        action,
        payload,
        settled,
        transaction,
        errors: 0,
        isHistory: false,
        isAnswered: false,
      })
      if (kept.length > MAX_KEPT) forgetOne()
      pump()
    },
    open() {
      isOpen = true
      cancelRetry?.()
      cancelRetry = undefined
      openedAtMs = clock.monotonic()
      for (const message of kept) message.isHistory = true
      if (replays() === 'late' && kept.length > 0) cancelLate = after(clock, LATE_MS, pump)
      pump()
    },
    shut() {
      isOpen = false
      cancelLate?.()
      const lost = live
      live = []
      for (const message of lost) message.settled?.({ type: 'unanswered' })
    },
    pump,
    keptCount: () => kept.length,
    isIdle: () => kept.length === 0 && live.length === 0 && !wire.isBusy(),
    kept: () =>
      kept.map(({ action, payload, transaction }) => ({ action, payload: payload(), transaction })),
    revision: () => revision,
    forget() {
      revision += 1
      kept.length = 0
    },
  }

  function pump(): void {
    if (!isOpen || !wire.isConnected() || wire.isBusy()) return
    const next = live[0]
    const nextKept = cancelRetry === undefined ? firstKept() : undefined
    const isLate = nextKept?.isHistory === true && replays() === 'late'
    if (nextKept && (!next || (nextKept.order < next.order && !isLate))) {
      wire.call(nextKept.action, nextKept.payload(), (outcome) => keptSettled(nextKept, outcome))
    } else if (next) {
      live.shift()
      wire.call(next.action, next.payload(), (outcome) => {
        next.settled?.(outcome)
        pump()
      })
    }
  }

  function firstKept(): KeptMessage | undefined {
    switch (replays()) {
      case 'inOrder':
      case 'doubled':
        return kept[0]
      case 'outOfOrder':
        return kept.findLast(({ isHistory }) => isHistory) ?? kept[0]
      case 'late': {
        const isTime = clock.monotonic() >= openedAtMs + LATE_MS
        return kept.find(({ isHistory }) => !isHistory) ?? (isTime ? kept[0] : undefined)
      }
    }
  }

  function keptSettled(message: KeptMessage, outcome: CallOutcome): void {
    if (outcome.type === 'error') message.errors += 1
    if (outcome.type === 'result' || message.errors >= maxErrors()) {
      const isToldAgain = message.isHistory && !message.isAnswered && replays() === 'doubled'
      const index = kept.indexOf(message)
      revision += 1
      if (index >= 0 && !isToldAgain) kept.splice(index, 1)
      if (!message.isAnswered) message.settled?.(outcome)
      message.isAnswered = true
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
