import { connect } from 'mqtt'
import type { Cancel, Clock, Log, UpstreamMessage, UpstreamRequest } from '../ports.js'
import { after } from '../after.js'
import {
  clientOptions,
  MAX_INBOUND_BYTES,
  MAX_PACKET_BYTES,
  publishOptions,
  requestOf,
} from './mqtt-options.js'
import type { SessionOptions } from './mqtt-options.js'
import { publishWindow } from './publish-window.js'
import type { PublishWindow } from './publish-window.js'
import { UpstreamError } from './upstream-error.js'

export interface LinkOptions extends SessionOptions {
  readonly clock: Clock
  readonly log: Log
}

export interface LinkEnd {
  readonly why:
    /** The broker does not speak this version of the protocol. */
    | 'protocol'
    /** The broker hung up before it answered the CONNECT: perhaps the version, perhaps not. */
    | 'unanswered'
    /** Client id, user name, password or certificate. */
    | 'login'
    /** Another client took our client id. */
    | 'takenOver'
    /** The broker closed an established session without a word. */
    | 'closed'
    /** It sent more than we take; a resumed session would bring the same message again. */
    | 'oversized'
    | 'failed'
  readonly reason: string
  /** A session stood. */
  readonly established: boolean
}

export interface LinkHandler {
  /** The broker has accepted the session and answered the subscriptions. */
  up(): void
  received(request: UpstreamRequest): void
  /** Exactly once, and nothing after it; not after `stop`. */
  ended(end: LinkEnd): void
}

/** One connection to the broker, from CONNECT to its end. It never reconnects. */
export interface MqttLink {
  publish(message: UpstreamMessage): Promise<void>
  /** Publishes `last` if the session stands, then DISCONNECT; gives up after 3 s. */
  stop(last: UpstreamMessage): Promise<void>
}

/** Commands of a resumed session that come before the subscription is answered. */
const MAX_EARLY = 64
/** MQTT 3.1.1 brokers do not say how many they take at once. */
const DEFAULT_RECEIVE_MAXIMUM = 16
const STOP_TIMEOUT_MS = 3000
const LAST_TIMEOUT_MS = 2000

