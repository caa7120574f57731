/** Payloads of the CALLRESULTs we give to charge points. Times in ms since the epoch. */
import { formatTime } from './time.js'

export type RegistrationStatus = 'Accepted' | 'Pending' | 'Rejected'
export type AuthorizationStatus = 'Accepted' | 'Blocked' | 'Expired' | 'Invalid' | 'ConcurrentTx'
export type DataTransferStatus = 'Accepted' | 'Rejected' | 'UnknownMessageId' | 'UnknownVendorId'

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
  readonly idTagStatus: AuthorizationStatus
}): Reply {
  return { transactionId: start.transactionId, idTagInfo: { status: start.idTagStatus } }
}

/** Without a status when the charge point presented no id tag. */
export function stopTransactionReply(idTagStatus?: AuthorizationStatus): Reply {
  return idTagStatus === undefined ? EMPTY : { idTagInfo: { status: idTagStatus } }
}

export function authorizeReply(idTagStatus: AuthorizationStatus): Reply {
  return { idTagInfo: { status: idTagStatus } }
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
