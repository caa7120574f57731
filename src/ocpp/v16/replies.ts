/** Payloads of the CALLRESULTs we give to charge points. Times in ms since the epoch. */
import { formatTime } from './time.js'

export type RegistrationStatus = 'Accepted' | 'Pending' | 'Rejected'
export type AuthorizationStatus = 'Accepted' | 'Blocked' | 'Expired' | 'Invalid' | 'ConcurrentTx'
export type DataTransferStatus = 'Accepted' | 'Rejected' | 'UnknownMessageId' | 'UnknownVendorId'

/** What a charge point is told of an id tag; without an expiry it stays valid. */
export interface IdTagInfo {
  readonly status: AuthorizationStatus
  readonly parentIdTag?: string | undefined
  /** Ms since the epoch. */
  readonly expiresWallMs?: number | undefined
}

export type Reply = Readonly<Record<string, unknown>>

/** `intervalS`: between heartbeats when accepted, before the next attempt otherwise. */
export function bootReply(boot: {
  readonly status: RegistrationStatus
  readonly atMs: number
  readonly intervalS: number
}): Reply {
  return { status: boot.status, currentTime: formatTime(boot.atMs), interval: boot.intervalS }
}

export function heartbeatReply(atMs: number): Reply {
  return { currentTime: formatTime(atMs) }
}

/** OCPP 1.6 §4.8: there is a transaction id whatever the status. */
export function startTransactionReply(start: {
  readonly transactionId: number
  readonly idTagInfo: IdTagInfo
}): Reply {
  return { transactionId: start.transactionId, idTagInfo: written(start.idTagInfo) }
}

/** Without a tag when the charge point presented none. */
export function stopTransactionReply(idTagInfo?: IdTagInfo): Reply {
  return idTagInfo === undefined ? EMPTY : { idTagInfo: written(idTagInfo) }
}

export function authorizeReply(idTagInfo: IdTagInfo): Reply {
  return { idTagInfo: written(idTagInfo) }
}

function written({ status, parentIdTag, expiresWallMs }: IdTagInfo): Reply {
  return {
    status,
    ...(parentIdTag !== undefined && { parentIdTag }),
    ...(expiresWallMs !== undefined && { expiryDate: formatTime(expiresWallMs) }),
  }
}

/** Answers StatusNotification, MeterValues and the other notifications. */
export function emptyReply(): Reply {
  return EMPTY
}

export function dataTransferReply(status: DataTransferStatus): Reply {
  return { status }
}

/** Accepted: the certificate comes later, by a call of ours. */
export function signCertificateReply(status: 'Accepted' | 'Rejected'): Reply {
  return { status }
}

const EMPTY: Reply = Object.freeze({})
