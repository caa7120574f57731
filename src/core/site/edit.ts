/**
 * Changes to the depot objects: checks them and applies them to a depot, or says what is wrong and
 * with which field. REST, the YAML first-start content and the store all pass through here.
 */
import type { Charger, Constraint, Depot, IdTag } from './depot.js'
import { classesProblem } from '../classes/guarantees.js'
import { dayNumber } from '../schedule/dates.js'
import type { Vehicle } from './vehicle.js'
import { vehicleByTag } from './vehicle.js'

export type ConstraintFields = Omit<Constraint, 'id'>
export type ChargerFields = Omit<Charger, 'id'>

export type DepotEdit =
  | { readonly type: 'putConstraint'; readonly constraint: Constraint }
  | { readonly type: 'deleteConstraint'; readonly id: string }
  | { readonly type: 'putCharger'; readonly charger: Charger }
  | { readonly type: 'deleteCharger'; readonly id: string }
  | { readonly type: 'putIdTag'; readonly idTag: IdTag }
  /** All of them or none; `replace`: those not named go. */
  | { readonly type: 'putIdTags'; readonly idTags: readonly IdTag[]; readonly replace: boolean }
  | { readonly type: 'deleteIdTag'; readonly idTag: string }
  | { readonly type: 'putVehicle'; readonly vehicle: Vehicle }
  | { readonly type: 'deleteVehicle'; readonly id: string }

export interface Problem {
  readonly kind: 'notFound' | 'conflict' | 'invalid'
  /** Which field, as a path of the domain names (`parentId`, `evses.0.id`); undefined: the object. */
  readonly field: string | undefined
  /** What is wrong, with the value, and what is expected. */
  readonly message: string
}

export type Edited =
  | { readonly ok: true; readonly depot: Depot }
  | { readonly ok: false; readonly problem: Problem }

/** Charge point ids must be unique; OCPP 1.6 ids are case-sensitive. */
export function edit(depot: Depot, change: DepotEdit): Edited {
  switch (change.type) {
    case 'putConstraint':
      return putConstraint(depot, change.constraint)
    case 'deleteConstraint':
      return deleteConstraint(depot, change.id)
    case 'putCharger':
      return putCharger(depot, change.charger)
    case 'deleteCharger':
      return deleteCharger(depot, change.id)
    case 'putIdTag':
      return putIdTag(depot, change.idTag)
    case 'putIdTags':
      return putIdTags(depot, change.idTags, change.replace)
    case 'deleteIdTag':
      return deleteIdTag(depot, change.idTag)
    case 'putVehicle':
      return putVehicle(depot, change.vehicle)
    case 'deleteVehicle':
      return deleteVehicle(depot, change.id)
  }
}

function refused(kind: Problem['kind'], field: string | undefined, message: string): Edited {
  return { ok: false, problem: { kind, field, message } }
}

function putConstraint(depot: Depot, constraint: Constraint): Edited {
  const { id, parentId } = constraint
  if (id === 'site') return refused('invalid', 'id', '"site" is the grid connection itself')
  if (!(constraint.maxPowerKw >= 0)) {
    return refused('invalid', 'maxPowerKw', `must be 0 or more, got ${constraint.maxPowerKw}`)
  }
  if (parentId !== undefined) {
    const parent = depot.constraints.get(parentId)
    if (parentId === id)
      return refused('invalid', 'parentId', 'a constraint cannot be its own parent')
    if (!parent) return refused('invalid', 'parentId', `no constraint has the id "${parentId}"`)
    for (let above = parent; above.parentId !== undefined;) {
      if (above.parentId === id) {
        return refused(
          'invalid',
          'parentId',
          `"${parentId}" is below "${id}" already: this would close a cycle`,
        )
      }
      const next = depot.constraints.get(above.parentId)
      if (!next) break
      above = next
    }
  }
  const classes = classesProblem(constraint.classes ?? [])
  if (classes) return { ok: false, problem: classes }
  if (constraint.type === 'constraint') {
    for (const charger of depot.chargers.values()) {
      if (charger.parentChargeGroup !== id) continue
      return refused(
        'conflict',
        'type',
        `charger "${charger.name}" is in it: it must stay a charge_group`,
      )
    }
  }
  return {
    ok: true,
    depot: { ...depot, constraints: new Map(depot.constraints).set(id, constraint) },
  }
}

function deleteConstraint(depot: Depot, id: string): Edited {
  if (!depot.constraints.has(id))
    return refused('notFound', 'id', `no constraint has the id "${id}"`)
  for (const child of depot.constraints.values()) {
    if (child.parentId === id) {
      return refused(
        'conflict',
        undefined,
        `constraint "${child.name}" (${child.id}) is below it: move or delete it first`,
      )
    }
  }
  for (const charger of depot.chargers.values()) {
    if (charger.parentChargeGroup === id) {
      return refused(
        'conflict',
        undefined,
        `charger "${charger.name}" (${charger.id}) is in it: move or delete it first`,
      )
    }
  }
  const constraints = new Map(depot.constraints)
  constraints.delete(id)
  return { ok: true, depot: { ...depot, constraints } }
}

