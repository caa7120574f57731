import { after } from '../after.js'
import type { Cancel, Clock } from '../ports.js'
import type { NetworkPeer } from './memory-connection.js'
import type { Random } from './random.js'
import type { ChargePointLink } from './charge-point-wire.js'

/** Dials for ever, as charge points do. */
export interface NetworkPlug {
  /**
   * Opens a second connection of the same identity while the first stands. The newest wins: all is
   * said and heard there from then on. The first is left alone, and closed `oldClosesAfterMs`
   * (default 30000) later. When the second is refused, nothing has changed.
   */
  dialAgain(options?: { readonly remoteAddress?: string; readonly oldClosesAfterMs?: number }): void
  /** Ends the connection and dials no more. */
  pull(): void
}

interface Dialler {
  readonly identity: string
  isUp(): boolean
  connect(link: ChargePointLink): void
  received(text: string): void
  disconnected(): void
}

export function plugChargePoint(
  network: {
    connect(identity: string, peer: NetworkPeer, options: { readonly remoteAddress?: string }): void
  },
  chargePoint: Dialler,
  options: {
    readonly clock: Clock
    readonly random: Random
    /** Pause before dialling again: the first, doubled up to the last. Default 2000, 30000. */
    readonly backOffMs?: readonly [number, number]
    readonly remoteAddress?: string
  },
): NetworkPlug {
  const { clock, random, backOffMs = [2000, 30_000], remoteAddress } = options
  const [firstMs, lastMs] = backOffMs
  let pauseMs = firstMs
  const open = new Set<ChargePointLink>()
  /** The newest. */
  let link: ChargePointLink | undefined
  let cancelRedial: Cancel | undefined
  let isPulled = false

  dial()

  return {
    dialAgain({ remoteAddress: from = remoteAddress, oldClosesAfterMs = 30_000 } = {}) {
      const old = link
      if (isPulled || !old) return
      connect(from, {
        opened: () => void after(clock, oldClosesAfterMs, () => open.has(old) && old.close()),
        refused() {},
      })
    },
    pull() {
      isPulled = true
      cancelRedial?.()
      for (const each of open) each.close()
    },
  }

  function dial(): void {
    if (!chargePoint.isUp()) return redial()
    connect(remoteAddress, { opened() {}, refused: redial })
  }

  function connect(
    from: string | undefined,
    on: { readonly opened: () => void; readonly refused: () => void },
  ): void {
    let own: ChargePointLink | undefined
    const peer: NetworkPeer = {
      opened(newLink) {
        if (isPulled) return newLink.close()
        own = newLink
        open.add(newLink)
        link = newLink
        on.opened()
        chargePoint.connect(newLink)
      },
      received(text) {
        if (own !== link) return
        // Something came of the connection: the next dialling starts with the first pause again.
        pauseMs = firstMs
        chargePoint.received(text)
      },
      closed() {
        if (own) open.delete(own)
        if (own !== link) return
        link = undefined
        chargePoint.disconnected()
        redial()
      },
      refused: () => on.refused(),
    }
    network.connect(chargePoint.identity, peer, from === undefined ? {} : { remoteAddress: from })
  }

  function redial(): void {
    if (isPulled) return
    cancelRedial = after(clock, Math.round(pauseMs * random.between(0.75, 1.25)), dial)
    pauseMs = Math.min(lastMs, pauseMs * 2)
  }
}
