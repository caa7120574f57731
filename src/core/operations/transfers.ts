/**
 * Firmware that a charge point fetches and logs that it sends. It answers the order at once and says
 * what becomes of it in notifications, minutes or a reboot later, or never: so each state has an age.
 */
import type { Operations, Upkeep } from './operations.js'
import { noteRequestId, upkeepOf } from './operations.js'

export type TransferKind = 'firmware' | 'log'

export interface Transfer {
  /** `unasked`: it says so by itself, or because of somebody else. */
  readonly order:
    | 'UpdateFirmware'
    | 'SignedUpdateFirmware'
    | 'GetDiagnostics'
    | 'GetLog'
    | 'unasked'
  /** That its notifications repeat; undefined: this order has none. */
  readonly requestId: number | undefined
  readonly location: string | undefined
  /** As it calls the file. */
  readonly fileName: string | undefined
  readonly orderedWallMs: number
  /** Nothing is expected before, wall ms. */
  readonly dueWallMs: number
  readonly state: 'ordered' | 'underWay' | 'done' | 'failed' | 'silent'
  /** Its last word; undefined: none yet. */
  readonly status: string | undefined
  /** Of that word, or of the order. */
  readonly sinceWallMs: number
  /** Where it may put the file, once. */
  readonly upload: { readonly secret: string; readonly untilWallMs: number } | undefined
  /** Of the file that arrived here. */
  readonly fileId: string | undefined
}

/** The whole record from now on: a repeat or a replay changes nothing. */
export interface TransferNoted {
  readonly type: 'transferNoted'
  readonly chargePointId: string
  readonly kind: TransferKind
  readonly transfer: Transfer
}

export function applyTransfer(operations: Operations, event: TransferNoted): void {
  const { chargePointId, kind, transfer } = event
  if (transfer.requestId !== undefined) noteRequestId(operations, transfer.requestId)
  upkeepOf(operations, chargePointId).transfers.set(kind, transfer)
}

const DONE: ReadonlySet<string> = new Set(['Installed', 'Uploaded'])
const FAILED: ReadonlySet<string> = new Set([
  'DownloadFailed',
  'InstallationFailed',
  'InstallVerificationFailed',
  'InvalidSignature',
  'UploadFailed',
  'UploadFailure',
  'BadMessage',
  'NotSupportedOperation',
  'PermissionDenied',
])

/** What a notification says; undefined: nothing new. */
export function transferAfter(
  before: Transfer | undefined,
  said: { readonly status: string; readonly requestId: number | undefined },
  wallMs: number,
): Transfer | undefined {
  const { status, requestId } = said
  const isOther =
    before?.requestId !== undefined && requestId !== undefined && requestId !== before.requestId
  const known = before && !isOther && before.order !== 'unasked' ? before : undefined
  if (status === 'Idle') {
    // What was under way has ended, and how it does not say; what is ordered may still begin.
    if (known?.state !== 'underWay') return undefined
    return { ...known, status, sinceWallMs: wallMs, state: 'failed' }
  }
  if (known?.status === status && known.state !== 'silent') return undefined
  if (before?.order === 'unasked' && before.status === status) return undefined
  const state = DONE.has(status) ? 'done' : FAILED.has(status) ? 'failed' : 'underWay'
  return { ...(known ?? unasked(requestId, wallMs)), status, sinceWallMs: wallMs, state }
}

export function isOpen({ state }: Transfer): boolean {
  return state === 'ordered' || state === 'underWay'
}

/** A boot with other firmware tells that an update has worked, whether or not it says so. */
export function firmwareAfterBoot(
  upkeep: Upkeep | undefined,
  change: { readonly from: string | undefined; readonly to: string | undefined },
  wallMs: number,
): Transfer | undefined {
  const firmware = upkeep?.transfers.get('firmware')
  if (!firmware || !isOpen(firmware) || firmware.state === 'ordered') return undefined
  if (change.from === undefined || change.to === undefined || change.from === change.to) {
    return undefined
  }
  return { ...firmware, state: 'done', sinceWallMs: wallMs }
}

function unasked(requestId: number | undefined, wallMs: number): Transfer {
  return {
    order: 'unasked',
    requestId,
    location: undefined,
    fileName: undefined,
    orderedWallMs: wallMs,
    dueWallMs: wallMs,
    state: 'underWay',
    status: undefined,
    sinceWallMs: wallMs,
    upload: undefined,
    fileId: undefined,
  }
}
