/** The WebSocket endpoint of the charge points (OCPP-J 1.6), attached to an HTTP server. */
import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { type WebSocket, WebSocketServer } from 'ws'
import type { SecurityProfile } from '../core/security/security-types.js'
import type {
  Admission,
  ChargePointHandler,
  ChargePoints,
  ConnectionRequest,
  Log,
} from '../ports.js'
import { basicCredentials } from './basic-auth.js'
import type { ChargePointListener } from './charge-point-listener.js'
import { clientCertificate } from './client-certificate.js'
import { plainAddress } from './remote-address.js'
import { closeSocket, serveSocket } from './socket-connection.js'
import { readUpgradeRequest, SUBPROTOCOL } from './upgrade-request.js'

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Whatever hands over upgrade requests: `httpServer`, or one of your own. */
export interface UpgradeHost {
  onUpgrade(listener: UpgradeListener): void
}

export interface ChargePointServerOptions {
  /** Asks nothing of charge points (security profile 0). */
  readonly server?: UpgradeHost
  /** Each with a security profile of its own. */
  readonly listeners?: readonly ChargePointListener[]
  readonly log: Log
  /** Accept charge points that offer no subprotocol at all. Default false. */
  readonly assumeSubprotocol?: boolean
  /** Accepted connections at a time; beyond, 503. Default 1024. */
  readonly maxSockets?: number
  /** Connections at a time that are being told why they are not wanted; beyond, 503. Default 64. */
  readonly maxRefusals?: number
  /** Largest message, bytes. Default 256 KiB. */
  readonly maxPayloadBytes?: number
  /** Fragments of one message. Default 256: some firmware sends each KiB of a message as one. */
  readonly maxFragments?: number
  /**
   * Pieces in which the network may deliver one frame. Default 512: the largest message in the
   * smallest TCP segments (536 bytes), so that only a peer that dribbles is cut off.
   */
  readonly maxBufferedChunks?: number
  /** Bytes that may wait for a peer that does not read. Default 1 MiB. */
  readonly maxBufferedBytes?: number
  /** A polite close ends for good after this, ms. Default 2000. */
  readonly closeTimeoutMs?: number
}

/** Until `listen` and after `close`, upgrade requests are answered with 503. */
export function chargePointServer({
  server,
  listeners = [],
  log,
  assumeSubprotocol = false,
  maxSockets = 1024,
  maxRefusals = 64,
  maxPayloadBytes = 256 * 1024,
  maxFragments = 256,
  maxBufferedChunks = 512,
  maxBufferedBytes = 1024 * 1024,
  closeTimeoutMs = 2000,
}: ChargePointServerOptions): ChargePoints {
  const accepted = new Set<WebSocket>()
  const unwanted = new Set<WebSocket>()
  let handler: ChargePointHandler | undefined
  let closing: Promise<void> | undefined
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: maxPayloadBytes,
    maxFragments,
    maxBufferedChunks,
    closeTimeout: closeTimeoutMs,
    handleProtocols: (offers: Set<string>) => (offers.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  } as const
  const webSockets = new WebSocketServer(options)

  const upgrade = (
    securityProfile: SecurityProfile,
    ...[message, socket, head]: Parameters<UpgradeListener>
  ): void => {
    // Without a listener an error event would end the process; `close` follows and is what counts.
    socket.on('error', () => {})
    const remoteAddress = plainAddress(message.socket.remoteAddress ?? '')
    const refusal = (status: number, reason: string, chargePoint?: string): void => {
      log.debug('upgradeRefused', { remoteAddress, status, reason, chargePoint })
      refuse(socket, status, reason)
    }
    if (!handler || closing) return refusal(503, 'not ready, try again later')
    const read = readUpgradeRequest(message, { assumeSubprotocol })
    if (read.type === 'invalid') return refusal(read.status, read.reason)
    const { identity } = read
    const request = {
      identity,
      remoteAddress,
      origin: originOf(message),
      ...proofOf(message, securityProfile),
    }
    const complete = (done: (webSocket: WebSocket) => void): void =>
      webSockets.handleUpgrade(message, socket, head, done)

    const admission = admitted(handler, request, log)
    switch (admission.type) {
      case 'refuse':
        return refusal(admission.status, admission.reason, identity)
      case 'close':
        if (unwanted.size >= maxRefusals) return refusal(503, 'too many connections', identity)
        return complete((webSocket) => {
          tracked(unwanted, webSocket)
          webSocket.on('error', () => {})
          closeSocket(webSocket, admission.code, admission.reason)
        })
      case 'accept': {
        if (accepted.size >= maxSockets) {
          log.warn('tooManyChargePointConnections', { chargePoint: identity, maxSockets })
          return refusal(503, 'too many connections', identity)
        }
        const owner = handler
        return complete((webSocket) => {
          tracked(accepted, webSocket)
          serveSocket({
            socket: webSocket,
            stream: socket,
            request,
            open: (connection) => owner.opened(connection),
            maxBufferedBytes,
            log,
          })
        })
      }
    }
  }
  server?.onUpgrade((...request) => upgrade(0, ...request))
  for (const listener of listeners) {
    listener.onUpgrade((...request) => upgrade(listener.securityProfile, ...request))
    listener.guardedBy({
      isSuspect: (address) => handler?.isSuspect?.(address) ?? false,
      unidentified: (address, problem) => handler?.unidentified?.(address, problem),
    })
  }

  return {
    async listen(newHandler) {
      if (closing) throw new Error('the charge point server is closed: create a new one')
      handler = newHandler
    },
    listeners: () => listeners.map((listener) => listener.state()),
    close() {
      closing ??= dropAll([...accepted, ...unwanted])
      return closing
    },
  }
}

