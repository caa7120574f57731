import { NOMINAL_VOLTAGE_V } from './charging-profiles.js'

export interface EvOptions {
  /** Default 3. */
  readonly phases?: 1 | 2 | 3
  /** Per phase; default 16. */
  readonly maxCurrentA?: number
  readonly energyNeedWh: number
  /** Offered less than this it draws nothing; default 6. */
  readonly minCurrentA?: number
  /** The last part of the need, over which the current falls in a line; default 0.2. */
  readonly taperShare?: number
  /** From an offer to the first ampere; default 4000. */
  readonly wakeUpMs?: number
  /** After so long without an offer it sleeps until it is plugged in again. Default: never. */
  readonly sleepsAfterMs?: number
  /** Once it drew current and lost the offer, it draws nothing until it is plugged in again. */
  readonly wakesOnlyByReplug?: boolean
  /**
   * When the offer falls it goes on for so long as before. IEC 61851-1 allows 5000. Default 0. An
   * open contactor it cannot ignore.
   */
  readonly delaysStopMs?: number
  /** A fault: it draws this much over the offer, as far as it can. Default 0. */
  readonly overdrawA?: number
  /** Its draw swings down by this much and back. Default: it is steady. */
  readonly oscillates?: { readonly byA: number; readonly periodMs: number }
  /** It wants nothing for a while, so long after it was plugged in, as cars that wait for a cheap hour. */
  readonly suspends?: { readonly afterMs: number; readonly forMs: number }
  /** After so much energy it goes on with another number of phases, as some do when almost full. */
  readonly changesPhases?: { readonly afterWh: number; readonly to: 1 | 2 | 3 }
}

export interface SimulatedEv {
  /** It uses now. */
  readonly phases: 1 | 2 | 3
  /** Per phase, since the last tick. */
  drawA(): number
  chargedWh(): number
  isFull(): boolean
  /** A cable was plugged in: it is awake. */
  pluggedIn(): void
  /** Charges for `elapsedMs` with this offer on `phases` phases; on 0 phases the contactor is open. */
  tick(offer: {
    readonly offeredA: number
    readonly phases: number
    readonly elapsedMs: number
  }): void
}

export function simulatedEv(options: EvOptions): SimulatedEv {
  const { phases: firstPhases = 3, maxCurrentA = 16, energyNeedWh, minCurrentA = 6 } = options
  const { taperShare = 0.2, wakeUpMs = 4000, sleepsAfterMs = Infinity } = options
  const { overdrawA = 0, delaysStopMs = 0, wakesOnlyByReplug = false } = options
  const { oscillates, changesPhases, suspends } = options
  let chargedWh = 0
  let currentA = 0
  let offeredForMs = 0
  let withoutOfferMs = 0
  let fallenForMs = 0
  let wasAboveOffer = false
  let isAsleep = false
  let pluggedForMs = 0

  return {
    get phases() {
      return phases()
    },
    drawA: () => currentA,
    chargedWh: () => chargedWh,
    isFull: () => chargedWh >= energyNeedWh,
    pluggedIn() {
      currentA = 0
      offeredForMs = 0
      withoutOfferMs = 0
      wasAboveOffer = false
      isAsleep = false
      pluggedForMs = 0
    },
    tick({ offeredA, phases: offeredPhases, elapsedMs }) {
      chargedWh +=
        (currentA * Math.min(phases(), offeredPhases) * NOMINAL_VOLTAGE_V * elapsedMs) / 3_600_000
      pluggedForMs += elapsedMs
      const nextA = allowedA(offeredA, elapsedMs)
      const isAboveOffer = offeredPhases > 0 && currentA > Math.max(nextA, offeredA + overdrawA)
      fallenForMs = isAboveOffer && wasAboveOffer ? fallenForMs + elapsedMs : 0
      wasAboveOffer = isAboveOffer
      if (isAboveOffer && fallenForMs < delaysStopMs) return
      if (wakesOnlyByReplug && currentA > 0 && offeredA < minCurrentA) isAsleep = true
      currentA = nextA
    },
  }

  function phases(): 1 | 2 | 3 {
    return changesPhases && chargedWh >= changesPhases.afterWh ? changesPhases.to : firstPhases
  }

  /** What it would draw if it followed at once. */
  function allowedA(offeredA: number, elapsedMs: number): number {
    if (isAsleep) return 0
    if (offeredA < minCurrentA) {
      withoutOfferMs += elapsedMs
      offeredForMs = 0
      isAsleep = withoutOfferMs >= sleepsAfterMs
      return 0
    }
    withoutOfferMs = 0
    offeredForMs += elapsedMs
    if (currentA === 0 && offeredForMs < wakeUpMs) return 0
    return isSuspended() ? 0 : Math.min(offeredA + overdrawA, wantedA())
  }

  function isSuspended(): boolean {
    if (!suspends) return false
    const { afterMs, forMs } = suspends
    return pluggedForMs >= afterMs && pluggedForMs < afterMs + forMs
  }

  function wantedA(): number {
    const remainingWh = energyNeedWh - chargedWh
    if (remainingWh <= 0) return 0
    const taperWh = energyNeedWh * taperShare
    const most =
      remainingWh >= taperWh
        ? maxCurrentA
        : Math.max(minCurrentA, (maxCurrentA * remainingWh) / taperWh)
    return Math.max(Math.min(most, minCurrentA), most - swingA())
  }

  /** Down in the second half of each period, counted from the offer. */
  function swingA(): number {
    if (!oscillates) return 0
    const { byA, periodMs } = oscillates
    return offeredForMs % periodMs >= periodMs / 2 ? byA : 0
  }
}
