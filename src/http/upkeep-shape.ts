/** Firmware, logs and availability of a charge point as REST shows them. */
import { z } from 'zod'
import type { CertificateRequest } from '../core/operations/certificates.js'
import type { AvailabilityOrder } from '../core/operations/operations.js'
import type { Transfer } from '../core/operations/transfers.js'
import { formatTime } from '../ocpp/v16/time.js'

export const availabilitySchema = z.object({
  type: z.enum(['Operative', 'Inoperative']),
  state: z
    .enum(['accepted', 'scheduled'])
    .describe('scheduled: when the running session has ended'),
  at: z.string(),
})

export const transferSchema = z.object({
  action: z.string().describe('The call that ordered it; unasked: it began by itself'),
  state: z
    .enum(['ordered', 'under_way', 'done', 'failed', 'silent'])
    .describe('silent: nothing was heard of it for half an hour'),
  status: z.string().nullable().describe('Its last word in OCPP; null: none yet'),
  since: z.string().describe('Of that word, RFC 3339'),
  ordered_at: z.string(),
  due_at: z.string().describe('Not expected to begin before'),
  request_id: z.number().nullable(),
  location: z.string().nullable().describe('Without user and password; null: this gateway'),
  file_name: z.string().nullable(),
  file_id: z.string().nullable().describe('Of the file that arrived here'),
})

export function availabilityAnswer(
  order: AvailabilityOrder | undefined,
): z.infer<typeof availabilitySchema> | null {
  return order ? { type: order.type, state: order.state, at: formatTime(order.wallMs) } : null
}

export function transferAnswer(
  transfer: Transfer | undefined,
): z.infer<typeof transferSchema> | null {
  if (!transfer) return null
  return {
    action: transfer.order,
    state: transfer.state === 'underWay' ? 'under_way' : transfer.state,
    status: transfer.status ?? null,
    since: formatTime(transfer.sinceWallMs),
    ordered_at: formatTime(transfer.orderedWallMs),
    due_at: formatTime(transfer.dueWallMs),
    request_id: transfer.requestId ?? null,
    location: transfer.location ?? null,
    file_name: transfer.fileName ?? null,
    file_id: transfer.fileId ?? null,
  }
}

export const certificateSchema = z.object({
  state: z
    .enum(['asked', 'signed', 'accepted', 'rejected', 'failed'])
    .describe('accepted: the charge point has taken it'),
  reason: z.string().nullable().describe('Why not'),
  not_after: z.string().nullable().describe('When it expires'),
  at: z.string(),
})

export function certificateAnswer(
  request: CertificateRequest | undefined,
): z.infer<typeof certificateSchema> | null {
  if (!request) return null
  const { state, reason, notAfterWallMs, wallMs } = request
  return {
    state,
    reason: reason ?? null,
    not_after: notAfterWallMs === undefined ? null : formatTime(notAfterWallMs),
    at: formatTime(wallMs),
  }
}
