/** `yardmaster import`: what other programs wrote, as a configuration of ours. */
import { readFile, writeFile } from 'node:fs/promises'
import { stringify } from 'yaml'
import { icsDates } from '../config/import/ics-dates.js'
import type { Io } from './io.js'

export interface ImportHolidaysOptions {
  readonly name?: string
  readonly out?: string
}

const BAD_INPUT = 2

/** Resolves with the exit code: 0 written, 2 something in the file cannot be represented. */
export async function importHolidays(
  file: string,
  options: ImportHolidaysOptions,
  io: Io,
): Promise<number> {
  const text = await textOf(file, io)
  if (text === undefined) return BAD_INPUT
  const read = icsDates(text)
  if (!read.ok) {
    for (const { line, column, message } of read.problems) {
      io.err(`${file}:${line}:${column}: ${message}`)
    }
    return BAD_INPUT
  }
  const id = options.name ?? 'holidays'
  const list = stringify({ id, dates: [] }).split('\n')[0] ?? ''
  const lines = [
    '# Beside the other sections of the configuration file; schedules name it: { holidays: ' +
      `${id} }`,
    'holidays:',
    `  - ${list}`,
    '    dates:',
    ...read.dates.map(({ date, name }) => `      - '${date}'${name === '' ? '' : ` # ${name}`}`),
  ]
  return written(`${lines.join('\n')}\n`, options.out, io)
}

export async function textOf(file: string, io: Io): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    io.err(`${file}:1:1: cannot be read: ${reason}`)
    return undefined
  }
}

/** To the file, or to stdout; a file that is there is not replaced. */
export async function written(text: string, out: string | undefined, io: Io): Promise<number> {
  if (out === undefined) {
    io.out(text.trimEnd())
    return 0
  }
  try {
    await writeFile(out, text, { flag: 'wx' })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    io.err(`${out}: cannot be written: ${reason}. Name a file that is not there yet`)
    return 1
  }
  io.err(`${out}: written`)
  return 0
}
