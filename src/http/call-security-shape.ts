/** Calls of the security extension over REST, and the one for experts. */
import { z } from 'zod'
import {
  certificateSigned,
  deleteCertificate,
  extendedTriggerMessage,
  getInstalledCertificateIds,
  installCertificate,
} from '../ocpp/v16/security-calls.js'
import { connectorId, plain } from './call-core-shape.js'
import type { CallOrder } from './call-order.js'

const certificateType = z.enum(['CentralSystemRootCertificate', 'ManufacturerRootCertificate'])
const hex = z.string().min(1).max(128)

export const certificateHash = {
  hash_algorithm: z.enum(['SHA256', 'SHA384', 'SHA512']),
  issuer_name_hash: hex,
  issuer_key_hash: hex,
  serial_number: z.string().min(1).max(40),
}

export const securityCalls = [
  z
    .strictObject({
      action: z.literal('CertificateSigned'),
      certificate_chain: z.string().min(1).max(10_000).describe('PEM, its own certificate first'),
    })
    .transform((wire) => plain(certificateSigned(wire.certificate_chain))),
  z
    .strictObject({
      action: z.literal('InstallCertificate'),
      certificate_type: certificateType,
      certificate: z.string().min(1).max(5500).describe('PEM'),
    })
    .transform((wire) => plain(installCertificate(wire.certificate_type, wire.certificate))),
  z
    .strictObject({ action: z.literal('DeleteCertificate'), ...certificateHash })
    .describe('By what GetInstalledCertificateIds tells of it')
    .transform((wire) =>
      plain(
        deleteCertificate({
          hashAlgorithm: wire.hash_algorithm,
          issuerNameHash: wire.issuer_name_hash,
          issuerKeyHash: wire.issuer_key_hash,
          serialNumber: wire.serial_number,
        }),
      ),
    ),
  z
    .strictObject({
      action: z.literal('GetInstalledCertificateIds'),
      certificate_type: certificateType,
    })
    .transform((wire) => plain(getInstalledCertificateIds(wire.certificate_type))),
  z
    .strictObject({
      action: z.literal('ExtendedTriggerMessage'),
      message: z.enum([
        'BootNotification',
        'LogStatusNotification',
        'FirmwareStatusNotification',
        'Heartbeat',
        'MeterValues',
        'SignChargePointCertificate',
        'StatusNotification',
      ]),
      connector_id: connectorId.optional(),
    })
    .transform((wire) => plain(extendedTriggerMessage(wire.message, wire.connector_id))),
  z
    .strictObject({
      action: z.literal('Raw'),
      name: z.string().min(1).max(100).describe('The action, as OCPP or the vendor calls it'),
      payload: z.record(z.string(), z.unknown()).default({}),
    })
    .describe('Any call as it stands; needs ocpp.raw_calls: true in the configuration')
    .transform(({ name, payload }): CallOrder => ({
      kind: 'raw',
      call: { raw: true, action: name, payload },
    })),
] as const
