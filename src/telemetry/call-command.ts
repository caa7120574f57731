/** The backend asks something of a charge point, by the name OCPP 1.6 has for it. */
import { z } from 'zod'
import { chargePointId } from '../config/depot-fields.js'
import { toSnakeKeys } from './camel-case.js'
import { problemsText } from './vehicle-command.js'

export interface CallCommand {
  readonly type: 'call'
  readonly id: string
  readonly chargePointId: string
  /** As REST takes it: `action` and its fields in snake_case, not checked further. */
  readonly wire: Readonly<Record<string, unknown>>
}

const argsSchema = z.looseObject({
  charge_point_id: chargePointId,
  action: z.string().min(1).max(50),
})

/** The command, or what is wrong with its arguments. */
export function callCommand(id: string, given: unknown): CallCommand | string {
  const wire = toSnakeKeys(given)
  const parsed = argsSchema.safeParse(wire)
  if (!parsed.success) return problemsText(parsed.error, wire)
  const { charge_point_id: asked, ...rest } = parsed.data
  // What a raw call carries is the vendor's: its names stay as they are.
  const payload = payloadOf(given)
  const whole = payload === undefined ? rest : { ...rest, payload }
  return { type: 'call', id, chargePointId: asked, wire: whole }
}

function payloadOf(given: unknown): unknown {
  return typeof given === 'object' && given !== null && 'payload' in given
    ? given.payload
    : undefined
}
