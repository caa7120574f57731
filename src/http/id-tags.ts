/** /id-tags: who may charge. Without any, everybody may. */
import { idTagFromWire, idTagSchema, idTagToWire } from '../config/depot-schema.js'
import type { IdTag } from '../core/site/depot.js'
import type { View } from '../core/site/view.js'
import type { Backend } from './backend.js'
import { readBody } from './body.js'
import type { Changes } from './changes.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { idTagAnswer } from './id-tag-shape.js'
import { json } from './json.js'
import { invalid, refusal } from './refusal.js'

const MAX_ID_TAGS = 100_000

export function idTagEndpoints(backend: Backend, changes: Changes): Endpoint[] {
  const create = async ({ request }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const fields = checked(idTagSchema, read.body)
    if (!fields.ok) return fields.response
    const idTag = idTagFromWire(fields.value)
    return changes.make(
      (view) => {
        if (find(view, idTag.idTag)) {
          const message = `"${idTag.idTag}" is there already`
          return refusal(409, message, [{ field: 'id_tag', message }])
        }
        return view.idTags.length >= MAX_ID_TAGS
          ? refusal(409, `there are ${MAX_ID_TAGS} id tags already`)
          : { type: 'putIdTag', idTag }
      },
      (view) =>
        shown(view, idTag.idTag, 201, {
          location: `/api/v1/id-tags/${encodeURIComponent(idTag.idTag)}`,
        }),
    )
  }

  const change = async ({ request, id }: Call): Promise<Response> => {
    const read = await readBody(request)
    if (!read.ok) return read.response
    const { body } = read
    return changes.make(
      (view) => {
        const before = find(view, id)
        if (!before) return unknown(id)
        const fields = checked(idTagSchema, { ...idTagToWire(before), ...body })
        if (!fields.ok) return fields.response
        if (!isSame(fields.value.id_tag, id)) {
          return invalid([{ field: 'id_tag', message: `cannot be changed: this is "${id}"` }])
        }
        return { type: 'putIdTag', idTag: idTagFromWire(fields.value) }
      },
      (view) => shown(view, id),
    )
  }

  const one = { tag: 'id-tags', path: '/id-tags/{id}' } as const
  const all = { tag: 'id-tags', path: '/id-tags' } as const
  const changing = {
    ...one,
    summary: 'Change an id tag; fields left out stay, null clears',
    body: 'IdTagChange',
    success: { status: 200, schema: 'IdTag' },
    answer: change,
  } as const
  return [
    {
      ...all,
      method: 'get',
      summary: 'All id tags; with none, every tag is accepted',
      success: { status: 200, listOf: 'IdTag' },
      answer: () => json(200, backend.view().idTags.map(idTagAnswer)),
    },
    {
      ...all,
      method: 'post',
      summary: 'Add an id tag',
      body: 'IdTagFields',
      success: { status: 201, schema: 'IdTag' },
      answer: create,
    },
    {
      ...one,
      method: 'get',
      summary: 'One id tag',
      success: { status: 200, schema: 'IdTag' },
      answer: ({ id }) => shown(backend.view(), id),
    },
    { ...changing, method: 'put' },
    { ...changing, method: 'patch' },
    {
      ...one,
      method: 'delete',
      summary: 'Delete an id tag',
      success: { status: 204 },
      answer: ({ id }) =>
        changes.make(
          (view) => (find(view, id) ? { type: 'deleteIdTag', idTag: id } : unknown(id)),
          () => new Response(null, { status: 204 }),
        ),
    },
  ]
}

/** OCPP 1.6 §3.9: tags compare without case. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function find(view: View, idTag: string): IdTag | undefined {
  return view.idTags.find((known) => isSame(known.idTag, idTag))
}

function shown(
  view: View,
  idTag: string,
  status: 200 | 201 = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const found = find(view, idTag)
  return found ? json(status, idTagAnswer(found), headers) : unknown(idTag)
}

function unknown(idTag: string): Response {
  return refusal(404, `there is no id tag ${JSON.stringify(idTag)}`)
}
