/** The truth about a simulated charge point, which no message tells: what flows and what may flow. */
import { NO_CURRENT } from '../core/phases.js'
import type { PhaseA } from '../core/phases.js'
import { onSitePhases } from './simulated-device.js'
import type { ConnectorState, SimulatedDevice } from './simulated-device.js'
import type { SimulatedEv } from './simulated-ev.js'

/** Each throws when there is no such connector. */
export interface ChargePointReadings {
  /** What it lets a car draw now, on site phases: nothing while no transaction runs. */
  permittedA(connectorId: number): PhaseA
  /** The same on those phases only that the car is able to use. */
  usableA(connectorId: number): PhaseA
  /** What it would let a car draw that starts now, on site phases. */
  permittedIfStartedA(connectorId: number): PhaseA
  /** What the car draws, on site phases. */
  drawA(connectorId: number): PhaseA
  /** The limit in force per phase, hardware included, whether or not it is enough for an offer. */
  limitA(connectorId: number): number
  /** Per phase, what its control pilot says: 0 below the least it can offer, or without a transaction. */
  offeredA(connectorId: number): number
  /** Undefined while none runs or its start is unanswered. */
  transactionId(connectorId: number): number | undefined
  hasTransaction(connectorId: number): boolean
  /** Whose transaction runs. */
  idTag(connectorId: number): string | undefined
  ev(connectorId: number): SimulatedEv | undefined
  /** Register of the connector. */
  energyWh(connectorId: number): number
}

export function chargePointReadings(
  device: SimulatedDevice,
  connectorAt: (id: number) => ConnectorState,
): ChargePointReadings {
  return {
    permittedA: (id) => permitted(connectorAt(id), connectorAt(id).options.phases),
    usableA: (id) => permitted(connectorAt(id), device.usedPhases(connectorAt(id))),
    permittedIfStartedA(id) {
      const connector = connectorAt(id)
      if (!connector.isOperative && !connector.transaction) return NO_CURRENT
      const { phases } = connector.options
      return onSitePhases(connector.options, device.offeredA(connector), phases)
    },
    drawA(id) {
      const connector = connectorAt(id)
      const used = device.usedPhases(connector)
      return onSitePhases(connector.options, device.drawA(connector), used)
    },
    limitA: (id) => device.limitA(connectorAt(id)),
    offeredA(id) {
      const connector = connectorAt(id)
      return connector.transaction ? device.offeredA(connector) : 0
    },
    transactionId: (id) => connectorAt(id).transaction?.id,
    hasTransaction: (id) => connectorAt(id).transaction !== undefined,
    idTag: (id) => connectorAt(id).transaction?.idTag,
    ev: (id) => connectorAt(id).ev,
    energyWh: (id) => connectorAt(id).registerWh,
  }

  function permitted(connector: ConnectorState, phases: number): PhaseA {
    if (!connector.transaction) return NO_CURRENT
    return onSitePhases(connector.options, device.offeredA(connector), phases)
  }
}
