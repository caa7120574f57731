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
  /** A fault: it draws this much over the offer, as far as it can. Default 0. */
  readonly overdrawA?: number
}

export interface SimulatedEv {
  readonly phases: 1 | 2 | 3
  /** Per phase, since the last tick. */
  drawA(): number
  chargedWh(): number
  isFull(): boolean
  /** A cable was plugged in: it is awake. */
  pluggedIn(): void
  /** Charges for `elapsedMs` with this offer on `phases` phases, 0 without an offer. */
  tick(offer: {
    readonly offeredA: number
    readonly phases: number
    readonly elapsedMs: number
  }): void
}

export function simulatedEv(options: EvOptions): SimulatedEv {
  const { phases = 3, maxCurrentA = 16, energyNeedWh, minCurrentA = 6 } = options
  const { taperShare = 0.2, wakeUpMs = 4000, sleepsAfterMs = Infinity, overdrawA = 0 } = options
  let chargedWh = 0
  let currentA = 0
  let offeredForMs = 0
  let withoutOfferMs = 0

  return {
    phases,
    drawA: () => currentA,
    chargedWh: () => chargedWh,
    isFull: () => chargedWh >= energyNeedWh,
    pluggedIn() {
      currentA = 0
      offeredForMs = 0
      withoutOfferMs = 0
    },
    tick({ offeredA, phases: offeredPhases, elapsedMs }) {
      chargedWh +=
        (currentA * Math.min(phases, offeredPhases) * NOMINAL_VOLTAGE_V * elapsedMs) / 3_600_000
      if (withoutOfferMs >= sleepsAfterMs) return
      if (offeredA < minCurrentA) {
        withoutOfferMs += elapsedMs
        offeredForMs = 0
        currentA = 0
        return
      }
      withoutOfferMs = 0
      offeredForMs += elapsedMs
      currentA = offeredForMs < wakeUpMs ? 0 : Math.min(offeredA + overdrawA, wantedA())
    },
  }

  function wantedA(): number {
    const remainingWh = energyNeedWh - chargedWh
    if (remainingWh <= 0) return 0
    const taperWh = energyNeedWh * taperShare
    if (remainingWh >= taperWh) return maxCurrentA
    return Math.max(minCurrentA, (maxCurrentA * remainingWh) / taperWh)
  }
}
