import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { EventEmitter } from 'node:events'
import type * as Aedes from 'aedes'

export interface EmbeddedBroker {
  /** mqtt://host:port */
  readonly url: string
  /** Drops all clients and stops. Idempotent, bounded. */
  close(): Promise<void>
}

const CLOSE_TIMEOUT_MS = 1000

/**
 * An MQTT 3.1.1 broker in this process, for the demo and for tests: no login, nothing kept on disk.
 * Undefined when the optional package `aedes` is not installed. Rejects if the port is taken.
 */
export async function embeddedBroker(listen: {
  readonly host: '127.0.0.1'
  /** Absent: any free port. */
  readonly port?: number
}): Promise<EmbeddedBroker | undefined> {
  const aedes = await importAedes()
  if (!aedes) return undefined
  const broker = await aedes.Aedes.createBroker()
  // Its types leave this event out; nobody listening would end the process.
  const events: EventEmitter = broker
  events.on('error', () => {})
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    broker.handle(socket)
  })
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    const closed = new Promise<void>((resolve) => broker.close(() => resolve()))
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)
    })
    await Promise.race([Promise.all([stopped, closed]), deadline])
    clearTimeout(timer)
  }

  try {
    const port = await listening(server, listen.port ?? 0, listen.host)
    return { url: `mqtt://${listen.host}:${port}`, close: () => (closing ??= close()) }
  } catch (error) {
    broker.close()
    throw error
  }
}

async function importAedes(): Promise<typeof Aedes | undefined> {
  try {
    return await import('aedes')
  } catch (error) {
    const missing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (missing && error.message.includes("'aedes'")) return undefined
    throw error
  }
}

async function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
