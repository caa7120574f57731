/** The grid connection and everything below it in one figure each. */
import { z } from 'zod'
import type { MeterView, View } from '../core/site/view.js'
import { formatTime } from '../ocpp/v16/time.js'
import { nodeLive, nodeLiveShape } from './node-shape.js'
import { phases, phasesSchema, rounded } from './phases-schema.js'

export const meterSchema = z.object({
  id: z.string(),
  node_id: z.string().describe('The constraint it stands at, or "site"'),
  current_a: phasesSchema.nullable(),
  power_kw: z.number().nullable(),
  energy_kwh: z.number().nullable(),
  age_s: z.number().nullable().describe('null: never read'),
  quality: z.enum(['good', 'stale', 'lost']),
  problem: z.string().nullable().describe('Why there is no reading now; null: there is one'),
})

export const siteSchema = z.object({
  id: z.string(),
  name: z.string(),
  timezone: z.string().describe('IANA; of all times without one'),
  at: z.string().describe('When this was true; RFC 3339, UTC'),
  ...nodeLiveShape,
  meters: z.array(meterSchema),
  chargers: z.number(),
  connected_chargers: z.number(),
  live_sessions: z.number(),
  upstream_configured: z.boolean().describe('There is a backend (MQTT) to connect to'),
  upstream_connected: z.boolean().describe('The backend (MQTT) is reachable'),
})

export function siteAnswer(view: View): z.infer<typeof siteSchema> {
  const { site } = view
  return {
    id: view.siteId,
    name: view.siteName,
    timezone: view.timezone,
    at: formatTime(view.atMs),
    ...nodeLive(site),
    meters: site.meters.map(meterAnswer),
    chargers: view.chargers.length,
    connected_chargers: site.connectedChargers,
    live_sessions: view.sessions.length,
    upstream_configured: site.upstreamConfigured,
    upstream_connected: site.upstreamConnected,
  }
}

function meterAnswer(meter: MeterView): z.infer<typeof meterSchema> {
  return {
    id: meter.id,
    node_id: meter.nodeId,
    current_a: meter.currentA ? phases(meter.currentA) : null,
    power_kw: meter.powerW === undefined ? null : rounded(meter.powerW / 1000, 3),
    energy_kwh: meter.energyWh === undefined ? null : rounded(meter.energyWh / 1000, 3),
    age_s: meter.ageMs === undefined ? null : rounded(meter.ageMs / 1000, 1),
    quality: meter.quality,
    problem: meter.problem ?? null,
  }
}
