import { connectAsync } from 'mqtt'
import type { IPublishPacket, MqttClient } from 'mqtt'

export interface Observed {
  readonly topic: string
  readonly payload: string
  readonly retained: boolean
  readonly packet: IPublishPacket
}

/** The backend's side of the broker: sees every message below a topic, and can send some. */
export interface Observer {
  readonly client: MqttClient
  /** Everything so far, oldest first. */
  readonly seen: readonly Observed[]
  /** The first message, from now or before, that matches; each is handed out once. */
  next(matches: (message: Observed) => boolean): Promise<Observed>
  close(): Promise<void>
}

export async function mqttObserver(
  port: number,
  filter: string,
  protocolVersion: 4 | 5,
  clientId = `observer-${Math.random()}`,
): Promise<Observer> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion,
    clientId,
    reconnectPeriod: 0,
  })
  client.on('error', () => {})
  const seen: Observed[] = []
  const taken = new Set<Observed>()
  const waiting = new Set<() => void>()
  client.on('message', (topic, payload, packet) => {
    seen.push({ topic, payload: payload.toString(), retained: packet.retain, packet })
    for (const check of waiting) check()
  })
  await client.subscribeAsync(filter, { qos: 1 })
  return {
    client,
    seen,
    next: (matches) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = seen.find((message) => !taken.has(message) && matches(message))
          if (!found) return
          taken.add(found)
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      }),
    close: async () => client.endAsync(true),
  }
}
