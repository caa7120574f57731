/** What a PATCH of a live session may say: what is wanted of it, over what its vehicle says. */
import { z } from 'zod'
import { energyKwh, instant, percent, priority } from '../config/depot-fields.js'
import { sessionTarget } from '../config/vehicle-schema.js'
import type { PlanChange } from '../core/energy/session-plan.js'
import { parseTime } from '../ocpp/v16/time.js'
import type { JsonObject } from './body.js'
import type { Checked } from './fields.js'
import { answerOnly, checked, sameId, without } from './fields.js'
import { invalid } from './refusal.js'
import { liveSessionSchema } from './session-shape.js'

export const sessionPlanSchema = z.strictObject({
  energy_kwh: energyKwh.nullish().describe('Energy of the whole session by its departure, kWh'),
  target_soc: percent.nullish().describe('State of charge by its departure, %'),
  soc: percent.nullish().describe('State of charge now, %, where the charger does not tell it'),
  priority: priority.nullish().describe('Before that of its vehicle; higher goes first'),
  priority_until: instant
    .nullish()
    .describe('That priority ends then, RFC 3339; left out: with the session'),
  departure: instant.nullish().describe('When it leaves, RFC 3339'),
})

const ANSWER_ONLY = answerOnly(liveSessionSchema, sessionPlanSchema)

/**
 * `shown`: the session as it was answered. In a whole session that is sent back, what is as it was
 * shown changes nothing; where only wishes are stated, each of them counts.
 */
export function planChangeOf(shown: JsonObject, body: JsonObject, id: string): Checked<PlanChange> {
  const own = sameId(without(body, ANSWER_ONLY), id)
  if (!own.ok) return own
  const isWhole = Object.keys(body).some((name) => ANSWER_ONLY.has(name))
  const news = Object.entries(own.value).filter(
    ([name, value]) => !isWhole || value !== shown[name],
  )
  const fields = checked(sessionPlanSchema, Object.fromEntries(news))
  if (!fields.ok) return fields
  const { energy_kwh: kwh, target_soc: targetSoc, soc, departure, priority: rank } = fields.value
  if (typeof kwh === 'number' && typeof targetSoc === 'number') {
    const message = 'must come without target_soc: a session has one target'
    return { ok: false, response: invalid([{ field: 'energy_kwh', message }]) }
  }
  return {
    ok: true,
    value: {
      target: sessionTarget(kwh, targetSoc),
      soc,
      departureMs: instantOf(departure),
      priority: rank,
      priorityUntilMs: instantOf(fields.value.priority_until),
    },
  }
}

function instantOf(text: string | null | undefined): number | null | undefined {
  return typeof text === 'string' ? (parseTime(text) ?? null) : text
}
