/**
 * A whole depot on one clock: charge points with cars that come and go, a site meter, a source of a
 * grid limit, a broker. Everything but the controller, which is given `ports`.
 */
import { addPhases, NO_CURRENT } from '../core/phases.js'
import type { PhaseA } from '../core/phases.js'
import type { Cancel, Clock, Ports, UpstreamMessage } from '../ports.js'
import type { BaseLoad } from './base-load.js'
import type { Behaviour } from './behaviour.js'
import { carTraffic } from './car-traffic.js'
import type { TrafficOptions } from './car-traffic.js'
import { countingIds } from './counting-ids.js'
import { memoryFieldDevices } from './memory-field-devices.js'
import { memoryFiles } from './memory-files.js'
import { memoryLog } from './memory-log.js'
import type { MemoryLog } from './memory-log.js'
import { memoryNetwork } from './memory-network.js'
import type { Frame, MemoryNetwork } from './memory-network.js'
import { memoryUpstream } from './memory-upstream.js'
import type { MemoryUpstream } from './memory-upstream.js'
import { plugChargePoint } from './plug-charge-point.js'
import type { NetworkPlug } from './plug-charge-point.js'
import { seededRandom } from './random.js'
import { simulatedChargePoint } from './simulated-charge-point.js'
import type { SimulatedChargePoint } from './simulated-charge-point.js'
import type { ConnectorOptions } from './simulated-device.js'
import { simulatedLimitSource } from './simulated-limit-source.js'
import type { LimitRegister, SimulatedLimitSource } from './simulated-limit-source.js'
import { simulatedMeter } from './simulated-meter.js'
import type { MeterRegisters, SimulatedMeter } from './simulated-meter.js'

export interface SiteCharger {
  readonly identity: string
  /** Default: one, 32 A on three phases. */
  readonly connectors?: readonly ConnectorOptions[]
  readonly behaviour?: Partial<Behaviour>
  readonly vendor?: string
  readonly model?: string
  readonly firmwareVersion?: string
}

export interface SimulatedSiteOptions {
  readonly seed: number | string
  readonly clock: Clock
  /** How many (CP001, CP002, ... with rotated phases), or which. */
  readonly chargers: number | readonly SiteCharger[]
  /** Default: none. */
  readonly baseLoad?: BaseLoad
  /** What the grid-limit source states, A per phase, by ms since `start`. Absent: no source. */
  readonly limitA?: number | ((elapsedMs: number) => number)
  /** Cars come and go by themselves; absent: none come. */
  readonly traffic?: TrafficOptions
  /** Sees each frame as it is delivered. */
  readonly observe?: (frame: Frame) => void
  readonly latencyMs?: readonly [number, number]
  /** Sees each message as the broker gets it. */
  readonly observePublished?: (message: UpstreamMessage) => void
  /** How the meter and the limit source are read, as in the settings. Default: without a loss. */
  readonly meterRegisters?: MeterRegisters
  readonly limitRegister?: LimitRegister
}

export interface SimulatedSite {
  /** All a controller needs but the store. */
  readonly ports: Omit<
    Required<Ports>,
    'store' | 'secrets' | 'relay' | 'certificateAuthority' | 'keys'
  >
  readonly chargePoints: readonly SimulatedChargePoint[]
  /** Throws when there is none of this identity. */
  chargePoint(identity: string): SimulatedChargePoint
  readonly network: MemoryNetwork
  /** Its end of the network. Throws while the site is not started. */
  plug(identity: string): NetworkPlug
  /** Id `meter`. */
  readonly meter: SimulatedMeter
  /** Id `grid`. */
  readonly limitSource: SimulatedLimitSource
  readonly upstream: MemoryUpstream
  readonly log: MemoryLog
  /** Charge points power up and dial, cars begin to come. */
  start(): void
  stop(): void
  /** What all charge points let cars draw now, on site phases. */
  permittedA(): PhaseA
  /** The same on those phases only that each car is able to use. */
  usableA(): PhaseA
  /** What all cars draw. */
  drawA(): PhaseA
  /** What flows through the grid connection: cars and base load. */
  meterA(): PhaseA
  baseLoadA(): PhaseA
}

const ROTATIONS = ['RST', 'STR', 'TRS'] as const
/** Stated by nobody: more than any site has. */
const NO_LIMIT_A = 1e6

