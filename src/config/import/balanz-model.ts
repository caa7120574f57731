/** The model files of balanz (groups, chargers, tags) as a depot in the words of the configuration. */
import type { ChargerWire, ConstraintWire, IdTagWire } from '../depot-schema.js'
import { windowToWire } from '../limit-window-schema.js'
import { balanzAllocation } from './balanz-allocation.js'
import { readCsv } from './csv.js'
import type { Cell } from './csv.js'

export interface BalanzFiles {
  readonly groups: string
  readonly chargers: string
  /** Undefined: there is none, and every tag may charge. */
  readonly tags: string | undefined
}

export interface ModelProblem {
  readonly file: keyof BalanzFiles
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface ImportedDepot {
  readonly constraints: readonly ConstraintWire[]
  readonly chargers: readonly ChargerWire[]
  readonly id_tags: readonly IdTagWire[]
}

export type ImportedModel =
  | {
      readonly ok: true
      readonly depot: ImportedDepot
      /** What was left out, for people. */
      readonly notes: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly ModelProblem[] }

const COLUMNS = {
  groups: { needed: ['group_id', 'max_allocation'], known: ['description'] },
  chargers: {
    needed: ['charger_id', 'group_id', 'conn_max'],
    known: ['alias', 'no_connectors', 'priority', 'description', 'auth_sha', 'command_port'],
  },
  tags: {
    needed: ['id_tag', 'status'],
    known: ['user_name', 'parent_id_tag', 'description', 'priority'],
  },
} as const

/** balanz counts each car on three phases of 230 V. */
const KW_PER_A = 0.69
const ID = /^[A-Za-z0-9._-]{1,64}$/
const MAX_CONNECTORS = 100

type Row = ReadonlyMap<string, Cell>

export function balanzModel(files: BalanzFiles): ImportedModel {
  const problems: ModelProblem[] = []
  const notes: string[] = []
  const problem = (
    file: keyof BalanzFiles,
    { line, column }: Omit<Cell, 'text'>,
    message: string,
  ) => void problems.push({ file, line, column, message })
  const rowsOf = (file: keyof BalanzFiles, text: string): readonly Row[] => {
    const read = readCsv(text)
    if (!read.ok) {
      for (const one of read.problems) problems.push({ file, ...one })
      return []
    }
    const [header = [], ...rows] = read.rows
    const { needed, known } = COLUMNS[file]
    const names = header.map((cell) => cell.text)
    for (const name of needed.filter((one) => !names.includes(one))) {
      problem(file, { line: 1, column: 1 }, `has no column ${name}: is it a file of balanz?`)
    }
    const all = new Set<string>([...needed, ...known])
    for (const cell of header.filter(({ text: name }) => !all.has(name))) {
      problem(file, cell, `"${cell.text}" is no column that can be taken over: remove it`)
    }
    for (const cells of rows) {
      const extra = cells[names.length]
      if (extra) {
        const message = `has ${cells.length} cells, the header ${names.length}: put text with commas in quotes`
        problem(file, extra, message)
      }
    }
    if (!needed.every((name) => names.includes(name))) return []
    return rows.map((cells) => new Map(names.map((name, at) => [name, cells[at] ?? after(cells)])))
  }

  const groups = rowsOf('groups', files.groups)
  const chargers = rowsOf('chargers', files.chargers)
  const tags = files.tags === undefined ? [] : rowsOf('tags', files.tags)
  const groupIds = new Set(groups.map((row) => textOf(row, 'group_id')))
  const used = new Set(chargers.map((row) => textOf(row, 'group_id')))

  const depot: ImportedDepot = {
    constraints: groups.flatMap((row) => constraintOf(row) ?? []),
    chargers: chargers.flatMap((row) => chargerOf(row) ?? []),
    id_tags: tags.flatMap((row) => tagOf(row) ?? []),
  }
  repeated('groups', groups, 'group_id')
  repeated('chargers', chargers, 'charger_id')
  repeated('tags', tags, 'id_tag')
  if (files.tags === undefined) notes.push('there is no tags.csv: every id tag may charge')
  if (chargers.some((row) => textOf(row, 'auth_sha') !== '')) {
    notes.push('auth_sha is left out: it is a hash, the passwords of the chargers are not in it')
  }
  if (tags.some((row) => textOf(row, 'parent_id_tag') !== '')) {
    notes.push('parent_id_tag is left out: a transaction is ended by its own tag or at the charger')
  }
  if (problems.length === 0) return { ok: true, depot, notes }
  return {
    ok: false,
    problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
  }

  function constraintOf(row: Row): ConstraintWire | undefined {
    const id = textOf(row, 'group_id')
    const allocation = cellOf(row, 'max_allocation')
    if (!isId('groups', cellOf(row, 'group_id'))) return undefined
    if (id === 'site') {
      problem('groups', cellOf(row, 'group_id'), '"site" is the grid connection here: rename it')
      return undefined
    }
    if (allocation.text === '') {
      if (!used.has(id)) {
        notes.push(`group ${id} is left out: it has no limit and no chargers`)
        return undefined
      }
      const message =
        `is empty, and chargers are in ${id}: nothing would limit them. Write a limit, such as ` +
        '00:00-23:59>0=63, or move the chargers'
      problem('groups', allocation, message)
      return undefined
    }
    const read = balanzAllocation(allocation.text)
    if (!read.ok) {
      const { line, column } = allocation
      for (const { at, message } of read.problems) {
        problem('groups', { line, column: column + at }, message)
      }
      return undefined
    }
    const highestA = Math.max(...read.windows.map(({ maxCurrentA }) => maxCurrentA?.[0] ?? 0))
    const isConstant = read.windows.every(({ ceilings }) => !ceilings) && read.windows.length === 1
    return {
      id,
      name: textOf(row, 'description') || id,
      type: 'charge_group',
      max_power_kw: kwOf(highestA),
      max_current_a: highestA,
      ...(!isConstant && { schedule: read.windows.map(importedWindow) }),
    }
  }

  function chargerOf(row: Row): ChargerWire | undefined {
    const id = textOf(row, 'charger_id')
    const groupId = textOf(row, 'group_id')
    const maxA = numberOf('chargers', cellOf(row, 'conn_max'), 'amperes such as 32.0', 6, 1000)
    const connectors = wholeOf('chargers', cellOf(row, 'no_connectors'), 1, MAX_CONNECTORS) ?? 1
    const priority = wholeOf('chargers', cellOf(row, 'priority'), 0, 1_000_000)
    if (!isId('chargers', cellOf(row, 'charger_id'))) return undefined
    if (!groupIds.has(groupId)) {
      const message = `"${groupId}" is no group of groups.csv: add it there, or name another`
      problem('chargers', cellOf(row, 'group_id'), message)
    }
    if (maxA === undefined) return undefined
    return {
      id,
      name: textOf(row, 'alias') || id,
      max_power_kw: kwOf(maxA * connectors),
      parent_charge_group: groupId,
      ocpp_charge_point_id: id,
      ...(priority !== undefined && { priority }),
      evses: Array.from({ length: connectors }, (_, at) => ({
        id: at + 1,
        max_power_kw: kwOf(maxA),
        max_current_a: maxA,
      })),
    }
  }

  function tagOf(row: Row): IdTagWire | undefined {
    const idTag = cellOf(row, 'id_tag')
    const status = cellOf(row, 'status')
    const priority = wholeOf('tags', cellOf(row, 'priority'), 0, 1_000_000)
    if (idTag.text === '' || idTag.text.length > 20) {
      problem('tags', idTag, `must have 1 to 20 characters (OCPP 1.6), got "${idTag.text}"`)
    }
    if (!['Activated', 'Blocked'].includes(status.text)) {
      problem('tags', status, `must be Activated or Blocked, got "${status.text}"`)
    }
    return {
      id_tag: idTag.text,
      ...(priority !== undefined && { priority }),
      ...(status.text === 'Blocked' && { blocked: true }),
    }
  }

  function isId(file: keyof BalanzFiles, cell: Cell): boolean {
    if (ID.test(cell.text)) return true
    const message = `must be 1 to 64 of the characters A-Z a-z 0-9 . _ -, got "${cell.text}": rename it`
    problem(file, cell, message)
    return false
  }

  function repeated(file: keyof BalanzFiles, rows: readonly Row[], name: string): void {
    const seen = new Set<string>()
    for (const row of rows) {
      const cell = cellOf(row, name)
      const key = file === 'tags' ? cell.text.toLowerCase() : cell.text
      if (seen.size === seen.add(key).size) problem(file, cell, `"${key}" is there twice: keep one`)
    }
  }

  /** Undefined where the cell is empty, or wrong. */
  function wholeOf(
    file: keyof BalanzFiles,
    cell: Cell,
    min: number,
    max: number,
  ): number | undefined {
    const text = cell.text
    if (text === '') return undefined
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    problem(file, cell, `must be a whole number from ${min} to ${max}, got "${text}"`)
    return undefined
  }

  function numberOf(
    file: keyof BalanzFiles,
    cell: Cell,
    what: string,
    min: number,
    max: number,
  ): number | undefined {
    const text = cell.text
    const value = Number(text)
    if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value
    problem(file, cell, `must be ${what}, from ${min} to ${max}, got "${text}"`)
    return undefined
  }
}

function importedWindow(window: Parameters<typeof windowToWire>[0]) {
  const { max_current_a: currentA, ...wire } = windowToWire(window)
  // The same on all phases: one number reads better.
  return {
    ...wire,
    max_current_a: typeof currentA === 'object' ? window.maxCurrentA?.[0] : currentA,
  }
}

function cellOf(row: Row, name: string): Cell {
  return row.get(name) ?? { text: '', line: 1, column: 1 }
}

function textOf(row: Row, name: string): string {
  return cellOf(row, name).text
}

/** Where the cell would be that a short row lacks. */
function after(cells: readonly Cell[]): Cell {
  const { line = 1, column = 1, text = '' } = cells.at(-1) ?? {}
  return { text: '', line, column: column + text.length }
}

function kwOf(currentA: number): number {
  return Math.round(currentA * KW_PER_A * 1000) / 1000
}
