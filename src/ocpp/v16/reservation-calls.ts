/** CALLs of the profile Reservation. */
import { given } from './outbound-call.js'
import type { OutboundCall } from './outbound-call.js'
import { formatTime } from './time.js'

/** `connectorId` 0: one of its connectors, whichever. */
export function reserveNow(reservation: {
  readonly reservationId: number
  readonly connectorId: number
  readonly idTag: string
  readonly parentIdTag?: string | undefined
  readonly expiresAtMs: number
}): OutboundCall<'ReserveNow'> {
  const { reservationId, connectorId, idTag, parentIdTag, expiresAtMs } = reservation
  const expiryDate = formatTime(expiresAtMs)
  return {
    action: 'ReserveNow',
    payload: given({ connectorId, expiryDate, idTag, parentIdTag, reservationId }),
  }
}

export function cancelReservation(reservationId: number): OutboundCall<'CancelReservation'> {
  return { action: 'CancelReservation', payload: { reservationId } }
}