export function simulatedSite(options: SimulatedSiteOptions): SimulatedSite {
  const { clock, limitA, traffic, observe, latencyMs, baseLoad = () => NO_CURRENT } = options
  const random = seededRandom(options.seed)
  const chargePoints = chargersOf(options.chargers).map((charger) =>
    simulatedChargePoint({
      identity: charger.identity,
      connectors: charger.connectors ?? [{ maxCurrentA: 32, phases: 3 }],
      clock,
      random: random.fork(`charge point ${charger.identity}`),
      ...(charger.behaviour ? { behaviour: charger.behaviour } : {}),
      ...(charger.vendor === undefined ? {} : { vendor: charger.vendor }),
      ...(charger.model === undefined ? {} : { model: charger.model }),
      ...(charger.firmwareVersion === undefined
        ? {}
        : { firmwareVersion: charger.firmwareVersion }),
    }),
  )
  const network = memoryNetwork({
    clock,
    random: random.fork('network'),
    ...(latencyMs ? { latencyMs } : {}),
    ...(observe ? { observe } : {}),
  })
  const baseLoadA = (): PhaseA => baseLoad(clock.monotonic())
  const drawA = (): PhaseA => sum(chargePoints, (chargePoint, id) => chargePoint.drawA(id))
  const meterA = (): PhaseA => addPhases(baseLoadA(), drawA())
  const meter = simulatedMeter({
    id: 'meter',
    clock,
    currentA: meterA,
    random: random.fork('meter'),
    ...(options.meterRegisters ? { registers: options.meterRegisters } : {}),
  })
  let startedAtMs: number | undefined
  const limitSource = simulatedLimitSource({
    id: 'grid',
    ...(options.limitRegister ? { register: options.limitRegister } : {}),
    limit() {
      if (typeof limitA !== 'function') return { limitA: limitA ?? NO_LIMIT_A }
      return { limitA: limitA(clock.monotonic() - (startedAtMs ?? clock.monotonic())) }
    },
  })
  const { observePublished } = options
  const upstream = memoryUpstream({
    clock,
    ...(observePublished ? { observe: observePublished } : {}),
  })
  const log = memoryLog({ fatal: ['chargePointHandlerFailed'] })
  let plugs: ReadonlyMap<string, NetworkPlug> = new Map()
  let cancelTraffic: Cancel | undefined

  return {
    ports: {
      clock,
      ids: countingIds(),
      chargePoints: network.chargePoints,
      fieldDevices: memoryFieldDevices({
        clock,
        devices: limitA === undefined ? [meter] : [meter, limitSource],
      }),
      upstream,
      files: memoryFiles(),
      log,
    },
    chargePoints,
    chargePoint(identity) {
      const found = chargePoints.find((chargePoint) => chargePoint.identity === identity)
      if (!found) throw new Error(`the site has no charge point ${identity}`)
      return found
    },
    network,
    plug(identity) {
      const found = plugs.get(identity)
      if (!found) throw new Error(`charge point ${identity} is not plugged into the network`)
      return found
    },
    meter,
    limitSource,
    upstream,
    log,
    start() {
      if (startedAtMs !== undefined) return
      startedAtMs = clock.monotonic()
      for (const chargePoint of chargePoints) chargePoint.start()
      plugs = new Map(
        chargePoints.map((chargePoint) => {
          const { identity } = chargePoint
          const ownRandom = random.fork(`plug ${identity}`)
          return [identity, plugChargePoint(network, chargePoint, { clock, random: ownRandom })]
        }),
      )
      if (traffic === undefined) return
      cancelTraffic = carTraffic(chargePoints, {
        ...traffic,
        clock,
        random: random.fork('traffic'),
      })
    },
    stop() {
      startedAtMs = undefined
      cancelTraffic?.()
      for (const plug of plugs.values()) plug.pull()
      plugs = new Map()
      for (const chargePoint of chargePoints) chargePoint.stop()
    },
    permittedA: () => sum(chargePoints, (chargePoint, id) => chargePoint.permittedA(id)),
    usableA: () => sum(chargePoints, (chargePoint, id) => chargePoint.usableA(id)),
    drawA,
    meterA,
    baseLoadA,
  }
}

function chargersOf(chargers: number | readonly SiteCharger[]): readonly SiteCharger[] {
  if (typeof chargers !== 'number') return chargers
  return Array.from({ length: chargers }, (_, index) => ({
    identity: `CP${String(index + 1).padStart(3, '0')}`,
    connectors: [
      { maxCurrentA: 32, phases: 3 as const, phaseRotation: ROTATIONS[index % 3] ?? 'RST' },
    ],
  }))
}

function sum(
  chargePoints: readonly SimulatedChargePoint[],
  ofConnector: (chargePoint: SimulatedChargePoint, connectorId: number) => PhaseA,
): PhaseA {
  const total: [number, number, number] = [0, 0, 0]
  for (const chargePoint of chargePoints) {
    for (let id = 1; id <= chargePoint.connectors.length; id += 1) {
      const each = ofConnector(chargePoint, id)
      if (each === NO_CURRENT) continue
      total[0] += each[0]
      total[1] += each[1]
      total[2] += each[2]
    }
  }
  return total
}
