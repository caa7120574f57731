/** Orders to fetch firmware and to send logs, as calls and as what is kept of them. */
import type { Transfer, TransferKind } from '../core/operations/transfers.js'
import type { CallOrder } from '../http/call-order.js'
import type { CallEnd } from '../ocpp/call-end.js'
import {
  getDiagnostics,
  getLog,
  signedUpdateFirmware,
  updateFirmware,
} from '../ocpp/v16/firmware-calls.js'
import type { OutboundCall, RawCall } from '../ocpp/v16/outbound-call.js'
import { decodeResult } from '../ocpp/v16/results.js'

/** Where this gateway takes and gives files, as the charge point reaches it. */
export interface Places {
  /** A new place for one file of this charge point; a text says why there is none. */
  upload(
    chargePointId: string,
  ): { readonly location: string; readonly secret: string; readonly untilWallMs: number } | string
  firmware(chargePointId: string, fileId: string): { readonly location: string } | string
}

export interface TransferCall {
  readonly kind: TransferKind
  readonly call: OutboundCall
  readonly transfer: Transfer
}

/** A text says why it cannot be ordered. */
export function transferCall(
  chargePointId: string,
  order: Extract<CallOrder, { kind: 'firmware' | 'log' }>,
  requestId: number,
  places: Places,
  wallMs: number,
): TransferCall | string {
  if (order.kind === 'firmware')
    return firmwareCall(chargePointId, order, requestId, places, wallMs)
  const place =
    order.location === undefined ? places.upload(chargePointId) : { location: order.location }
  if (typeof place === 'string') return place
  const { location } = place
  const { what, retries, retryIntervalS, fromMs, toMs } = order
  const wanted = { location, retries, retryIntervalS, fromMs, toMs }
  const isOld = what === 'Diagnostics'
  const upload =
    'secret' in place ? { secret: place.secret, untilWallMs: place.untilWallMs } : undefined
  return {
    kind: 'log',
    call: isOld ? getDiagnostics(wanted) : getLog({ requestId, logType: what, ...wanted }),
    transfer: {
      ...fresh(wallMs),
      order: isOld ? 'GetDiagnostics' : 'GetLog',
      requestId: isOld ? undefined : requestId,
      location: upload ? undefined : withoutSecrets(location),
      upload,
    },
  }
}

function firmwareCall(
  chargePointId: string,
  order: Extract<CallOrder, { kind: 'firmware' }>,
  requestId: number,
  places: Places,
  wallMs: number,
): TransferCall | string {
  const { from, retries, retryIntervalS, signed, retrieveAtMs = wallMs } = order
  const place = 'fileId' in from ? places.firmware(chargePointId, from.fileId) : from
  if (typeof place === 'string') return place
  const { location } = place
  const update = { location, retrieveAtMs, retries, retryIntervalS }
  return {
    kind: 'firmware',
    call: signed
      ? signedUpdateFirmware({ requestId, ...signed, ...update })
      : updateFirmware(update),
    transfer: {
      ...fresh(wallMs),
      order: signed ? 'SignedUpdateFirmware' : 'UpdateFirmware',
      requestId: signed ? requestId : undefined,
      ...('fileId' in from ? { fileId: from.fileId } : { location: withoutSecrets(location) }),
      dueWallMs: Math.max(retrieveAtMs, signed?.installAtMs ?? 0),
    },
  }
}

function fresh(wallMs: number): Transfer {
  return {
    order: 'unasked',
    requestId: undefined,
    location: undefined,
    fileName: undefined,
    orderedWallMs: wallMs,
    dueWallMs: wallMs,
    state: 'ordered',
    status: undefined,
    sinceWallMs: wallMs,
    upload: undefined,
    fileId: undefined,
  }
}

/** An FTP address carries a password, which nobody needs to see again. */
function withoutSecrets(location: string): string {
  return location.replace(/\/\/[^/@]*@/, '//')
}

/**
 * What the answer makes of the record; undefined: nothing. Who was refused goes on with what was there
 * before; what has been said meanwhile stays.
 */
export function transferRefused(
  call: OutboundCall | RawCall,
  end: CallEnd,
  current: Transfer | undefined,
  facts: {
    readonly ordered: Transfer
    readonly before: Transfer | undefined
    readonly wallMs: number
  },
): Transfer | undefined {
  const { ordered, before, wallMs } = facts
  const isUntouched = current === ordered
  // Unknown is not refused: it may do it all the same.
  if (end.type === 'timedOut' || !current) return undefined
  const refused = (status: string): Transfer | undefined =>
    isUntouched
      ? (before ?? { ...ordered, status, state: 'failed', sinceWallMs: wallMs })
      : undefined
  if (end.type !== 'answered') return refused(end.type === 'refused' ? end.code : end.type)
  const { action } = call
  if (action !== 'GetDiagnostics' && action !== 'GetLog' && action !== 'SignedUpdateFirmware') {
    return undefined
  }
  const decoded = decodeResult(action, end.payload)
  if (!decoded.ok) return undefined
  const { result } = decoded
  if ('status' in result && result.status !== 'Accepted' && result.status !== 'AcceptedCanceled') {
    return refused(result.status)
  }
  if (!('fileName' in result)) return undefined
  const { fileName } = result
  // GetDiagnostics.conf without a name: there is nothing to send.
  if (fileName === undefined && action === 'GetDiagnostics') return refused('NothingToSend')
  return fileName === undefined ? undefined : { ...current, fileName }
}
