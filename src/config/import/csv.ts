/** A CSV text as rows of cells with their places (RFC 4180). Pure. */

export interface Place {
  readonly line: number
  /** From 1. */
  readonly column: number
}

export interface Cell extends Place {
  readonly text: string
}

export interface CsvProblem extends Place {
  /** What is wrong and what to do. */
  readonly message: string
}

export type CsvRead =
  | {
      readonly ok: true
      readonly rows: readonly (readonly Cell[])[]
      readonly delimiter: ',' | ';'
    }
  | { readonly ok: false; readonly problems: readonly CsvProblem[] }

const MAX_LENGTH = 5_000_000

/**
 * Cells are divided by commas, or by semicolons where the first line has no comma outside of quotes,
 * as spreadsheets write them where the comma is for decimals. Empty lines are passed over.
 */
export function readCsv(text: string): CsvRead {
  if (text.length > MAX_LENGTH) {
    return failed({ line: 1, column: 1 }, `more than ${MAX_LENGTH} characters: divide the file`)
  }
  if (text.includes('\uFFFD') || text.includes('\0')) {
    const { line, column } = placeOf(text, Math.max(text.indexOf('\uFFFD'), text.indexOf('\0')))
    return failed({ line, column }, 'this is not UTF-8: save the file as "CSV UTF-8"')
  }
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text
  const delimiter = delimiterOf(body)
  const rows: Cell[][] = []
  let row: Cell[] = []
  let line = 1
  let lineStart = 0
  let at = 0
  const place = (offset: number): Place => ({ line, column: offset - lineStart + 1 })
  const endRow = (): void => {
    if (row.some((cell) => cell.text !== '')) rows.push(row)
    row = []
  }

  while (at <= body.length) {
    const start = place(at)
    let value: string
    if (body[at] === '"') {
      let end = at + 1
      while (end < body.length && (body[end] !== '"' || body[end + 1] === '"')) {
        end += body[end] === '"' ? 2 : 1
      }
      if (end >= body.length) {
        return failed(start, 'this quote is never closed: add a ", or write "" for one in the text')
      }
      value = body.slice(at + 1, end).replaceAll('""', '"')
      for (let index = at + 1; index < end; index++) {
        if (body[index] !== '\n') continue
        line += 1
        lineStart = index + 1
      }
      at = end + 1
      if (!isEnd(body, at, delimiter)) {
        const message = `after a closing quote comes ${delimiter} or the end of the line`
        return failed(place(at), `${message}: write "" for a quote in the text`)
      }
    } else {
      let end = at
      while (!isEnd(body, end, delimiter)) end += 1
      value = body.slice(at, end)
      if (value.includes('"')) {
        const message = 'a quote inside a cell: put the whole cell in quotes and write "" for it'
        return failed(place(at + value.indexOf('"')), message)
      }
      at = end
    }
    row.push({ text: value.trim(), ...start })
    if (body[at] === delimiter) {
      at += 1
      continue
    }
    endRow()
    if (at >= body.length) break
    at += body[at] === '\r' && body[at + 1] === '\n' ? 2 : 1
    line += 1
    lineStart = at
  }
  return { ok: true, rows, delimiter }
}

function isEnd(text: string, at: number, delimiter: string): boolean {
  const character = text[at]
  return (
    character === undefined || character === delimiter || character === '\n' || character === '\r'
  )
}

function delimiterOf(text: string): ',' | ';' {
  const first = /^[^\r\n]*/.exec(text)?.[0].replaceAll(/"[^"]*"/g, '') ?? ''
  return first.includes(';') && !first.includes(',') ? ';' : ','
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

function failed({ line, column }: Place, message: string): CsvRead {
  return { ok: false, problems: [{ line, column, message }] }
}
