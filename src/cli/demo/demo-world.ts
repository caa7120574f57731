/** The world around the demo's controller: chargers, cars that come and go, a meter, a grid limit. */
import { modbusSimulator } from '../../adapters/modbus-simulator.js'
import type { ModbusSimulator } from '../../adapters/modbus-simulator.js'
import { addPhases, NO_CURRENT, sumPhases } from '../../core/phases.js'
import type { PhaseA } from '../../core/phases.js'
import { registerImage } from '../../modbus/register-image.js'
import type { Cancel, Clock, Log } from '../../ports.js'
import { seededRandom } from '../../testing/random.js'
import { simulatedChargePoint } from '../../testing/simulated-charge-point.js'
import type { SimulatedChargePoint } from '../../testing/simulated-charge-point.js'
import { simulatedEv } from '../../testing/simulated-ev.js'
import { connectChargePoint } from './charge-point-socket.js'
import type { ChargePointSocket } from './charge-point-socket.js'
import { DEMO_CHARGERS, LIMIT_REGISTER } from './demo-settings.js'

export interface DemoWorld {
  readonly chargePoints: readonly SimulatedChargePoint[]
  readonly modbusPort: number
  limitA(): number
  baseLoadA(): PhaseA
  /**
   * What all chargers together would let their cars draw, on the phases each car can use: the truth
   * the demo is judged by.
   */
  permittedA(): PhaseA
  drawnA(): PhaseA
  /** Connects the chargers to a running controller and lets cars come. */
  open(baseUrl: string): void
  close(): Promise<void>
}

/** Limits in turn, A, each for so many seconds: up and down within a minute. */
const LIMIT_STEPS = [
  [63, 14],
  [34, 16],
  [60, 14],
  [40, 14],
  [52, 12],
  [30, 16],
] as const

const TICK_MS = 250
const NOMINAL_V = 230

export async function createDemoWorld(clock: Clock, seed: number, log: Log): Promise<DemoWorld> {
  const random = seededRandom(seed)
  const startedMs = clock.monotonic()
  const seconds = (): number => (clock.monotonic() - startedMs) / 1000
  const chargePoints = DEMO_CHARGERS.map(({ identity, phases, rotation }) =>
    simulatedChargePoint({
      identity,
      connectors: [{ maxCurrentA: 32, phases, phaseRotation: rotation }],
      clock,
      random: random.fork(identity),
      vendor: 'Simulated',
      model: phases === 3 ? 'AC 22' : 'AC 7',
      firmwareVersion: '1.0',
    }),
  )
  const sockets: ChargePointSocket[] = []
  let cancelTicks: Cancel | undefined
  let importedKwh = 1000

  const sumOf = (of: (chargePoint: SimulatedChargePoint) => PhaseA): PhaseA => {
    let sum = NO_CURRENT
    for (const chargePoint of chargePoints) sum = addPhases(sum, of(chargePoint))
    return sum
  }

  const limitA = (): number => limitAt(seconds())
  const baseLoadA = (): PhaseA => baseLoadAt(seconds())
  const drawnA = (): PhaseA => sumOf((chargePoint) => chargePoint.drawA(1))
  const meterA = (): PhaseA => addPhases(baseLoadA(), drawnA())

  const meter: ModbusSimulator = await modbusSimulator({ registers: registersOf() })

  function registersOf(): (unitId: number, address: number) => number | undefined {
    const current = (phase: 0 | 1 | 2) => ({
      register: {
        address: 6 + 2 * phase,
        type: 'float32',
        wordOrder: 'big',
        scale: 1,
      } as const,
      value: () => meterA()[phase],
    })
    const image = registerImage([
      current(0),
      current(1),
      current(2),
      {
        register: { address: 52, type: 'float32', wordOrder: 'big', scale: 1 },
        value: () => sumPhases(meterA()) * NOMINAL_V,
      },
      {
        register: { address: 72, type: 'float32', wordOrder: 'big', scale: 1 },
        value: () => importedKwh,
      },
      {
        register: {
          address: LIMIT_REGISTER,
          type: 'uint16',
          wordOrder: 'big',
          scale: 1,
        },
        value: limitA,
      },
    ])
    return (_unitId, address) => image(address)
  }

  const cars = demoCars(chargePoints, random.fork('cars'), seconds, log)

  return {
    chargePoints,
    modbusPort: meter.port,
    limitA,
    baseLoadA,
    drawnA,
    permittedA: () => sumOf((chargePoint) => chargePoint.usableA(1)),

    open(baseUrl) {
      for (const chargePoint of chargePoints) {
        chargePoint.start()
        sockets.push(connectChargePoint(chargePoint, baseUrl))
      }
      cancelTicks = clock.every(TICK_MS, () => {
        importedKwh += (sumPhases(meterA()) * NOMINAL_V * TICK_MS) / 3_600_000 / 1000
        cars()
      })
    },

    async close() {
      cancelTicks?.()
      for (const chargePoint of chargePoints) chargePoint.stop()
      for (const socket of sockets) socket.close()
      await meter.close()
    },
  }
}

function limitAt(seconds: number): number {
  const round = LIMIT_STEPS.reduce((sum, [, lastsS]) => sum + lastsS, 0)
  let left = seconds % round
  for (const [currentA, lastsS] of LIMIT_STEPS) {
    if (left < lastsS) return currentA
    left -= lastsS
  }
  return LIMIT_STEPS[0][0]
}

/** A workshop and its heating: slow waves, a little apart on the three phases. */
function baseLoadAt(seconds: number): PhaseA {
  const wave = (periodS: number, shift: number): number =>
    Math.sin((2 * Math.PI * seconds) / periodS + shift)
  const phase = (shift: number): number => 9 + 2.5 * wave(70, shift) + 0.8 * wave(19, 2 * shift)
  return [phase(0), phase(1), phase(2)]
}

/** Cars come, charge what they need, stay a little and leave; the place is free for the next. */
function demoCars(
  chargePoints: readonly SimulatedChargePoint[],
  random: ReturnType<typeof seededRandom>,
  seconds: () => number,
  log: Log,
): () => void {
  const places = chargePoints.map((chargePoint, index) => ({
    chargePoint,
    // Most come at once, as buses do.
    nextChangeS: index < 9 ? 1 + index * 0.7 : random.between(15, 40),
  }))
  let carNumber = 0

  return () => {
    for (const place of places) {
      const { chargePoint } = place
      const ev = chargePoint.ev(1)
      if (seconds() < place.nextChangeS) continue
      if (!ev) {
        carNumber += 1
        const idTag = `CAR-${String(carNumber).padStart(3, '0')}`
        chargePoint.plugIn(
          1,
          simulatedEv({
            phases: random.pick([1, 3, 3]),
            maxCurrentA: random.pick([16, 16, 32]),
            energyNeedWh: random.integer(80, 900),
            taperShare: 0.3,
            wakeUpMs: random.integer(500, 2500),
          }),
          { idTag },
        )
        log.debug('carArrived', { chargePoint: chargePoint.identity, idTag })
      } else if (ev.isFull()) {
        chargePoint.unplug(1)
        place.nextChangeS = seconds() + random.between(4, 20)
        log.debug('carLeft', { chargePoint: chargePoint.identity })
      }
    }
  }
}
