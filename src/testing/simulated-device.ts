/** The hardware of a charge point: connectors, contactors, clock, and what really flows. */
import { NO_CURRENT } from '../core/phases.js'
import type { PhaseA } from '../core/phases.js'
import type { PhaseRotation } from '../core/site/depot.js'
import type { Clock } from '../ports.js'
import type { Behaviour } from './behaviour.js'
import type { ChargingProfiles } from './charging-profiles.js'
import { limitsInForce, questionOf } from './limits-in-force.js'
import type { SimulatedEv } from './simulated-ev.js'
import { timeText } from './wire-fields.js'

export interface ConnectorOptions {
  /** Hardware maximum per phase. */
  readonly maxCurrentA: number
  readonly phases: 1 | 3
  /** Site phases of its L1, L2, L3 (R, S, T); default RST. */
  readonly phaseRotation?: PhaseRotation
}

export interface LocalTransaction {
  /** Given by the central system; undefined until its answer comes. */
  id: number | undefined
  readonly idTag: string
  /** Monotonic. */
  readonly startedAtMs: number
  readonly meterStartWh: number
  /** A car could draw in it. */
  wasOffered: boolean
}

export interface ConnectorState {
  readonly id: number
  readonly options: ConnectorOptions
  ev: SimulatedEv | undefined
  /** Whom the car that is plugged in charges for. */
  idTag: string | undefined
  transaction: LocalTransaction | undefined
  /** The car has had its transaction; it must be unplugged before the next. */
  isFinished: boolean
  isOperative: boolean
  /** Of OCPP 1.6 7.6 while it is out of order. */
  errorCode: string | undefined
  /** It had an offer and lost it: that is the end for a charge point that cannot resume. */
  isStuckAtZero: boolean
  /** Monotonic: no attempt to start before this. */
  startNotBeforeMs: number
  registerWh: number
}

export interface SimulatedDevice {
  readonly connectors: readonly ConnectorState[]
  connector(id: number): ConnectorState | undefined
  /** What it takes for UTC. */
  wallMs(): number
  /** The present instant as it writes it. */
  timestamp(): string
  /** The time it was told; small differences do not move its clock. */
  setWall(ms: number): void
  /** Lets current flow up to this instant. */
  tick(): void
  /** A per phase: the limit for a car that charges now, or would start now. */
  limitA(connector: ConnectorState, aheadMs?: number): number
  /** What its control pilot makes of that limit: 0 below the least it can offer. */
  offeredA(connector: ConnectorState): number
  drawA(connector: ConnectorState): number
  /** The phases of the EVSE the car uses; of a car that is not there: all. */
  usedPhases(connector: ConnectorState): number
}

const CLOCK_TOLERANCE_MS = 2000
const HOUR_MS = 3_600_000

