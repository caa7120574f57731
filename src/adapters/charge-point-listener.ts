/**
 * A listener for charge points alone, with TLS where its security profile asks for it. What connects
 * is bounded, has little time to say what it wants, and is taken up by turns.
 */
import { constants } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Server as HttpsServer, ServerOptions } from 'node:https'
import { createServer as createNetServer } from 'node:net'
import type { Socket } from 'node:net'
import { readTlsFiles } from '../config/listener-files.js'
import type { TlsContent, TlsFiles } from '../config/listener-files.js'
import type { SecurityProfile } from '../core/security/security-types.js'
import type { Cancel, Clock, ListenerState, Log } from '../ports.js'
import type { UpgradeHost } from './charge-point-server.js'
import { connectionCap } from './connection-cap.js'
import { connectionTurns } from './connection-turns.js'
import { fileWatch } from './file-watch.js'
import { ListenError } from './listen-error.js'
import { isLoopback, plainAddress } from './remote-address.js'

export interface ChargePointListenerOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly securityProfile: SecurityProfile
  /** Needed for the profiles 2 and 3. */
  readonly tls?: TlsFiles | undefined
  readonly clock: Clock
  readonly log: Log
  /** How often the files are looked at, ms. Default 10000. */
  readonly lookEachMs?: number
  /** Until the first byte, and again for TLS and for the headers, ms. Default 5000. */
  readonly patienceMs?: number
  /** Sockets of one address that have not said yet who they are. Default 64. */
  readonly maxSocketsPerAddress?: number
  /** The same in all. Default 256. */
  readonly maxSockets?: number
  /** Addresses outside these two limits. Default: this machine. */
  readonly exempt?: (address: string) => boolean
}

/** Who knows how logins have ended. */
export interface ListenerGuard {
  isSuspect(remoteAddress: string): boolean
  unidentified(remoteAddress: string, problem: string): void
}

export interface ChargePointListener extends UpgradeHost {
  readonly securityProfile: SecurityProfile
  guardedBy(guard: ListenerGuard): void
  state(): ListenerState
  /** Rejects with a ListenError, or an Error that names the file at fault. */
  start(): Promise<{ readonly host: string; readonly port: number }>
  /** Drops everything. Idempotent. */
  close(): Promise<void>
}

/** Upgraded ones too. */
const MAX_CONNECTIONS = 4096
const MAX_HEADERS = 100
/** Of the whitepaper: no older version (A00.FR.313). Node's own suites hold the four it asks for. */
const MIN_VERSION = 'TLSv1.2'