function putCharger(depot: Depot, charger: Charger): Edited {
  const group = depot.constraints.get(charger.parentChargeGroup)
  if (!group) {
    return refused(
      'invalid',
      'parentChargeGroup',
      `no charge group has the id "${charger.parentChargeGroup}"`,
    )
  }
  if (group.type !== 'charge_group') {
    return refused(
      'invalid',
      'parentChargeGroup',
      `"${group.name}" is a constraint; chargers belong to a charge_group`,
    )
  }
  if (!(charger.maxPowerKw >= 0)) {
    return refused('invalid', 'maxPowerKw', `must be 0 or more, got ${charger.maxPowerKw}`)
  }
  if (charger.ocppChargePointId !== undefined) {
    for (const other of depot.chargers.values()) {
      if (other.id === charger.id || other.ocppChargePointId !== charger.ocppChargePointId) continue
      return refused(
        'conflict',
        'ocppChargePointId',
        `"${charger.ocppChargePointId}" belongs to charger "${other.name}" (${other.id})`,
      )
    }
  }
  const seen = new Set<number>()
  for (const [index, evse] of charger.evses.entries()) {
    const at = `evses.${index}`
    if (seen.has(evse.id)) return refused('invalid', `${at}.id`, `EVSE ${evse.id} is there twice`)
    seen.add(evse.id)
    if (!(evse.maxPowerKw >= 0)) {
      return refused('invalid', `${at}.maxPowerKw`, `must be 0 or more, got ${evse.maxPowerKw}`)
    }
    if (evse.minCurrentA > evse.maxCurrentA) {
      return refused(
        'invalid',
        `${at}.minCurrentA`,
        `${evse.minCurrentA} A is above the maximum of ${evse.maxCurrentA} A`,
      )
    }
    const fallbackA = evse.fallbackCurrentA
    if (
      typeof fallbackA === 'number' &&
      fallbackA !== 0 &&
      (fallbackA < evse.minCurrentA || fallbackA > evse.maxCurrentA)
    ) {
      return refused(
        'invalid',
        `${at}.fallbackCurrentA`,
        `must be 0 or from ${evse.minCurrentA} to ${evse.maxCurrentA} A, got ${fallbackA}`,
      )
    }
  }
  return {
    ok: true,
    depot: { ...depot, chargers: new Map(depot.chargers).set(charger.id, charger) },
  }
}

function deleteCharger(depot: Depot, id: string): Edited {
  if (!depot.chargers.has(id)) return refused('notFound', 'id', `no charger has the id "${id}"`)
  const chargers = new Map(depot.chargers)
  chargers.delete(id)
  return { ok: true, depot: { ...depot, chargers } }
}

function putIdTag(depot: Depot, idTag: IdTag): Edited {
  return putIdTags(depot, [idTag], false)
}

function putIdTags(depot: Depot, changed: readonly IdTag[], replace: boolean): Edited {
  const idTags = new Map(replace ? [] : depot.idTags)
  for (const idTag of changed) {
    if (idTag.idTag === '' || idTag.idTag.length > 20) {
      return refused(
        'invalid',
        'idTag',
        `must have 1 to 20 characters (OCPP 1.6 CiString20), got ${idTag.idTag.length}`,
      )
    }
    idTags.set(idTag.idTag.toLowerCase(), idTag)
  }
  return { ok: true, depot: { ...depot, idTags } }
}

function deleteIdTag(depot: Depot, idTag: string): Edited {
  const key = idTag.toLowerCase()
  if (!depot.idTags.has(key)) return refused('notFound', 'idTag', `there is no id tag "${idTag}"`)
  const idTags = new Map(depot.idTags)
  idTags.delete(key)
  return { ok: true, depot: { ...depot, idTags } }
}

function putVehicle(depot: Depot, vehicle: Vehicle): Edited {
  const tags = new Set<string>()
  for (const [index, idTag] of vehicle.idTags.entries()) {
    const at = `idTags.${index}`
    if (tags.has(idTag.toLowerCase())) return refused('invalid', at, `"${idTag}" is there twice`)
    tags.add(idTag.toLowerCase())
    const other = vehicleByTag(depot.vehicles, idTag)
    if (!other || other.id === vehicle.id) continue
    return refused('conflict', at, `"${idTag}" belongs to vehicle "${other.name}" (${other.id})`)
  }
  for (const [index, { date }] of vehicle.oneOffDepartures.entries()) {
    if (dayNumber(date) !== undefined) continue
    return refused('invalid', `oneOffDepartures.${index}.date`, `there is no day "${date}"`)
  }
  const missing = withoutBattery(vehicle)
  if (missing !== undefined) {
    const message = 'is needed for a target in percent: give it, or state the targets in kWh'
    return refused('invalid', 'batteryKwh', message)
  }
  return {
    ok: true,
    depot: { ...depot, vehicles: new Map(depot.vehicles).set(vehicle.id, vehicle) },
  }
}

/** A target in percent that says nothing without the size of the battery. */
function withoutBattery(vehicle: Vehicle): Vehicle['target'] {
  if (vehicle.batteryKwh !== undefined) return undefined
  const targets = [vehicle, ...vehicle.departures, ...vehicle.oneOffDepartures]
  return targets.find(({ target }) => target?.type === 'soc')?.target
}

function deleteVehicle(depot: Depot, id: string): Edited {
  if (!depot.vehicles.has(id)) return refused('notFound', 'id', `no vehicle has the id "${id}"`)
  const vehicles = new Map(depot.vehicles)
  vehicles.delete(id)
  return { ok: true, depot: { ...depot, vehicles } }
}
