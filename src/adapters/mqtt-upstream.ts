import type { MqttSettings } from '../config/settings.js'
import type { Cancel, Clock, Log, Upstream, UpstreamHandler, UpstreamMessage } from '../ports.js'
import { after } from '../after.js'
import type { LinkEnd, MqttLink } from './mqtt-link.js'
import { openMqttLink } from './mqtt-link.js'
import { UpstreamError } from './upstream-error.js'

export interface MqttUpstreamOptions {
  readonly clock: Clock
  readonly log: Log
  /** From 0 to 1; spreads the reconnects of many sites. Default Math.random. */
  readonly random?: () => number
  /** MQTT 5: a connection that is back within this leaves no trace of its loss, s. Default 10. */
  readonly willDelayS?: number
}

const FIRST_DELAY_MS = 1000
const LONGEST_DELAY_MS = 60_000
/** A refused login is not hammered. */
const LOGIN_DELAY_MS = 5000
/** A connection that held this long has proved itself: the next loss starts at the first delay. */
const PROVEN_MS = 30_000
/** Losing the client id to another client more often than this ... */
const MAX_TAKEOVERS = 5
const TAKEOVER_PERIOD_MS = 60_000
const TAKEOVER_DELAY_MS = 2000
/** ... makes us leave it alone, so that one of the two works. */
const TAKEOVER_REST_MS = 600_000

/** The broker as the controller sees it: always trying, MQTT 5 and where that is refused 3.1.1. */
export function mqttUpstream(settings: MqttSettings, options: MqttUpstreamOptions): Upstream {
  const { clock, log, random = Math.random, willDelayS = 10 } = options
  let open: (() => void) | undefined
  let link: MqttLink | undefined
  let cancelRetry: Cancel = () => {}
  let stopping: Promise<void> | undefined
  let protocolVersion: 4 | 5 = 5
  /** The broker said in so many words that it does not speak MQTT 5. */
  let refusedFive = false
  let forget = false
  let failures = 0
  let upSinceMs = 0
  let takeoversMs: readonly number[] = []
  let lastReason: string | undefined

  function start(
    session: { readonly will: UpstreamMessage; readonly subscriptions: readonly string[] },
    handler: UpstreamHandler,
  ): void {
    if (open || stopping) return
    open = () => {
      try {
        link = openMqttLink(
          { settings, clock, log, protocolVersion, willDelayS, forget, ...session },
          {
            up() {
              upSinceMs = clock.monotonic()
              lastReason = undefined
              log.info('upstreamConnected', { broker: brokerName(settings), protocolVersion })
              handler.connected()
            },
            received: (request) => handler.received(request),
            ended(end) {
              link = undefined
              if (end.established) handler.disconnected(end.reason)
              retry(end)
            },
          },
        )
      } catch (error) {
        // The client throws on a URL or key it cannot use.
        retry({ why: 'failed', reason: String(error), established: false })
      }
    }
    open()
  }

  function retry(end: LinkEnd): void {
    if (stopping || !open) return
    forget = end.why === 'oversized'
    const delayMs = delayAfter(end)
    report(end, delayMs)
    cancelRetry = after(clock, delayMs, open)
  }

  function delayAfter(end: LinkEnd): number {
    if (end.established && clock.monotonic() - upSinceMs >= PROVEN_MS) failures = 0
    const wasFive = protocolVersion === 5
    protocolVersion = nextVersion(end)
    if (wasFive && end.why === 'protocol') return 1
    if (isTakeover(end)) return spread(delayAfterTakeover())
    const longestMs = FIRST_DELAY_MS * 2 ** Math.min(failures, 6)
    failures += 1
    const delayMs = Math.min(LONGEST_DELAY_MS, longestMs)
    return spread(end.why === 'login' ? Math.max(LOGIN_DELAY_MS, delayMs) : delayMs)
  }

  /** MQTT 3.1.1 once MQTT 5 is refused; a broker that hangs up without a word is asked both ways. */
  function nextVersion({ why, established }: LinkEnd): 4 | 5 {
    if (why === 'protocol') {
      refusedFive = protocolVersion === 5
      return protocolVersion === 5 ? 4 : 5
    }
    if (why === 'unanswered') return protocolVersion === 5 ? 4 : 5
    return established && !refusedFive ? 5 : protocolVersion
  }

  /** MQTT 3.1.1 has no word for it, and not all brokers use that of MQTT 5: they just hang up. */
  function isTakeover({ why, established }: LinkEnd): boolean {
    return why === 'takenOver' || (why === 'closed' && established)
  }

  function delayAfterTakeover(): number {
    const nowMs = clock.monotonic()
    takeoversMs = [...takeoversMs, nowMs].filter((atMs) => nowMs - atMs < TAKEOVER_PERIOD_MS)
    if (takeoversMs.length <= MAX_TAKEOVERS) return TAKEOVER_DELAY_MS
    takeoversMs = []
    log.error('upstreamClientIdTaken', {
      clientId: settings.clientId,
      remedy: 'give each gateway its own mqtt.client_id',
      restMs: TAKEOVER_REST_MS,
    })
    return TAKEOVER_REST_MS
  }

  function spread(delayMs: number): number {
    return Math.round(delayMs * (1 + random() / 4))
  }

  /** A long outage is one line, a refused login one for each attempt. */
  function report({ why, reason, established }: LinkEnd, delayMs: number): void {
    const fields = { broker: brokerName(settings), why, reason, retryMs: delayMs }
    if (why === 'login') log.error('upstreamLoginRefused', fields)
    else if (established || reason !== lastReason) log.warn('upstreamLost', fields)
    else log.debug('upstreamLost', fields)
    lastReason = reason
  }

  return {
    start,
    async publish(message) {
      if (stopping) throw new UpstreamError('stopped', `${message.topic}: upstream is stopped`)
      if (!link) throw new UpstreamError('offline', `${message.topic}: no session with the broker`)
      return link.publish(message)
    },
    stop(last) {
      cancelRetry()
      stopping ??= link?.stop(last) ?? Promise.resolve()
      return stopping
    },
  }
}

/** Without user name and password. */
function brokerName({ url }: MqttSettings): string {
  return url.replace(/\/\/[^/]*@/, '//')
}
