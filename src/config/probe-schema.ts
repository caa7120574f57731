/** What a probe found out about a charger, as the store keeps it and REST shows it. */
import { z } from 'zod'
import type { ProbeRecord } from '../core/site/depot.js'
import { flag, oneOf } from './depot-fields.js'

const TIME = 'must be a time in UTC, as 2026-03-01T12:00:00.000Z'

const text = z.string({ error: 'must be a text' }).max(500)
const figure = z.number({ error: 'must be a number' })

export const probeRecordSchema = z
  .strictObject({
    at: z
      .string({ error: TIME })
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, { error: TIME })
      .refine((at) => Number.isFinite(Date.parse(at)), { error: TIME }),
    vendor: text.nullish(),
    model: text.nullish(),
    firmware: text.nullish(),
    outdated: flag.nullish().describe('Another model or firmware has booted since'),
    expiry: oneOf(['honoured', 'ignored', 'unclear'])
      .nullish()
      .describe('What became of a limit at the end of its time; null: not probed'),
    fallback_after_expiry_a: figure.nullish().describe('Drawn per phase after that, A'),
    fallback_seen: flag.nullish().describe('That was no more than the fallback'),
    keeps_over_reconnect: flag.nullish().describe('null: not known, as for the others'),
    keeps_over_reboot: flag.nullish(),
    resumes_from_zero: flag.nullish().describe('A car charges again after a pause of 0 A'),
    units: z
      .array(oneOf(['A', 'W']))
      .nullish()
      .describe('Units of limits that it says or was seen to take'),
    time_to_effect_ms: figure
      .nullish()
      .describe('From the acknowledgement of a lower limit to a current below it'),
    phase_rotation: oneOf(['RST', 'RTS', 'SRT', 'STR', 'TRS', 'TSR'])
      .nullish()
      .describe('Site phases its L1, L2, L3 were seen on'),
    phases_used: figure.nullish().describe('By the car of the probe'),
    notes: z.array(text).describe('What the figures do not say'),
  })
  .meta({ id: 'ProbeRecord', description: 'What a probe found out about a charger' })

export type ProbeRecordWire = z.infer<typeof probeRecordSchema>

export function probeFromWire(wire: ProbeRecordWire): ProbeRecord {
  return {
    atMs: Date.parse(wire.at),
    vendor: wire.vendor ?? undefined,
    model: wire.model ?? undefined,
    firmware: wire.firmware ?? undefined,
    outdated: wire.outdated ?? undefined,
    expiry: wire.expiry ?? undefined,
    fallbackAfterExpiryA: wire.fallback_after_expiry_a ?? undefined,
    fallbackSeen: wire.fallback_seen ?? undefined,
    keepsOverReconnect: wire.keeps_over_reconnect ?? undefined,
    keepsOverReboot: wire.keeps_over_reboot ?? undefined,
    resumesFromZero: wire.resumes_from_zero ?? undefined,
    units: wire.units ?? undefined,
    timeToEffectMs: wire.time_to_effect_ms ?? undefined,
    phaseRotation: wire.phase_rotation ?? undefined,
    phasesUsed: wire.phases_used ?? undefined,
    notes: wire.notes,
  }
}

export function probeToWire(probe: ProbeRecord): ProbeRecordWire {
  return {
    at: new Date(probe.atMs).toISOString(),
    vendor: probe.vendor ?? null,
    model: probe.model ?? null,
    firmware: probe.firmware ?? null,
    outdated: probe.outdated ?? false,
    expiry: probe.expiry ?? null,
    fallback_after_expiry_a: probe.fallbackAfterExpiryA ?? null,
    fallback_seen: probe.fallbackSeen ?? null,
    keeps_over_reconnect: probe.keepsOverReconnect ?? null,
    keeps_over_reboot: probe.keepsOverReboot ?? null,
    resumes_from_zero: probe.resumesFromZero ?? null,
    units: probe.units ? [...probe.units] : null,
    time_to_effect_ms: probe.timeToEffectMs ?? null,
    phase_rotation: probe.phaseRotation ?? null,
    phases_used: probe.phasesUsed ?? null,
    notes: [...probe.notes],
  }
}
