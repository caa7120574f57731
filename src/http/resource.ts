/** What the three kinds of depot objects have in common over REST: list, create, read, change, delete. */
import type { DepotEdit } from '../core/site/edit.js'
import type { View } from '../core/site/view.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { JsonObject } from './body.js'
import type { Changes } from './changes.js'
import type { Call, Endpoint } from './endpoint.js'
import { json } from './json.js'
import { refusal } from './refusal.js'
import type { SchemaName } from './schemas.js'

export interface Resource<Item> {
  /** Plural, as in the path: `chargers`. */
  readonly tag: string
  readonly summaries: {
    readonly list: string
    readonly create: string
    readonly one: string
    readonly change: string
    readonly remove: string
  }
  readonly schemas: {
    readonly shown: SchemaName
    readonly fields: SchemaName
    readonly change: SchemaName
  }
  readonly max: number
  list(view: View): readonly Item[]
  find(view: View, id: string): Item | undefined
  answer(item: Item): object
  /** The answer for an id that is not there. */
  unknown(id: string): Response
  /** From the body of a POST, or the refusal. */
  create(body: JsonObject): Creation | Response
  /** From the body of a PUT or PATCH, or the refusal. */
  change(before: Item, body: JsonObject, id: string): DepotEdit | Response
  remove(id: string): DepotEdit
}

export interface Creation {
  readonly id: string
  readonly edit: DepotEdit
  /** Looks at the site when its turn has come. */
  refusedBy?(view: View): Response | undefined
}

export function resourceEndpoints<Item>(
  resource: Resource<Item>,
  backend: Backend,
  changes: Changes,
): Endpoint[] {
  const { tag, summaries, schemas, max } = resource

  const shown = (
    view: View,
    id: string,
    status: 200 | 201 = 200,
    headers: Readonly<Record<string, string>> = {},
  ): Response => {
    const found = resource.find(view, id)
    return found ? json(status, resource.answer(found), headers) : resource.unknown(id)
  }

  const create = async ({ request }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const creation = resource.create(read.body)
    if (creation instanceof Response) return creation
    const { id, edit } = creation
    return changes.make(
      (view) => {
        const refused = creation.refusedBy?.(view)
        if (refused) return refused
        if (resource.list(view).length < max) return edit
        return refusal(409, `there are ${max} ${tag.replaceAll('-', ' ')} already`)
      },
      (view) => shown(view, id, 201, { location: `/api/v1/${tag}/${encodeURIComponent(id)}` }),
    )
  }

  const change = async ({ request, id }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const { body } = read
    return changes.make(
      (view) => {
        const before = resource.find(view, id)
        return before ? resource.change(before, body, id) : resource.unknown(id)
      },
      (view) => shown(view, id),
    )
  }

  const remove = ({ id }: Call): Promise<Response> =>
    changes.make(
      (view) => (resource.find(view, id) ? resource.remove(id) : resource.unknown(id)),
      () => new Response(null, { status: 204 }),
    )

  const all = { tag, path: `/${tag}` }
  const one = { tag, path: `/${tag}/{id}` }
  const single = { status: 200, schema: schemas.shown } as const
  const changing = {
    ...one,
    summary: summaries.change,
    body: schemas.change,
    success: single,
    answer: change,
  }
  return [
    {
      ...all,
      method: 'get',
      summary: summaries.list,
      success: { status: 200, listOf: schemas.shown },
      answer: () =>
        json(
          200,
          resource.list(backend.view()).map((item) => resource.answer(item)),
        ),
    },
    {
      ...all,
      method: 'post',
      summary: summaries.create,
      body: schemas.fields,
      success: { status: 201, schema: schemas.shown },
      answer: create,
    },
    {
      ...one,
      method: 'get',
      summary: summaries.one,
      success: single,
      answer: ({ id }) => shown(backend.view(), id),
    },
    { ...changing, method: 'put' },
    { ...changing, method: 'patch' },
    {
      ...one,
      method: 'delete',
      summary: summaries.remove,
      success: { status: 204 },
      answer: remove,
    },
  ]
}
