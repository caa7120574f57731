import type { UpstreamMessage } from '../ports.js'
import type { Topics } from './topics.js'

export type CommandStatus = 'accepted' | 'done' | 'rejected' | 'failed' | 'expired' | 'duplicate'

export interface CommandAck {
  readonly topics: Topics
  /** The command's name, as in its topic. */
  readonly name: string
  /** Undefined: the command had no usable id. */
  readonly id: string | undefined
  readonly status: CommandStatus
  readonly ts: number
  readonly reason?: string | undefined
  readonly result?: Readonly<Record<string, unknown>> | undefined
  /** MQTT 5 properties of the command. */
  readonly responseTopic?: string | undefined
  readonly correlationData?: Uint8Array | undefined
}

/** Longer correlation data is not given back. */
const MAX_CORRELATION_BYTES = 256
/** An acknowledgement nobody fetched within this is of no use any more. */
const ACK_EXPIRY_S = 3600

export function ackMessage(ack: CommandAck): UpstreamMessage {
  const { topics, name, id, status, reason, result, ts, correlationData } = ack
  const message: UpstreamMessage = {
    topic: responseTopicFor(topics, ack.responseTopic) ?? topics.ack(name),
    payload: JSON.stringify({ id, name, status, ts, reason, result }),
    qos: 1,
    retain: false,
    expiryS: ACK_EXPIRY_S,
  }
  if (correlationData === undefined || correlationData.length > MAX_CORRELATION_BYTES) {
    return message
  }
  return { ...message, correlationData }
}

const MAX_TOPIC_LENGTH = 256
const MAX_TOPIC_SLASHES = 7

/**
 * The response topic, if we may write there: a plain topic of bounded length that belongs to no site,
 * or to the acknowledgements of this one. Elsewhere an answer could pass for state, or for a command.
 */
function responseTopicFor(topics: Topics, topic: string | undefined): string | undefined {
  if (topic === undefined || topic === '' || topic.length > MAX_TOPIC_LENGTH) return undefined
  if (topic.startsWith('$') || !/^[^+#\p{Cc}\p{Cs}]+$/u.test(topic)) return undefined
  if (topic.split('/').length > MAX_TOPIC_SLASHES + 1) return undefined
  const ownAcks = topic.startsWith(`${topics.base}/ack/`)
  const anySite = topic === topics.root || topic.startsWith(`${topics.root}/`)
  return anySite && !ownAcks ? undefined : topic
}
