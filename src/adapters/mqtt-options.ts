import type { IClientOptions, IClientPublishOptions, IPublishPacket } from 'mqtt'
import type { MqttSettings } from '../config/settings.js'
import type { UpstreamMessage, UpstreamRequest } from '../ports.js'

export const MAX_INBOUND_BYTES = 64 * 1024
/** Room for topic and properties around a payload of the largest size. */
export const MAX_PACKET_BYTES = MAX_INBOUND_BYTES + 4096

const CONTENT_TYPE = 'application/json'

export interface SessionOptions {
  readonly settings: MqttSettings
  readonly protocolVersion: 4 | 5
  readonly will: UpstreamMessage
  readonly subscriptions: readonly string[]
  /** MQTT 5 only, s. */
  readonly willDelayS: number
  /** Drop what the broker keeps for us instead of resuming it. */
  readonly forget: boolean
}

export function clientOptions(options: SessionOptions): IClientOptions {
  const { settings, protocolVersion, will, subscriptions, willDelayS, forget } = options
  const { username, password } = settings
  return {
    protocolVersion,
    clientId: settings.clientId,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    // Without subscriptions nothing is worth keeping, and older ones should go.
    clean: forget || subscriptions.length === 0,
    keepalive: 30,
    connectTimeout: 10_000,
    // Each connection is a new client: the caller decides when, and nothing is sent again unasked.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    will: {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: will.qos,
      retain: will.retain,
      ...(protocolVersion === 5
        ? { properties: { willDelayInterval: willDelayS, contentType: CONTENT_TYPE } }
        : {}),
    },
    ...(protocolVersion === 5
      ? {
          properties: {
            sessionExpiryInterval: 86_400,
            receiveMaximum: 16,
            maximumPacketSize: MAX_PACKET_BYTES,
          },
        }
      : {}),
  }
}

/** The properties are left out by the client where the broker speaks MQTT 3.1.1. */
export function publishOptions(message: UpstreamMessage): IClientPublishOptions {
  const { qos, retain, expiryS, correlationData } = message
  return {
    qos,
    retain,
    properties: {
      contentType: CONTENT_TYPE,
      ...(expiryS === undefined ? {} : { messageExpiryInterval: expiryS }),
      ...(correlationData === undefined ? {} : { correlationData: Buffer.from(correlationData) }),
    },
  }
}

export function requestOf(topic: string, payload: Buffer, packet: IPublishPacket): UpstreamRequest {
  const { responseTopic, correlationData } = packet.properties ?? {}
  return {
    topic,
    payload: payload.toString('utf8'),
    retained: packet.retain,
    ...(responseTopic === undefined ? {} : { responseTopic }),
    ...(correlationData === undefined ? {} : { correlationData }),
  }
}
