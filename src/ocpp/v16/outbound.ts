/** CALLs we make to charge points, as action and payload; optional parts are left out, never null. */
import type {
  ChargingProfile,
  ChargingProfilePurpose,
  ChargingRateUnit,
} from './charging-profile.js'

export type OutboundAction =
  | 'SetChargingProfile'
  | 'ClearChargingProfile'
  | 'GetCompositeSchedule'
  | 'GetConfiguration'
  | 'ChangeConfiguration'
  | 'TriggerMessage'
  | 'RemoteStartTransaction'
  | 'RemoteStopTransaction'
  | 'Reset'
  | 'UnlockConnector'
  | 'ChangeAvailability'

export interface OutboundCall<Action extends OutboundAction = OutboundAction> {
  readonly action: Action
  readonly payload: Readonly<Record<string, unknown>>
}

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

/** `profile` must be a TxProfile; the charge point gives it the id of the transaction it starts. */
export function remoteStartTransaction(start: {
  readonly idTag: string
  readonly connectorId?: number
  readonly profile?: ChargingProfile
}): OutboundCall<'RemoteStartTransaction'> {
  const { idTag, connectorId, profile } = start
  return {
    action: 'RemoteStartTransaction',
    payload: given({ idTag, connectorId, chargingProfile: profile }),
  }
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

function given(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
