/** The record of a transaction as REST shows it. */
import { z } from 'zod'
import { reasonText } from '../core/reason-text.js'
import type { SessionView } from '../core/site/view.js'
import { formatTime } from '../ocpp/v16/time.js'
import { phases, phasesSchema, rounded } from './phases-schema.js'

export const liveSessionSchema = z.object({
  id: z.string(),
  transaction_id: z.number(),
  charger_id: z.string().nullable().describe('null: the charger has been deleted since'),
  ocpp_charge_point_id: z.string(),
  evse_id: z.number(),
  id_tag: z.string(),
  id_tag_status: z.string().describe('What the charger was told about the id tag'),
  started_at: z.string().describe('RFC 3339, UTC, by the clock of the charger'),
  meter_start_wh: z.number(),
  energy_wh: z.number(),
  power_kw: z.number().nullable().describe('null: no fresh meter value'),
  current_a: phasesSchema.nullable(),
  offer_a: z.number().describe('Limit in effect, A per phase'),
  reason: z.string().describe('Why the offer is what it is'),
})

export const endedSessionSchema = liveSessionSchema
  .omit({ power_kw: true, current_a: true, offer_a: true, reason: true })
  .extend({
    stopped_at: z.string().nullable().describe('RFC 3339, UTC, by the clock of the charger'),
    meter_stop_wh: z.number().nullable(),
    stop_reason: z.string().nullable(),
  })

export function liveSession(view: SessionView): z.infer<typeof liveSessionSchema> {
  return {
    ...session(view),
    power_kw: view.powerW === undefined ? null : rounded(view.powerW / 1000, 3),
    current_a: view.currentA ? phases(view.currentA) : null,
    offer_a: rounded(view.offerA, 2),
    reason: reasonText(view.reason),
  }
}

export function endedSession(view: SessionView): z.infer<typeof endedSessionSchema> {
  return {
    ...session(view),
    stopped_at: view.stoppedAtMs === undefined ? null : formatTime(view.stoppedAtMs),
    meter_stop_wh: view.meterStopWh ?? null,
    stop_reason: view.stopReason ?? null,
  }
}

type Common = Omit<
  z.infer<typeof endedSessionSchema>,
  'stopped_at' | 'meter_stop_wh' | 'stop_reason'
>

function session(view: SessionView): Common {
  return {
    id: view.id,
    transaction_id: view.transactionId,
    charger_id: view.chargerId ?? null,
    ocpp_charge_point_id: view.chargePointId,
    evse_id: view.evseId,
    id_tag: view.idTag,
    id_tag_status: view.idTagStatus,
    started_at: formatTime(view.startedAtMs),
    meter_start_wh: rounded(view.meterStartWh, 1),
    energy_wh: rounded(view.energyWh, 1),
  }
}
