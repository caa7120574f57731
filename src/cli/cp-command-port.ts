/** A WebSocket on which other programs give commands to simulated charge points. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import type { ChargePointConsole, ConsoleAnswer, RigEvent } from '../testing/index.js'
import { answerJson, eventJson } from './cp-answer-text.js'

export interface CommandPort {
  readonly port: number
  /** Tells those who asked for events. */
  tell(identity: string, event: RigEvent): void
  close(): void
}

const MAX_CLIENTS = 32
const MAX_WAITING = 1000
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024
const MAX_LINE_BYTES = 256 * 1024

interface Client {
  readonly socket: WebSocket
  wantsEvents: boolean
  waiting: number
  work: Promise<void>
}

/** Rejects when the port is taken. `quit` ends the process it runs in. */
export async function commandPort(
  port: number,
  console: ChargePointConsole,
  quit: () => void,
): Promise<CommandPort> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port,
    maxPayload: MAX_LINE_BYTES,
    perMessageDeflate: false,
    // A page in this machine's browser may not reach it: browsers always say where they come from.
    verifyClient: ({ req }: { readonly req: IncomingMessage }) =>
      req.headers.origin === undefined && server.clients.size < MAX_CLIENTS,
  })
  await once(server, 'listening')
  const clients = new Set<Client>()
  server.on('connection', (socket) => {
    const client: Client = { socket, wantsEvents: false, waiting: 0, work: Promise.resolve() }
    clients.add(client)
    socket.on('error', () => {})
    socket.on('close', () => clients.delete(client))
    socket.on('message', (data) => {
      const text = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(new Uint8Array(data))
      for (const line of text.toString('utf8').split('\n')) {
        if (line.trim() !== '') take(client, line)
      }
    })
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    tell(identity, event) {
      for (const client of clients) {
        const { socket, wantsEvents } = client
        if (!wantsEvents || socket.bufferedAmount > MAX_BUFFERED_BYTES) continue
        socket.send(eventJson(identity, event), () => {})
      }
    },
    close() {
      for (const { socket } of clients) socket.close(1001)
      server.close()
    },
  }

  /** The commands of one client run one after the other, those of two beside each other. */
  function take(client: Client, line: string): void {
    if (client.waiting >= MAX_WAITING) {
      say(client, { type: 'wrong', problem: `more than ${MAX_WAITING} commands wait` }, undefined)
      return
    }
    client.waiting += 1
    client.work = client.work.then(async () => {
      client.waiting -= 1
      await run(client, line)
    })
  }

  async function run(client: Client, line: string): Promise<void> {
    const asked = read(line)
    if ('problem' in asked) return say(client, { type: 'wrong', problem: asked.problem }, undefined)
    const events = /^events (on|off)$/.exec(asked.command.trim())?.[1]
    if (events !== undefined) {
      client.wantsEvents = events === 'on'
      return say(client, { type: 'said', text: `events ${events}` }, asked.id)
    }
    const answer = await console.run(asked.command)
    say(client, answer, asked.id)
    if (answer.type === 'quit') quit()
  }
}

function say({ socket }: Client, answer: ConsoleAnswer, id: unknown): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(answerJson(answer, id), () => {})
}

type Asked = { readonly command: string; readonly id: unknown } | { readonly problem: string }

/** A line as one types it, or `{"id": ..., "charge_point": ..., "command": ...}`. */
function read(line: string): Asked {
  if (!line.trimStart().startsWith('{')) return { command: line, id: undefined }
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { problem: 'neither a command nor JSON' }
  }
  if (typeof value !== 'object' || value === null || !('command' in value)) {
    return { problem: 'a JSON line needs "command", and may have "charge_point" and "id"' }
  }
  const id = 'id' in value ? value.id : undefined
  const target = 'charge_point' in value ? `@${String(value.charge_point)} ` : ''
  return { command: `${target}${String(value.command)}`, id }
}
