import { z } from 'zod'
import { formatTime } from '../ocpp/v16/time.js'
import type { FrameRecord } from './backend.js'

export const frameSchema = z.object({
  seq: z.int().describe('Rises; since=SEQ asks for what came after'),
  time: z.string().describe('RFC 3339, UTC, by the clock of the gateway'),
  ms: z.number().describe('What lies between two lines, whatever the clock did'),
  charge_point: z.string(),
  kind: z
    .enum(['received', 'sent', 'opened', 'closing', 'closed', 'refused', 'gap'])
    .describe('received: the charge point said it; gap: lines are missing here'),
  text: z.string().describe('The frame word for word, secrets excepted; else what happened'),
  cut_from: z.int().optional().describe('The frame was so long, and is cut'),
})

/** One line, without its end. */
export function frameLine(chargePointId: string, record: FrameRecord, text: string): string {
  const { cutFrom } = record
  const cut = cutFrom === undefined ? undefined : { cut_from: cutFrom }
  return line(chargePointId, record, { kind: record.kind, text, ...cut })
}

/** Before `next` some are missing. */
export function gapLine(chargePointId: string, next: FrameRecord): string {
  const before = { ...next, seq: next.seq - 1 }
  return line(chargePointId, before, { kind: 'gap', text: 'lines are missing here' })
}

function line(chargePointId: string, { seq, wallMs, atMs }: FrameRecord, said: object): string {
  const ms = Math.round(atMs * 10) / 10
  return JSON.stringify({ seq, time: exactTime(wallMs), ms, charge_point: chargePointId, ...said })
}

function exactTime(ms: number): string {
  const fraction = String(Math.floor(ms) % 1000).padStart(3, '0')
  return formatTime(ms).replace('Z', `.${fraction}Z`)
}
