/** What charge points answer to our CALLs, as typed results. Words in any case, extra fields ignored. */
import { isRecord, wordIn } from './fields.js'
import type { OutboundAction } from './outbound-call.js'
import type { CertificateHash } from './security-calls.js'

export interface ConfigurationKey {
  readonly key: string
  readonly readonly: boolean
  /** Numbers and booleans come as text too; undefined when the key has no value. */
  readonly value: string | undefined
}

/** A hint at most: what charge points report here is often wrong (errors in start and unit). */
export interface CompositeSchedule {
  readonly unit: 'A' | 'W'
  readonly periods: readonly { readonly startS: number; readonly limit: number }[]
}

export interface CallResults {
  readonly SetChargingProfile: { readonly status: 'Accepted' | 'Rejected' | 'NotSupported' }
  /** `Unknown`: there was none to clear. */
  readonly ClearChargingProfile: { readonly status: 'Accepted' | 'Unknown' }
  readonly GetCompositeSchedule: {
    readonly status: 'Accepted' | 'Rejected'
    readonly schedule: CompositeSchedule | undefined
  }
  readonly GetConfiguration: {
    readonly keys: readonly ConfigurationKey[]
    readonly unknownKeys: readonly string[]
  }
  readonly ChangeConfiguration: {
    readonly status: 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported'
  }
  readonly TriggerMessage: { readonly status: 'Accepted' | 'Rejected' | 'NotImplemented' }
  readonly RemoteStartTransaction: { readonly status: 'Accepted' | 'Rejected' }
  readonly RemoteStopTransaction: { readonly status: 'Accepted' | 'Rejected' }
  readonly Reset: { readonly status: 'Accepted' | 'Rejected' }
  readonly UnlockConnector: { readonly status: 'Unlocked' | 'UnlockFailed' | 'NotSupported' }
  /** `Scheduled`: after the running transaction. */
  readonly ChangeAvailability: { readonly status: 'Accepted' | 'Rejected' | 'Scheduled' }
  readonly ClearCache: { readonly status: 'Accepted' | 'Rejected' }
  readonly DataTransfer: {
    readonly status: 'Accepted' | 'Rejected' | 'UnknownMessageId' | 'UnknownVendorId'
    /** Anything but text comes as its JSON. */
    readonly data: string | undefined
  }
  readonly ReserveNow: {
    readonly status: 'Accepted' | 'Faulted' | 'Occupied' | 'Rejected' | 'Unavailable'
  }
  readonly CancelReservation: { readonly status: 'Accepted' | 'Rejected' }
  /** 0: the list is empty; below: there is none. */
  readonly GetLocalListVersion: { readonly version: number }
  readonly SendLocalList: {
    readonly status: 'Accepted' | 'Failed' | 'NotSupported' | 'VersionMismatch'
  }
  /** Without a name there is nothing to send. */
  readonly GetDiagnostics: { readonly fileName: string | undefined }
  /** What becomes of it comes in notifications. */
  readonly UpdateFirmware: Readonly<Record<string, never>>
  readonly CertificateSigned: { readonly status: 'Accepted' | 'Rejected' }
  readonly DeleteCertificate: { readonly status: 'Accepted' | 'Failed' | 'NotFound' }
  readonly ExtendedTriggerMessage: { readonly status: 'Accepted' | 'Rejected' | 'NotImplemented' }
  readonly GetInstalledCertificateIds: {
    readonly status: 'Accepted' | 'NotFound'
    readonly certificates: readonly CertificateHash[]
  }
  readonly GetLog: {
    readonly status: 'Accepted' | 'Rejected' | 'AcceptedCanceled'
    readonly fileName: string | undefined
  }
  readonly InstallCertificate: { readonly status: 'Accepted' | 'Failed' | 'Rejected' }
  readonly SignedUpdateFirmware: {
    readonly status:
      | 'Accepted'
      | 'Rejected'
      | 'AcceptedCanceled'
      | 'InvalidCertificate'
      | 'RevokedCertificate'
  }
}

export type DecodedResult<Action extends OutboundAction> =
  | { readonly ok: true; readonly result: CallResults[Action] }
  /** The answer makes no sense: what the call asked for may or may not be in force. */
  | { readonly ok: false; readonly reason: string }

/** Reads the payload of a CALLRESULT to a call of this action. Never throws. */
export function decodeResult<Action extends OutboundAction>(
  action: Action,
  payload: unknown,
): DecodedResult<Action> {
  // An answer without content is `{}` to some and null or nothing to others.
  const content = payload ?? {}
  if (!isRecord(content)) return { ok: false, reason: `${action}: the answer is not an object` }
  const result = DECODERS[action](content)
  if (!result) return { ok: false, reason: `${action}: the answer has no status OCPP 1.6 knows` }
  return { ok: true, result }
}

type Payload = Readonly<Record<string, unknown>>

const ACCEPTED_OR_REJECTED = withStatus(['Accepted', 'Rejected'])
const TRANSFERRED = withStatus(['Accepted', 'Rejected', 'UnknownMessageId', 'UnknownVendorId'])
const FOUND = withStatus(['Accepted', 'NotFound'])
const LOGGED = withStatus(['Accepted', 'Rejected', 'AcceptedCanceled'])
/** Enough for a name; keeps what a peer says from growing in our memory. */
const NAME_MAX = 255
const TRANSFER_MAX = 65_536

