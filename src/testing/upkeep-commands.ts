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
  /** It is kept for somebody. */
  isReserved(connectorId: number): boolean
  /** False: it is kept for somebody else. */
  mayUse(connectorId: number, idTag: string): boolean
  localList(): LocalList
  setLocalList(list: LocalList): void
  /** Whether its list lets this card charge; undefined: it says nothing of it. */
  listed(idTag: string): boolean | undefined
  /** Says by ExtendedTriggerMessage or TriggerMessage what was last said of firmware or logs. */
  repeat(message: string): (() => void) | undefined
}

export interface LocalList {
  /** 0: there is none. */
  readonly version: number
  readonly entries: ReadonlyMap<string, Fields>
}

/** Transfers of files; each resolves whether it worked. */
export interface ChargePointFiles {
  upload(url: string, name: string, content: string): Promise<boolean>
  download(url: string): Promise<boolean>
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
  context: Pick<CommandContext, 'clock' | 'device' | 'outbox' | 'configuration'> & {
    /** Undefined: every transfer takes its time and works. */
    readonly files?: ChargePointFiles | undefined
    /** What stands in an uploaded file. */
    readonly diagnostics: () => string
  },
): UpkeepCommands {
  const { clock, device, outbox } = context
  const reservations = new Map<number, Reservation>()
  const lastSaid = new Map<string, Fields>()
  const certificates = new Map<string, Fields>()
  let list: LocalList = { version: 0, entries: new Map() }

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
      ['GetLocalListVersion', () => result({ listVersion: list.version })],
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
        (payload) => ({
          ...result({}),
          afterwards: () => update(payload),
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
        (payload) => ({
          ...result({ fileName: 'diagnostics.txt' }),
          afterwards: () =>
            upload('DiagnosticsStatusNotification', payload['location'], 'diagnostics.txt', {}),
        }),
      ],
      [
        'GetLog',
        ({ requestId, log }) => ({
          ...result({ status: 'Accepted', filename: 'log.txt' }),
          afterwards: () => {
            const location = isFields(log) ? log['remoteLocation'] : undefined
            upload('LogStatusNotification', location, 'log.txt', { requestId })
          },
        }),
      ],
      ['CertificateSigned', () => status('Accepted')],
      ['InstallCertificate', installCertificate],
      ['GetInstalledCertificateIds', installedCertificates],
      ['DeleteCertificate', deleteCertificate],
    ],
    isReserved: (connectorId) =>
      reservations.size > 0 && valid().some((one) => one.connectorId === connectorId),
    mayUse(connectorId, idTag) {
      if (reservations.size === 0) return true
      const one = valid().find((each) => each.connectorId === connectorId)
      return one === undefined || one.idTag.toLowerCase() === idTag.toLowerCase()
    },
    localList: () => list,
    setLocalList(newList) {
      list = newList
    },
    listed(idTag) {
      if (context.configuration.text('LocalAuthListEnabled').toLowerCase() !== 'true')
        return undefined
      const info = list.entries.get(idTag.toLowerCase())
      if (!info) return undefined
      const expiryMs = timeOf(info['expiryDate'])
      return info['status'] === 'Accepted' && (expiryMs === undefined || device.wallMs() < expiryMs)
    },
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

  function say(action: string, payload: Fields): void {
    lastSaid.set(action, payload)
    outbox.send(action, payload)
  }

  function upload(action: string, location: unknown, name: string, more: Fields): void {
    const { files } = context
    if (!files || !isHttp(location)) return sayLater(action, UPLOAD, more)
    say(action, { status: 'Uploading', ...more })
    const failed = action === 'LogStatusNotification' ? 'UploadFailure' : 'UploadFailed'
    settle(files.upload(location, name, context.diagnostics()), (isDone) => {
      say(action, { status: isDone ? 'Uploaded' : failed, ...more })
    })
  }

  function update({ location }: Fields): void {
    const action = 'FirmwareStatusNotification'
    const { files } = context
    if (!files || !isHttp(location)) return sayLater(action, UPDATE, {})
    say(action, { status: 'Downloading' })
    settle(files.download(location), (isDone) => {
      say(action, { status: isDone ? 'Downloaded' : 'DownloadFailed' })
      if (isDone) sayLater(action, UPDATE.slice(2), {})
    })
  }

  function sendLocalList(payload: Fields): Answer {
    const version = integerOf(payload['listVersion']) ?? 0
    if (payload['updateType'] === 'Differential' && version <= list.version) {
      return status('VersionMismatch')
    }
    const entries = new Map(payload['updateType'] === 'Differential' ? list.entries : [])
    const given: readonly unknown[] = Array.isArray(payload['localAuthorizationList'])
      ? payload['localAuthorizationList']
      : []
    for (const entry of given) {
      const idTag = isFields(entry) ? textOf(entry['idTag'])?.toLowerCase() : undefined
      if (!isFields(entry) || idTag === undefined) return status('Failed')
      // OCPP 1.6 5.15: without its info a card is taken from the list.
      if (isFields(entry['idTagInfo'])) entries.set(idTag, entry['idTagInfo'])
      else entries.delete(idTag)
    }
    list = { version, entries }
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

function isHttp(location: unknown): location is string {
  return typeof location === 'string' && /^https?:\/\//i.test(location)
}

function settle(work: Promise<boolean>, tell: (isDone: boolean) => void): void {
  work.then(tell, () => tell(false))
}

function status(word: string): Extract<Answer, { type: 'result' }> {
  return result({ status: word })
}

function result(payload: Fields): Extract<Answer, { type: 'result' }> {
  return { type: 'result', payload }
}