export function chargePointListener(options: ChargePointListenerOptions): ChargePointListener {
  const { host, port, securityProfile, tls, clock, log, patienceMs = 5000 } = options
  let content = tls && readOrThrow(tls, clock.now())
  let problem: string | undefined
  let guard: ListenerGuard | undefined
  let listeningPort = port
  let cancelWatch: Cancel | undefined
  let closing: Promise<void> | undefined
  const sockets = new Set<Socket>()
  /** By address and port of the peer: what TLS hands on is another object. */
  const byPeer = new Map<string, { readonly socket: Socket; deadline: NodeJS.Timeout }>()
  const cap = connectionCap({
    maxPerAddress: options.maxSocketsPerAddress ?? 64,
    maxTotal: options.maxSockets ?? 256,
    exempt: options.exempt ?? isLoopback,
  })
  const turns = connectionTurns({
    isSuspect: (address) => guard?.isSuspect(address) ?? false,
    monotonic: () => clock.monotonic(),
  })

  const secure =
    content &&
    createHttpsServer({
      ...contextOf(content, securityProfile),
      handshakeTimeout: patienceMs,
      // Who has no good certificate is told so by HTTP, and the operator why.
      requestCert: securityProfile === 3,
      rejectUnauthorized: false,
    })
  const server = secure ?? createHttpServer()
  server.maxHeadersCount = MAX_HEADERS
  server.on('request', (_request, response) => {
    response.writeHead(404, { 'content-type': 'text/plain', connection: 'close' })
    response.end('This port speaks OCPP 1.6-J over WebSocket only.\n')
  })
  secure?.on('tlsClientError', (error, socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    log.debug('tlsFailed', { remoteAddress: address, error: error.message })
    if (address !== '') guard?.unidentified(address, error.message)
    socket.destroy()
  })

  const front = createNetServer({ noDelay: true, keepAlive: true }, (socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    socket.on('error', () => {})
    if (closing || sockets.size >= MAX_CONNECTIONS || !cap.admit(socket)) {
      log.debug('connectionRefused', { remoteAddress: address })
      socket.destroy()
      return
    }
    const peer = peerOf(socket)
    const arrival = { socket, deadline: setTimeout(() => socket.destroy(), patienceMs) }
    sockets.add(socket)
    byPeer.set(peer, arrival)
    socket.once('close', () => {
      sockets.delete(socket)
      byPeer.delete(peer)
      clearTimeout(arrival.deadline)
    })
    // Only who has begun to speak gets a turn: it cannot be held up by saying nothing.
    socket.once('readable', () => {
      clearTimeout(arrival.deadline)
      if (socket.readableLength === 0) {
        socket.destroy()
        return
      }
      turns.wait(address, () => {
        if (socket.destroyed) return
        // Node's own limits are those of servers that listen themselves.
        arrival.deadline = setTimeout(() => socket.destroy(), 2 * patienceMs)
        server.emit('connection', socket)
      })
    })
  })

  const reload = (): void => {
    if (!tls || !secure) return
    const read = readTlsFiles(tls, clock.now())
    const found = read.ok ? undefined : read.problems.map(({ message }) => message).join('; ')
    if (read.ok) {
      content = read.content
      secure.setSecureContext(contextOf(content, securityProfile))
      log.info('certificatesReloaded', { files: tls.certificateFiles, port: listeningPort })
    } else if (found !== problem) {
      log.warn('certificatesNotReloaded', { port: listeningPort, problem: found })
    }
    problem = found
  }

  return {
    securityProfile,
    guardedBy(given) {
      guard = given
    },
    onUpgrade(listener) {
      server.on('upgrade', (request, socket, head) => {
        const arrival = byPeer.get(peerOf(request.socket))
        if (arrival) {
          clearTimeout(arrival.deadline)
          cap.release(arrival.socket)
        }
        listener(request, socket, head)
      })
    },
    state: () => ({
      host,
      port: listeningPort,
      securityProfile,
      certificates: (content?.certificates ?? []).map(({ file, keyKind, subject, notAfterMs }) => ({
        file,
        keyKind,
        subject,
        notAfterMs,
      })),
      problem,
    }),
    async start() {
      await new Promise<void>((resolve, reject) => {
        const failed = (error: NodeJS.ErrnoException): void =>
          reject(new ListenError(host, port, error))
        front.once('error', failed)
        front.listen({ host, port }, () => {
          front.off('error', failed)
          front.on('error', (error) => log.error('listenerFailed', { host, port, error }))
          resolve()
        })
      })
      const address = front.address()
      if (typeof address === 'object' && address) listeningPort = address.port
      if (tls) {
        cancelWatch = fileWatch(filesOf(tls), {
          clock,
          eachMs: options.lookEachMs ?? 10_000,
          changed: reload,
        })
      }
      return { host, port: listeningPort }
    },
    close() {
      closing ??= new Promise((resolve) => {
        cancelWatch?.()
        front.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      })
      return closing
    },
  }
}

function readOrThrow(files: TlsFiles, wallMs: number): TlsContent {
  const read = readTlsFiles(files, wallMs)
  if (read.ok) return read.content
  throw new Error(read.problems.map(({ message }) => message).join('; '))
}

function contextOf(
  { certificates, clientCa, revocationList }: TlsContent,
  securityProfile: SecurityProfile,
): Parameters<HttpsServer['setSecureContext']>[0] & ServerOptions {
  return {
    cert: certificates.map(({ pem }) => pem),
    key: certificates.map(({ keyPem }) => keyPem),
    minVersion: MIN_VERSION,
    ...(securityProfile === 3 && {
      ...(clientCa !== undefined && { ca: clientCa }),
      ...(revocationList !== undefined && { crl: revocationList }),
      // A resumed session would bring back the verdict of the day it was made.
      secureOptions: constants.SSL_OP_NO_TICKET,
    }),
  }
}

function filesOf({ certificateFiles, keyFiles, clientCaFile, revocationFile }: TlsFiles): string[] {
  const others = [clientCaFile, revocationFile].filter((file) => file !== undefined)
  return [...certificateFiles, ...keyFiles, ...others]
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
