/** The backend keeps the vehicles of the depot: each is created or changed by its id. */
import { z } from 'zod'
import { objectId } from '../config/depot-fields.js'
import { schemaFindings } from '../config/schema-findings.js'
import { vehicleFieldsSchema } from '../config/vehicle-schema.js'
import { toCamelNames, toSnakeKeys } from './camel-case.js'

export type VehicleCommand =
  | {
      readonly type: 'putVehicle'
      readonly id: string
      readonly vehicleId: string
      /** In the words of REST; what is left out stays. */
      readonly change: Readonly<Record<string, unknown>>
    }
  | { readonly type: 'deleteVehicle'; readonly id: string; readonly vehicleId: string }

const argsSchema = vehicleFieldsSchema
  .partial()
  .extend({ vehicle_id: objectId, delete: z.literal(true).optional() })

/** The command, or what is wrong with its arguments. */
export function vehicleCommand(id: string, given: unknown): VehicleCommand | string {
  const args = toSnakeKeys(given)
  const parsed = argsSchema.safeParse(args)
  if (!parsed.success) return problemsText(parsed.error, args)
  const { vehicle_id: vehicleId, delete: isDelete, ...change } = parsed.data
  if (isDelete !== true) return { type: 'putVehicle', id, vehicleId, change }
  return Object.keys(change).length === 0
    ? { type: 'deleteVehicle', id, vehicleId }
    : 'args: delete comes alone with vehicleId'
}

/** In the words of the sender. */
export function problemsText(error: z.ZodError, args: unknown): string {
  const problems = schemaFindings(error, args).map(
    ({ path, message }) => `${['args', ...path].join('.')}: ${message}`,
  )
  return toCamelNames(problems.join('; '))
}
