/** Calls of the profiles Core, Remote Trigger, Smart Charging and Local Auth List over REST. */
import { z } from 'zod'
import { getLocalListVersion, sendLocalList } from '../ocpp/v16/local-list.js'
import {
  changeAvailability,
  changeConfiguration,
  clearCache,
  clearChargingProfile,
  dataTransfer,
  getCompositeSchedule,
  getConfiguration,
  remoteStartTransaction,
  remoteStopTransaction,
  reset,
  triggerMessage,
  unlockConnector,
} from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound-call.js'
import { parseTime } from '../ocpp/v16/time.js'
import type { CallOrder } from './call-order.js'

export const connectorId = z.int().min(1).max(1000)
export const connectorOrZero = z.int().min(0).max(1000)
export const idTag = z.string().min(1).max(20)

/** RFC 3339, to wall ms. */
export const instant = z
  .string()
  .max(40)
  .refine((text) => parseTime(text) !== undefined, {
    error: 'must be a time such as 2026-03-01T12:00:00Z',
  })

export function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseTime(text)
}

export function plain(call: OutboundCall): CallOrder {
  return { kind: 'call', call }
}

const profileSelection = {
  id: z.int().optional().describe('One profile; the rest is left out then'),
  connector_id: connectorOrZero.optional(),
  purpose: z.enum(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']).optional(),
  stack_level: z.int().min(0).max(1000).optional(),
}

const localListEntry = z.strictObject({
  id_tag: idTag,
  status: z
    .enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx'])
    .optional()
    .describe('Left out in a differential update: the id tag leaves the list'),
  parent_id_tag: idTag.optional(),
  expires_at: instant.optional(),
})

export const coreCalls = [
  z
    .strictObject({ action: z.literal('Reset'), type: z.enum(['Soft', 'Hard']).default('Soft') })
    .transform(({ type }) => plain(reset(type))),
  z
    .strictObject({
      action: z.literal('RemoteStartTransaction'),
      id_tag: idTag,
      connector_id: connectorId.optional(),
    })
    .transform((wire) =>
      plain(remoteStartTransaction({ idTag: wire.id_tag, connectorId: wire.connector_id })),
    ),
  z
    .strictObject({
      action: z.literal('RemoteStopTransaction'),
      transaction_id: z.int().min(1).max(2_147_483_647),
    })
    .transform((wire) => plain(remoteStopTransaction(wire.transaction_id))),
  z
    .strictObject({
      action: z.literal('TriggerMessage'),
      message: z.enum([
        'BootNotification',
        'DiagnosticsStatusNotification',
        'FirmwareStatusNotification',
        'Heartbeat',
        'MeterValues',
        'StatusNotification',
      ]),
      connector_id: connectorId.optional(),
    })
    .transform((wire) => plain(triggerMessage(wire.message, wire.connector_id))),
  z
    .strictObject({
      action: z.literal('GetConfiguration'),
      keys: z.array(z.string().min(1).max(50)).max(100).optional(),
    })
    .transform(({ keys }) => plain(getConfiguration(keys))),
  z
    .strictObject({
      action: z.literal('ChangeConfiguration'),
      key: z.string().min(1).max(50),
      value: z.string().max(500),
    })
    .transform(({ key, value }) => plain(changeConfiguration(key, value))),
  z
    .strictObject({
      action: z.literal('ChangeAvailability'),
      connector_id: connectorOrZero,
      type: z.enum(['Operative', 'Inoperative']),
    })
    .transform((wire) => plain(changeAvailability(wire.connector_id, wire.type))),
  z
    .strictObject({ action: z.literal('UnlockConnector'), connector_id: connectorId })
    .transform((wire) => plain(unlockConnector(wire.connector_id))),
  z
    .strictObject({ action: z.literal('ClearCache') })
    .describe('Forgets the id tags it remembers')
    .transform(() => plain(clearCache())),
  z
    .strictObject({
      action: z.literal('DataTransfer'),
      vendor_id: z.string().min(1).max(255),
      message_id: z.string().min(1).max(50).optional(),
      data: z.string().max(32_768).optional(),
    })
    .transform((wire) => {
      const { vendor_id: vendorId, message_id: messageId, data } = wire
      return plain(dataTransfer({ vendorId, messageId, data }))
    }),
  z
    .strictObject({ action: z.literal('ClearChargingProfile'), ...profileSelection })
    .describe('Without fields it clears every profile; refused while a car charges')
    .transform((wire) => {
      const { id, connector_id: connector, purpose, stack_level: stackLevel } = wire
      return plain(
        clearChargingProfile(
          id === undefined
            ? {
                ...(connector !== undefined && { connectorId: connector }),
                ...(purpose !== undefined && { purpose }),
                ...(stackLevel !== undefined && { stackLevel }),
              }
            : { id },
        ),
      )
    }),
  z
    .strictObject({
      action: z.literal('GetCompositeSchedule'),
      connector_id: connectorOrZero,
      duration_s: z.int().min(1).max(604_800).default(3600),
      unit: z.enum(['A', 'W']).optional(),
    })
    .transform((wire) => {
      const { connector_id: connector, duration_s: durationS, unit } = wire
      const asked = { connectorId: connector, durationS, ...(unit !== undefined && { unit }) }
      return plain(getCompositeSchedule(asked))
    }),
  z
    .strictObject({ action: z.literal('GetLocalListVersion') })
    .transform(() => plain(getLocalListVersion())),
  z
    .strictObject({
      action: z.literal('SendLocalList'),
      list_version: z.int().min(1).max(2_147_483_647),
      update_type: z.enum(['Full', 'Differential']),
      entries: z.array(localListEntry).max(500).default([]),
    })
    .describe('A list that the gateway keeps in step itself may replace this one')
    .refine(
      ({ update_type: type, entries }) =>
        type === 'Differential' || entries.every(({ status }) => status !== undefined),
      { path: ['entries'], error: 'need a status each in a full list' },
    )
    .transform((wire) =>
      plain(
        sendLocalList({
          version: wire.list_version,
          type: wire.update_type,
          entries: wire.entries.map((entry) => ({
            idTag: entry.id_tag,
            info: entry.status && {
              status: entry.status,
              parentIdTag: entry.parent_id_tag,
              expiresAtMs: ms(entry.expires_at),
            },
          })),
        }),
      ),
    ),
] as const
