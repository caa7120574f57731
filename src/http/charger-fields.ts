/** What a request body makes of a charger: its own fields over those the charger has. */
import { chargerFieldsSchema, chargerToWire } from '../config/depot-schema.js'
import {
  evseSchema,
  evseToWire,
  impliedCurrentType,
  impliedMaxCurrentA,
} from '../config/evse-schema.js'
import type { Evse } from '../core/site/depot.js'
import type { ChargerView, EvseView } from '../core/site/view.js'
import type { JsonObject } from './body.js'
import { isJsonObject } from './body.js'
import { chargerAnswerSchema, evseAnswerSchema } from './charger-shape.js'
import { answerOnly, without } from './fields.js'

const CHARGER_ANSWER_ONLY = answerOnly(chargerAnswerSchema, chargerFieldsSchema)
const EVSE_ANSWER_ONLY = answerOnly(evseAnswerSchema, evseSchema)

/** The fields of a new charger, still to be checked. */
export function newCharger(body: JsonObject): JsonObject {
  return withEvses(without(body, CHARGER_ANSWER_ONLY), (evse) => evse)
}

/** The fields of a changed charger, still to be checked. An EVSE keeps what is not given for it. */
export function mergedCharger(before: ChargerView, body: JsonObject): JsonObject {
  const { id: _, probe: _probe, ...fields } = chargerToWire(before.charger)
  const own = withoutStatus(without(body, CHARGER_ANSWER_ONLY), before.status)
  return {
    ...fields,
    ...withEvses(own, (evse) => {
      const known = before.evses.find((view) => view.evse.id === evse['id'])
      return known ? mergedEvse(known, evse) : evse
    }),
  }
}

function withEvses(fields: JsonObject, map: (evse: JsonObject) => JsonObject): JsonObject {
  const evses = fields['evses']
  if (!Array.isArray(evses)) return fields
  return {
    ...fields,
    evses: evses.map((evse: unknown) =>
      isJsonObject(evse) ? map(without(evse, EVSE_ANSWER_ONLY)) : evse,
    ),
  }
}

function mergedEvse(before: EvseView, change: JsonObject): JsonObject {
  return { ...stated(before.evse), ...withoutStatus(change, before.status) }
}

/** Without what followed from other fields: it follows the new ones. To name an EVSE adopts it. */
function stated(evse: Evse): JsonObject {
  const { maxPowerKw, phases } = evse
  const { current_type, max_current_a, discovered: _, ...fields } = evseToWire(evse)
  return {
    ...fields,
    ...(current_type !== impliedCurrentType(maxPowerKw) && { current_type }),
    ...(max_current_a !== impliedMaxCurrentA(maxPowerKw, phases) && { max_current_a }),
  }
}

/** The live status sent back as it was shown is not a new one for the configuration. */
function withoutStatus(fields: JsonObject, shownStatus: string): JsonObject {
  return fields['status'] === shownStatus ? without(fields, new Set(['status'])) : fields
}
