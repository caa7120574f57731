/**
 * One connection of one charge point: frames in, replies out in order, one call at a time. What the
 * messages mean is not decided here.
 */
import type { CallEnd } from '../ocpp/call-end.js'
import { outgoingCalls } from '../ocpp/calls.js'
import type { SettledCall } from '../ocpp/calls.js'
import { callText, errorText, parseFrame, resultText } from '../ocpp/frame.js'
import type { CallFrame, ErrorFrame, ResultFrame } from '../ocpp/frame.js'
import { decodeCall } from '../ocpp/v16/inbound.js'
import type { InboundMessage } from '../ocpp/v16/messages.js'
import type { OutboundCall, RawCall } from '../ocpp/v16/outbound-call.js'
import { callProblem } from '../ocpp/v16/outbound-check.js'
import type { Reply } from '../ocpp/v16/replies.js'
import type { Clock, Connection, ConnectionHandler, Ids, Log } from '../ports.js'

export interface SessionEvents {
  /** The answer to a message; `durable` resolves when the reply may leave. */
  answer(message: InboundMessage): {
    readonly reply: Reply
    readonly durable: Promise<void> | undefined
  }
  /** The first frame of this connection, before it is answered. */
  spoke(): void
  /** Replies that waited for the disk have left: the charge point can be called again. */
  free(): void
  /** The connection is over. */
  closed(): void
}

export interface CallRequest {
  readonly call: OutboundCall | RawCall
  readonly timeoutMs: number
  /** Exactly once: answered (maybe late: then a second time), refused, timed out or disconnected. */
  ended(ended: CallEnd): void
  /** Asked when its turn has come: a reason not to send it any more. */
  whyNot?(): string | undefined
}

export interface Session extends ConnectionHandler {
  readonly chargePointId: string
  readonly remoteAddress: string
  /** The call slot is taken, or the charge point has not spoken yet. */
  isBusy(): boolean
  /** Sends at once; false when busy. */
  call(request: CallRequest): boolean
  /** Sends when the slot is free and nothing more urgent is; false when the queue is full. */
  enqueue(request: CallRequest): boolean
  /** Sends the next queued call if the slot is free. */
  pump(): void
  /** Once a second: timeouts, pings, liveness. */
  tick(): void
  ping(): void
  /** Monotonic ms of the last sign of life. */
  lastAliveMs(): number
  close(code: number, reason: string): void
  /** Drops the connection; calls end as disconnected, later events change nothing. */
  abandon(code: number, reason: string): void
}

export interface SessionLimits {
  readonly pingIntervalMs: number
}

const QUEUE_MAX = 32
const UNSENT_REPLIES_MAX = 256
const UNREAD_BYTES_MAX = 1_048_576
const BAD_FRAMES_MAX = 100
/** A charge point that reconnects and says nothing is spoken to after this. */
const SILENT_START_MS = 2_000
const DISK_WAIT_MS = 1_000
const UNREADABLE_LOGGED = 500

