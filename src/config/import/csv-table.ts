/** A table whose first line names its columns, in any order. Pure. */
import { readCsv } from './csv.js'
import type { Cell, CsvProblem } from './csv.js'

export type CsvTable<Name extends string> =
  | {
      readonly ok: true
      readonly names: readonly Name[]
      readonly body: readonly (readonly Cell[])[]
    }
  | { readonly ok: false; readonly problems: readonly CsvProblem[] }

/** `needed`: a column that must be there, for these. */
export function readTable<Name extends string>(
  text: string,
  columns: readonly Name[],
  needed: { readonly name: Name; readonly each: string },
): CsvTable<Name> {
  const read = readCsv(text)
  if (!read.ok) return read
  const [head, ...body] = read.rows
  if (!head) {
    const message = `the file is empty: the first line names the columns: ${columns.join(', ')}`
    return { ok: false, problems: [{ line: 1, column: 1, message }] }
  }
  const problems: CsvProblem[] = []
  const names: Name[] = []
  for (const { text: said, line, column } of head) {
    const word = said.toLowerCase().replaceAll(/[\s-]+/g, '_')
    const name = columns.find((known) => known === word)
    if (name && !names.includes(name)) names.push(name)
    else {
      const message = name
        ? `column "${said}" is there twice`
        : `there is no column "${said}"; there are: ${columns.join(', ')}`
      problems.push({ line, column, message })
    }
  }
  if (problems.length === 0 && !names.includes(needed.name)) {
    const message = `the column "${needed.name}" is missing: every ${needed.each} needs one`
    problems.push({ line: head[0]?.line ?? 1, column: 1, message })
  }
  return problems.length === 0 ? { ok: true, names, body } : { ok: false, problems }
}

/** A cell beyond the last column, as text with a delimiter makes one. */
export function extraCell(cells: readonly Cell[], columns: number): CsvProblem | undefined {
  const extra = cells.slice(columns).find(({ text }) => text !== '')
  if (!extra) return undefined
  const message = `there are more cells than the ${columns} columns: put text with a delimiter in quotes`
  return { line: extra.line, column: extra.column, message }
}

export function inOrder(problems: readonly CsvProblem[]): readonly CsvProblem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
