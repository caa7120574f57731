/** /reservations: connectors that are kept for an id tag for a while. */
import { z } from 'zod'
import type { Reservation } from '../core/operations/reservations.js'
import { formatTime } from '../ocpp/v16/time.js'
import { cancelReservation } from '../ocpp/v16/reservation-calls.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import { plain } from './call-core-shape.js'
import { endProblem, hasOneEnd, reservationFields, reserveOrder } from './call-upkeep-shape.js'
import { chargerOf, ordered, unknownCharger } from './calls.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { refusal } from './refusal.js'

export const reservationSchema = z.object({
  id: z.string(),
  reservation_id: z.number().describe('As the charge point knows it'),
  charger_id: z.string().nullable(),
  ocpp_charge_point_id: z.string(),
  connector_id: z.number().describe('0: one of its connectors, whichever'),
  id_tag: z.string(),
  parent_id_tag: z.string().nullable(),
  made_at: z.string(),
  until: z.string().describe('RFC 3339, UTC'),
})

export const reservationOrderSchema = z
  .strictObject({ charger_id: z.string().min(1).max(200), ...reservationFields })
  .refine(hasOneEnd, endProblem)

export function reservationEndpoints(backend: Backend): Endpoint[] {
  const list = (): z.infer<typeof reservationSchema>[] => {
    const { reservations = [], chargers } = backend.view()
    return reservations.map((reservation) => {
      const { chargePointId } = reservation
      const found = chargers.find(({ charger }) => charger.ocppChargePointId === chargePointId)
      return shown(reservation, found?.charger.id)
    })
  }

  const make = async ({ request }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const order = checked(reservationOrderSchema, read.body)
    if (!order.ok) return order.response
    const { charger_id: chargerId } = order.value
    const charger = chargerOf(backend, chargerId)
    if (!charger) return unknownCharger(chargerId)
    return ordered(backend, charger, reserveOrder(order.value), (result) => {
      if (result.status !== 'Accepted') {
        return refusal(409, `the charge point does not reserve it: ${result.status ?? 'no status'}`)
      }
      const made = list().find(({ reservation_id: id }) => id === result.reservation_id)
      return made ? json(201, made) : refusal(409, 'the reservation has ended already')
    })
  }

  const cancel = async ({ id }: Call): Promise<Response> => {
    const found = list().find((one) => one.id === id)
    const charger =
      found && found.charger_id !== null ? chargerOf(backend, found.charger_id) : undefined
    if (!found || !charger) return refusal(404, `no reservation has the id ${JSON.stringify(id)}`)
    // What it does not know any more has ended as well.
    return ordered(
      backend,
      charger,
      plain(cancelReservation(found.reservation_id)),
      () => new Response(null, { status: 204 }),
    )
  }

  return [
    {
      tag: 'reservations',
      method: 'get',
      path: '/reservations',
      summary: 'Connectors that are kept for an id tag',
      success: { status: 200, listOf: 'Reservation' },
      answer: () => json(200, list()),
    },
    {
      tag: 'reservations',
      method: 'post',
      path: '/reservations',
      summary: 'Ask a charge point to keep a connector for an id tag',
      body: 'ReservationOrder',
      success: { status: 201, schema: 'Reservation' },
      answer: make,
    },
    {
      tag: 'reservations',
      method: 'delete',
      path: '/reservations/{id}',
      summary: 'Cancel it at the charge point',
      success: { status: 204 },
      answer: cancel,
    },
  ]
}

function shown(
  reservation: Reservation,
  chargerId: string | undefined,
): z.infer<typeof reservationSchema> {
  const { id, chargePointId, connectorId, idTag, parentIdTag } = reservation
  return {
    id: String(id),
    reservation_id: id,
    charger_id: chargerId ?? null,
    ocpp_charge_point_id: chargePointId,
    connector_id: connectorId,
    id_tag: idTag,
    parent_id_tag: parentIdTag ?? null,
    made_at: formatTime(reservation.madeWallMs),
    until: formatTime(reservation.untilWallMs),
  }
}
