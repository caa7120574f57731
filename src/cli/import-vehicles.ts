/** `yardmaster import vehicles`: a table of vehicles into a running gateway, as often as one likes. */
import { z } from 'zod'
import { vehicleTable } from '../config/import/vehicle-csv.js'
import type { VehicleRow } from '../config/import/vehicle-csv.js'
import { textOf } from './import.js'
import type { Io } from './io.js'
import { GatewayError, restClient } from './rest-client.js'
import type { Gateway, GatewayOptions } from './rest-client.js'

export interface ImportVehiclesOptions extends GatewayOptions {
  /** Say what would be done. */
  readonly dryRun?: boolean
}

const DONE = 0
const REFUSED = 1
const BAD_FILE = 2

const knownSchema = z.array(z.looseObject({ id: z.string(), name: z.string() }))
type Known = z.infer<typeof knownSchema>[number]

/** What a row comes to: undefined `before` creates. */
type Step =
  | { readonly type: 'put'; readonly row: VehicleRow; readonly before: Known | undefined }
  | { readonly type: 'same' }
  | { readonly type: 'wrong'; readonly row: VehicleRow; readonly message: string }

/** Resolves with the exit code. Nothing is sent before the whole file is right. */
export async function importVehicles(
  file: string,
  options: ImportVehiclesOptions,
  io: Io,
): Promise<number> {
  const text = await textOf(file, io)
  if (text === undefined) return BAD_FILE
  const table = vehicleTable(text)
  if (!table.ok) {
    for (const { line, column, message } of table.problems) {
      io.err(`${file}:${line}:${column}: ${message}`)
    }
    return BAD_FILE
  }
  const gateway = restClient(options, io)
  try {
    const known = knownSchema.parse(await gateway.send('GET', '/vehicles'))
    const steps = table.rows.map((row) => stepOf(row, known))
    const wrong = steps.filter((step) => step.type === 'wrong')
    for (const { row, message } of wrong) io.err(`${file}:${row.line}:1: ${message}`)
    if (wrong.length > 0) return BAD_FILE
    return await carriedOut(file, steps, options.dryRun === true ? undefined : gateway, io)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    io.err(error.message)
    return REFUSED
  }
}

function stepOf(row: VehicleRow, known: readonly Known[]): Step {
  if (row.id !== undefined) {
    const before = known.find(({ id }) => id === row.id)
    if (before) return changeOf(row, before)
    const message = `no vehicle has the id "${row.id}": leave the cell empty to create one`
    return { type: 'wrong', row, message }
  }
  const named = known.filter(({ name }) => name.toLowerCase() === row.name.toLowerCase())
  const [before, other] = named
  if (other) {
    const ids = named.map(({ id }) => id).join(', ')
    const message = `${named.length} vehicles have the name "${row.name}": state the id, one of ${ids}`
    return { type: 'wrong', row, message }
  }
  return before ? changeOf(row, before) : { type: 'put', row, before: undefined }
}

function changeOf(row: VehicleRow, before: Known): Step {
  const isSame = Object.entries(row.fields).every(
    ([field, value]) => JSON.stringify(value) === JSON.stringify(before[field]),
  )
  return isSame ? { type: 'same' } : { type: 'put', row, before }
}

/** Without a gateway nothing is sent. */
async function carriedOut(
  file: string,
  steps: readonly Step[],
  gateway: Gateway | undefined,
  io: Io,
): Promise<number> {
  const counts = { created: 0, changed: 0, same: 0, refused: 0 }
  for (const step of steps) {
    if (step.type !== 'put') {
      counts.same += 1
      continue
    }
    const { row, before } = step
    try {
      if (before) {
        await gateway?.send('PATCH', `/vehicles/${encodeURIComponent(before.id)}`, row.fields)
        counts.changed += 1
      } else {
        await gateway?.send('POST', '/vehicles', row.fields)
        counts.created += 1
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      io.err(`${file}:${row.line}:1: ${error.message}`)
      counts.refused += 1
    }
  }
  const { created, changed, same, refused } = counts
  const would = gateway ? '' : 'would be '
  const refusals = refused === 0 ? '' : `, ${refused} refused: correct them and import again`
  io.out(`${would}${created} created, ${changed} changed, ${same} the same${refusals}`)
  return refused === 0 ? DONE : REFUSED
}
