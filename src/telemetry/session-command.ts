/** The backend says what it wants of a session that is going on. */
import { z } from 'zod'
import {
  chargePointId,
  connectorId,
  energyKwh,
  objectId,
  percent,
  priority,
} from '../config/depot-fields.js'
import { sessionTarget } from '../config/vehicle-schema.js'
import type { PlanChange } from '../core/energy/session-plan.js'
import { toSnakeKeys } from './camel-case.js'
import { problemsText } from './vehicle-command.js'

export interface SessionCommand {
  readonly type: 'planSession'
  readonly id: string
  readonly session: SessionAddress
  readonly change: PlanChange
}

export type SessionAddress =
  | { readonly type: 'session'; readonly sessionId: string }
  /** The one of this vehicle. */
  | { readonly type: 'vehicle'; readonly vehicleId: string }
  | { readonly type: 'evse'; readonly chargePointId: string; readonly evseId: number }

const wallMs = z
  .int({ error: 'must be ms since 1970 (UTC)' })
  .min(0, { error: 'must be ms since 1970 (UTC)' })

const argsSchema = z.strictObject({
  session_id: objectId.optional(),
  vehicle_id: objectId.optional(),
  charge_point_id: chargePointId.optional(),
  evse_id: connectorId.optional(),
  energy_kwh: energyKwh.nullish(),
  target_soc: percent.nullish(),
  soc: percent.nullish(),
  departure_ts: wallMs.nullish(),
  priority: priority.nullish(),
  priority_until_ts: wallMs.nullish(),
})

/** The command, or what is wrong with its arguments. */
export function sessionCommand(id: string, given: unknown): SessionCommand | string {
  const args = toSnakeKeys(given)
  const parsed = argsSchema.safeParse(args)
  if (!parsed.success) return problemsText(parsed.error, args)
  const { energy_kwh: kwh, target_soc: targetSoc, soc, departure_ts: departureMs } = parsed.data
  const session = addressOf(parsed.data)
  if (!session) {
    return 'args: must name one session: sessionId, vehicleId, or chargePointId with evseId'
  }
  if (typeof kwh === 'number' && typeof targetSoc === 'number') {
    return 'args: energyKwh must come without targetSoc: a session has one target'
  }
  const target = sessionTarget(kwh, targetSoc)
  const { priority: rank, priority_until_ts: priorityUntilMs } = parsed.data
  const change = { target, soc, departureMs, priority: rank, priorityUntilMs }
  if (Object.values(change).every((one) => one === undefined)) {
    return 'args: must say what is wanted: energyKwh, targetSoc, soc, departureTs or priority'
  }
  return { type: 'planSession', id, session, change }
}

function addressOf(args: z.infer<typeof argsSchema>): SessionAddress | undefined {
  const {
    session_id: sessionId,
    vehicle_id: vehicleId,
    charge_point_id: id,
    evse_id: evseId,
  } = args
  const ways: (SessionAddress | undefined)[] = [
    sessionId === undefined ? undefined : { type: 'session', sessionId },
    vehicleId === undefined ? undefined : { type: 'vehicle', vehicleId },
    id === undefined ? undefined : { type: 'evse', chargePointId: id, evseId: evseId ?? 1 },
  ]
  const named = ways.filter((way) => way !== undefined)
  return named.length === 1 && (id !== undefined || evseId === undefined) ? named[0] : undefined
}
