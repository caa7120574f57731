/** `yardmaster import id-tags` and `export id-tags`: a running gateway's id tags as one table. */
import { z } from 'zod'
import { idTagTable } from '../config/import/id-tag-csv.js'
import { textOf, written } from './import.js'
import type { Io } from './io.js'
import { GatewayError, restClient } from './rest-client.js'
import type { GatewayOptions } from './rest-client.js'

export interface ImportIdTagsOptions extends GatewayOptions {
  /** Those that the table does not name go. */
  readonly replace?: boolean
  /** Say what would be done. */
  readonly dryRun?: boolean
}

export interface ExportIdTagsOptions extends GatewayOptions {
  readonly out?: string
}

const DONE = 0
const REFUSED = 1
const BAD_FILE = 2

const countsSchema = z.object({
  created: z.number(),
  changed: z.number(),
  same: z.number(),
  deleted: z.number(),
})

/** Resolves with the exit code. The gateway takes the whole table or nothing of it. */
export async function importIdTags(
  file: string,
  { replace = false, dryRun = false, ...gateway }: ImportIdTagsOptions,
  io: Io,
): Promise<number> {
  const text = await textOf(file, io)
  if (text === undefined) return BAD_FILE
  const table = idTagTable(text)
  if (!table.ok) {
    for (const { line, column, message } of table.problems) {
      io.err(`${file}:${line}:${column}: ${message}`)
    }
    return BAD_FILE
  }
  return told(io, async () => {
    const path = `/id-tags.csv?replace=${replace}&dry_run=${dryRun}`
    const answer = await restClient(gateway, io).sendTable(path, text)
    const { created, changed, same, deleted } = countsSchema.parse(answer)
    const gone = replace ? `, ${deleted} deleted` : ''
    const would = dryRun ? 'would be ' : ''
    io.out(`${would}${created} created, ${changed} changed, ${same} the same${gone}`)
    return DONE
  })
}

export function exportIdTags({ out, ...gateway }: ExportIdTagsOptions, io: Io): Promise<number> {
  return told(io, async () => {
    const text = await restClient(gateway, io).text('/id-tags.csv')
    return written(text, out, io)
  })
}

async function told(io: Io, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    io.err(error.message)
    return REFUSED
  }
}