export function createSession(
  connection: Connection,
  events: SessionEvents,
  ports: { readonly clock: Clock; readonly ids: Ids; readonly log: Log },
  limits: SessionLimits,
): Session {
  const { clock, ids } = ports
  const { identity: chargePointId } = connection
  const calls = outgoingCalls<CallRequest>()
  const queue: CallRequest[] = []
  const unsent: { text: string | undefined; ready: boolean }[] = []
  const openedAtMs = clock.monotonic()
  let lastAliveMs = openedAtMs
  let lastPingMs = openedAtMs
  let unsentSinceMs = openedAtMs
  let badFrames = 0
  let spoken = false
  let over = false

  const log = (
    level: 'info' | 'warn' | 'error',
    event: string,
    fields: Record<string, unknown>,
  ): void => ports.log[level](event, { chargePoint: chargePointId, ...fields })

  const end = (): void => {
    if (over) return
    over = true
    for (const request of calls.drop()) request.ended({ type: 'disconnected' })
    for (const request of queue.splice(0)) request.ended({ type: 'disconnected' })
  }

  const sendReady = (): void => {
    while (unsent[0]?.ready === true) {
      const { text } = unsent.shift() ?? {}
      if (text !== undefined) connection.send(text)
    }
    if (unsent.length === 0) events.free()
  }

  const reply = (text: string, durable: Promise<void> | undefined): void => {
    if (!durable && unsent.length === 0) {
      connection.send(text)
      return
    }
    const entry: { text: string | undefined; ready: boolean } = { text, ready: !durable }
    if (unsent.length === 0) unsentSinceMs = clock.monotonic()
    unsent.push(entry)
    if (unsent.length > UNSENT_REPLIES_MAX) {
      log('warn', 'tooManyUnansweredCalls', { count: unsent.length })
      session.abandon(1008, 'Too many unanswered calls')
      return
    }
    durable?.then(
      () => {
        entry.ready = true
        sendReady()
      },
      () => {
        // Not on disk: no answer, the charge point sends it again. Never a CALLERROR for our own
        // trouble (3.7.1): it might drop the message.
        entry.text = undefined
        entry.ready = true
        sendReady()
      },
    )
  }

  const received = (frame: CallFrame): void => {
    const decoded = decodeCall(frame.action, frame.payload)
    if (!decoded.ok) {
      log('warn', 'callRefused', {
        action: frame.action.slice(0, 50),
        code: decoded.code,
        why: decoded.description,
      })
      reply(errorText(frame.id, decoded.code, decoded.description), undefined)
      return
    }
    if (decoded.fault !== undefined) {
      const { fault: why } = decoded
      const said = JSON.stringify(frame.payload).slice(0, UNREADABLE_LOGGED)
      log('warn', 'transactionMessageIncomplete', { action: frame.action, why, said })
    }
    const { reply: payload, durable } = events.answer(decoded.message)
    reply(resultText(frame.id, payload), durable)
  }

  const settle = (frame: ResultFrame | ErrorFrame): void => {
    const settled: SettledCall<CallRequest> | undefined = calls.settle(frame, clock.monotonic())
    if (!settled) return
    const { outcome, late, context } = settled
    context.ended(
      outcome.type === 'answered'
        ? { type: 'answered', payload: outcome.payload, late }
        : { type: 'refused', code: outcome.code, description: outcome.description, late },
    )
  }

  const bad = (reason: string): void => {
    badFrames += 1
    if (badFrames <= 3) log('warn', 'badFrame', { reason })
    if (badFrames < BAD_FRAMES_MAX) return
    session.abandon(1008, 'Too many bad frames')
  }

  const session: Session = {
    chargePointId,
    remoteAddress: connection.remoteAddress,

    received(text) {
      if (over) return
      lastAliveMs = clock.monotonic()
      if (!spoken) {
        spoken = true
        events.spoke()
      }
      const frame = parseFrame(text)
      switch (frame.type) {
        case 'call':
          received(frame)
          break
        case 'result':
        case 'error':
          settle(frame)
          break
        case 'invalid':
          if (frame.id !== undefined) {
            reply(errorText(frame.id, 'FormationViolation', frame.reason), undefined)
          }
          bad(frame.reason)
          break
        case 'ignored':
          bad(`message type ${frame.messageType}`)
          break
      }
    },

    pong() {
      lastAliveMs = clock.monotonic()
    },

    closed(code, reason) {
      if (over) return
      log('info', 'chargePointDisconnected', { code, reason: reason.slice(0, 120) })
      end()
      events.closed()
    },

    isBusy() {
      // A charge point that waits for its transaction id cannot be given a profile for it; but a
      // disk that stalls must not keep the others of its connectors from being lowered.
      const waitsForDisk = unsent.length > 0 && clock.monotonic() - unsentSinceMs < DISK_WAIT_MS
      return over || !spoken || calls.busy || waitsForDisk
    },

    call(request) {
      if (session.isBusy()) return false
      const problem = callProblem(request.call)
      if (problem !== undefined) {
        log('error', 'callAgainstTheStandard', { problem })
        return false
      }
      const id = ids.next()
      const { action, payload } = request.call
      calls.begin({
        id,
        action,
        context: request,
        nowMs: clock.monotonic(),
        timeoutMs: request.timeoutMs,
      })
      connection.send(callText(id, action, payload))
      return true
    },

    enqueue(request) {
      if (over || queue.length >= QUEUE_MAX) return false
      queue.push(request)
      return true
    },

    pump() {
      const next = session.isBusy() ? undefined : queue.shift()
      if (!next) return
      const reason = next.whyNot?.() ?? callProblem(next.call)
      if (reason === undefined) session.call(next)
      else next.ended({ type: 'notSent', reason })
    },

    tick() {
      if (over) return
      const nowMs = clock.monotonic()
      if (!spoken && nowMs - openedAtMs >= SILENT_START_MS) {
        spoken = true
        events.spoke()
      }
      calls.expire(nowMs)?.ended({ type: 'timedOut' })
      if (nowMs - lastAliveMs > 2 * limits.pingIntervalMs + 1_000) {
        log('warn', 'chargePointSilent', { silentMs: Math.round(nowMs - lastAliveMs) })
        connection.terminate()
        return
      }
      if (connection.bufferedBytes() > UNREAD_BYTES_MAX) {
        log('warn', 'chargePointDoesNotRead', { bytes: connection.bufferedBytes() })
        connection.terminate()
        return
      }
      if (nowMs - lastPingMs >= limits.pingIntervalMs) session.ping()
    },

    ping() {
      lastPingMs = clock.monotonic()
      connection.ping()
    },

    lastAliveMs: () => lastAliveMs,

    close(code, reason) {
      connection.close(code, reason)
    },

    abandon(code, reason) {
      end()
      connection.close(code, reason)
      events.closed()
    },
  }
  return session
}
