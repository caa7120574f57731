import { after } from '../after.js'
import type { Cancel, Clock } from '../ports.js'
import type { NetworkPeer } from './memory-connection.js'
import type { Random } from './random.js'
import type { ChargePointLink } from './charge-point-wire.js'

/** Dials for ever, as charge points do. */
export interface NetworkPlug {
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
  let link: ChargePointLink | undefined
  let cancelRedial: Cancel | undefined
  let isPulled = false

  const peer: NetworkPeer = {
    opened(newLink) {
      if (isPulled) return newLink.close()
      link = newLink
      chargePoint.connect(newLink)
    },
    received(text) {
      // Something came of the connection: the next dialling starts with the first pause again.
      pauseMs = firstMs
      chargePoint.received(text)
    },
    closed() {
      link = undefined
      chargePoint.disconnected()
      redial()
    },
    refused: redial,
  }
  dial()

  return {
    pull() {
      isPulled = true
      cancelRedial?.()
      link?.close()
    },
  }

  function dial(): void {
    if (!chargePoint.isUp()) return redial()
    network.connect(
      chargePoint.identity,
      peer,
      remoteAddress === undefined ? {} : { remoteAddress },
    )
  }

  function redial(): void {
    if (isPulled) return
    cancelRedial = after(clock, Math.round(pauseMs * random.between(0.75, 1.25)), dial)
    pauseMs = Math.min(lastMs, pauseMs * 2)
  }
}
