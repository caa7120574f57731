/** /chargers/{id}/configuration: the settings of a charge point, and what each is for. */
import { z } from 'zod'
import { isSecretKey } from '../core/operations/configuration.js'
import { knownKey } from '../ocpp/v16/known-keys.js'
import { formatTime } from '../ocpp/v16/time.js'
import type { Backend } from './backend.js'
import { chargerOf, orderResult, unknownCharger } from './calls.js'
import type { Call, Endpoint } from './endpoint.js'
import { checked } from './fields.js'
import { json } from './json.js'
import { refusal } from './refusal.js'

const settingSchema = z.object({
  key: z.string(),
  value: z.string().nullable().describe('null: none, or a secret'),
  readonly: z.boolean().describe('As the charge point says'),
  help: z.string().nullable().describe('null: a key of its vendor'),
  type: z.enum(['bool', 'int', 'list', 'text']).nullable(),
  unit: z.string().nullable(),
  profile: z.string().nullable().describe('Part of OCPP 1.6 that it belongs to'),
  standard_access: z
    .enum(['read', 'read and write', 'write', 'any'])
    .nullable()
    .describe('What the standard allows'),
})

const querySchema = z.object({
  fresh: z
    .enum(['true', 'false'])
    .optional()
    .describe(
      'true: asks the charge point again, key by key where it needs that; else as last told',
    ),
})

export const configurationSchema = z.object({
  read_at: z.string().nullable().describe('null: never read; fresh=true reads it'),
  reboot_required: z.array(z.string()).describe('Settings that count from its next boot on'),
  settings: z.array(settingSchema),
})

export function configurationEndpoints(backend: Backend): Endpoint[] {
  const shown = (chargePointId: string | undefined): Response => {
    const { configuration, rebootFor } = backend.upkeep(chargePointId ?? '')
    const { keys = new Map(), readWallMs } = configuration ?? {}
    const answer: z.infer<typeof configurationSchema> = {
      read_at: readWallMs === undefined ? null : formatTime(readWallMs),
      reboot_required: [...rebootFor],
      settings: [...keys]
        .map(([key, { value, readonly }]) => setting(key, value, readonly))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    }
    return json(200, answer)
  }

  const answer = async ({ id, request }: Call): Promise<Response> => {
    const charger = chargerOf(backend, id)
    if (!charger) return unknownCharger(id)
    const { ocppChargePointId } = charger
    const given = new URL(request.url).searchParams.get('fresh')
    const query = checked(querySchema, given === null ? {} : { fresh: given })
    if (!query.ok) return query.response
    if (query.value.fresh !== 'true') return shown(ocppChargePointId)
    if (ocppChargePointId === undefined) {
      return refusal(409, 'the charger has no ocpp_charge_point_id: nobody can be asked')
    }
    const done = await backend.readConfiguration(ocppChargePointId)
    if (done.ok) return shown(ocppChargePointId)
    const call = { action: 'GetConfiguration', payload: {} } as const
    const told = orderResult({ type: 'ended', call, end: done.end, facts: {} })
    return told.ok
      ? refusal(502, 'the charge point tells none of its settings')
      : refusal(told.status, told.message)
  }

  return [
    {
      tag: 'chargers',
      method: 'get',
      path: '/chargers/{id}/configuration',
      summary: 'The settings of the charge point, and what they do',
      query: querySchema,
      success: { status: 200, schema: 'Configuration' },
      answer,
    },
  ]
}

function setting(
  key: string,
  value: string | undefined,
  readonly: boolean,
): z.infer<typeof settingSchema> {
  const known = knownKey(key)
  return {
    key,
    value: isSecretKey(key) ? null : (value ?? null),
    readonly,
    help: known?.help ?? null,
    type: known?.type ?? null,
    unit: known?.unit ?? null,
    profile: known?.profile ?? null,
    standard_access: known?.access ?? null,
  }
}
