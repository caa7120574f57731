/** The depot as one JSON document: what the store keeps, and what `depot:` in the YAML file holds. */
import { z } from 'zod'
import type { Depot } from '../core/site/depot.js'
import { EMPTY_DEPOT } from '../core/site/depot.js'
import type { DepotEdit, Problem } from '../core/site/edit.js'
import { edit } from '../core/site/edit.js'
import { parentsFirst } from './constraint-order.js'
import type { ChargerWire, ConstraintWire, IdTagWire } from './depot-schema.js'
import {
  chargerFromWire,
  chargerSchema,
  chargerToWire,
  constraintFromWire,
  constraintSchema,
  constraintToWire,
  idTagFromWire,
  idTagSchema,
  idTagToWire,
} from './depot-schema.js'
import type { SchemaFinding } from './schema-findings.js'
import { schemaFindings } from './schema-findings.js'
import { vehicleFromWire, vehicleProblem, vehicleSchema, vehicleToWire } from './vehicle-schema.js'
import type { VehicleWire } from './vehicle-schema.js'
import { wirePath } from './wire-path.js'

export interface DepotDocument {
  readonly version: 1
  readonly constraints: readonly ConstraintWire[]
  readonly chargers: readonly ChargerWire[]
  readonly id_tags: readonly IdTagWire[]
  readonly vehicles: readonly VehicleWire[]
}

export type CheckedDepot =
  | { readonly ok: true; readonly depot: Depot }
  | { readonly ok: false; readonly findings: readonly SchemaFinding[] }

export type ReadDepot =
  | { readonly ok: true; readonly depot: Depot }
  | { readonly ok: false; readonly problems: readonly string[] }

const list = <T extends z.ZodType>(item: T): z.ZodArray<T> =>
  z.array(item, { error: 'must be a list' })

const documentSchema = z.strictObject({
  version: z.literal(1, { error: 'must be 1, the only version of the depot document' }),
  constraints: list(constraintSchema),
  chargers: list(chargerSchema),
  id_tags: list(idTagSchema),
  // Absent in documents from before there were any.
  vehicles: list(vehicleSchema).default([]),
})

export function depotToDocument(depot: Depot): DepotDocument {
  return {
    version: 1,
    constraints: [...depot.constraints.values()].map(constraintToWire),
    chargers: [...depot.chargers.values()].map(chargerToWire),
    id_tags: [...depot.idTags.values()].map(idTagToWire),
    vehicles: [...depot.vehicles.values()].map(vehicleToWire),
  }
}

/** Each problem is one line that begins with the path of the field. */
export function depotFromDocument(document: unknown): ReadDepot {
  const parsed = documentSchema.safeParse(document)
  const checked: CheckedDepot = parsed.success
    ? depotFromWire(parsed.data)
    : { ok: false, findings: schemaFindings(parsed.error, document) }
  if (checked.ok) return checked
  return {
    ok: false,
    problems: checked.findings.map(({ path, message }) =>
      path.length === 0 ? message : `${path.join('.')}: ${message}`,
    ),
  }
}

type Path = SchemaFinding['path']

/** Objects in any order; each passes the same checks as an edit through REST. */
export function depotFromWire(wire: Omit<DepotDocument, 'version'>): CheckedDepot {
  const findings: SchemaFinding[] = []
  let depot = EMPTY_DEPOT
  const put = (path: Path, change: DepotEdit): void => {
    const edited = edit(depot, change)
    if (edited.ok) depot = edited.depot
    else findings.push(findingOf(path, edited.problem))
  }
  const isNew = (ids: Set<string>, id: string, path: Path): boolean => {
    if (ids.has(id)) findings.push({ path, message: `"${id}" is there twice` })
    return ids.size !== ids.add(id).size
  }

  const { ordered, cyclic } = parentsFirst(wire.constraints)
  for (const { index } of cyclic) {
    const message = 'leads round in a circle: it never reaches the grid connection'
    findings.push({ path: ['constraints', index, 'parent_id'], message })
  }
  const named = new Set(wire.constraints.map(({ id }) => id))
  // What hangs on a refused object is not wrong itself.
  const hangsOnRefused = (id: string | null | undefined): boolean =>
    typeof id === 'string' && named.has(id) && !depot.constraints.has(id)

  const constraintIds = new Set<string>()
  for (const { wire: constraint, index } of ordered) {
    const path = ['constraints', index]
    if (!isNew(constraintIds, constraint.id, [...path, 'id'])) continue
    if (hangsOnRefused(constraint.parent_id)) continue
    put(path, { type: 'putConstraint', constraint: constraintFromWire(constraint) })
  }
  const chargerIds = new Set<string>()
  for (const [index, charger] of wire.chargers.entries()) {
    const path = ['chargers', index]
    if (!isNew(chargerIds, charger.id, [...path, 'id'])) continue
    if (hangsOnRefused(charger.parent_charge_group)) continue
    put(path, { type: 'putCharger', charger: chargerFromWire(charger) })
  }
  const tags = new Set<string>()
  for (const [index, tag] of wire.id_tags.entries()) {
    const path = ['id_tags', index]
    if (!isNew(tags, tag.id_tag.toLowerCase(), [...path, 'id_tag'])) continue
    put(path, { type: 'putIdTag', idTag: idTagFromWire(tag) })
  }
  const vehicleIds = new Set<string>()
  for (const [index, vehicle] of wire.vehicles.entries()) {
    const path = ['vehicles', index]
    if (!isNew(vehicleIds, vehicle.id, [...path, 'id'])) continue
    const problem = vehicleProblem(vehicle)
    if (problem === undefined) put(path, { type: 'putVehicle', vehicle: vehicleFromWire(vehicle) })
    else findings.push({ path, message: problem })
  }
  return findings.length === 0 ? { ok: true, depot } : { ok: false, findings }
}

function findingOf(path: Path, { field, message }: Problem): SchemaFinding {
  return { path: field === undefined ? path : [...path, ...wirePath(field)], message }
}
