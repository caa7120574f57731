/** What a simulated charge point answers to the CALLs about reservations, lists, firmware and keys. */
import { after } from '../after.js'
import type { CommandContext } from './charge-point-commands.js'
import type { Answer } from './charge-point-wire.js'
import { integerOf, isFields, textOf, timeOf } from './wire-fields.js'
import type { Fields } from './wire-fields.js'

export interface UpkeepCommands {
  readonly handlers: readonly (readonly [string, (payload: Fields) => Answer])[]
  /** The reservation that a start of this id tag at this connector uses up. */
  usedReservation(connectorId: number, idTag: string): number | undefined
  /** Says by ExtendedTriggerMessage or TriggerMessage what was last said of firmware or logs. */
  repeat(message: string): (() => void) | undefined
}

interface Reservation {
  readonly id: number
  readonly connectorId: number
  readonly idTag: string
  readonly untilMs: number
}

/** Between two notifications. */
const STEP_MS = 5_000

export function upkeepCommands(
  context: Pick<CommandContext, 'clock' | 'device' | 'outbox'>,
): UpkeepCommands {
  const { clock, device, outbox } = context
  const reservations = new Map<number, Reservation>()
  const lastSaid = new Map<string, Fields>()
  const certificates = new Map<string, Fields>()
  let listVersion = 0

  const valid = (): readonly Reservation[] =>
    [...reservations.values()].filter(({ untilMs }) => device.wallMs() < untilMs)

  /** One after the other, by the same notification. */
  const sayLater = (action: string, words: readonly string[], more: Fields): void => {
    words.forEach((word, index) => {
      after(clock, (index + 1) * STEP_MS, () => {
        const payload = { status: word, ...more }
        lastSaid.set(action, payload)
        outbox.send(action, payload)
      })
    })
  }

  return {
    handlers: [
      ['ClearCache', () => status('Accepted')],
      ['DataTransfer', () => status('UnknownVendorId')],
      ['GetLocalListVersion', () => result({ listVersion })],
      ['SendLocalList', sendLocalList],
      ['ReserveNow', reserveNow],
      [
        'CancelReservation',
        (payload) =>
          status(
            reservations.delete(integerOf(payload['reservationId']) ?? -1)
              ? 'Accepted'
              : 'Rejected',
          ),
      ],
      [
        'UpdateFirmware',
        () => ({
          ...result({}),
          afterwards: () => sayLater('FirmwareStatusNotification', UPDATE, {}),
        }),
      ],
      [
        'SignedUpdateFirmware',
        ({ requestId }) => ({
          ...status('Accepted'),
          afterwards: () =>
            sayLater('SignedFirmwareStatusNotification', SIGNED_UPDATE, { requestId }),
        }),
      ],
      [
        'GetDiagnostics',
        () => ({
          ...result({ fileName: 'diagnostics.txt' }),
          afterwards: () => sayLater('DiagnosticsStatusNotification', UPLOAD, {}),
        }),
      ],
      [
        'GetLog',
        ({ requestId }) => ({
          ...result({ status: 'Accepted', filename: 'log.txt' }),
          afterwards: () => sayLater('LogStatusNotification', UPLOAD, { requestId }),
        }),
      ],
      ['CertificateSigned', () => status('Accepted')],
      ['InstallCertificate', installCertificate],
      ['GetInstalledCertificateIds', installedCertificates],
      ['DeleteCertificate', deleteCertificate],
    ],
    usedReservation(connectorId, idTag) {
      const found = valid().find((one) => {
        return (
          (one.connectorId === 0 || one.connectorId === connectorId) &&
          one.idTag.toLowerCase() === idTag.toLowerCase()
        )
      })
      if (found) reservations.delete(found.id)
      return found?.id
    },
    repeat(message) {
      if (!TOLD_AGAIN.has(message)) return undefined
      return () => outbox.send(message, lastSaid.get(message) ?? { status: 'Idle' })
    },
  }

  function sendLocalList(payload: Fields): Answer {
    const version = integerOf(payload['listVersion']) ?? 0
    if (payload['updateType'] === 'Differential' && version <= listVersion) {
      return status('VersionMismatch')
    }
    listVersion = version
    return status('Accepted')
  }

  function reserveNow(payload: Fields): Answer {
    const id = integerOf(payload['reservationId'])
    const connectorId = integerOf(payload['connectorId']) ?? 0
    const idTag = textOf(payload['idTag'])
    const untilMs = timeOf(payload['expiryDate'])
    if (id === undefined || idTag === undefined || untilMs === undefined) return status('Rejected')
    const connector = device.connector(connectorId)
    if (connectorId > 0 && !connector) return status('Rejected')
    if (connector?.transaction ?? connector?.ev) return status('Occupied')
    if (connector?.isOperative === false) return status('Unavailable')
    const isTaken = valid().some((one) => one.id !== id && one.connectorId === connectorId)
    if (isTaken) return status('Occupied')
    reservations.set(id, { id, connectorId, idTag, untilMs })
    return status('Accepted')
  }

  function installCertificate(payload: Fields): Answer {
    const type = textOf(payload['certificateType']) ?? ''
    const serialNumber = String(certificates.size + 1)
    const hash = {
      hashAlgorithm: 'SHA256',
      issuerNameHash: 'aa',
      issuerKeyHash: 'bb',
      serialNumber,
    }
    certificates.set(serialNumber, { type, hash })
    return status('Accepted')
  }

  function installedCertificates(payload: Fields): Answer {
    const found = [...certificates.values()]
      .filter(({ type }) => type === payload['certificateType'])
      .map(({ hash }) => hash)
    return found.length === 0
      ? status('NotFound')
      : result({ status: 'Accepted', certificateHashData: found })
  }

  function deleteCertificate(payload: Fields): Answer {
    const { certificateHashData: hash } = payload
    const serial = isFields(hash) ? textOf(hash['serialNumber']) : undefined
    return status(certificates.delete(serial ?? '') ? 'Accepted' : 'NotFound')
  }
}

const UPDATE = ['Downloading', 'Downloaded', 'Installing', 'Installed']
const SIGNED_UPDATE = [
  'Downloading',
  'Downloaded',
  'SignatureVerified',
  'Installing',
  'InstallRebooting',
  'Installed',
]
const UPLOAD = ['Uploading', 'Uploaded']
const TOLD_AGAIN: ReadonlySet<string> = new Set([
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'LogStatusNotification',
  'SignedFirmwareStatusNotification',
])

function status(word: string): Extract<Answer, { type: 'result' }> {
  return result({ status: word })
}

function result(payload: Fields): Extract<Answer, { type: 'result' }> {
  return { type: 'result', payload }
}
