/** Simulated charge points on real sockets, and a witness of what they let cars draw. */
import { systemClock } from '../../src/adapters/system-clock.js'
import { connectChargePoint } from '../../src/cli/demo/charge-point-socket.js'
import type { ChargePointSocket } from '../../src/cli/demo/charge-point-socket.js'
import { addPhases, NO_CURRENT } from '../../src/core/phases.js'
import { seededRandom } from '../../src/testing/random.js'
import { simulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import type { SimulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import { simulatedEv } from '../../src/testing/simulated-ev.js'
import type { Scope } from './yardmaster-process.js'

export interface SimulatedChargers {
  readonly chargePoints: readonly SimulatedChargePoint[]
  at(identity: string): SimulatedChargePoint
  /** A hungry three-phase car of 32 A that asks to charge by itself. */
  plugIn(identity: string): void
  /** Its network is gone, until `reconnect`; its car charges on. */
  cutOff(identity: string): void
  reconnect(identity: string): void
  /** What they all permit now, on the highest phase. */
  permittedA(): number
  /** The most they permitted since the start or the last call of `forget`. */
  highestPermittedA(): number
  forget(): void
}

const WITNESS_MS = 10

/** Of 32 A on three phases; they connect, and connect again, until the test ends. */
export function simulatedChargers(
  t: Scope,
  port: number,
  identities: readonly string[],
): SimulatedChargers {
  const clock = systemClock()
  const random = seededRandom('process')
  const chargePoints = identities.map((identity) =>
    simulatedChargePoint({
      identity,
      connectors: [{ maxCurrentA: 32, phases: 3 }],
      clock,
      random: random.fork(identity),
    }),
  )
  const sockets = new Map<string, ChargePointSocket>()
  const connect = (chargePoint: SimulatedChargePoint): void => {
    sockets.set(chargePoint.identity, connectChargePoint(chargePoint, `ws://127.0.0.1:${port}`))
  }
  for (const chargePoint of chargePoints) {
    chargePoint.start()
    connect(chargePoint)
  }
  const permittedA = (): number => {
    let sumA = NO_CURRENT
    for (const chargePoint of chargePoints) sumA = addPhases(sumA, chargePoint.permittedA(1))
    return Math.max(...sumA)
  }
  let highestA = 0
  const witness = setInterval(() => {
    highestA = Math.max(highestA, permittedA())
  }, WITNESS_MS)
  t.teardown(() => {
    clearInterval(witness)
    for (const socket of sockets.values()) socket.close()
    for (const chargePoint of chargePoints) chargePoint.stop()
  })

  const at = (identity: string): SimulatedChargePoint => {
    const found = chargePoints.find((chargePoint) => chargePoint.identity === identity)
    if (!found) throw new Error(`no charge point ${identity}`)
    return found
  }
  return {
    chargePoints,
    at,
    plugIn(identity) {
      const ev = simulatedEv({ maxCurrentA: 32, energyNeedWh: 60_000, wakeUpMs: 0 })
      at(identity).plugIn(1, ev, { idTag: `CAR-${identity}` })
    },
    cutOff: (identity) => sockets.get(identity)?.close(),
    reconnect: (identity) => connect(at(identity)),
    permittedA,
    highestPermittedA: () => highestA,
    forget() {
      highestA = permittedA()
    },
  }
}