const DECODERS: {
  readonly [Action in OutboundAction]: (payload: Payload) => CallResults[Action] | undefined
} = {
  SetChargingProfile: withStatus(['Accepted', 'Rejected', 'NotSupported']),
  ClearChargingProfile: withStatus(['Accepted', 'Unknown']),
  GetCompositeSchedule: (payload) => {
    const answer = ACCEPTED_OR_REJECTED(payload)
    return answer && { ...answer, schedule: compositeSchedule(payload['chargingSchedule']) }
  },
  GetConfiguration: configuration,
  ChangeConfiguration: withStatus(['Accepted', 'Rejected', 'RebootRequired', 'NotSupported']),
  TriggerMessage: withStatus(['Accepted', 'Rejected', 'NotImplemented']),
  RemoteStartTransaction: ACCEPTED_OR_REJECTED,
  RemoteStopTransaction: ACCEPTED_OR_REJECTED,
  Reset: ACCEPTED_OR_REJECTED,
  UnlockConnector: withStatus(['Unlocked', 'UnlockFailed', 'NotSupported']),
  ChangeAvailability: withStatus(['Accepted', 'Rejected', 'Scheduled']),
  ClearCache: ACCEPTED_OR_REJECTED,
  DataTransfer: (payload) => {
    const answer = TRANSFERRED(payload)
    return answer && { ...answer, data: jsonOf(payload['data']) }
  },
  ReserveNow: withStatus(['Accepted', 'Faulted', 'Occupied', 'Rejected', 'Unavailable']),
  CancelReservation: ACCEPTED_OR_REJECTED,
  GetLocalListVersion: ({ listVersion }) => {
    const version = typeof listVersion === 'string' ? Number(listVersion) : listVersion
    return Number.isSafeInteger(version) ? { version: Number(version) } : undefined
  },
  SendLocalList: withStatus(['Accepted', 'Failed', 'NotSupported', 'VersionMismatch']),
  GetDiagnostics: ({ fileName }) => ({ fileName: nameOf(fileName) }),
  UpdateFirmware: () => ({}),
  CertificateSigned: ACCEPTED_OR_REJECTED,
  DeleteCertificate: withStatus(['Accepted', 'Failed', 'NotFound']),
  ExtendedTriggerMessage: withStatus(['Accepted', 'Rejected', 'NotImplemented']),
  GetInstalledCertificateIds: (payload) => {
    const answer = FOUND(payload)
    return answer && { ...answer, certificates: hashesIn(payload['certificateHashData']) }
  },
  GetLog: (payload) => {
    const answer = LOGGED(payload)
    return answer && { ...answer, fileName: nameOf(payload['filename'] ?? payload['fileName']) }
  },
  InstallCertificate: withStatus(['Accepted', 'Failed', 'Rejected']),
  SignedUpdateFirmware: withStatus([
    'Accepted',
    'Rejected',
    'AcceptedCanceled',
    'InvalidCertificate',
    'RevokedCertificate',
  ]),
}

function withStatus<Status extends string>(statuses: readonly Status[]) {
  return (payload: Payload): { readonly status: Status } | undefined => {
    const { status: sent } = payload
    const status = typeof sent === 'string' ? wordIn(sent, statuses) : undefined
    return status === undefined ? undefined : { status }
  }
}

function configuration(payload: Payload): CallResults['GetConfiguration'] {
  const { configurationKey, unknownKey } = payload
  return {
    keys: listOf(configurationKey).flatMap((entry) => {
      if (!isRecord(entry) || typeof entry['key'] !== 'string') return []
      const { key, readonly, value } = entry
      return [{ key, readonly: readonly === true || readonly === 'true', value: textOf(value) }]
    }),
    unknownKeys: listOf(unknownKey).filter((key) => typeof key === 'string'),
  }
}

function compositeSchedule(schedule: unknown): CompositeSchedule | undefined {
  if (!isRecord(schedule)) return undefined
  const unit = schedule['chargingRateUnit']
  if (unit !== 'A' && unit !== 'W') return undefined
  const periods = listOf(schedule['chargingSchedulePeriod']).flatMap((period) => {
    if (!isRecord(period)) return []
    const { startPeriod, limit } = period
    if (!isFinite(startPeriod) || !isFinite(limit)) return []
    return [{ startS: startPeriod, limit }]
  })
  return { unit, periods }
}

function hashesIn(value: unknown): readonly CertificateHash[] {
  // Some write a single one without its brackets.
  return (Array.isArray(value) ? listOf(value) : [value]).flatMap((entry) => {
    if (!isRecord(entry)) return []
    const { issuerNameHash, issuerKeyHash, serialNumber } = entry
    const hashAlgorithm = wordIn(String(entry['hashAlgorithm']), ['SHA256', 'SHA384', 'SHA512'])
    const texts = [issuerNameHash, issuerKeyHash, serialNumber]
    const [nameHash, keyHash, serial] = texts.map((text) => textOf(text)?.slice(0, NAME_MAX))
    if (!hashAlgorithm || nameHash === undefined || keyHash === undefined) return []
    if (serial === undefined) return []
    return [
      { hashAlgorithm, issuerNameHash: nameHash, issuerKeyHash: keyHash, serialNumber: serial },
    ]
  })
}

/** Some send an empty name where they mean none. */
function nameOf(value: unknown): string | undefined {
  return textOf(value)?.slice(0, NAME_MAX) || undefined
}

function jsonOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, TRANSFER_MAX)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function isFinite(value: unknown): value is number {
  return Number.isFinite(value)
}
