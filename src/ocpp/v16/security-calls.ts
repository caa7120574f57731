/** CALLs of the security whitepaper about certificates, and its triggers. */
import { given } from './outbound-call.js'
import type { OutboundCall } from './outbound-call.js'

export type CertificateUse = 'CentralSystemRootCertificate' | 'ManufacturerRootCertificate'

/** Names a certificate without its content. */
export interface CertificateHash {
  readonly hashAlgorithm: 'SHA256' | 'SHA384' | 'SHA512'
  readonly issuerNameHash: string
  readonly issuerKeyHash: string
  readonly serialNumber: string
}

export type ExtendedTrigger =
  | 'BootNotification'
  | 'LogStatusNotification'
  | 'FirmwareStatusNotification'
  | 'Heartbeat'
  | 'MeterValues'
  | 'SignChargePointCertificate'
  | 'StatusNotification'

/** `chain`: PEM, the charge point's own certificate first. */
export function certificateSigned(chain: string): OutboundCall<'CertificateSigned'> {
  return { action: 'CertificateSigned', payload: { certificateChain: chain } }
}

/** `certificate`: PEM. */
export function installCertificate(
  use: CertificateUse,
  certificate: string,
): OutboundCall<'InstallCertificate'> {
  return { action: 'InstallCertificate', payload: { certificateType: use, certificate } }
}

export function deleteCertificate(hash: CertificateHash): OutboundCall<'DeleteCertificate'> {
  return { action: 'DeleteCertificate', payload: { certificateHashData: hash } }
}

export function getInstalledCertificateIds(
  use: CertificateUse,
): OutboundCall<'GetInstalledCertificateIds'> {
  return { action: 'GetInstalledCertificateIds', payload: { certificateType: use } }
}

export function extendedTriggerMessage(
  message: ExtendedTrigger,
  connectorId?: number,
): OutboundCall<'ExtendedTriggerMessage'> {
  return {
    action: 'ExtendedTriggerMessage',
    payload: given({ requestedMessage: message, connectorId }),
  }
}
