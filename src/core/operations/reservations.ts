/** A connector kept for one id tag (OCPP 1.6 3.12): both sides know when it ends. */
import type { Instant } from '../site/events.js'
import { leaseUntilMs } from '../site/lease-time.js'
import type { Operations } from './operations.js'
import { noteRequestId } from './operations.js'

export interface Reservation {
  readonly id: number
  readonly chargePointId: string
  /** 0: one of its connectors, whichever. */
  readonly connectorId: number
  readonly idTag: string
  readonly parentIdTag: string | undefined
  readonly madeWallMs: number
  /** Monotonic; after it there is none. */
  readonly untilMs: number
  readonly untilWallMs: number
  readonly validForMs: number
}

/** The charge point has accepted it. */
export interface ReservationMade {
  readonly type: 'reservationMade'
  readonly reservationId: number
  readonly chargePointId: string
  readonly connectorId: number
  readonly idTag: string
  readonly parentIdTag: string | undefined
  readonly madeWallMs: number
  readonly untilWallMs: number
  readonly validForMs: number
}

export interface ReservationEnded {
  readonly type: 'reservationEnded'
  readonly reservationId: number
  readonly chargePointId: string
  readonly why: 'used' | 'cancelled' | 'expired'
  readonly wallMs: number
}

export const RESERVATIONS_MAX = 1_000

export function applyReservation(
  operations: Operations,
  event: ReservationMade,
  at: Instant,
): void {
  const { type: _, reservationId: id, ...fields } = event
  noteRequestId(operations, id)
  const untilMs = leaseUntilMs(event, at)
  if (untilMs > at.nowMs) operations.reservations.set(id, { id, untilMs, ...fields })
}

export function endReservation({ reservations }: Operations, event: ReservationEnded): void {
  const { reservationId, chargePointId } = event
  if (reservations.get(reservationId)?.chargePointId === chargePointId) {
    reservations.delete(reservationId)
  }
}

/** What the StartTransaction with this id ends; undefined: there is none of this charge point. */
export function reservationUsed(
  { reservations }: Operations,
  chargePointId: string,
  reservationId: number | undefined,
  wallMs: number,
): ReservationEnded | undefined {
  if (reservationId === undefined) return undefined
  if (reservations.get(reservationId)?.chargePointId !== chargePointId) return undefined
  return { type: 'reservationEnded', reservationId, chargePointId, why: 'used', wallMs }
}

export function expiredReservations(
  { reservations }: Operations,
  { nowMs, wallMs }: Instant,
): readonly ReservationEnded[] {
  return [...reservations.values()]
    .filter(({ untilMs }) => untilMs <= nowMs)
    .map(({ id, chargePointId }) => ({
      type: 'reservationEnded',
      reservationId: id,
      chargePointId,
      why: 'expired',
      wallMs,
    }))
}