export function simulatedDevice(options: {
  readonly clock: Clock
  readonly connectors: readonly ConnectorOptions[]
  readonly profiles: ChargingProfiles
  readonly behaviour: () => Behaviour
}): SimulatedDevice {
  const { clock, profiles, behaviour } = options
  const connectors = options.connectors.map((each, index) => emptyConnector(index + 1, each))
  const limits = limitsInForce(profiles, behaviour)
  let toldOffsetMs = clock.now() - clock.monotonic()
  let driftedMs = 0
  let tickedAtMs = clock.monotonic()
  const wallMs = (): number =>
    clock.monotonic() + toldOffsetMs + driftedMs + behaviour().clockOffsetMs

  return {
    connectors,
    connector: (id) => connectors[id - 1],
    wallMs,
    timestamp: () => timeText(wallMs() + behaviour().localTimeAsUtcHours * HOUR_MS),
    setWall(ms) {
      if (!behaviour().syncsClock) return
      const offsetMs = ms - clock.monotonic()
      if (Math.abs(offsetMs - toldOffsetMs - driftedMs) <= CLOCK_TOLERANCE_MS) return
      toldOffsetMs = offsetMs
      driftedMs = 0
    },
    tick() {
      const elapsedMs = clock.monotonic() - tickedAtMs
      tickedAtMs = clock.monotonic()
      const { clockDriftPpm, profilesLostAfterMs, meterFactor } = behaviour()
      driftedMs += (elapsedMs * clockDriftPpm) / 1e6
      profiles.forgetReceivedBefore(tickedAtMs - profilesLostAfterMs)
      for (const connector of connectors) {
        const { ev, transaction } = connector
        if (!ev) continue
        // Without a transaction the contactor is open.
        const phases = transaction ? usedPhases(connector) : 0
        const beforeWh = ev.chargedWh()
        const pilotA = transaction ? offer(connector, transaction) : 0
        ev.tick({ offeredA: pilotA, phases, elapsedMs })
        connector.registerWh += (ev.chargedWh() - beforeWh) * meterFactor
      }
    },
    limitA,
    offeredA,
    drawA: ({ ev, transaction }) => (ev && transaction ? ev.drawA() : 0),
    usedPhases,
  }

  function offeredA(connector: ConnectorState): number {
    const { minCurrentA, resumesFromZero } = behaviour()
    if (connector.isStuckAtZero && !resumesFromZero) return 0
    const currentA = limitA(connector)
    return currentA < minCurrentA ? 0 : currentA
  }

  function offer(connector: ConnectorState, transaction: LocalTransaction): number {
    const currentA = offeredA(connector)
    if (currentA > 0) transaction.wasOffered = true
    else if (transaction.wasOffered && !behaviour().resumesFromZero) connector.isStuckAtZero = true
    return currentA
  }

  function limitA(connector: ConnectorState, aheadMs = 0): number {
    const composed = composedLimit(connector, aheadMs)
    const { maxCurrentA } = connector.options
    if (composed === undefined) return maxCurrentA
    return Math.min(maxCurrentA, behaviour().roundsUp ? Math.ceil(composed) : composed)
  }

  function composedLimit(connector: ConnectorState, aheadMs: number): number | undefined {
    const { transaction } = connector
    const nowMs = clock.monotonic()
    const asking = {
      connectorId: connector.id,
      monotonicMs: nowMs,
      wallMs: wallMs(),
      transaction,
      // A car that is not there yet may use one phase, which leaves it the most of a limit in W.
      phases: connector.ev ? usedPhases(connector) : 1,
      sharing: connectors.length === 1 ? 1 : sharing(connector),
    }
    if (aheadMs === 0) return limits.limitA(asking)
    const { at, ...question } = questionOf(asking)
    const ahead = { wallMs: at.wallMs + aheadMs, monotonicMs: at.monotonicMs + aheadMs }
    return profiles.limitA({ ...question, at: { ...at, ...ahead } })
  }

  function sharing(connector: ConnectorState): number {
    let count = 0
    for (const other of connectors) if (other.transaction || other === connector) count += 1
    return count
  }
}

function usedPhases({ ev, options }: ConnectorState): number {
  return Math.min(ev?.phases ?? 3, options.phases)
}

/** `currentA` on the first `phases` phases of the EVSE, as the site sees them. */
export function onSitePhases(
  { phaseRotation = 'RST' }: ConnectorOptions,
  currentA: number,
  phases: number,
): PhaseA {
  if (currentA === 0) return NO_CURRENT
  const [l1, l2, l3] = ORDERS[phaseRotation]
  return [l1 < phases ? currentA : 0, l2 < phases ? currentA : 0, l3 < phases ? currentA : 0]
}

/** At which place of the rotation R, S and T are. */
const ORDERS: Readonly<Record<PhaseRotation, readonly [number, number, number]>> = {
  RST: [0, 1, 2],
  STR: [2, 0, 1],
  TRS: [1, 2, 0],
  RTS: [0, 2, 1],
  SRT: [1, 0, 2],
  TSR: [2, 1, 0],
}

function emptyConnector(id: number, options: ConnectorOptions): ConnectorState {
  return {
    id,
    options,
    ev: undefined,
    idTag: undefined,
    transaction: undefined,
    isFinished: false,
    isOperative: true,
    errorCode: undefined,
    isStuckAtZero: false,
    startNotBeforeMs: 0,
    registerWh: 0,
  }
}
