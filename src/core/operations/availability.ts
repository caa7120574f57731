/** In or out of service by order (OCPP 1.6 5.2), per connector, and whether it has happened. */
import type { Operations } from './operations.js'
import { upkeepOf } from './operations.js'

export interface AvailabilityOrdered {
  readonly type: 'availabilityOrdered'
  readonly chargePointId: string
  /** 0: the charge point with all its connectors. */
  readonly connectorId: number
  readonly availability: 'Operative' | 'Inoperative'
  readonly state: 'accepted' | 'scheduled'
  readonly wallMs: number
}

const CONNECTORS_MAX = 100

export function applyAvailability(operations: Operations, event: AvailabilityOrdered): void {
  const { chargePointId, connectorId, availability: type, state, wallMs } = event
  const { availability } = upkeepOf(operations, chargePointId)
  // An order for all replaces those for each.
  if (connectorId === 0) availability.clear()
  if (availability.size < CONNECTORS_MAX) availability.set(connectorId, { type, state, wallMs })
}

/** What was scheduled has happened when the connector says that it is out of service. */
export function followStatus(
  { byChargePoint }: Operations,
  status: { readonly chargePointId: string; readonly connectorId: number; readonly status: string },
): void {
  const { availability } = byChargePoint.get(status.chargePointId) ?? {}
  const order = availability?.get(status.connectorId)
  if (order?.state !== 'scheduled' || order.type !== 'Inoperative') return
  if (status.status !== 'Unavailable') return
  availability?.set(status.connectorId, { ...order, state: 'accepted' })
}
