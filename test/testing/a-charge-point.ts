/** One charge point on a network in memory, with a scripted controller at the other end. */
import type { Behaviour } from '../../src/testing/behaviour.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import type { ManualClock } from '../../src/testing/manual-clock.js'
import { memoryNetwork } from '../../src/testing/memory-network.js'
import type { MemoryNetwork } from '../../src/testing/memory-network.js'
import { plugChargePoint } from '../../src/testing/plug-charge-point.js'
import { seededRandom } from '../../src/testing/random.js'
import { simulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import type { SimulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import type { ConnectorOptions } from '../../src/testing/simulated-device.js'
import { simulatedEv } from '../../src/testing/simulated-ev.js'
import type { EvOptions, SimulatedEv } from '../../src/testing/simulated-ev.js'
import type { ChargePointFiles } from '../../src/testing/upkeep-commands.js'
import { fakeController } from './fake-controller.js'
import type { FakeController, Fields, ReceivedCall } from './fake-controller.js'

export interface ChargePointWorld {
  readonly clock: ManualClock
  readonly network: MemoryNetwork
  readonly chargePoint: SimulatedChargePoint
  readonly controller: FakeController
  /** Sends a CALL and lets time pass until its answer. */
  call(action: string, payload: Fields): Promise<Fields | readonly string[]>
  /** CALLs of this action received so far. */
  calls(action: string): readonly ReceivedCall[]
  /** Statuses of a connector as reported, in order. */
  statuses(connectorId: number): readonly string[]
  /** Plugs a hungry car in and lets it start and charge. */
  charge(ev?: Partial<EvOptions>): Promise<void>
}

export const ID = 'CP1'

export async function aChargePoint({
  behaviour = {},
  connectors = [{ maxCurrentA: 32, phases: 3 }],
  prepare = () => {},
  files,
}: {
  readonly behaviour?: Partial<Behaviour>
  readonly connectors?: readonly ConnectorOptions[]
  readonly prepare?: (controller: FakeController) => void
  readonly files?: ChargePointFiles
} = {}): Promise<ChargePointWorld> {
  const clock = manualClock()
  const random = seededRandom('a charge point')
  const network = memoryNetwork({ clock, random, latencyMs: [10, 20] })
  const chargePoint = simulatedChargePoint({
    identity: ID,
    connectors,
    clock,
    random,
    behaviour,
    ...(files && { files }),
  })
  const controller = await fakeController(network.chargePoints, clock)
  prepare(controller)
  chargePoint.start()
  plugChargePoint(network, chargePoint, { clock, random, backOffMs: [1000, 4000] })
  await clock.advance(1000)

  const calls = (action: string): readonly ReceivedCall[] =>
    controller.calls.filter((call) => call.action === action)
  return {
    clock,
    network,
    chargePoint,
    controller,
    calls,
    async call(action, payload) {
      let answer: Fields | readonly string[] | undefined
      const answered = controller.call(ID, action, payload).then((value) => (answer = value))
      await clock.advanceUntil(() => answer !== undefined, 60_000)
      return answered
    },
    statuses: (connectorId) =>
      calls('StatusNotification')
        .filter((call) => call.payload.connectorId === connectorId)
        .map((call) => call.payload.status),
    async charge(ev = {}) {
      chargePoint.plugIn(1, hungryEv(ev), { idTag: 'TAG' })
      await clock.advance(6000)
    },
  }
}

export function hungryEv(options: Partial<EvOptions> = {}): SimulatedEv {
  return simulatedEv({ energyNeedWh: 1e6, maxCurrentA: 32, ...options })
}

/** A TxDefaultProfile that never ends. */
export function txDefault(limit: number, connectorId = 1): Fields {
  return {
    connectorId,
    csChargingProfiles: aProfile({ id: 2, purpose: 'TxDefaultProfile', limit }),
  }
}

/** A TxProfile of that transaction for `durationS` from `nowMs`. */
export function txProfile(options: {
  readonly limit: number
  readonly transactionId: number | undefined
  readonly nowMs: number
  readonly durationS?: number
}): Fields {
  const { limit, transactionId, nowMs, durationS = 150 } = options
  return {
    connectorId: 1,
    csChargingProfiles: {
      ...aProfile({ id: 3, purpose: 'TxProfile', limit, startMs: nowMs, durationS }),
      transactionId,
    },
  }
}

function aProfile(options: {
  readonly id: number
  readonly purpose: string
  readonly limit: number
  readonly startMs?: number
  readonly durationS?: number
}): Fields {
  const { id, purpose, limit, startMs = 0, durationS } = options
  return {
    chargingProfileId: id,
    stackLevel: 0,
    chargingProfilePurpose: purpose,
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      ...(durationS === undefined ? {} : { duration: durationS }),
      startSchedule: new Date(startMs).toISOString(),
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  }
}
