import { z } from 'zod'
import {
  oneOffDepartureSchema,
  vehicleFieldsSchema,
  vehicleToWire,
  weeklyDepartureSchema,
} from '../config/vehicle-schema.js'
import type { Vehicle } from '../core/site/vehicle.js'

export const vehicleAnswerSchema = z.object({
  id: z.string(),
  name: z.string(),
  id_tags: z.array(z.string()),
  battery_kwh: z.number().nullable(),
  max_current_a: z.number().nullable(),
  phases: z.number().nullable(),
  priority: z.number().nullable().describe('null: that of its id tag, its charger or its group'),
  target_soc: z.number().nullable(),
  target_kwh: z.number().nullable(),
  departures: z.array(weeklyDepartureSchema),
  one_off_departures: z.array(oneOffDepartureSchema),
})

/** What PUT and PATCH take: fields left out stay as they are. */
export const vehicleChangeSchema = vehicleFieldsSchema.partial()

export function vehicleAnswer(vehicle: Vehicle): z.infer<typeof vehicleAnswerSchema> {
  const wire = vehicleToWire(vehicle)
  return {
    id: vehicle.id,
    name: vehicle.name,
    id_tags: [...vehicle.idTags],
    battery_kwh: vehicle.batteryKwh ?? null,
    max_current_a: vehicle.maxCurrentA ?? null,
    phases: vehicle.phases ?? null,
    priority: vehicle.priority ?? null,
    target_soc: wire.target_soc ?? null,
    target_kwh: wire.target_kwh ?? null,
    departures: wire.departures ?? [],
    one_off_departures: wire.one_off_departures ?? [],
  }
}
