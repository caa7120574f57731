/** /id-tags: who may charge. Without any, everybody may. */
import { idTagFromWire, idTagSchema, idTagToWire } from '../config/depot-schema.js'
import type { IdTag } from '../core/site/depot.js'
import type { View } from '../core/site/view.js'
import { checked } from './fields.js'
import { idTagAnswer } from './id-tag-shape.js'
import { invalid, refusal } from './refusal.js'
import type { Resource } from './resource.js'

export function idTags(): Resource<IdTag> {
  return {
    tag: 'id-tags',
    summaries: {
      list: 'All id tags; with none, every tag is accepted',
      create: 'Add an id tag',
      one: 'One id tag',
      change: 'Change an id tag; fields left out stay, null clears',
      remove: 'Delete an id tag',
    },
    schemas: { shown: 'IdTag', fields: 'IdTagFields', change: 'IdTagChange' },
    max: 100_000,
    list: (view) => view.idTags,
    find,
    answer: idTagAnswer,
    unknown: (id) => refusal(404, `there is no id tag ${JSON.stringify(id)}`),
    create(body) {
      const fields = checked(idTagSchema, body)
      if (!fields.ok) return fields.response
      const idTag = idTagFromWire(fields.value)
      return {
        id: idTag.idTag,
        edit: { type: 'putIdTag', idTag },
        refusedBy(view) {
          if (!find(view, idTag.idTag)) return undefined
          const message = `"${idTag.idTag}" is there already`
          return refusal(409, message, [{ field: 'id_tag', message }])
        },
      }
    },
    change(before, body, id) {
      const fields = checked(idTagSchema, { ...idTagToWire(before), ...body })
      if (!fields.ok) return fields.response
      if (!isSame(fields.value.id_tag, id)) {
        return invalid([{ field: 'id_tag', message: `cannot be changed: this is "${id}"` }])
      }
      return { type: 'putIdTag', idTag: idTagFromWire(fields.value) }
    },
    remove: (id) => ({ type: 'deleteIdTag', idTag: id }),
  }
}

function find(view: View, idTag: string): IdTag | undefined {
  return view.idTags.find((known) => isSame(known.idTag, idTag))
}

/** OCPP 1.6 §3.9: tags compare without case. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
