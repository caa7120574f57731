/** Cars that come, charge and leave, the same ones for the same seed. */
import type { Cancel, Clock } from '../ports.js'
import type { Random } from './random.js'
import type { SimulatedChargePoint } from './simulated-charge-point.js'
import { simulatedEv } from './simulated-ev.js'
import type { EvOptions } from './simulated-ev.js'

type Range = readonly [number, number]

export interface TrafficOptions {
  /** A free connector waits so long for its next car, from, to, ms. Default 1 to 60 minutes. */
  readonly gapMs?: Range
  /** A car stays so long, full or not. Default 30 minutes to 8 hours. */
  readonly stayMs?: Range
  /** Default 5000 to 60000. */
  readonly energyNeedWh?: Range
  /** Per phase; one of these. Default 10, 16, 32. */
  readonly maxCurrentA?: readonly number[]
  /** One of these; default 1, 2, 3, 3. */
  readonly phases?: readonly (1 | 2 | 3)[]
  /** Beside the above, for every car. */
  readonly ev?: Partial<EvOptions>
}

const MINUTE_MS = 60_000

/** Begins with free connectors; ends when cancelled, leaving the cars where they are. */
export function carTraffic(
  chargePoints: readonly SimulatedChargePoint[],
  options: TrafficOptions & { readonly clock: Clock; readonly random: Random },
): Cancel {
  const { clock, random } = options
  const places = chargePoints.flatMap((chargePoint) =>
    chargePoint.connectors.map((_, index) => parkingPlace(chargePoint, index + 1)),
  )
  return clock.every(1000, () => {
    for (const moveWhenDue of places) moveWhenDue()
  })

  function parkingPlace(chargePoint: SimulatedChargePoint, connectorId: number): () => void {
    const ofPlace = random.fork(`${chargePoint.identity} ${connectorId}`)
    let cars = 0
    let nextMoveAtMs = clock.monotonic() + within(ofPlace, options.gapMs ?? [MINUTE_MS, 3_600_000])
    return () => {
      if (clock.monotonic() < nextMoveAtMs) return
      if (chargePoint.ev(connectorId)) {
        chargePoint.unplug(connectorId)
        nextMoveAtMs += within(ofPlace, options.gapMs ?? [MINUTE_MS, 3_600_000])
        return
      }
      cars += 1
      const idTag = `${chargePoint.identity}-${connectorId}-${cars}`.slice(-20)
      chargePoint.plugIn(connectorId, anEv(ofPlace, options), { idTag })
      nextMoveAtMs += within(ofPlace, options.stayMs ?? [30 * MINUTE_MS, 8 * 3_600_000])
    }
  }
}

function anEv(random: Random, options: TrafficOptions): ReturnType<typeof simulatedEv> {
  const {
    energyNeedWh = [5000, 60_000],
    maxCurrentA = [10, 16, 32],
    phases = [1, 2, 3, 3],
  } = options
  return simulatedEv({
    energyNeedWh: within(random, energyNeedWh),
    maxCurrentA: random.pick(maxCurrentA),
    phases: random.pick(phases),
    ...options.ev,
  })
}

function within(random: Random, [from, to]: Range): number {
  return Math.round(random.between(from, to))
}
