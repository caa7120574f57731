import { z } from 'zod'
import { flag } from '../config/depot-fields.js'
import { chargerFieldsSchema } from '../config/depot-schema.js'
import type { PendingCharger } from '../core/site/pending.js'
import { formatTime } from '../ocpp/v16/time.js'

export const pendingChargerSchema = z.object({
  ocpp_charge_point_id: z.string(),
  state: z
    .enum(['pending', 'turned-away', 'rejected'])
    .describe('pending: connected and held at 0 A until it is accepted'),
  connected: z.boolean(),
  vendor: z.string().nullable(),
  model: z.string().nullable(),
  serial_number: z.string().nullable(),
  firmware_version: z.string().nullable(),
  address: z.string(),
  first_seen: z.string(),
  last_seen: z.string(),
  attempts: z.number().describe('How often it asked for a connection'),
  connectors: z.number().describe('As far as it says; 0: it does not'),
  held_at_zero: z.boolean().describe('It has taken a limit of 0 A'),
  refused_starts: z.number().describe('Transactions it began, each of which was refused'),
  power_kw: z.number().nullable().describe('As it last reported; null: it does not'),
})

/** What accepting it takes: a charger, but that the rest has defaults. */
export const pendingAcceptSchema = chargerFieldsSchema
  .omit({ ocpp_charge_point_id: true, name: true })
  .extend({
    name: chargerFieldsSchema.shape.name.nullish().describe('Default: its charge point id'),
  })

export const pendingChangeSchema = z.strictObject({
  rejected: flag.describe('true: it is turned away whenever it comes'),
})

export function pendingChargerAnswer(
  charger: PendingCharger,
): z.infer<typeof pendingChargerSchema> {
  return {
    ocpp_charge_point_id: charger.chargePointId,
    state: charger.state,
    connected: charger.connected,
    vendor: charger.vendor ?? null,
    model: charger.model ?? null,
    serial_number: charger.serialNumber ?? null,
    firmware_version: charger.firmwareVersion ?? null,
    address: charger.remoteAddress,
    first_seen: formatTime(charger.firstSeenMs),
    last_seen: formatTime(charger.lastSeenMs),
    attempts: charger.attempts,
    connectors: charger.connectors,
    held_at_zero: charger.heldAtZero,
    refused_starts: charger.starts,
    power_kw: charger.powerW === undefined ? null : Math.round(charger.powerW) / 1000,
  }
}
