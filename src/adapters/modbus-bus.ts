/**
 * A bus over a connection that comes and goes: one queue, one request in flight over all devices that
 * share it, reconnects with back-off. It connects when a read needs it, so it has no timers of its own.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { ReadAnswer, ReadFailure, ReadRequest, RegisterBus } from '../modbus/register-bus.js'
import type { Clock, Log } from '../ports.js'

export type LinkAnswer =
  | { readonly ok: true; readonly words: readonly number[] }
  | { readonly ok: false; readonly failure: ReadFailure }

/** A connection of a bus. It is used for one read at a time and replaced once it is no longer open. */
export interface ModbusLink {
  isOpen(): boolean
  /** Never rejects. An answer to an earlier read is never taken for this one's. */
  read(request: ReadRequest): Promise<LinkAnswer>
  /** Drops the connection at once. Idempotent. */
  destroy(): void
}

/** Rejects when there is no connection within `timeoutMs` or `signal` aborts. */
export type OpenLink = (timeoutMs: number, signal: AbortSignal) => Promise<ModbusLink>

export interface ModbusBusOptions {
  readonly name: string
  readonly open: OpenLink
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Log
  /** From 0 to below 1; spreads the reconnects. */
  readonly random: () => number
}

export function modbusBus({ name, open, clock, log, random }: ModbusBusOptions): RegisterBus {
  const closing = new AbortController()
  const { signal } = closing
  let link: ModbusLink | undefined
  /** Whether the log's last word was that the bus is there. */
  let reported: 'connected' | 'lost' | undefined
  let attempts = 0
  let nextAttemptMs = -Infinity
  let lastProblem = ''
  let timeouts = 0
  let waiting = 0
  let tail: Promise<unknown> = Promise.resolve()

  function lost(why: string): ReadFailure {
    link?.destroy()
    link = undefined
    timeouts = 0
    lastProblem = why
    if (reported !== 'lost' && !signal.aborted) {
      reported = 'lost'
      log.warn('modbusBusLost', { bus: name, problem: why })
    }
    return { type: 'disconnected', detail: why }
  }

  async function connected(timeoutMs: number): Promise<ModbusLink | ReadFailure> {
    if (link?.isOpen()) return link
    // Closed while idle, as some devices do after each answer: no loss unless it cannot come back.
    if (link) lastProblem = 'the device closed the connection'
    link?.destroy()
    link = undefined
    timeouts = 0
    const waitMs = nextAttemptMs - clock.monotonic()
    if (waitMs > 0) {
      const next = `next attempt in ${Math.ceil(waitMs / 1000)} s`
      return { type: 'disconnected', detail: `${lastProblem}; ${next}` }
    }
    try {
      attempts += 1
      link = await open(timeoutMs, signal)
      return link
    } catch (error) {
      return lost(error instanceof Error ? error.message : String(error))
    } finally {
      nextAttemptMs = clock.monotonic() + backOffMs(attempts, random())
    }
  }

  async function readOnce(request: ReadRequest): Promise<ReadAnswer> {
    const ready = await connected(request.timeoutMs)
    if (signal.aborted) {
      link?.destroy()
      return closedAnswer
    }
    if ('type' in ready) return { ok: false, failure: ready }
    const atMs = clock.monotonic()
    const answer = await ready.read(request)
    if (signal.aborted) return closedAnswer
    if (answer.ok || answer.failure.type === 'exception') {
      timeouts = 0
      attempts = 0
      nextAttemptMs = -Infinity
      if (reported !== 'connected') log.info('modbusBusConnected', { bus: name })
      reported = 'connected'
    } else if (answer.failure.type === 'timeout') {
      timeouts += 1
      if (timeouts >= MAX_TIMEOUTS) lost(`${timeouts} requests in a row without an answer`)
    } else {
      // After an answer that is none, nothing on this connection can be trusted.
      lost(answer.failure.type === 'malformed' ? answer.failure.detail : 'the connection broke')
    }
    return answer.ok ? { ...answer, atMs } : answer
  }

  async function readPatiently(request: ReadRequest): Promise<ReadAnswer> {
    const answer = await readOnce(request)
    if (answer.ok || !isBusy(answer.failure)) return answer
    await delay(BUSY_WAIT_MS, undefined, { signal }).catch(() => {})
    return signal.aborted ? closedAnswer : readOnce(request)
  }

  return {
    name,
    async read(request) {
      if (signal.aborted) return closedAnswer
      if (waiting >= MAX_WAITING) return { ok: false, failure: { type: 'overloaded' } }
      waiting += 1
      const turn = tail.then(() => (signal.aborted ? closedAnswer : readPatiently(request)))
      tail = turn.catch(() => {})
      try {
        return await turn
      } finally {
        waiting -= 1
      }
    },
    async close() {
      closing.abort()
      link?.destroy()
      await tail
    },
  }
}

/** A dead peer behind a living connection shows as silence only. */
const MAX_TIMEOUTS = 3

/** Bound of the queue; each device has one request at a time, so this is a count of devices. */
const MAX_WAITING = 256

/** Exceptions 5 and 6 ask for patience; one retry after this. */
const BUSY_WAIT_MS = 200

const closedAnswer: ReadAnswer = { ok: false, failure: { type: 'closed' } }

function isBusy(failure: ReadFailure): boolean {
  return failure.type === 'exception' && (failure.code === 5 || failure.code === 6)
}

/** 1 s, doubled up to 30 s, and up to a quarter more. The first attempt after a good read is free. */
function backOffMs(attempts: number, jitter: number): number {
  return Math.min(30_000, 1000 * 2 ** (attempts - 1)) * (1 + jitter / 4)
}
