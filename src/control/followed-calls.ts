/** What the answer to a call changes in what is known of the charge point, whoever asked. */
import { isSecretKey } from '../core/operations/configuration.js'
import type { JournalEvent } from '../core/site/events.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { OutboundAction, OutboundCall, RawCall } from '../ocpp/v16/outbound-call.js'
import { decodeResult } from '../ocpp/v16/results.js'
import { parseTime } from '../ocpp/v16/time.js'

export function followedEvents(
  chargePointId: string,
  call: OutboundCall | RawCall,
  end: CallEnd,
  wallMs: number,
): readonly JournalEvent[] {
  if (end.type !== 'answered') return []
  const { action, payload } = call
  const follow = FOLLOWED.get(action)
  return follow ? follow({ chargePointId, payload, answer: end.payload, wallMs }) : []
}

interface Followed {
  readonly chargePointId: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly answer: unknown
  readonly wallMs: number
}

const FOLLOWED = new Map<string, (followed: Followed) => readonly JournalEvent[]>([
  ['ChangeAvailability', availability],
  ['ChangeConfiguration', setting],
  ['GetConfiguration', configuration],
  ['ReserveNow', reserved],
  ['CancelReservation', cancelled],
])

function availability({
  chargePointId,
  payload,
  answer,
  wallMs,
}: Followed): readonly JournalEvent[] {
  const status = statusOf('ChangeAvailability', answer)
  const { connectorId, type } = payload
  if (typeof connectorId !== 'number') return []
  if (type !== 'Operative' && type !== 'Inoperative') return []
  if (status !== 'Accepted' && status !== 'Scheduled') return []
  const state = status === 'Accepted' ? 'accepted' : 'scheduled'
  return [
    { type: 'availabilityOrdered', chargePointId, connectorId, availability: type, state, wallMs },
  ]
}

function setting({ chargePointId, payload, answer, wallMs }: Followed): readonly JournalEvent[] {
  const status = statusOf('ChangeConfiguration', answer)
  const { key, value } = payload
  if (typeof key !== 'string' || typeof value !== 'string') return []
  if (status !== 'Accepted' && status !== 'RebootRequired') return []
  const needsBoot = status === 'RebootRequired'
  // The reducer keeps no secrets, the journal must not either.
  const kept = isSecretKey(key) ? '' : value
  return [{ type: 'settingChanged', chargePointId, key, value: kept, needsBoot, wallMs }]
}

function configuration({
  chargePointId,
  payload,
  answer,
  wallMs,
}: Followed): readonly JournalEvent[] {
  const decoded = decodeResult('GetConfiguration', answer)
  if (!decoded.ok) return []
  const isWhole = !Array.isArray(payload['key'])
  if (isWhole && decoded.result.keys.length === 0) return []
  const keys = decoded.result.keys.map(({ key, value, readonly }) => ({
    key,
    value: isSecretKey(key) ? undefined : value,
    readonly,
  }))
  return [{ type: 'configurationNoted', chargePointId, isWhole, keys, wallMs }]
}

function reserved({ chargePointId, payload, answer, wallMs }: Followed): readonly JournalEvent[] {
  if (statusOf('ReserveNow', answer) !== 'Accepted') return []
  const { reservationId, connectorId, idTag, parentIdTag, expiryDate } = payload
  if (typeof reservationId !== 'number' || typeof connectorId !== 'number') return []
  const untilWallMs = typeof expiryDate === 'string' ? parseTime(expiryDate) : undefined
  if (typeof idTag !== 'string' || untilWallMs === undefined) return []
  return [
    {
      type: 'reservationMade',
      reservationId,
      chargePointId,
      connectorId,
      idTag,
      parentIdTag: typeof parentIdTag === 'string' ? parentIdTag : undefined,
      madeWallMs: wallMs,
      untilWallMs,
      validForMs: untilWallMs - wallMs,
    },
  ]
}

/** Rejected: it knows of none with this id, so there is none. */
function cancelled({ chargePointId, payload, answer, wallMs }: Followed): readonly JournalEvent[] {
  const { reservationId } = payload
  if (typeof reservationId !== 'number') return []
  if (statusOf('CancelReservation', answer) === undefined) return []
  return [{ type: 'reservationEnded', reservationId, chargePointId, why: 'cancelled', wallMs }]
}

function statusOf(action: OutboundAction, answer: unknown): unknown {
  const decoded = decodeResult(action, answer)
  return decoded.ok && 'status' in decoded.result ? decoded.result.status : undefined
}