export function openMqttLink(options: LinkOptions, handler: LinkHandler): MqttLink {
  const { settings, clock, log, subscriptions } = options
  const client = connect(settings.url, clientOptions(options))
  let window: PublishWindow | undefined
  let established = false
  let stopped = false
  let over = false
  let oversized = 0
  let why: LinkEnd['why'] | undefined
  let reason: string | undefined
  const early: UpstreamRequest[] = []
  let bytesSincePacket = 0

  function drop(because: LinkEnd['why'], words: string): void {
    why ??= because
    reason ??= words
    client.stream.destroy()
  }

  function deliver(request: UpstreamRequest): void {
    if (established) handler.received(request)
    else if (early.length < MAX_EARLY) early.push(request)
  }

  function up(): void {
    if (over || stopped) return
    established = true
    handler.up()
    for (const request of early.splice(0)) handler.received(request)
  }

  client.on('connect', (connack) => {
    const receiveMaximum = connack.properties?.receiveMaximum
    window = publishWindow({
      clock,
      receiveMaximum: receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM,
      send: (message, done) => {
        const sent = publishOptions(message)
        client.publish(message.topic, message.payload, sent, (error) => done(error ?? undefined))
      },
      stalled: () => drop('failed', 'the broker leaves publishes unacknowledged'),
    })
    if (subscriptions.length === 0) return up()
    // Also when the broker kept our session: the subscriptions may have changed since.
    const wanted = Object.fromEntries(
      subscriptions.map((topic) => [topic, { qos: 1, rh: 2 } as const]),
    )
    client.subscribe(wanted, (error, _granted, suback) => {
      // Refused by the broker's access rules: no commands, but everything else works.
      if (error && suback) {
        log.error('upstreamSubscriptionRefused', { subscriptions, reason: error.message })
      } else if (error) return drop('failed', `subscribing failed: ${error.message}`)
      up()
    })
  })

  client.on('message', (topic, payload, packet) => {
    if (stopped) return
    if (payload.length > MAX_INBOUND_BYTES) {
      oversized += 1
      if (oversized === 1) log.warn('upstreamMessageTooLarge', { topic, bytes: payload.length })
      return
    }
    deliver(requestOf(topic, payload, packet))
  })

  // The client buffers a packet until it is whole, and only MQTT 5 lets us announce a maximum.
  client.on('packetreceive', () => {
    bytesSincePacket = 0
  })
  client.stream.prependListener('data', (chunk: Uint8Array) => {
    if (bytesSincePacket > MAX_PACKET_BYTES) {
      drop('oversized', `the broker sends a packet of more than ${MAX_PACKET_BYTES} bytes`)
    }
    bytesSincePacket += chunk.length
  })

  client.on('disconnect', ({ reasonCode }) => {
    if (reasonCode === SESSION_TAKEN_OVER) drop('takenOver', 'another client uses our client id')
    else drop('failed', `the broker disconnected us (reason code ${reasonCode ?? 0})`)
  })

  client.on('error', (error) => {
    const code: unknown = 'code' in error ? error.code : undefined
    drop(
      causeOf(code, window !== undefined),
      error.message || (typeof code === 'string' ? code : error.name),
    )
  })

  client.on('close', () => {
    if (over) return
    over = true
    const silent = window === undefined ? 'the broker hung up on CONNECT' : 'the broker hung up'
    const words = reason ?? silent
    window?.end(new UpstreamError(stopped ? 'stopped' : 'lost', `connection lost: ${words}`))
    const unexplained = window === undefined ? 'unanswered' : 'closed'
    if (!stopped) handler.ended({ why: why ?? unexplained, reason: words, established })
  })

  return {
    async publish(message) {
      if (stopped) throw new UpstreamError('stopped', `${message.topic}: upstream is stopped`)
      if (!established || over || !window) {
        throw new UpstreamError('offline', `${message.topic}: no session with the broker`)
      }
      return window.publish(message)
    },

    async stop(last) {
      stopped = true
      if (over) return
      window?.end(new UpstreamError('stopped', 'upstream is stopped'))
      const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
      const polite = established ? publishLast(last).then(() => client.end()) : closed
      if (!established) client.stream.destroy()
      await within(clock, STOP_TIMEOUT_MS, Promise.all([polite, closed]))
      client.stream.destroy()
    },
  }

  async function publishLast(last: UpstreamMessage): Promise<void> {
    const sent = client.publishAsync(last.topic, last.payload, publishOptions(last))
    const published = sent.catch((error: unknown) => {
      log.warn('upstreamLastMessageLost', { topic: last.topic, reason: String(error) })
    })
    await within(clock, LAST_TIMEOUT_MS, published)
  }
}

/** Waits for `work`, but not longer than this. */
async function within(clock: Clock, timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let giveUp: Cancel = () => {}
  const tooLong = new Promise<void>((resolve) => {
    giveUp = after(clock, timeoutMs, resolve)
  })
  await Promise.race([work, tooLong])
  giveUp()
}

/** CONNACK return codes of MQTT 3.1.1 (§3.2.2.3) and reason codes of MQTT 5 (§3.2.2.2). */
const UNSUPPORTED_VERSION: ReadonlySet<unknown> = new Set([1, 0x84])
const LOGIN_REFUSED: ReadonlySet<unknown> = new Set([2, 4, 5, 0x85, 0x86, 0x87, 0x8a, 0x8c])
const SESSION_TAKEN_OVER = 0x8e
/** The client's own, for a packet above the size we announced. */
const PACKET_TOO_LARGE = 0x95

function causeOf(code: unknown, answered: boolean): LinkEnd['why'] {
  if (code === 'ECONNRESET' && !answered) return 'unanswered'
  if (code === PACKET_TOO_LARGE) return 'oversized'
  if (UNSUPPORTED_VERSION.has(code)) return 'protocol'
  return LOGIN_REFUSED.has(code) ? 'login' : 'failed'
}
