import type { UplinkEvent } from '../core/site/uplink.js'
import type { UpstreamMessage } from '../ports.js'
import type { Topics } from './topics.js'

/** An event as the backend gets it: once or more, in the order of `seq`; repeats have the same id. */
export function eventMessage(topics: Topics, event: UplinkEvent): UpstreamMessage {
  const { id, seq, atMs, type, data } = event
  const payload = JSON.stringify({ id, seq, ts: atMs, type, data })
  return { topic: topics.event(type), payload, qos: 1, retain: false }
}
