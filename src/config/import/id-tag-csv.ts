/** A table of id tags as id tags, or all that is wrong with it; and back. Pure. */
import type { IdTag } from '../../core/site/depot.js'
import { idTagFromWire, idTagSchema, idTagToWire } from '../depot-schema.js'
import type { IdTagWire } from '../depot-schema.js'
import { schemaFindings } from '../schema-findings.js'
import type { Cell, CsvProblem } from './csv.js'
import { extraCell, inOrder, readTable } from './csv-table.js'
import { ID_TAG_COLUMNS } from './id-tag-columns.js'
import type { IdTagColumn } from './id-tag-columns.js'

export type IdTagTable =
  | { readonly ok: true; readonly idTags: readonly IdTag[] }
  | { readonly ok: false; readonly problems: readonly CsvProblem[] }

const MAX_TAGS = 100_000
const NUMBERS: ReadonlySet<IdTagColumn> = new Set(['max_active_transactions', 'priority'])
const YES = /^(true|yes|1|x|blocked)$/i
const NO = /^(false|no|0|accepted)$/i

export function idTagTable(text: string): IdTagTable {
  const table = readTable(text, ID_TAG_COLUMNS, { name: 'id_tag', each: 'line' })
  if (!table.ok) return table
  const { names, body } = table
  if (body.length > MAX_TAGS) {
    const message = `there are ${body.length} id tags: at most ${MAX_TAGS}`
    return { ok: false, problems: [{ line: body[MAX_TAGS]?.[0]?.line ?? 1, column: 1, message }] }
  }
  const problems: CsvProblem[] = []
  const lines = new Map<string, number>()
  const idTags = body.flatMap((cells) => {
    const made = idTagOf(cells, names)
    problems.push(...made.problems)
    if (!made.wire) return []
    const line = cells[0]?.line ?? 0
    const before = lines.get(made.wire.id_tag.toLowerCase())
    if (before !== undefined) {
      const message = `the id tag "${made.wire.id_tag}" is in line ${before} already`
      problems.push({ line, column: 1, message })
    }
    lines.set(made.wire.id_tag.toLowerCase(), line)
    return [idTagFromWire(made.wire)]
  })
  if (problems.length === 0) return { ok: true, idTags }
  return { ok: false, problems: inOrder(problems) }
}

/** With every column; what is imported again changes nothing. */
export function idTagCsv(idTags: Iterable<IdTag>): string {
  const lines = [ID_TAG_COLUMNS.join(',')]
  for (const idTag of idTags) {
    const wire = idTagToWire(idTag)
    lines.push(ID_TAG_COLUMNS.map((name) => cellOf(wire[name])).join(','))
  }
  return `${lines.join('\r\n')}\r\n`
}

function idTagOf(
  cells: readonly Cell[],
  names: readonly IdTagColumn[],
): { readonly wire: IdTagWire | undefined; readonly problems: readonly CsvProblem[] } {
  const line = cells[0]?.line ?? 0
  const extra = extraCell(cells, names.length)
  if (extra) return { wire: undefined, problems: [extra] }
  const fields: Record<string, unknown> = {}
  const places = new Map<string, Cell>()
  for (const [index, name] of names.entries()) {
    const cell = cells[index]
    if (!cell || cell.text === '') continue
    places.set(name, cell)
    fields[name] = valueOf(name, cell.text)
  }
  const parsed = idTagSchema.safeParse(fields)
  if (parsed.success) return { wire: parsed.data, problems: [] }
  const problems = schemaFindings(parsed.error, fields).map(({ path, message }) => {
    const [name = ''] = path
    const place = places.get(String(name)) ?? { line, column: 1 }
    return { line: place.line, column: place.column, message: `${String(name)}: ${message}` }
  })
  return { wire: undefined, problems }
}

/** What is none stays a text, which the schema then shows. */
function valueOf(name: IdTagColumn, text: string): unknown {
  if (name === 'blocked') {
    if (YES.test(text)) return true
    return NO.test(text) ? false : text
  }
  return NUMBERS.has(name) && /^\d+$/.test(text) ? Number(text) : text
}

function cellOf(value: string | number | boolean | null | undefined): string {
  const text = String(value ?? '')
  return /[",;\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
