/** /chargers: the charge points of the depot. */
import { chargerFieldsSchema, chargerFromWire } from '../config/depot-schema.js'
import type { ChargerView } from '../core/site/view.js'
import type { Backend } from './backend.js'
import { mergedCharger, newCharger } from './charger-fields.js'
import { chargerAnswer } from './charger-shape.js'
import { checked, sameId } from './fields.js'
import { refusal } from './refusal.js'
import type { Resource } from './resource.js'

export function chargers(backend: Backend): Resource<ChargerView> {
  return {
    tag: 'chargers',
    summaries: {
      list: 'All chargers',
      create: 'Create a charger',
      one: 'One charger',
      change: 'Change a charger; fields left out stay, null clears',
      remove: 'Delete a charger',
    },
    schemas: { shown: 'Charger', fields: 'ChargerFields', change: 'ChargerChange' },
    max: 1000,
    list: (view) => view.chargers,
    find: (view, id) => view.chargers.find(({ charger }) => charger.id === id),
    answer: chargerAnswer,
    unknown: (id) => refusal(404, `no charger has the id ${JSON.stringify(id)}`),
    create(body) {
      const fields = checked(chargerFieldsSchema, newCharger(body))
      if (!fields.ok) return fields.response
      const id = backend.newId()
      const charger = chargerFromWire({ ...fields.value, id })
      return { id, edit: { type: 'putCharger', charger } }
    },
    change(before, body, id) {
      const own = sameId(body, id)
      if (!own.ok) return own.response
      const fields = checked(chargerFieldsSchema, mergedCharger(before, own.value))
      if (!fields.ok) return fields.response
      const { probe, securityProfile = 0 } = before.charger
      const charger = chargerFromWire({ ...fields.value, id })
      if ((charger.securityProfile ?? 0) < securityProfile) {
        return refusal(
          409,
          `security_profile is ${securityProfile}: POST /chargers/${id}/security-profile lowers it`,
        )
      }
      return { type: 'putCharger', charger: { ...charger, ...(probe && { probe }) } }
    },
    remove: (id) => ({ type: 'deleteCharger', id }),
  }
}
