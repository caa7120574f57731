/** What a charge point answered to a call, in snake_case. */
import { z } from 'zod'
import { isSecretKey } from '../core/operations/configuration.js'
import type { OutboundAction } from '../ocpp/v16/outbound-call.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { CallResults } from '../ocpp/v16/results.js'
import type { OrderFacts } from './call-order.js'
import { certificateHash } from './call-security-shape.js'

export const callResultSchema = z
  .strictObject({
    action: z.string(),
    status: z.string().nullable().describe('As the charge point answers; null where it has none'),
    configuration: z
      .array(
        z.strictObject({ key: z.string(), readonly: z.boolean(), value: z.string().nullable() }),
      )
      .optional(),
    unknown_keys: z.array(z.string()).optional(),
    reservation_id: z.number().optional(),
    request_id: z.number().optional().describe('That notifications about it repeat'),
    file_name: z.string().nullable().optional().describe('null: it has nothing to send'),
    list_version: z.number().optional().describe('0: empty; -1: it keeps no list'),
    data: z.string().nullable().optional(),
    schedule: z
      .strictObject({
        unit: z.enum(['A', 'W']),
        periods: z.array(z.strictObject({ start_s: z.number(), limit: z.number() })),
      })
      .nullable()
      .optional()
      .describe('A hint: many charge points report what they do not do'),
    certificates: z.array(z.strictObject(certificateHash)).optional(),
    payload: z.unknown().optional().describe('Of a raw call: the answer as it came'),
  })
  .describe('What the charge point answered')

export type CallResultWire = z.output<typeof callResultSchema>

export type ReadResult =
  | { readonly ok: true; readonly result: CallResultWire }
  | { readonly ok: false; readonly reason: string }

export function callResult(
  call: { readonly action: string; readonly raw?: true },
  payload: unknown,
  facts: OrderFacts,
): ReadResult {
  const { action } = call
  const told = {
    ...(facts.reservationId !== undefined && { reservation_id: facts.reservationId }),
    ...(facts.requestId !== undefined && { request_id: facts.requestId }),
  }
  if (call.raw === true) return { ok: true, result: { action, status: null, ...told, payload } }
  // Whatever is not raw is a call of ours.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const known = action as OutboundAction
  const decoded = decodeResult(known, payload)
  if (!decoded.ok) return decoded
  const { result } = decoded
  const status = 'status' in result && typeof result.status === 'string' ? result.status : null
  return { ok: true, result: { action, status, ...told, ...detailsOf(result) } }
}

type Details = Omit<Partial<CallResultWire>, 'action' | 'status'>

function detailsOf(result: CallResults[OutboundAction]): Details {
  return {
    ...('keys' in result && {
      configuration: result.keys.map(({ key, readonly, value }) => ({
        key,
        readonly,
        value: isSecretKey(key) ? null : (value ?? null),
      })),
      unknown_keys: [...result.unknownKeys],
    }),
    ...('version' in result && { list_version: result.version }),
    ...('fileName' in result && { file_name: result.fileName ?? null }),
    ...('data' in result && { data: result.data ?? null }),
    ...('schedule' in result && {
      schedule: result.schedule
        ? {
            unit: result.schedule.unit,
            periods: result.schedule.periods.map(({ startS, limit }) => ({
              start_s: startS,
              limit,
            })),
          }
        : null,
    }),
    ...('certificates' in result && {
      certificates: result.certificates.map((hash) => ({
        hash_algorithm: hash.hashAlgorithm,
        issuer_name_hash: hash.issuerNameHash,
        issuer_key_hash: hash.issuerKeyHash,
        serial_number: hash.serialNumber,
      })),
    }),
  }
}
