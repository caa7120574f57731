/** A simulated charge point with its plug: what a console works on. */
import type { Clock } from '../../ports.js'
import type { NetworkPeer } from '../memory-connection.js'
import { plugChargePoint } from '../plug-charge-point.js'
import type { NetworkPlug } from '../plug-charge-point.js'
import type { Random } from '../random.js'
import type { SimulatedChargePoint } from '../simulated-charge-point.js'
import { isFields } from '../wire-fields.js'

export type RigEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected'; readonly code: number; readonly reason: string }
  /** The HTTP status, 0: nobody answered. */
  | { readonly type: 'refused'; readonly status: number; readonly reason: string }
  | { readonly type: 'status'; readonly connectorId: number; readonly status: string }
  | { readonly type: 'sent' | 'received'; readonly text: string }

export interface ChargePointRig {
  readonly chargePoint: SimulatedChargePoint
  /** Dials until told to stop. */
  plugIn(): void
  pull(): void
  /** Undefined: none yet. */
  lastRefusal(): string | undefined
}

/** Anything that can be dialled: the network in memory, or a socket. */
export interface Network {
  connect(identity: string, peer: NetworkPeer, options: { readonly remoteAddress?: string }): void
}

export function chargePointRig(options: {
  readonly chargePoint: SimulatedChargePoint
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly observe?: (event: RigEvent) => void
  /** See `plugChargePoint`. */
  readonly backOffMs?: readonly [number, number]
}): ChargePointRig {
  const { chargePoint, network, clock, random, observe = () => {}, backOffMs } = options
  let plug: NetworkPlug | undefined
  let lastRefusal: string | undefined
  /** Ends what stands now for the charge point, whatever the other end makes of it later. */
  let end: (() => void) | undefined

  const observed: Network = {
    connect(identity, peer, how) {
      let isOver = false
      const over = (code: number, reason: string): void => {
        if (isOver) return
        isOver = true
        observe({ type: 'disconnected', code, reason })
        peer.closed(code, reason)
      }
      network.connect(
        identity,
        {
          opened(link) {
            observe({ type: 'connected' })
            end = () => over(1000, '')
            peer.opened({
              send(text) {
                sent(text)
                link.send(text)
              },
              close: () => link.close(),
            })
          },
          received(text) {
            if (isOver) return
            observe({ type: 'received', text })
            peer.received(text)
          },
          closed(code, reason) {
            if (code === 1008) lastRefusal = `closed with 1008 ${reason}`
            over(code, reason)
          },
          refused(status, reason) {
            lastRefusal = status === 0 ? reason : `HTTP ${status} ${reason}`
            observe({ type: 'refused', status, reason })
            peer.refused(status, reason)
          },
        },
        how,
      )
    },
  }

  return {
    chargePoint,
    plugIn() {
      plug ??= plugChargePoint(observed, chargePoint, {
        clock,
        random,
        ...(backOffMs && { backOffMs }),
      })
    },
    pull() {
      plug?.pull()
      plug = undefined
      end?.()
      end = undefined
    },
    lastRefusal: () => lastRefusal,
  }

  function sent(text: string): void {
    observe({ type: 'sent', text })
    if (!text.includes('"StatusNotification"')) return
    const frame: unknown = JSON.parse(text)
    const payload: unknown = Array.isArray(frame) ? frame[3] : undefined
    if (!isFields(payload)) return
    const { connectorId, status } = payload
    if (typeof connectorId === 'number' && typeof status === 'string') {
      observe({ type: 'status', connectorId, status })
    }
  }
}