/** What the charge point shows to prove who it is. */
function proofOf(
  message: IncomingMessage,
  securityProfile: SecurityProfile,
): Omit<ConnectionRequest, 'identity' | 'remoteAddress'> {
  if (securityProfile === 0) return {}
  if (securityProfile === 3) {
    return { securityProfile, certificate: clientCertificate(message.socket) }
  }
  const credentials = basicCredentials(message.headers.authorization)
  return { securityProfile, ...(credentials && { credentials }) }
}

function admitted(handler: ChargePointHandler, request: ConnectionRequest, log: Log): Admission {
  try {
    return handler.admit(request)
  } catch (error) {
    log.error('chargePointHandlerFailed', {
      chargePoint: request.identity,
      step: 'admit',
      error,
    })
    return { type: 'refuse', status: 500, reason: 'internal error' }
  }
}

function tracked(webSockets: Set<WebSocket>, webSocket: WebSocket): void {
  webSockets.add(webSocket)
  webSocket.on('close', () => webSockets.delete(webSocket))
}

/** Bounded by the close timeout of each socket. */
async function dropAll(webSockets: readonly WebSocket[]): Promise<void> {
  await Promise.all(
    webSockets.map(
      (webSocket) =>
        new Promise<void>((resolve) => {
          webSocket.on('close', () => resolve())
          closeSocket(webSocket, 1001, 'the server is stopping')
        }),
    ),
  )
}

function refuse(socket: Duplex, status: number, reason: string): void {
  const known = STATUS_CODES[status] === undefined ? 500 : status
  const body = `${reason}\n`
  const head = [
    `HTTP/1.1 ${known} ${STATUS_CODES[known]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    // RFC 9110 §15.5.2: names what to log in with.
    ...(known === 401 ? ['WWW-Authenticate: Basic realm="OCPP"'] : []),
    // RFC 6455 §4.4: names the version that would work.
    ...(known === 426 ? ['Upgrade: websocket', 'Sec-WebSocket-Version: 13'] : []),
  ]
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** Where the peer found us: what it reached once it reaches again, whatever stands between. */
function originOf({ headers: { host }, socket }: IncomingMessage): string | undefined {
  if (host === undefined || !/^[\w.:[\]-]{1,255}$/.test(host)) return undefined
  return `${socket instanceof TLSSocket ? 'https' : 'http'}://${host}`
}
