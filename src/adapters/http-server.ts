/**
 * One HTTP listener: requests to a handler, upgrade requests to whoever asks for them. What is no HTTP,
 * or comes too slowly, Node itself answers with 400, 408 or 431 before it drops the socket.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Log } from '../ports.js'
import type { UpgradeHost } from './charge-point-server.js'
import { connectionCap } from './connection-cap.js'
import { readRequest, writeResponse } from './fetch-bridge.js'
import { ListenError } from './listen-error.js'
import { isLoopback, plainAddress } from './remote-address.js'

export interface HttpPeer {
  readonly remoteAddress: string
}

export interface HttpServerOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Answers a request. When it rejects, the caller gets 500 and the log the error. */
  readonly handle: (request: Request, peer: HttpPeer) => Promise<Response>
  readonly log: Log
  /** Time for a peer to send its headers, ms. Default 5000. */
  readonly headersTimeoutMs?: number
  /** Time for a peer to send its whole request, ms. Default 10000. */
  readonly requestTimeoutMs?: number
  /** Requests whose body is not read before, but handed on as it comes. Default: none. */
  readonly isStreamed?: (method: string, path: string) => boolean
  /** Largest request body of all others, bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number
  /** Sockets of one address that are no charge point (yet). Default 64. */
  readonly maxSocketsPerAddress?: number
  /** Sockets that are no charge point (yet), in all. Default 256. */
  readonly maxSockets?: number
  /** Addresses outside these two limits. Default: this machine. */
  readonly exempt?: (address: string) => boolean
  /** Requests under way may finish for this long when closing, ms. Default 1000. */
  readonly closeGraceMs?: number
}

export interface HttpServer extends UpgradeHost {
  /** Rejects with a ListenError. */
  start(): Promise<{ readonly host: string; readonly port: number }>
  /** Stops accepting and drops every socket, upgraded ones too. Idempotent, bounded. */
  close(): Promise<void>
}

/** All sockets together, upgraded and of this machine too. */
const MAX_CONNECTIONS = 4096
/** For a file to arrive, and how long it may stand still meanwhile. */
const STREAM_TIMEOUT_MS = 3_600_000
const STREAM_IDLE_MS = 60_000
/** Further headers of a request are ignored. */
const MAX_HEADERS = 100

export function httpServer(options: HttpServerOptions): HttpServer {
  const { host, port, log, headersTimeoutMs = 5000, requestTimeoutMs = 10_000 } = options
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    // A file may take longer than any other body, which has its time in `readRequest`.
    requestTimeout: options.isStreamed ? STREAM_TIMEOUT_MS : requestTimeoutMs,
    // How often both are checked; Node's own 30 s would make 5 s mean 35 s.
    connectionsCheckingInterval: Math.min(1000, headersTimeoutMs),
    keepAliveTimeout: 5000,
    noDelay: true,
    keepAlive: true,
  })
  server.maxHeadersCount = MAX_HEADERS
  server.maxConnections = MAX_CONNECTIONS
  const cap = connectionCap({
    maxPerAddress: options.maxSocketsPerAddress ?? 64,
    maxTotal: options.maxSockets ?? 256,
    exempt: options.exempt ?? isLoopback,
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    if (!cap.admit(socket)) {
      log.debug('connectionRefused', { remoteAddress: plainAddress(socket.remoteAddress ?? '') })
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('request', (incoming, outgoing) => {
    answer(incoming, outgoing, options).catch((error: unknown) => {
      // The peer left, or the body of the answer failed half-way.
      log.debug('responseBroken', { error })
      outgoing.destroy()
    })
  })

  let closing: Promise<void> | undefined
  return {
    onUpgrade(listener) {
      server.on('upgrade', (request, socket, head) => {
        if (socket instanceof Socket) cap.release(socket)
        listener(request, socket, head)
      })
    },
    start: () => listen(server, host, port, log),
    close() {
      closing ??= drop(server, sockets, options.closeGraceMs ?? 1000)
      return closing
    },
  }
}

async function listen(
  server: Server,
  host: string,
  port: number,
  log: Log,
): Promise<{ readonly host: string; readonly port: number }> {
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      reject(new ListenError(host, port, error))
    server.once('error', failed)
    server.listen({ host, port }, () => {
      server.off('error', failed)
      // Failing to accept one connection must not end the process.
      server.on('error', (error) => log.error('listenerFailed', { host, port, error }))
      resolve()
    })
  })
  const address = server.address()
  return { host, port: typeof address === 'object' && address ? address.port : port }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: HttpServerOptions,
): Promise<void> {
  const { handle, log, maxBodyBytes = 1024 * 1024, requestTimeoutMs = 10_000 } = options
  const [path = ''] = (incoming.url ?? '').split('?', 1)
  const isStreamed = options.isStreamed?.(incoming.method ?? '', path) === true
  if (isStreamed) {
    incoming.socket.setTimeout(STREAM_IDLE_MS, () => incoming.destroy())
    // Whatever of it nobody reads is not waited for.
    outgoing.setHeader('connection', 'close')
    outgoing.once('finish', () => incoming.destroy())
  }
  const limits = isStreamed ? 'stream' : { maxBytes: maxBodyBytes, timeoutMs: requestTimeoutMs }
  const read = await readRequest(incoming, outgoing, limits)
  if (read.type === 'refused') {
    // What is left of the request stays unread.
    outgoing.writeHead(read.status, { 'content-type': 'text/plain', connection: 'close' })
    outgoing.end(`${read.reason}\n`)
    return
  }
  const remoteAddress = plainAddress(incoming.socket.remoteAddress ?? '')
  let response: Response
  try {
    response = await handle(read.request, { remoteAddress })
  } catch (error) {
    const { pathname } = new URL(read.request.url)
    log.error('requestFailed', { method: read.request.method, path: pathname, error })
    response = new Response('internal error\n', { status: 500 })
  }
  await writeResponse(response, outgoing)
}

async function drop(server: Server, sockets: Set<Socket>, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    // Also called, with an error, when it never listened.
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const deadline = setTimeout(() => {
    for (const socket of sockets) socket.destroy()
  }, graceMs)
  await closed
  clearTimeout(deadline)
}
