/** What the tests of the charge point server need: a server, a handler that remembers, raw clients. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import {
  chargePointServer,
  type ChargePointServerOptions,
} from '../../src/adapters/charge-point-server.js'
import { httpServer, type HttpServerOptions } from '../../src/adapters/http-server.js'
import type {
  Admission,
  ChargePointHandler,
  Connection,
  ConnectionHandler,
  ConnectionRequest,
} from '../../src/ports.js'
import { recordingLog } from './modbus-world.js'

export type Seen =
  | { readonly type: 'opened'; readonly connection: Connection }
  | { readonly type: 'received'; readonly connection: Connection; readonly text: string }
  | { readonly type: 'pong' | 'pinged'; readonly connection: Connection }
  | {
      readonly type: 'closed'
      readonly connection: Connection
      readonly code: number
      readonly reason: string
    }

export interface RecordingHandler extends ChargePointHandler {
  readonly requests: ConnectionRequest[]
  readonly seen: Seen[]
  /** Resolves with the first of this kind that nobody took yet. */
  next<T extends Seen['type']>(type: T): Promise<SeenOf<T>>
}

type SeenOf<T extends Seen['type']> = Extract<Seen, { readonly type: T }>

export interface Behaviour {
  readonly admit?: (request: ConnectionRequest) => Admission
  readonly opened?: (connection: Connection) => void
  readonly received?: (connection: Connection, text: string) => void
}

export function recordingHandler(behaviour: Behaviour = {}): RecordingHandler {
  const seen: Seen[] = []
  const taken = new Set<Seen>()
  let wake: (() => void)[] = []
  const note = (what: Seen): void => {
    seen.push(what)
    const woken = wake
    wake = []
    for (const resolve of woken) resolve()
  }
  const requests: ConnectionRequest[] = []
  return {
    requests,
    seen,
    admit(request) {
      requests.push(request)
      return behaviour.admit?.(request) ?? { type: 'accept' }
    },
    opened(connection): ConnectionHandler {
      note({ type: 'opened', connection })
      behaviour.opened?.(connection)
      return {
        received(text) {
          note({ type: 'received', connection, text })
          behaviour.received?.(connection, text)
        },
        pong: () => note({ type: 'pong', connection }),
        pinged: () => note({ type: 'pinged', connection }),
        closed: (code, reason) => note({ type: 'closed', connection, code, reason }),
      }
    },
    async next(type) {
      for (;;) {
        const found = seen.filter((what) => isOf(what, type)).find((what) => !taken.has(what))
        if (found) {
          taken.add(found)
          return found
        }
        await new Promise<void>((resolve) => wake.push(resolve))
      }
    },
  }
}

function isOf<T extends Seen['type']>(what: Seen, type: T): what is SeenOf<T> {
  return what.type === type
}

export interface World {
  readonly port: number
  readonly log: ReturnType<typeof recordingLog>
  readonly chargePoints: ReturnType<typeof chargePointServer>
  readonly http: ReturnType<typeof httpServer>
  /** A WebSocket client, closed at the end of the test. */
  readonly client: (path: string, subprotocols?: string[]) => WebSocket
  /** A plain TCP connection, destroyed at the end of the test. */
  readonly raw: () => Promise<Socket>
}

export async function serve(
  t: Test,
  handler: ChargePointHandler,
  options: Partial<Omit<ChargePointServerOptions, 'server' | 'log'>> = {},
  httpOptions: Partial<HttpServerOptions> = {},
): Promise<World> {
  const log = recordingLog()
  const http = httpServer({
    host: '127.0.0.1',
    port: 0,
    handle: async () => new Response('hello\n'),
    log,
    closeGraceMs: 20,
    ...httpOptions,
  })
  const chargePoints = chargePointServer({ server: http, log, closeTimeoutMs: 100, ...options })
  await chargePoints.listen(handler)
  const { port } = await http.start()
  const clients: { terminate?(): void; destroy?(): void }[] = []
  t.teardown(async () => {
    for (const client of clients) {
      client.terminate?.()
      client.destroy?.()
    }
    await chargePoints.close()
    await http.close()
  })
  return {
    port,
    log,
    chargePoints,
    http,
    client(path, subprotocols = ['ocpp1.6']) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, subprotocols)
      socket.on('error', () => {})
      clients.push(socket)
      return socket
    },
    async raw() {
      const socket = connect({ host: '127.0.0.1', port })
      socket.on('error', () => {})
      clients.push(socket)
      await once(socket, 'connect')
      return socket
    },
  }
}

/** Everything the peer sends until it closes. */
export async function untilClosed(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1')
  })
  if (!socket.closed) await once(socket, 'close')
  return text
}

export function upgradeText(
  target: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const all: Record<string, string> = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'ocpp1.6',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** The status of an HTTP answer, and -1 when it is none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? -1)
}

/** A frame as a client sends it, masked with zeros. */
export function frame(opcode: number, payload: Buffer, final = true): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([(final ? 0x80 : 0) | opcode, 0x80 | payload.length])
      : Buffer.from([(final ? 0x80 : 0) | opcode, 0xff, ...lengthBytes(payload.length)])
  return Buffer.concat([head, Buffer.alloc(4), payload])
}

function lengthBytes(length: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(length))
  return bytes
}
