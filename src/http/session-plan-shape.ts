/** What a PATCH of a live session may say: what is wanted of it, over what its vehicle says. */
import { z } from 'zod'
import { energyKwh, percent } from '../config/depot-fields.js'
import { sessionTarget } from '../config/vehicle-schema.js'
import type { PlanChange } from '../core/energy/session-plan.js'
import { parseTime } from '../ocpp/v16/time.js'
import type { JsonObject } from './body.js'
import type { Checked } from './fields.js'
import { answerOnly, checked, sameId, without } from './fields.js'
import { invalid } from './refusal.js'
import { liveSessionSchema } from './session-shape.js'

const INSTANT = 'must be an RFC 3339 time with its zone, such as 2026-06-14T05:30:00+02:00'

const instant = z
  .string({ error: INSTANT })
  // Without a zone it would be read as UTC, hours from what was meant.
  .refine((text) => /(Z|z|[+-]\d\d:\d\d)$/.test(text) && parseTime(text) !== undefined, {
    error: INSTANT,
  })

export const sessionPlanSchema = z.strictObject({
  energy_kwh: energyKwh.nullish().describe('Energy of the whole session by its departure, kWh'),
  target_soc: percent.nullish().describe('State of charge by its departure, %'),
  soc: percent.nullish().describe('State of charge now, %, where the charger does not tell it'),
  departure: instant.nullish().describe('When it leaves, RFC 3339'),
})

const ANSWER_ONLY = answerOnly(liveSessionSchema, sessionPlanSchema)

/** `shown`: the session as it was answered; what is sent back as it was shown changes nothing. */
export function planChangeOf(shown: JsonObject, body: JsonObject, id: string): Checked<PlanChange> {
  const own = sameId(without(body, ANSWER_ONLY), id)
  if (!own.ok) return own
  const news = Object.entries(own.value).filter(
    ([name, value]) => value === undefined || value !== shown[name],
  )
  const fields = checked(sessionPlanSchema, Object.fromEntries(news))
  if (!fields.ok) return fields
  const { energy_kwh: kwh, target_soc: targetSoc, soc, departure } = fields.value
  if (typeof kwh === 'number' && typeof targetSoc === 'number') {
    const message = 'must come without target_soc: a session has one target'
    return { ok: false, response: invalid([{ field: 'energy_kwh', message }]) }
  }
  return {
    ok: true,
    value: {
      target: sessionTarget(kwh, targetSoc),
      soc,
      departureMs: typeof departure === 'string' ? (parseTime(departure) ?? null) : departure,
    },
  }
}
