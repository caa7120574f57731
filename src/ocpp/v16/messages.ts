/**
 * What charge points tell us, in domain terms. Times are ms since the epoch by the charge point's own
 * clock, undefined when it sent none that can be read. Texts longer than the standard allows are kept
 * up to 255 characters.
 */
import type { Sample } from './meter-values.js'

export type ChargePointStatus =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEV'
  | 'SuspendedEVSE'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted'

export type StopReason =
  | 'DeAuthorized'
  | 'EmergencyStop'
  | 'EVDisconnected'
  | 'HardReset'
  | 'Local'
  | 'Other'
  | 'PowerLoss'
  | 'Reboot'
  | 'Remote'
  | 'SoftReset'
  | 'UnlockCommand'

export interface BootNotification {
  readonly type: 'bootNotification'
  readonly vendor: string
  readonly model: string
  readonly serialNumber: string | undefined
  readonly chargeBoxSerialNumber: string | undefined
  readonly firmwareVersion: string | undefined
  readonly iccid: string | undefined
  readonly imsi: string | undefined
  readonly meterType: string | undefined
  readonly meterSerialNumber: string | undefined
}

export interface Heartbeat {
  readonly type: 'heartbeat'
}

export interface StatusNotification {
  readonly type: 'statusNotification'
  /** 0 is the charge point itself. */
  readonly connectorId: number
  readonly status: ChargePointStatus
  /** As sent, or `NoError` when there is none: vendors use words of their own. */
  readonly errorCode: string
  readonly info: string | undefined
  readonly vendorId: string | undefined
  readonly vendorErrorCode: string | undefined
  readonly atMs: number | undefined
}

export interface Authorize {
  readonly type: 'authorize'
  readonly idTag: string
}

export interface StartTransaction {
  readonly type: 'startTransaction'
  readonly connectorId: number
  readonly idTag: string
  readonly meterStartWh: number | undefined
  readonly atMs: number | undefined
  readonly reservationId: number | undefined
}

export interface StopTransaction {
  readonly type: 'stopTransaction'
  /** -1 or 0 when the charge point never learned the id (errata 3.18). */
  readonly transactionId: number
  /** Absent when nobody presented one; an empty one counts as absent. */
  readonly idTag: string | undefined
  readonly meterStopWh: number | undefined
  readonly atMs: number | undefined
  /** Absent means `Local`, a word outside the standard `Other`. */
  readonly reason: StopReason
  /** The newest values of `transactionData`; undefined when there is none. */
  readonly sample: Sample | undefined
  /** As sent, for records: it may hold signed meter values, which must not change by a byte. */
  readonly transactionData: readonly unknown[]
}

export interface MeterValues {
  readonly type: 'meterValues'
  /** 0 is the main meter of the charge point. */
  readonly connectorId: number
  readonly transactionId: number | undefined
  readonly sample: Sample
}

export interface DataTransfer {
  readonly type: 'dataTransfer'
  readonly vendorId: string
  readonly messageId: string | undefined
  /** Anything but text (which the standard asks for) comes as its JSON. */
  readonly data: string | undefined
}

export interface FirmwareStatusNotification {
  readonly type: 'firmwareStatusNotification'
  readonly status: string
}

export interface DiagnosticsStatusNotification {
  readonly type: 'diagnosticsStatusNotification'
  readonly status: string
}

export interface SecurityEventNotification {
  readonly type: 'securityEventNotification'
  readonly event: string
  readonly atMs: number | undefined
  readonly techInfo: string | undefined
}

export interface LogStatusNotification {
  readonly type: 'logStatusNotification'
  readonly status: string
  readonly requestId: number | undefined
}

export interface SignedFirmwareStatusNotification {
  readonly type: 'signedFirmwareStatusNotification'
  readonly status: string
  readonly requestId: number | undefined
}

/** It asks for a certificate of its own. */
export interface SignCertificate {
  readonly type: 'signCertificate'
  /** PEM, unchecked. */
  readonly csr: string
}

export type InboundMessage =
  | BootNotification
  | Heartbeat
  | StatusNotification
  | Authorize
  | StartTransaction
  | StopTransaction
  | MeterValues
  | DataTransfer
  | FirmwareStatusNotification
  | DiagnosticsStatusNotification
  | SecurityEventNotification
  | LogStatusNotification
  | SignedFirmwareStatusNotification
  | SignCertificate
