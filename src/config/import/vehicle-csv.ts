/** A table of vehicles as the fields that REST takes, or all that is wrong with it. Pure. */
import { schemaFindings } from '../schema-findings.js'
import { vehicleFieldsSchema, vehicleProblem } from '../vehicle-schema.js'
import type { Cell, CsvProblem } from './csv.js'
import { extraCell, inOrder, readTable } from './csv-table.js'
import { departuresFromWords } from './departure-words.js'
import { VEHICLE_COLUMNS } from './vehicle-columns.js'
import type { VehicleColumn } from './vehicle-columns.js'

export interface VehicleRow {
  readonly line: number
  /** Of a vehicle that is there. */
  readonly id: string | undefined
  readonly name: string
  /** What the row states; an empty cell states nothing. */
  readonly fields: Readonly<Record<string, unknown>>
}

export type VehicleTable =
  | { readonly ok: true; readonly rows: readonly VehicleRow[] }
  | { readonly ok: false; readonly problems: readonly CsvProblem[] }

const NUMBERS: ReadonlySet<VehicleColumn> = new Set([
  'battery_kwh',
  'max_current_a',
  'phases',
  'priority',
  'target_soc',
  'target_kwh',
])

export function vehicleTable(text: string): VehicleTable {
  const table = readTable(text, VEHICLE_COLUMNS, { name: 'name', each: 'vehicle' })
  if (!table.ok) return table
  const problems: CsvProblem[] = []
  const rows = table.body.flatMap((cells) => {
    const made = rowOf(cells, table.names)
    problems.push(...made.problems)
    return made.row ? [made.row] : []
  })
  problems.push(...repeated(rows))
  return problems.length === 0 ? { ok: true, rows } : { ok: false, problems: inOrder(problems) }
}

function rowOf(
  cells: readonly Cell[],
  names: readonly VehicleColumn[],
): { readonly row: VehicleRow | undefined; readonly problems: readonly CsvProblem[] } {
  const problems: CsvProblem[] = []
  const line = cells[0]?.line ?? 0
  const extra = extraCell(cells, names.length)
  if (extra) return { row: undefined, problems: [extra] }
  const fields: Record<string, unknown> = {}
  const places = new Map<string, Cell>()
  for (const [index, name] of names.entries()) {
    const cell = cells[index]
    if (!cell || cell.text === '') continue
    places.set(name, cell)
    if (name === 'id_tags') fields[name] = cell.text.split(/[\s;|,]+/).filter((tag) => tag !== '')
    else if (name === 'departures') {
      const read = departuresFromWords(cell.text)
      if (read.ok) {
        fields['departures'] = read.weekly
        fields['one_off_departures'] = read.oneOff
        places.set('one_off_departures', cell)
      } else {
        // A quoted cell may span lines: then its start has to do.
        const offset = cell.text.includes('\n') ? 0 : read.offset
        problems.push({ line: cell.line, column: cell.column + offset, message: read.message })
      }
    } else fields[name] = NUMBERS.has(name) ? numberOf(cell.text) : cell.text
  }
  const { id, ...stated } = fields
  const parsed = vehicleFieldsSchema.safeParse(stated)
  if (!parsed.success) {
    for (const { path, message } of schemaFindings(parsed.error, stated)) {
      const [column = '', ...inner] = path
      const place = places.get(String(column)) ?? { line, column: 1 }
      problems.push(at(place, `${[column, ...inner].join('.')}: ${message}`))
    }
  } else {
    const message = vehicleProblem(parsed.data)
    if (message !== undefined)
      problems.push(at(places.get('target_kwh') ?? { line, column: 1 }, message))
  }
  const name = typeof fields['name'] === 'string' ? fields['name'] : ''
  const row = { line, id: typeof id === 'string' ? id : undefined, name, fields: stated }
  return { row, problems }
}

function at({ line, column }: { line: number; column: number }, message: string): CsvProblem {
  return { line, column, message }
}

/** What is none stays a text, which the schema then shows. */
function numberOf(text: string): unknown {
  return /^-?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : text
}

/** Rows are known by id or name, sessions by id tag: each may be there once. */
function repeated(rows: readonly VehicleRow[]): readonly CsvProblem[] {
  const lines = new Map<string, number>()
  const problems: CsvProblem[] = []
  const note = (key: string, what: string, line: number): void => {
    const before = lines.get(key)
    if (before === undefined) lines.set(key, line)
    else problems.push({ line, column: 1, message: `${what} is in line ${before} already` })
  }
  for (const { line, id, name, fields } of rows) {
    if (id !== undefined) note(`id ${id}`, `the id "${id}"`, line)
    else if (name !== '') note(`name ${name.toLowerCase()}`, `the name "${name}"`, line)
    const tags = Array.isArray(fields['id_tags']) ? fields['id_tags'] : []
    for (const tag of tags)
      note(`tag ${String(tag).toLowerCase()}`, `the id tag "${String(tag)}"`, line)
  }
  return problems
}
