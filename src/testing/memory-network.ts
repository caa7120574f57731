/**
 * Connections between charge points and the controller, in memory: each direction of each connection
 * delivers in order after a latency, and can be cut, held up or made to lose a frame.
 */
import type { ChargePointHandler, ChargePoints, Clock } from '../ports.js'
import { memoryConnection } from './memory-connection.js'
import type { MemoryConnection, NetworkPeer } from './memory-connection.js'
import { after } from '../after.js'
import type { Random } from './random.js'

export type Side = 'server' | 'chargePoint'

export interface Frame {
  /** Monotonic. */
  readonly atMs: number
  readonly identity: string
  readonly to: Side
  readonly text: string
}

export interface FrameLoss {
  readonly to: Side
  /** Default 1. */
  readonly count?: number
  /** Default: any frame. */
  readonly matches?: (text: string) => boolean
}

export interface MemoryNetwork {
  readonly chargePoints: ChargePoints
  /** Dials the controller; the same identity may be connected more than once. */
  connect(identity: string, peer: NetworkPeer, options?: { readonly remoteAddress?: string }): void
  /**
   * Nothing passes from now on, and nobody gets through. Both sides are told at once, or, half-open,
   * only when they notice: the controller by its pings, the charge point after a minute.
   */
  cut(identity: string, options?: { readonly halfOpen?: boolean }): void
  /** What was held up in a half-open connection passes, unless the other end is gone. */
  heal(identity: string): void
  /** Ends its connections once; it can dial again at once. */
  reset(identity: string): void
  /** The next frames that match are lost on the way. */
  loseNext(identity: string, loss: FrameLoss): void
  /** The controller's process dies: it is told nothing, its peers see their connections break. */
  killServer(): void
  /** Open connections of this charge point, as the controller sees it. */
  connections(identity: string): number
}

export interface MemoryNetworkOptions {
  readonly clock: Clock
  readonly random: Random
  /** Of one frame, one way: from, to. Default 5 to 40. */
  readonly latencyMs?: readonly [number, number]
  /** Sees each frame as it is delivered. */
  readonly observe?: (frame: Frame) => void
}

const UNREACHABLE_MS = 3000

export function memoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock, random, latencyMs = [5, 40], observe } = options
  const open = new Map<string, Set<MemoryConnection>>()
  const cuts = new Set<string>()
  const losses = new Map<string, { readonly loss: FrameLoss; left: number }[]>()
  const addresses = new Map<string, string>()
  let handler: ChargePointHandler | undefined
  let dialled = 0

  return {
    chargePoints: {
      async listen(newHandler) {
        handler = newHandler
      },
      async close() {
        handler = undefined
        for (const connections of open.values()) for (const each of connections) each.reset()
      },
    },
    connect(identity, peer, { remoteAddress = addressOf(identity) } = {}) {
      dialled += 1
      const ofThisLink = random.fork(`${identity}#${dialled}`)
      const delayMs = (): number => Math.round(ofThisLink.between(...latencyMs))
      const refuse = (inMs: number, status: number, reason: string): void => {
        after(clock, inMs, () => peer.refused(status, reason))
      }
      if (cuts.has(identity)) return refuse(UNREACHABLE_MS, 0, 'unreachable')
      after(clock, delayMs(), () => {
        if (!handler || cuts.has(identity)) return refuse(UNREACHABLE_MS, 0, 'unreachable')
        const admission = handler.admit({ identity, remoteAddress })
        if (admission.type === 'refuse') {
          return refuse(delayMs(), admission.status, admission.reason)
        }
        const connection = memoryConnection({
          clock,
          identity,
          remoteAddress,
          peer,
          delayMs,
          passes: (to, text) => passes(identity, to, text),
          gone: () => connectionsOf(identity).delete(connection),
        })
        connectionsOf(identity).add(connection)
        if (admission.type === 'close') connection.refuse(admission.code, admission.reason)
        else connection.open(handler)
      })
    },
    cut(identity, { halfOpen = false } = {}) {
      cuts.add(identity)
      for (const connection of connectionsOf(identity)) {
        if (halfOpen) connection.hold()
        else connection.reset()
      }
    },
    heal(identity) {
      cuts.delete(identity)
      for (const connection of connectionsOf(identity)) connection.release()
    },
    reset(identity) {
      for (const connection of connectionsOf(identity)) connection.reset()
    },
    loseNext(identity, loss) {
      const ofIdentity = losses.get(identity) ?? []
      losses.set(identity, ofIdentity)
      ofIdentity.push({ loss, left: loss.count ?? 1 })
    },
    killServer() {
      handler = undefined
      for (const connections of open.values()) for (const each of connections) each.abandon()
    },
    connections(identity) {
      return [...connectionsOf(identity)].filter((connection) => connection.isOpenAtServer()).length
    },
  }

  /** Loses the frame, or shows it to the observer as it arrives. */
  function passes(identity: string, to: Side, text: string): boolean {
    for (const entry of losses.get(identity) ?? []) {
      const { loss } = entry
      if (entry.left > 0 && loss.to === to && (loss.matches?.(text) ?? true)) {
        entry.left -= 1
        return false
      }
    }
    observe?.({ atMs: clock.monotonic(), identity, to, text })
    return true
  }

  function connectionsOf(identity: string): Set<MemoryConnection> {
    const known = open.get(identity) ?? new Set()
    open.set(identity, known)
    return known
  }

  function addressOf(identity: string): string {
    const known = addresses.get(identity)
    if (known !== undefined) return known
    const number = addresses.size + 1
    const address = `10.0.${number >> 8}.${number & 255}`
    addresses.set(identity, address)
    return address
  }
}
