/** A charger as REST shows it: as configured, and what it says and is offered now. */
import { z } from 'zod'
import { chargerFieldsSchema } from '../config/depot-schema.js'
import { evseSchema } from '../config/evse-schema.js'
import { probeRecordSchema, probeToWire } from '../config/probe-schema.js'
import { quirksSchema, quirksToWire } from '../config/quirk-schema.js'
import { reasonText } from '../core/reason-text.js'
import type { ChargerView, EvseView } from '../core/site/view.js'
import { formatTime } from '../ocpp/v16/time.js'
import {
  availabilityAnswer,
  availabilitySchema,
  certificateAnswer,
  certificateSchema,
  transferAnswer,
  transferSchema,
} from './upkeep-shape.js'
import { phases, phasesSchema, rounded } from './phases-schema.js'
import {
  capabilitiesAnswer,
  capabilitiesSchema,
  effectiveQuirkSchema,
  quirksAnswer,
} from './quirk-shape.js'
import { reasonType, reasonTypeSchema } from './reason-shape.js'

const offer = z.number().describe('Limit in effect, A per phase')
const reason = z.string().describe('Why the offer is what it is')

export const evseAnswerSchema = z.object({
  id: z.number(),
  max_power_kw: z.number(),
  status: z.string().describe('As the charger reports it'),
  current_type: z.enum(['AC', 'DC']),
  phases: z.literal([1, 3]),
  phase_rotation: z.string(),
  min_current_a: z.number(),
  max_current_a: z.number(),
  current_step_a: z.number(),
  fallback_current_a: z.union([z.number(), z.literal('auto')]),
  discovered: z.boolean(),
  error_code: z.string().nullable(),
  offer_a: offer,
  reason,
  reason_type: reasonTypeSchema,
  fallback_a: z.number().describe('What fallback_current_a comes to, A'),
  exposure_a: phasesSchema.describe('What it may draw at most, A per phase'),
  draw_a: phasesSchema.nullable().describe('What it reports to draw; null: not known'),
  transaction_id: z.number().nullable(),
  availability: availabilitySchema.nullable().describe('As last ordered; null: never'),
})

export const chargerAnswerSchema = z.object({
  id: z.string(),
  name: z.string(),
  max_power_kw: z.number(),
  parent_charge_group: z.string(),
  is_active: z.enum(['Active', 'Inactive']),
  status: z.string().describe('As the charger reports it'),
  priority: z.number().nullable().describe('null: that of its charge group'),
  ocpp_charge_point_id: z.string().nullable(),
  isolated: z.boolean(),
  expiry_verified: z.boolean(),
  profile_duration_s: z.number().nullable().describe('null: that of all chargers'),
  profile_timeout_ms: z.number().nullable().describe('null: that of all chargers'),
  probe: probeRecordSchema.nullable().describe('What a probe found out; null: never probed'),
  authorisation: z.enum(['id-tag', 'free-vend', 'by-charger']),
  own_id_tag: z.string().nullable().describe('null: its charge point id'),
  quirks: quirksSchema.nullable().describe('As stated of this charger; null: nothing'),
  effective_quirks: z
    .array(effectiveQuirkSchema)
    .describe('What is gone by: stated, or known of its model'),
  capabilities: capabilitiesSchema
    .nullable()
    .describe('What it said it can do; null: it has not been asked'),
  evses: z.array(evseAnswerSchema),
  connected: z.boolean(),
  last_seen: z.string().nullable().describe('RFC 3339, UTC'),
  vendor: z.string().nullable(),
  model: z.string().nullable(),
  firmware_version: z.string().nullable(),
  firmware: transferSchema.nullable().describe('The last firmware update; null: none'),
  log: transferSchema.nullable().describe('The last log that was asked for; null: none'),
  certificate: certificateSchema.nullable().describe('The last it asked for; null: none'),
  reboot_required: z.array(z.string()).describe('Settings that count from its next boot on'),
  offer_a: offer,
  reason,
  reason_type: reasonTypeSchema,
})

/** What PUT and PATCH take: fields left out stay as they are. */
export const chargerChangeSchema = chargerFieldsSchema.partial().extend({
  evses: z
    .array(evseSchema.partial().required({ id: true }))
    .nullish()
    .describe('All its EVSEs; what is left out of one that is there stays as it is'),
})

export function chargerAnswer(view: ChargerView): z.infer<typeof chargerAnswerSchema> {
  const { charger } = view
  return {
    id: charger.id,
    name: charger.name,
    max_power_kw: charger.maxPowerKw,
    parent_charge_group: charger.parentChargeGroup,
    is_active: charger.isActive ? 'Active' : 'Inactive',
    status: view.status,
    priority: charger.priority ?? null,
    ocpp_charge_point_id: charger.ocppChargePointId ?? null,
    isolated: charger.isolated,
    expiry_verified: charger.expiryVerified,
    profile_duration_s: charger.profileDurationS ?? null,
    profile_timeout_ms: charger.profileTimeoutMs ?? null,
    probe: charger.probe ? probeToWire(charger.probe) : null,
    authorisation: charger.authorisation ?? 'id-tag',
    own_id_tag: charger.ownIdTag ?? null,
    quirks: charger.quirks ? quirksToWire(charger.quirks) : null,
    effective_quirks: quirksAnswer(view.quirks),
    capabilities: view.capabilities ? capabilitiesAnswer(view.capabilities) : null,
    evses: view.evses.map(evseAnswer),
    connected: view.connected,
    last_seen: view.lastSeenMs === undefined ? null : formatTime(view.lastSeenMs),
    vendor: view.vendor ?? null,
    model: view.model ?? null,
    firmware_version: view.firmwareVersion ?? null,
    firmware: transferAnswer(view.firmware),
    log: transferAnswer(view.log),
    certificate: certificateAnswer(view.certificate),
    reboot_required: [...(view.rebootFor ?? [])],
    offer_a: rounded(view.offerA, 2),
    reason: reasonText(view.reason, view.evses.find((evse) => evse.vehicle)?.vehicle?.name),
    reason_type: reasonType(view.reason),
  }
}

function evseAnswer(view: EvseView): z.infer<typeof evseAnswerSchema> {
  const { evse } = view
  return {
    id: evse.id,
    max_power_kw: evse.maxPowerKw,
    status: view.status,
    current_type: evse.currentType,
    phases: evse.phases,
    phase_rotation: evse.phaseRotation,
    min_current_a: evse.minCurrentA,
    max_current_a: evse.maxCurrentA,
    current_step_a: evse.currentStepA ?? 0.1,
    fallback_current_a: evse.fallbackCurrentA,
    discovered: evse.discovered === true,
    error_code: view.errorCode ?? null,
    offer_a: rounded(view.offerA, 2),
    reason: reasonText(view.reason, view.vehicle?.name),
    reason_type: reasonType(view.reason),
    fallback_a: rounded(view.fallbackA, 2),
    exposure_a: phases(view.exposureA),
    draw_a: view.drawA ? phases(view.drawA) : null,
    transaction_id: view.transactionId ?? null,
    availability: availabilityAnswer(view.availability),
  }
}
