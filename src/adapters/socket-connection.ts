/** One accepted WebSocket as a `Connection`: frames in, frames out, and an end reported once. */
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import type { Connection, ConnectionHandler, ConnectionRequest, Log } from '../ports.js'
import { messageBytes } from './message-bytes.js'
import { asciiFrame } from './text-frame.js'

export interface AcceptedSocket {
  /** Without `autoPong` and without compression. */
  readonly socket: WebSocket
  /** The stream below it. */
  readonly stream: Duplex
  readonly request: ConnectionRequest
  readonly open: (connection: Connection) => ConnectionHandler
  /** Bytes that may wait for a peer that does not read; beyond, it is dropped. */
  readonly maxBufferedBytes: number
  readonly log: Log
}

/**
 * Connects `socket` to the handler that `open` returns. A handler that throws costs this connection
 * only: it is logged and closed with 1011.
 */
export function serveSocket({
  socket,
  stream,
  request: { identity, remoteAddress, origin },
  open,
  maxBufferedBytes,
  log,
}: AcceptedSocket): Connection {
  let failed = false
  const connection: Connection = {
    identity,
    remoteAddress,
    origin,
    send(text) {
      if (socket.readyState !== WebSocket.OPEN) return
      const frame = asciiFrame(text)
      if (frame === undefined) socket.send(text, ignored)
      else if (stream.writable) stream.write(frame, 'latin1')
      if (stream.writableLength <= maxBufferedBytes) return
      log.warn('chargePointNotReading', {
        chargePoint: identity,
        remoteAddress,
        bufferedBytes: stream.writableLength,
      })
      socket.terminate()
    },
    ping() {
      if (socket.readyState === WebSocket.OPEN) socket.ping(undefined, undefined, ignored)
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    bufferedBytes: () => stream.writableLength,
    close: (code, reason) => closeSocket(socket, code, reason),
    terminate: () => socket.terminate(),
  }

  let pinged: Buffer | undefined
  /** RFC 6455 §5.5.3: the latest of several pings may be answered alone. */
  const pong = (): void => {
    if (socket.readyState === WebSocket.OPEN) socket.pong(pinged, undefined, ignored)
    pinged = undefined
  }

  const handlerFailed = (step: string, error: unknown): void => {
    failed = true
    log.error('chargePointHandlerFailed', { chargePoint: identity, step, error })
    closeSocket(socket, 1011, 'internal error')
  }

  const attempt = (step: string, run: () => void): void => {
    try {
      run()
    } catch (error) {
      handlerFailed(step, error)
    }
  }

  // Protocol errors and resets: `close` follows and is what counts.
  socket.on('error', (error) => {
    log.debug('chargePointSocketFailed', { chargePoint: identity, remoteAddress, error })
  })
  attempt('opened', () => {
    const handler = open(connection)
    socket.on('message', (data, isBinary) => {
      if (failed) return
      const text = frameText(data, isBinary)
      if (text === undefined) {
        closeSocket(socket, 1007, 'a binary frame must hold UTF-8')
        return
      }
      try {
        handler.received(text)
      } catch (error) {
        handlerFailed('received', error)
      }
    })
    socket.on('pong', () => {
      if (!failed) attempt('pong', () => handler.pong())
    })
    socket.on('ping', (data: Buffer) => {
      if (failed) return
      if (pinged === undefined) setImmediate(pong)
      pinged = data
      attempt('pinged', () => handler.pinged())
    })
    socket.on('close', (code, reason) => {
      attempt('closed', () => handler.closed(code, reason.toString()))
    })
  })
  return connection
}

/** Closes with the code and as much of the reason as fits. Never throws. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(isSendable(code) ? code : 1000, shortened(reason))
}

/** OCPP-J frames are text; charge points that send them as binary frames exist. */
function frameText(data: RawData, isBinary: boolean): string | undefined {
  const bytes = messageBytes(data)
  if (!isBinary) return bytes.toString('utf8')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** RFC 6455 §7.4: the codes an endpoint may put into a close frame. */
function isSendable(code: number): boolean {
  if (!Number.isInteger(code)) return false
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006
}

/** RFC 6455 §5.5: 125 bytes in a control frame, two of them for the code. */
function shortened(reason: string): string {
  const bytes = Buffer.from(reason)
  if (bytes.length <= 123) return reason
  // A character cut in half decodes to U+FFFD at the end.
  return bytes
    .subarray(0, 120)
    .toString()
    .replace(/\uFFFD$/u, '')
}

/** An error of a write also ends the connection, which reports it. */
function ignored(): void {}
