/** One connection of the network in memory, with its two ends and the two ways between them. */
import { after } from '../after.js'
import type { ChargePointHandler, Clock, Connection, ConnectionHandler } from '../ports.js'
import type { ChargePointLink } from './charge-point-wire.js'
import { memoryLane } from './memory-lane.js'

/** The charge point's end of the network. */
export interface NetworkPeer {
  opened(link: ChargePointLink): void
  received(text: string): void
  /** Called once for each connection that was opened. */
  closed(code: number, reason: string): void
  /** There was no connection: the HTTP status, or 0 when nobody answered. */
  refused(status: number, reason: string): void
}

export interface MemoryConnection {
  /** Accepted: both ends learn of each other. */
  open(handler: ChargePointHandler): void
  /** Accepted only to be closed again. */
  refuse(code: number, reason: string): void
  /** Both ends are told at once. */
  reset(): void
  /** The controller's end is no more: only the charge point is told. */
  abandon(): void
  /** Nothing passes, nobody is told. */
  hold(): void
  release(): void
  isOpenAtServer(): boolean
}

const ABNORMAL = 1006
/** Both ends wait so long for the other one when they close. */
const CLOSE_WAIT_MS = 2000
/** A charge point notices by its own pings that nobody is there. */
const PEER_NOTICES_MS = 60_000

export function memoryConnection(options: {
  readonly clock: Clock
  readonly identity: string
  readonly remoteAddress: string
  readonly peer: NetworkPeer
  readonly delayMs: () => number
  /** Whether a frame arrives. */
  readonly passes: (to: 'server' | 'chargePoint', text: string) => boolean
  readonly gone: () => void
}): MemoryConnection {
  const { clock, identity, remoteAddress, peer, delayMs, passes, gone } = options
  const toPeer = memoryLane({ clock, delayMs })
  const toServer = memoryLane({ clock, delayMs })
  let server: ConnectionHandler | undefined
  let isServerOpen = false
  /** The controller has ended it: it can say nothing more. */
  let isServerEnding = false
  let isPeerOpen = true
  let isHeld = false
  /** The controller reads nothing. */
  let isPaused = false

  const link: ChargePointLink = {
    send: (text) =>
      toServer.push(text.length, () => {
        if (isServerOpen && passes('server', text)) server?.received(text)
      }),
    close() {
      toServer.push(0, () => serverClosed(1000, ''))
      after(clock, 1, () => peerClosed(1000, ''))
    },
  }

  return {
    open(handler) {
      isServerOpen = true
      toPeer.push(0, () => {
        if (isPeerOpen) peer.opened(link)
      })
      server = handler.opened(serverEnd())
    },
    refuse(code, reason) {
      toPeer.push(0, () => peer.opened(link))
      toPeer.push(0, () => peerClosed(code, reason))
    },
    reset() {
      serverClosedSoon(ABNORMAL)
      after(clock, 1, () => peerClosed(ABNORMAL, 'connection lost'))
    },
    abandon() {
      server = undefined
      isServerOpen = false
      if (!isHeld) after(clock, 1, () => peerClosed(ABNORMAL, 'connection lost'))
    },
    hold() {
      isHeld = true
      toPeer.hold()
      toServer.hold()
      after(clock, PEER_NOTICES_MS, () => {
        if (isHeld) peerClosed(ABNORMAL, 'no pong')
      })
    },
    release() {
      isHeld = false
      toPeer.release()
      if (!isPaused) toServer.release()
      // Whoever is left learns from the first packet that the other end is gone.
      if (!isServerOpen) after(clock, delayMs(), () => peerClosed(ABNORMAL, 'connection reset'))
      if (!isPeerOpen) after(clock, delayMs(), () => serverClosed(ABNORMAL, ''))
    },
    isOpenAtServer: () => isServerOpen,
  }

  function serverEnd(): Connection {
    return {
      identity,
      remoteAddress,
      origin: 'http://gateway.test:8000',
      send(text) {
        if (isServerEnding || !isServerOpen) return
        toPeer.push(text.length, () => {
          if (isPeerOpen && passes('chargePoint', text)) peer.received(text)
        })
      },
      ping() {
        if (isServerEnding || !isServerOpen) return
        toPeer.push(0, () => {
          if (isPeerOpen) toServer.push(0, () => isServerOpen && server?.pong())
        })
      },
      pause() {
        isPaused = true
        toServer.hold()
      },
      resume() {
        isPaused = false
        if (!isHeld) toServer.release()
      },
      bufferedBytes: () => toPeer.waitingBytes(),
      close(code, reason) {
        isServerEnding = true
        toPeer.push(0, () => {
          peerClosed(code, reason)
          toServer.push(0, () => serverClosed(code, reason))
        })
        after(clock, CLOSE_WAIT_MS, () => serverClosed(ABNORMAL, ''))
      },
      terminate() {
        isServerEnding = true
        serverClosedSoon(ABNORMAL)
        if (!isHeld) after(clock, delayMs(), () => peerClosed(ABNORMAL, 'connection reset'))
      },
    }
  }

  /** As with a socket, the end is told from the event loop, never inside the call that causes it. */
  function serverClosedSoon(code: number): void {
    after(clock, 1, () => serverClosed(code, ''))
  }

  function serverClosed(code: number, reason: string): void {
    if (!isServerOpen) return
    isServerOpen = false
    server?.closed(code, reason)
    forgetWhenOver()
  }

  function peerClosed(code: number, reason: string): void {
    if (!isPeerOpen) return
    isPeerOpen = false
    peer.closed(code, reason)
    forgetWhenOver()
  }

  function forgetWhenOver(): void {
    if (!isServerOpen && !isPeerOpen) gone()
  }
}
