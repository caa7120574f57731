/** A probe as REST starts and shows it. */
import { z } from 'zod'
import { probeRecordSchema, probeToWire } from '../config/probe-schema.js'
import { PROBE_STEPS } from '../core/probe/probe-types.js'
import { probeText } from '../core/probe/probe-view.js'
import type { ProbeView } from '../core/probe/probe-view.js'
import type { ProbeRecord } from '../core/site/depot.js'
import { formatTime } from '../ocpp/v16/time.js'

const step = z.enum(PROBE_STEPS)

export const probeOrderSchema = z
  .strictObject({
    consent: z
      .literal(true, {
        error:
          'must be true: a probe interrupts charging, disconnects and reboots the charger, and ' +
          'sets expiry_verified by what it finds',
      })
      .describe('The charger may be disturbed: charging is interrupted, it is rebooted'),
    steps: z.array(step).min(1).optional().describe('Default: all; phases only behind a meter'),
    connector_id: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Default: the one that charges, else the first'),
  })
  .describe('Consent to a probe')

export type ProbeOrderWire = z.output<typeof probeOrderSchema>

export const probeSchema = z
  .object({
    charger_id: z.string(),
    state: z.enum(['none', 'running', 'done', 'gave_up', 'aborted']),
    words: z.string().describe('How far it is, for people'),
    connector_id: z.number().nullable(),
    steps: z.array(step),
    step: step.nullable().describe('The step that is under way'),
    step_number: z.number().nullable(),
    doing: z.string().nullable().describe('What it waits for'),
    left_s: z.number().nullable().describe('The wait is over by then'),
    outcomes: z
      .array(
        z.object({
          step,
          clear: z.boolean().describe('False: it could not find out'),
          notes: z.array(z.string()),
        }),
      )
      .describe('Of the steps that are over'),
    why: z.string().nullable().describe('Why it ended early'),
    started_at: z.string().nullable(),
    ended_at: z.string().nullable(),
    expiry_verified: z.boolean(),
    result: probeRecordSchema
      .nullable()
      .describe('As it is kept with the charger, earlier probes included'),
  })
  .describe('The last probe of a charger')

export function probeAnswer(
  charger: { readonly id: string; readonly expiryVerified: boolean; readonly probe?: ProbeRecord },
  view: ProbeView,
): z.infer<typeof probeSchema> {
  const time = (ms: number | undefined): string | null => (ms === undefined ? null : formatTime(ms))
  const isRunning = view.state === 'running'
  return {
    charger_id: charger.id,
    state: view.state === 'gaveUp' ? 'gave_up' : view.state,
    words: probeText(view),
    connector_id: view.connectorId ?? null,
    steps: [...view.steps],
    step: view.step ?? null,
    step_number: isRunning ? Math.min(view.outcomes.length + 1, view.steps.length) : null,
    doing: view.doing ?? null,
    left_s: view.leftMs === undefined ? null : Math.ceil(view.leftMs / 1000),
    outcomes: view.outcomes.map(({ step: name, isClear, findings }) => ({
      step: name,
      clear: isClear,
      notes: [...(findings.notes ?? [])],
    })),
    why: view.why ?? null,
    started_at: time(view.startedAtMs),
    ended_at: time(view.endedAtMs),
    expiry_verified: charger.expiryVerified,
    result: charger.probe ? probeToWire(charger.probe) : null,
  }
}
