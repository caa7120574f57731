/** /id-tags.csv: all id tags as one table, out and in; a table is taken whole or not at all. */
import { z } from 'zod'
import { idTagCsv, idTagTable } from '../config/import/id-tag-csv.js'
import { idTagToWire } from '../config/depot-schema.js'
import type { IdTag } from '../core/site/depot.js'
import type { View } from '../core/site/view.js'
import type { Backend } from './backend.js'
import { readText } from './body.js'
import type { Changes } from './changes.js'
import type { Call, Endpoint } from './endpoint.js'
import { json } from './json.js'
import { invalid, refusal } from './refusal.js'

export const idTagImportSchema = z.object({
  created: z.number(),
  changed: z.number(),
  same: z.number(),
  deleted: z.number(),
})

type Counts = z.infer<typeof idTagImportSchema>

const MAX_BYTES = 1_048_576
const MAX_TAGS = 100_000
const PROBLEMS_SHOWN = 50

const querySchema = z.object({
  replace: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: id tags that the table does not name are deleted'),
  dry_run: z.enum(['true', 'false']).default('false').describe('true: say what would be done'),
})

export function idTagTableEndpoints(backend: Backend, changes: Changes): Endpoint[] {
  const take = async ({ request }: Call): Promise<Response> => {
    const read = await readText(request, MAX_BYTES)
    if (!read.ok) return read.response
    const table = idTagTable(read.text)
    if (!table.ok) {
      const problems = table.problems.map(({ line, column, message }) => ({
        field: `line ${line}, column ${column}`,
        message,
      }))
      return invalid(problems.slice(0, PROBLEMS_SHOWN))
    }
    const query = new URL(request.url).searchParams
    const replace = query.get('replace') === 'true'
    const { idTags } = table
    if (query.get('dry_run') === 'true') return json(200, countsOf(backend.view(), idTags, replace))
    let counts: Counts | undefined
    return changes.make(
      (view) => {
        counts = countsOf(view, idTags, replace)
        const isTooMany = view.idTags.length + counts.created - counts.deleted > MAX_TAGS
        if (isTooMany) return refusal(409, `there would be more than ${MAX_TAGS} id tags`)
        return { type: 'putIdTags', idTags, replace }
      },
      () => json(200, counts ?? {}),
    )
  }

  return [
    {
      tag: 'id-tags',
      method: 'get',
      path: '/id-tags.csv',
      summary: 'All id tags as a table',
      success: { status: 200, csv: 'One line each, below the names of the columns' },
      answer: () => {
        const headers = {
          'content-type': 'text/csv; charset=utf-8',
          'content-disposition': 'attachment; filename="id-tags.csv"',
        }
        return new Response(idTagCsv(backend.view().idTags), { headers })
      },
    },
    {
      tag: 'id-tags',
      method: 'post',
      path: '/id-tags.csv',
      summary: 'Add and change id tags by a table (CSV), whole or not at all',
      query: querySchema,
      csvBody: true,
      success: { status: 200, schema: 'IdTagImport' },
      answer: take,
    },
  ]
}

function countsOf(view: View, idTags: readonly IdTag[], replace: boolean): Counts {
  const before = new Map(view.idTags.map((idTag) => [idTag.idTag.toLowerCase(), idTag]))
  const known = idTags.flatMap((idTag) => {
    const old = before.get(idTag.idTag.toLowerCase())
    return old ? [textOf(old) === textOf(idTag)] : []
  })
  const same = known.filter((isSame) => isSame).length
  return {
    created: idTags.length - known.length,
    changed: known.length - same,
    same,
    deleted: replace ? before.size - known.length : 0,
  }
}

function textOf(idTag: IdTag): string {
  return JSON.stringify(idTagToWire(idTag))
}
