/** A CALL we make to a charge point; optional parts are left out, never null. */
export type OutboundAction =
  | 'CancelReservation'
  | 'CertificateSigned'
  | 'ChangeAvailability'
  | 'ChangeConfiguration'
  | 'ClearCache'
  | 'ClearChargingProfile'
  | 'DataTransfer'
  | 'DeleteCertificate'
  | 'ExtendedTriggerMessage'
  | 'GetCompositeSchedule'
  | 'GetConfiguration'
  | 'GetDiagnostics'
  | 'GetInstalledCertificateIds'
  | 'GetLocalListVersion'
  | 'GetLog'
  | 'InstallCertificate'
  | 'RemoteStartTransaction'
  | 'RemoteStopTransaction'
  | 'ReserveNow'
  | 'Reset'
  | 'SendLocalList'
  | 'SetChargingProfile'
  | 'SignedUpdateFirmware'
  | 'TriggerMessage'
  | 'UnlockConnector'
  | 'UpdateFirmware'

export interface OutboundCall<Action extends OutboundAction = OutboundAction> {
  readonly action: Action
  readonly payload: Readonly<Record<string, unknown>>
}

/** As an expert wrote it: checked against no schema. */
export interface RawCall {
  readonly raw: true
  readonly action: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** Without what is undefined. */
export function given(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
