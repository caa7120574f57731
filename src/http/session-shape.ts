/** The record of a transaction as REST shows it. */
import { z } from 'zod'
import type { SessionForecast } from '../core/energy/outlook.js'
import { reasonText } from '../core/reason-text.js'
import type { SessionView } from '../core/site/view.js'
import { formatTime } from '../ocpp/v16/time.js'
import { phases, phasesSchema, rounded } from './phases-schema.js'
import { reasonType, reasonTypeSchema } from './reason-shape.js'

const source = z.enum(['session', 'vehicle']).nullable()

export const forecastSchema = z.object({
  state: z
    .enum(['fine', 'risk', 'impossible', 'missed'])
    .describe('risk: not as it is going; impossible: whatever the others give up'),
  required_a: z
    .number()
    .nullable()
    .describe('Needed on average until the departure, A per phase; null: no time is left'),
  given_a: z.number().describe('What it gets on average, A per phase'),
  best_a: z.number().describe('What it would get if it came before all others, A per phase'),
  expected_kwh: z.number().describe('Of what it wants still, by the departure, as it is going'),
  possible_kwh: z.number().describe('The same if it came before all others'),
  expected_soc: z.number().nullable().describe('By the departure, %; null: cannot be told'),
  possible_soc: z.number().nullable(),
})

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
  reason_type: reasonTypeSchema,
  vehicle: z
    .object({ id: z.string(), name: z.string() })
    .nullable()
    .describe('By its id tag; null: none has it'),
  priority: z.number().nullable().describe('Higher goes first; null: its connector is gone'),
  priority_source: z
    .enum(['session', 'vehicle', 'id_tag', 'charger', 'group'])
    .nullable()
    .describe('Who says so'),
  priority_until: z
    .string()
    .nullable()
    .describe('When a priority of the session itself ends, RFC 3339, UTC; null: with the session'),
  departure: z.string().nullable().describe('When it leaves next, RFC 3339, UTC'),
  departure_source: source.describe('Who says so: the session itself, or its vehicle'),
  energy_kwh: z.number().nullable().describe('What it wants: energy of the session, kWh'),
  target_soc: z.number().nullable().describe('Or a state of charge, %'),
  target_source: source.describe('Who says so: the session itself, or its vehicle'),
  soc: z.number().nullable().describe('State of charge now, %; null: nobody has told'),
  energy_wanted_kwh: z
    .number()
    .nullable()
    .describe('Still to come from the grid, kWh; null: no target, or it cannot be told'),
  forecast: forecastSchema
    .nullable()
    .describe('null: no departure, or nobody knows what is wanted'),
  warning: z
    .string()
    .nullable()
    .describe('That it will not have it in time, why, and what would help'),
})

const LIVE_ONLY = {
  power_kw: true,
  current_a: true,
  offer_a: true,
  reason: true,
  reason_type: true,
  vehicle: true,
  priority: true,
  priority_source: true,
  priority_until: true,
  departure: true,
  departure_source: true,
  energy_kwh: true,
  target_soc: true,
  target_source: true,
  soc: true,
  energy_wanted_kwh: true,
  forecast: true,
  warning: true,
} as const

export const endedSessionSchema = liveSessionSchema.omit(LIVE_ONLY).extend({
  stopped_at: z.string().nullable().describe('RFC 3339, UTC, by the clock of the charger'),
  meter_stop_wh: z.number().nullable(),
  stop_reason: z.string().nullable(),
  signed_values: z
    .array(z.unknown())
    .nullable()
    .describe(
      'Elements of transactionData that hold signed meter values, as the charger sent them',
    ),
})

export function liveSession(view: SessionView): z.infer<typeof liveSessionSchema> {
  return {
    ...session(view),
    power_kw: view.powerW === undefined ? null : rounded(view.powerW / 1000, 3),
    current_a: view.currentA ? phases(view.currentA) : null,
    offer_a: rounded(view.offerA, 2),
    reason: reasonText(view.reason, view.vehicle?.name),
    reason_type: reasonType(view.reason),
    ...wanted(view),
  }
}

type Wanted = Pick<
  z.infer<typeof liveSessionSchema>,
  | 'vehicle'
  | 'priority'
  | 'priority_source'
  | 'priority_until'
  | 'departure'
  | 'departure_source'
  | 'energy_kwh'
  | 'target_soc'
  | 'target_source'
  | 'soc'
  | 'energy_wanted_kwh'
  | 'forecast'
  | 'warning'
>

function wanted({ vehicle, priority, outlook, warning }: SessionView): Wanted {
  const { target, departure, soc, wantedWh } = outlook?.need ?? {}
  return {
    vehicle: vehicle ? { id: vehicle.id, name: vehicle.name } : null,
    priority: priority?.value ?? null,
    priority_source: priority?.source === 'idTag' ? 'id_tag' : (priority?.source ?? null),
    priority_until: priority?.untilMs === undefined ? null : formatTime(priority.untilMs),
    departure: departure ? formatTime(departure.atMs) : null,
    departure_source: departure?.source ?? null,
    energy_kwh: target?.type === 'energy' ? target.energyWh / 1000 : null,
    target_soc: target?.type === 'soc' ? target.soc : null,
    target_source: target?.source ?? null,
    soc: shown(soc, 1),
    energy_wanted_kwh: kwh(wantedWh),
    forecast: outlook?.forecast ? forecastAnswer(outlook.forecast) : null,
    warning: warning ?? null,
  }
}

function forecastAnswer(told: SessionForecast): z.infer<typeof forecastSchema> {
  return {
    state: told.state,
    required_a: Number.isFinite(told.requiredA) ? rounded(told.requiredA, 1) : null,
    given_a: rounded(told.givenA, 1),
    best_a: rounded(told.bestA, 1),
    expected_kwh: rounded(told.expectedWh / 1000, 3),
    possible_kwh: rounded(told.possibleWh / 1000, 3),
    expected_soc: shown(told.expectedSoc, 1),
    possible_soc: shown(told.possibleSoc, 1),
  }
}

function kwh(wh: number | undefined): number | null {
  return wh === undefined ? null : rounded(wh / 1000, 3)
}

function shown(value: number | undefined, decimals: number): number | null {
  return value === undefined ? null : rounded(value, decimals)
}

export function endedSession(view: SessionView): z.infer<typeof endedSessionSchema> {
  return {
    ...session(view),
    stopped_at: view.stoppedAtMs === undefined ? null : formatTime(view.stoppedAtMs),
    meter_stop_wh: view.meterStopWh ?? null,
    stop_reason: view.stopReason ?? null,
    signed_values: view.signedValues ? [...view.signedValues] : null,
  }
}

type Common = Omit<
  z.infer<typeof endedSessionSchema>,
  'stopped_at' | 'meter_stop_wh' | 'stop_reason' | 'signed_values'
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
