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
import type { FairTurns } from './fair-turns.js'
import { createInbox } from './inbox.js'
import { replyLine } from './reply-line.js'

export interface SessionEvents {
  /** The answer to a message; `durable` resolves when the reply, or another, may leave. */
  answer(message: InboundMessage): {
    readonly reply: Reply
    readonly durable: Promise<Reply | void> | undefined
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
  /** Where it dialled us. */
  readonly origin: string | undefined
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

export interface SessionPorts {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** Of all sessions together. */
  readonly turns: FairTurns
}

const QUEUE_MAX = 32
/** So many answers wait for the disk: further calls wait, too. */
const UNSENT_REPLIES_MAX = 64
/** More than this the peer has not read: its calls wait, and after a while it goes. */
const UNREAD_BYTES_HIGH = 65_536
const UNREAD_MS = 10_000
const UNREAD_BYTES_MAX = 1_048_576
const BAD_FRAMES_MAX = 100
/** Refused calls that are logged one by one, and then each so many. */
const REFUSALS_LOGGED = 3
const REFUSALS_LOGGED_EACH = 1_000
/** A charge point that reconnects and says nothing is spoken to after this. */
const SILENT_START_MS = 2_000
const DISK_WAIT_MS = 1_000
const UNREADABLE_LOGGED = 500
/** Their answers tell the time, so a repeat gets a new one. */
const TELLS_TIME: ReadonlySet<string> = new Set(['Heartbeat', 'BootNotification'])

export function createSession(
  connection: Connection,
  events: SessionEvents,
  ports: SessionPorts,
  limits: SessionLimits,
): Session {
  const { clock, ids } = ports
  const { identity: chargePointId } = connection
  const calls = outgoingCalls<CallRequest>()
  const queue: CallRequest[] = []
  const openedAtMs = clock.monotonic()
  let lastAliveMs = openedAtMs
  let lastPingMs = openedAtMs
  let unreadSinceMs: number | undefined
  let badFrames = 0
  let refusals = 0
  let spoken = false
  let over = false

  const log = (
    level: 'info' | 'warn' | 'error',
    event: string,
    fields: Record<string, unknown>,
  ): void => ports.log[level](event, { chargePoint: chargePointId, ...fields })

  const replies = replyLine({
    clock,
    send: (text) => connection.send(text),
    free() {
      inbox.look()
      events.free()
    },
  })

  const inbox = createInbox(
    connection,
    {
      serve: (text) => serve(text),
      mayServeCalls: () =>
        replies.waiting < UNSENT_REPLIES_MAX && connection.bufferedBytes() < UNREAD_BYTES_HIGH,
      flooded() {
        log('warn', 'chargePointFloods', {})
        session.abandon(1008, 'Too many frames')
      },
      failed(error) {
        log('error', 'chargePointHandlerFailed', { error: String(error) })
        session.abandon(1011, 'internal error')
      },
    },
    ports,
  )

  const end = (): void => {
    if (over) return
    over = true
    // What it said last and was not served is not answered: it says it again.
    inbox.close()
    for (const request of calls.drop()) request.ended({ type: 'disconnected' })
    for (const request of queue.splice(0)) request.ended({ type: 'disconnected' })
  }

  const received = (frame: CallFrame, text: string): void => {
    const isRepeatable = !TELLS_TIME.has(frame.action)
    if (isRepeatable && replies.repeated(frame.id, text)) return
    const decoded = decodeCall(frame.action, frame.payload)
    if (!decoded.ok) {
      noteRefusal(frame.action, decoded.code, decoded.description)
      replies.reply(errorText(frame.id, decoded.code, decoded.description))
      return
    }
    if (decoded.fault !== undefined) {
      const { fault: why } = decoded
      const said = JSON.stringify(frame.payload).slice(0, UNREADABLE_LOGGED)
      log('warn', 'transactionMessageIncomplete', { action: frame.action, why, said })
    }
    const { reply: payload, durable } = events.answer(decoded.message)
    const call = isRepeatable ? { id: frame.id, frame: text } : undefined
    const settled = durable?.then((instead) => instead && resultText(frame.id, instead))
    replies.reply(resultText(frame.id, payload), settled, call)
  }

  const noteRefusal = (action: string, code: string, why: string): void => {
    refusals += 1
    if (refusals > REFUSALS_LOGGED && refusals % REFUSALS_LOGGED_EACH !== 0) return
    log('warn', 'callRefused', { action: action.slice(0, 50), code, why, count: refusals })
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

  const serve = (text: string): void => {
    const frame = parseFrame(text)
    switch (frame.type) {
      case 'call':
        received(frame, text)
        break
      case 'result':
      case 'error':
        settle(frame)
        break
      case 'invalid':
        if (frame.id !== undefined) {
          replies.reply(errorText(frame.id, 'FormationViolation', frame.reason))
        }
        bad(frame.reason)
        break
      case 'ignored':
        bad(`message type ${frame.messageType}`)
        break
    }
  }

  const bad = (reason: string): void => {
    badFrames += 1
    if (badFrames <= 3) log('warn', 'badFrame', { reason })
    if (badFrames < BAD_FRAMES_MAX) return
    session.abandon(1008, 'Too many bad frames')
  }

  const reads = (nowMs: number): boolean => {
    const unreadBytes = connection.bufferedBytes()
    if (unreadBytes < UNREAD_BYTES_HIGH) unreadSinceMs = undefined
    else unreadSinceMs ??= nowMs
    return (
      unreadBytes <= UNREAD_BYTES_MAX &&
      (unreadSinceMs === undefined || nowMs - unreadSinceMs < UNREAD_MS)
    )
  }

  const session: Session = {
    chargePointId,
    remoteAddress: connection.remoteAddress,
    origin: connection.origin,

    received(text) {
      if (over) return
      lastAliveMs = clock.monotonic()
      if (!spoken) {
        spoken = true
        events.spoke()
      }
      inbox.arrived(text)
    },

    pinged() {
      if (!over) inbox.pinged()
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
      const waitsForDisk = replies.waiting > 0 && replies.waitedMs() < DISK_WAIT_MS
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
        log('warn', inbox.isPaused ? 'chargePointNotServed' : 'chargePointSilent', {
          silentMs: Math.round(nowMs - lastAliveMs),
          unsentReplies: replies.waiting,
        })
        connection.terminate()
        return
      }
      if (!reads(nowMs)) {
        log('warn', 'chargePointDoesNotRead', { bytes: connection.bufferedBytes() })
        connection.terminate()
        return
      }
      inbox.look()
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
