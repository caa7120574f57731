import { after } from '../after.js'
import type {
  Clock,
  Upstream,
  UpstreamHandler,
  UpstreamMessage,
  UpstreamRequest,
} from '../ports.js'

/** A broker in memory with the controller as its only client, and the backend in your hands. */
export interface MemoryUpstream extends Upstream {
  /** The broker can be reached. So it is at first, unless told otherwise. */
  connect(): void
  /** The session breaks: the broker publishes the will. */
  disconnect(reason?: string): void
  isConnected(): boolean
  /**
   * The backend publishes. False when the controller gets nothing: not connected, or not subscribed.
   * A retained request is kept and comes again with each session.
   */
  request(
    topic: string,
    payload: string,
    options?: Partial<Omit<UpstreamRequest, 'topic' | 'payload'>>,
  ): boolean
  /** What the broker got, oldest first; the last 10000. */
  published(): readonly UpstreamMessage[]
  /** The retained message of a topic. */
  retained(topic: string): UpstreamMessage | undefined
  /** The next publishes reach the broker, but their acknowledgement does not come back. */
  loseAcknowledgements(count: number): void
}

interface Session {
  readonly will: UpstreamMessage
  readonly subscriptions: readonly string[]
  readonly handler: UpstreamHandler
}

const MAX_PUBLISHED = 10_000

export function memoryUpstream(options: {
  readonly clock: Clock
  /** From publish to acknowledgement; default 20. */
  readonly latencyMs?: number
  /** Default true. */
  readonly reachable?: boolean
  /** Sees each message as the broker gets it. */
  readonly observe?: (message: UpstreamMessage) => void
}): MemoryUpstream {
  const { clock, latencyMs = 20 } = options
  const published: UpstreamMessage[] = []
  const retained = new Map<string, UpstreamMessage>()
  const requests = new Map<string, UpstreamRequest>()
  let session: Session | undefined
  let isReachable = options.reachable ?? true
  /** Counts sessions, so that nothing of one reaches another; undefined while there is none. */
  let epoch: number | undefined
  let epochs = 0
  let acknowledgementsToLose = 0

  return {
    start(newSession, handler) {
      // Another start is another process: the one before is gone without a word.
      if (session && epoch !== undefined) keep(session.will)
      epoch = undefined
      session = { ...newSession, handler }
      connectSoon()
    },
    publish(message) {
      if (epoch === undefined) return Promise.reject(new Error('not connected to the broker'))
      const publishedIn = epoch
      return new Promise((resolve, reject) => {
        after(clock, latencyMs, () => {
          if (epoch !== publishedIn) return reject(new Error('the broker connection was lost'))
          keep(message)
          if (acknowledgementsToLose === 0) return resolve()
          acknowledgementsToLose -= 1
          reject(new Error('the broker did not acknowledge in time'))
        })
      })
    },
    async stop(last) {
      if (epoch !== undefined) keep(last)
      session = undefined
      epoch = undefined
    },
    connect() {
      isReachable = true
      connectSoon()
    },
    disconnect(reason = 'connection lost') {
      isReachable = false
      if (epoch === undefined || !session) return
      epoch = undefined
      keep(session.will)
      session.handler.disconnected(reason)
    },
    isConnected: () => epoch !== undefined,
    request(topic, payload, { retained: isRetained = false, ...rest } = {}) {
      const message: UpstreamRequest = { topic, payload, retained: isRetained, ...rest }
      if (isRetained) requests.set(topic, message)
      // To a standing subscription a retained message comes as a new one (MQTT 3.1.1 3.3.1.3).
      return deliver({ ...message, retained: false })
    },
    published: () => published,
    retained: (topic) => retained.get(topic),
    loseAcknowledgements(count) {
      acknowledgementsToLose = count
    },
  }

  function connectSoon(): void {
    after(clock, 1, () => {
      if (!session || !isReachable || epoch !== undefined) return
      epochs += 1
      epoch = epochs
      session.handler.connected()
      for (const request of requests.values()) deliver(request)
    })
  }

  function deliver(request: UpstreamRequest): boolean {
    if (!session || epoch === undefined) return false
    if (!session.subscriptions.some((filter) => matches(filter, request.topic))) return false
    session.handler.received(request)
    return true
  }

  function keep(message: UpstreamMessage): void {
    options.observe?.(message)
    published.push(message)
    if (published.length > MAX_PUBLISHED) published.shift()
    if (!message.retain) return
    // An empty payload clears what is retained (MQTT 3.1.1 3.3.1.3).
    if (message.payload === '') retained.delete(message.topic)
    else retained.set(message.topic, message)
  }
}

/** MQTT topic filters: `+` is one level, `#` at the end is all that follow. */
function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/')
  const parts = filter.split('/')
  for (const [index, part] of parts.entries()) {
    if (part === '#') return true
    if (part !== '+' && part !== levels[index]) return false
    if (levels[index] === undefined) return false
  }
  return parts.length === levels.length
}
