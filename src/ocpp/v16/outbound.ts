/** CALLs of the profiles Core, Smart Charging and Remote Trigger, as action and payload. */
import type {
  ChargingProfile,
  ChargingProfilePurpose,
  ChargingRateUnit,
} from './charging-profile.js'
import { given } from './outbound-call.js'
import type { OutboundCall } from './outbound-call.js'

export type { OutboundAction, OutboundCall } from './outbound-call.js'

export type TriggerableMessage =
  | 'BootNotification'
  | 'DiagnosticsStatusNotification'
  | 'FirmwareStatusNotification'
  | 'Heartbeat'
  | 'MeterValues'
  | 'StatusNotification'

/** Which profiles to clear: one by its id, or all that match every criterion given. */
export type ProfileSelection =
  | { readonly id: number }
  | {
      readonly connectorId?: number
      readonly purpose?: ChargingProfilePurpose
      readonly stackLevel?: number
    }

/** `connectorId` 0 applies a TxDefaultProfile to each connector. */
export function setChargingProfile(
  connectorId: number,
  profile: ChargingProfile,
): OutboundCall<'SetChargingProfile'> {
  return { action: 'SetChargingProfile', payload: { connectorId, csChargingProfiles: profile } }
}

/** Errata 3.25: with an id the other criteria do not count, so they are never sent together. */
export function clearChargingProfile(
  selection: ProfileSelection,
): OutboundCall<'ClearChargingProfile'> {
  if ('id' in selection) return { action: 'ClearChargingProfile', payload: { id: selection.id } }
  const { connectorId, purpose, stackLevel } = selection
  return {
    action: 'ClearChargingProfile',
    payload: given({ connectorId, chargingProfilePurpose: purpose, stackLevel }),
  }
}

export function getCompositeSchedule(schedule: {
  readonly connectorId: number
  readonly durationS: number
  readonly unit?: ChargingRateUnit
}): OutboundCall<'GetCompositeSchedule'> {
  const { connectorId, durationS, unit } = schedule
  return {
    action: 'GetCompositeSchedule',
    payload: given({ connectorId, duration: durationS, chargingRateUnit: unit }),
  }
}

/** Without keys: all of them. */
export function getConfiguration(keys?: readonly string[]): OutboundCall<'GetConfiguration'> {
  return { action: 'GetConfiguration', payload: given({ key: keys }) }
}

/** `key` at most 50 characters, `value` at most 500. */
export function changeConfiguration(
  key: string,
  value: string,
): OutboundCall<'ChangeConfiguration'> {
  return { action: 'ChangeConfiguration', payload: { key, value } }
}

export function triggerMessage(
  message: TriggerableMessage,
  connectorId?: number,
): OutboundCall<'TriggerMessage'> {
  return { action: 'TriggerMessage', payload: given({ requestedMessage: message, connectorId }) }
}

/** Without a charging profile: who starts is told his limit when there is a transaction to limit. */
export function remoteStartTransaction(start: {
  readonly idTag: string
  readonly connectorId?: number | undefined
}): OutboundCall<'RemoteStartTransaction'> {
  const { idTag, connectorId } = start
  return { action: 'RemoteStartTransaction', payload: given({ idTag, connectorId }) }
}

export function remoteStopTransaction(
  transactionId: number,
): OutboundCall<'RemoteStopTransaction'> {
  return { action: 'RemoteStopTransaction', payload: { transactionId } }
}

export function reset(type: 'Hard' | 'Soft'): OutboundCall<'Reset'> {
  return { action: 'Reset', payload: { type } }
}

export function unlockConnector(connectorId: number): OutboundCall<'UnlockConnector'> {
  return { action: 'UnlockConnector', payload: { connectorId } }
}

/** `connectorId` 0: the charge point with all its connectors. */
export function changeAvailability(
  connectorId: number,
  type: 'Operative' | 'Inoperative',
): OutboundCall<'ChangeAvailability'> {
  return { action: 'ChangeAvailability', payload: { connectorId, type } }
}

/** Id tags the charge point remembers from earlier authorisations. */
export function clearCache(): OutboundCall<'ClearCache'> {
  return { action: 'ClearCache', payload: {} }
}

export function dataTransfer(transfer: {
  readonly vendorId: string
  readonly messageId?: string | undefined
  readonly data?: string | undefined
}): OutboundCall<'DataTransfer'> {
  const { vendorId, messageId, data } = transfer
  return { action: 'DataTransfer', payload: given({ vendorId, messageId, data }) }
}
