/** One charge point as a console works on it: its rig and the cars that stand there. */
import type { Clock } from '../../ports.js'
import type { SteeredEv } from '../steered-ev.js'
import { failed } from './problem.js'
import type { ChargePointRig } from './rig.js'

export interface Operator {
  readonly rig: ChargePointRig
  readonly clock: Clock
  /** Undefined: there is none. */
  readonly car: (connectorId: number) => SteeredEv | undefined
  /** Fails when there is none. */
  readonly needCar: (connectorId: number) => SteeredEv
  readonly park: (connectorId: number, car: SteeredEv | undefined) => void
}

export function operator(rig: ChargePointRig, clock: Clock): Operator {
  const cars = new Map<number, SteeredEv>()
  return {
    rig,
    clock,
    car: (connectorId) => cars.get(connectorId),
    needCar(connectorId) {
      const car = cars.get(connectorId)
      if (car) return car
      throw failed(`no car is plugged in at connector ${connectorId}: plug ${connectorId}`)
    },
    park(connectorId, car) {
      if (car) cars.set(connectorId, car)
      else cars.delete(connectorId)
    },
  }
}
