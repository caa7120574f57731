import type { View } from '../core/site/view.js'
import type { UpstreamMessage } from '../ports.js'
import { stateChange } from './state-change.js'
import type { StateDocument } from './state-messages.js'
import { stateDocuments, stateMessage } from './state-messages.js'
import type { Topics } from './topics.js'

/** Remembers what the broker holds and yields only what differs from it. */
export interface StatePublisher {
  /**
   * State messages to publish now, at most `room` of them: deletions, the site, then what has
   * waited longest. What finds no room stays due. `nowMs` is monotonic.
   */
  due(view: View, nowMs: number, room?: number): UpstreamMessage[]
  /** That message did not reach the broker: it is due again. */
  failed(message: UpstreamMessage): void
  /** The broker may hold anything: after each connect everything is due again. */
  reset(): void
}

/** No topic more often than this, whatever happens. */
const SHORTEST_INTERVAL_MS = 1000
/** Groups and chargers: measured figures alone do not publish more often than this. */
const MEASURED_INTERVAL_MS = 10_000
/** The site is said again even without a change. */
const SITE_REPEAT_MS = 30_000

interface Published {
  /** Undefined: not there yet, or not known to be. */
  readonly payload: StateDocument['payload'] | undefined
  readonly atMs: number
}

export function statePublisher(topics: Topics): StatePublisher {
  /** By topic: every state topic that exists, as last published. */
  const published = new Map<string, Published>()
  /** Topics whose retained message must go. */
  const removed = new Set<string>()

  function isDue({ topic, payload }: StateDocument, nowMs: number): boolean {
    const last = published.get(topic)
    if (last?.payload === undefined) return true
    const ageMs = nowMs - last.atMs
    if (ageMs < SHORTEST_INTERVAL_MS) return false
    const isSite = topic === topics.site
    if (isSite && ageMs >= SITE_REPEAT_MS) return true
    switch (stateChange(last.payload, payload)) {
      case 'none':
        return false
      case 'measured':
        return isSite || ageMs >= MEASURED_INTERVAL_MS
      case 'decided':
        return true
    }
  }

  function rank({ topic }: StateDocument): number {
    return topic === topics.site ? -Infinity : (published.get(topic)?.atMs ?? -Number.MAX_VALUE)
  }

  return {
    due(view, nowMs, room = Infinity) {
      const documents = stateDocuments(topics, view)
      const present = new Set(documents.map((document) => document.topic))
      for (const topic of published.keys()) {
        if (present.has(topic)) continue
        published.delete(topic)
        removed.add(topic)
      }
      for (const topic of present) removed.delete(topic)

      const clearing = [...removed].slice(0, room)
      for (const topic of clearing) removed.delete(topic)
      const now = documents
        .filter((document) => isDue(document, nowMs))
        .toSorted((a, b) => rank(a) - rank(b))
        .slice(0, room - clearing.length)
      for (const { topic, payload } of now) published.set(topic, { payload, atMs: nowMs })
      return [...clearing.map(emptyMessage), ...now.map(stateMessage)]
    },

    failed({ topic, payload }) {
      const last = published.get(topic)
      if (last) published.set(topic, { payload: undefined, atMs: last.atMs })
      else if (payload === '') removed.add(topic)
    },

    reset() {
      for (const [topic, { atMs }] of published) published.set(topic, { payload: undefined, atMs })
    },
  }
}

/** Deletes the retained message (MQTT 5 §3.3.1.3). */
function emptyMessage(topic: string): UpstreamMessage {
  return { topic, payload: '', qos: 1, retain: true }
}
