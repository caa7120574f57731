/** Birth, will and what this gateway is: all retained, so that a late subscriber knows at once. */
import type { UpstreamMessage } from '../ports.js'
import type { Topics } from './topics.js'

export type Status =
  | {
      readonly online: true
      readonly reason: 'start' | 'reconnect'
      /** Wall time, ms. */
      readonly ts: number
      /** Id of this run of the process. */
      readonly boot: string
      readonly version: string
    }
  | {
      readonly online: false
      readonly reason: 'stop'
      readonly ts: number
      readonly boot: string
      readonly version: string
    }
  /** The will: written before the connection is lost, so it cannot say when. */
  | { readonly online: false; readonly reason: 'lost'; readonly boot: string }

export function statusMessage(topics: Topics, status: Status): UpstreamMessage {
  return { topic: topics.status, payload: JSON.stringify(status), qos: 1, retain: true }
}

/** What the broker publishes for us when the connection dies. */
export function willMessage(topics: Topics, boot: string): UpstreamMessage {
  return statusMessage(topics, { online: false, reason: 'lost', boot })
}

export interface GatewayInfo {
  readonly ts: number
  readonly boot: string
  readonly version: string
  readonly siteName: string
  readonly timezone: string
  /** Which commands this gateway takes. */
  readonly commands: 'off' | 'lower-only' | 'all'
  readonly constraints: number
  readonly chargers: number
  /** Events waiting for the backend, and those given up for lack of room. */
  readonly eventsPending: number
  readonly eventsDropped: number
}

export function infoMessage(topics: Topics, gateway: GatewayInfo): UpstreamMessage {
  const payload = JSON.stringify({ schema: 1, ...gateway })
  return { topic: topics.info, payload, qos: 1, retain: true }
}
