/** Connections that a charge point opens itself and keeps: for simulated ones with a socket. */
import { type RawData, WebSocket } from 'ws'
import { openChargePointSocket, problemText, readReason } from './charge-point-client.js'
import type { ChargePointAddress } from './charge-point-client.js'
import { messageBytes } from './message-bytes.js'

/** The charge point's end. */
export interface DiallingPeer {
  opened(link: { send(text: string): void; close(): void }): void
  received(text: string): void
  /** Called once for each connection that was opened. */
  closed(code: number, reason: string): void
  /** There was no connection: the HTTP status, or 0 when nobody answered. */
  refused(status: number, reason: string): void
}

export interface ChargePointDialler {
  connect(identity: string, peer: DiallingPeer): void
  /** Drops every connection at once. */
  close(): void
}

export interface DiallerOptions {
  /** The address for this charge point. */
  readonly address: (identity: string) => ChargePointAddress
  /** Pings, and half as long for the answer, ms; 0: none. Default 30000. */
  readonly pingIntervalMs?: number
  /** Time to connect, ms. Default 10000. */
  readonly connectTimeoutMs?: number
}

export function chargePointDialler(options: DiallerOptions): ChargePointDialler {
  const { address, pingIntervalMs = 30_000, connectTimeoutMs = 10_000 } = options
  const sockets = new Set<WebSocket>()

  return {
    connect(identity, peer) {
      let socket: WebSocket
      try {
        socket = openChargePointSocket(address(identity))
      } catch (error) {
        const problem = problemText(error)
        setImmediate(() => peer.refused(0, problem))
        return
      }
      sockets.add(socket)
      attach(socket, peer)
      socket.on('close', () => sockets.delete(socket))
    },
    close() {
      for (const socket of sockets) socket.terminate()
    },
  }

  function attach(socket: WebSocket, peer: DiallingPeer): void {
    let isOpen = false
    let isSettled = false
    let ping: NodeJS.Timeout | undefined
    const refused = (status: number, reason: string): void => {
      if (isSettled) return
      isSettled = true
      peer.refused(status, reason)
    }
    const deadline = setTimeout(() => {
      refused(0, `no answer within ${connectTimeoutMs / 1000} s`)
      socket.terminate()
    }, connectTimeoutMs)
    socket.on('open', () => {
      clearTimeout(deadline)
      isOpen = true
      isSettled = true
      ping = pingIntervalMs > 0 ? pinging(socket, pingIntervalMs) : undefined
      peer.opened({
        send: (text) => socket.send(text, () => {}),
        close: () => socket.close(1000),
      })
    })
    socket.on('message', (data: RawData) => peer.received(messageBytes(data).toString('utf8')))
    socket.on('unexpected-response', (_request, response) => {
      readReason(response, (reason) => {
        refused(response.statusCode ?? 0, reason)
        socket.terminate()
      })
    })
    // Afterwards `close` follows.
    socket.on('error', (error) => refused(0, problemText(error)))
    socket.on('close', (code, reason) => {
      clearTimeout(deadline)
      clearInterval(ping)
      if (isOpen) peer.closed(code, reason.toString())
      else refused(0, 'the connection was closed')
    })
  }
}

/** A half-open connection is noticed here. */
function pinging(socket: WebSocket, intervalMs: number): NodeJS.Timeout {
  let isAnswered = true
  socket.on('pong', () => {
    isAnswered = true
  })
  return setInterval(() => {
    if (!isAnswered) return socket.terminate()
    isAnswered = false
    if (socket.readyState === WebSocket.OPEN) socket.ping()
  }, intervalMs)
}
