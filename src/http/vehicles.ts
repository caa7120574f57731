/** /vehicles: what charges here, and when it must leave. */
import {
  vehicleFieldsSchema,
  vehicleFromWire,
  vehicleFieldsAfter,
  vehicleProblem,
} from '../config/vehicle-schema.js'
import type { VehicleWire } from '../config/vehicle-schema.js'
import type { Vehicle } from '../core/site/vehicle.js'
import type { Backend } from './backend.js'
import type { JsonObject } from './body.js'
import type { Checked } from './fields.js'
import { checked, sameId } from './fields.js'
import { invalid, refusal } from './refusal.js'
import type { Resource } from './resource.js'
import { vehicleAnswer } from './vehicle-shape.js'

export function vehicles(backend: Backend): Resource<Vehicle> {
  return {
    tag: 'vehicles',
    summaries: {
      list: 'All vehicles',
      create: 'Create a vehicle',
      one: 'One vehicle',
      change: 'Change a vehicle; fields left out stay, null clears',
      remove: 'Delete a vehicle',
    },
    schemas: { shown: 'Vehicle', fields: 'VehicleFields', change: 'VehicleChange' },
    max: 10_000,
    list: (view) => view.vehicles,
    find: (view, id) => view.vehicles.find((vehicle) => vehicle.id === id),
    answer: vehicleAnswer,
    unknown: (id) => refusal(404, `no vehicle has the id ${JSON.stringify(id)}`),
    create(body) {
      const fields = vehicleFields(body)
      if (!fields.ok) return fields.response
      const id = backend.newId()
      return { id, edit: { type: 'putVehicle', vehicle: vehicleFromWire({ ...fields.value, id }) } }
    },
    change(before, body, id) {
      const own = sameId(body, id)
      if (!own.ok) return own.response
      const fields = vehicleFields(vehicleFieldsAfter(before, own.value))
      if (!fields.ok) return fields.response
      return { type: 'putVehicle', vehicle: vehicleFromWire({ ...fields.value, id }) }
    },
    remove: (id) => ({ type: 'deleteVehicle', id }),
  }
}

function vehicleFields(body: JsonObject): Checked<Omit<VehicleWire, 'id'>> {
  const fields = checked(vehicleFieldsSchema, body)
  if (!fields.ok) return fields
  const message = vehicleProblem(fields.value)
  return message === undefined
    ? fields
    : { ok: false, response: invalid([{ field: 'target_kwh', message }]) }
}
