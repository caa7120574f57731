/** Calls to a charge point over REST, by the names and fields of OCPP 1.6. */
import { z } from 'zod'
import {
  changeAvailability,
  changeConfiguration,
  clearChargingProfile,
  getConfiguration,
  remoteStartTransaction,
  remoteStopTransaction,
  reset,
  triggerMessage,
  unlockConnector,
} from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'

const connectorId = z.int().min(1).max(1000)

export const callSchema = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('Reset'), type: z.enum(['Soft', 'Hard']).default('Soft') }),
    z.strictObject({
      action: z.literal('RemoteStartTransaction'),
      id_tag: z.string().min(1).max(20),
      connector_id: connectorId.optional(),
    }),
    z.strictObject({
      action: z.literal('RemoteStopTransaction'),
      transaction_id: z.int().min(1).max(2_147_483_647),
    }),
    z.strictObject({
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
    }),
    z.strictObject({
      action: z.literal('GetConfiguration'),
      keys: z.array(z.string().min(1).max(50)).max(100).optional(),
    }),
    z.strictObject({
      action: z.literal('ChangeConfiguration'),
      key: z.string().min(1).max(50),
      value: z.string().max(500),
    }),
    z.strictObject({
      action: z.literal('ChangeAvailability'),
      connector_id: z.int().min(0).max(1000),
      type: z.enum(['Operative', 'Inoperative']),
    }),
    z.strictObject({ action: z.literal('UnlockConnector'), connector_id: connectorId }),
    z
      .strictObject({ action: z.literal('ClearChargingProfile') })
      .describe('Clears every profile; refused while a car charges'),
  ])
  .describe('A call to the charge point, by its OCPP 1.6 name')

export type CallWire = z.output<typeof callSchema>

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
  })
  .describe('What the charge point answered')

export type CallResultWire = z.output<typeof callResultSchema>

export function callFromWire(wire: CallWire): OutboundCall {
  switch (wire.action) {
    case 'Reset':
      return reset(wire.type)
    case 'RemoteStartTransaction':
      return remoteStartTransaction({
        idTag: wire.id_tag,
        ...(wire.connector_id !== undefined && { connectorId: wire.connector_id }),
      })
    case 'RemoteStopTransaction':
      return remoteStopTransaction(wire.transaction_id)
    case 'TriggerMessage':
      return triggerMessage(wire.message, wire.connector_id)
    case 'GetConfiguration':
      return getConfiguration(wire.keys)
    case 'ChangeConfiguration':
      return changeConfiguration(wire.key, wire.value)
    case 'ChangeAvailability':
      return changeAvailability(wire.connector_id, wire.type)
    case 'UnlockConnector':
      return unlockConnector(wire.connector_id)
    case 'ClearChargingProfile':
      return clearChargingProfile({})
  }
}
