/** The list of id tags that a charge point keeps for the time without us (OCPP 1.6 3.5.3, 5.15). */
import { given } from './outbound-call.js'
import type { OutboundCall } from './outbound-call.js'
import type { AuthorizationStatus } from './replies.js'
import { formatTime } from './time.js'

export interface LocalListEntry {
  readonly idTag: string
  /** Undefined, in a differential update only: the id tag leaves the list. */
  readonly info:
    | {
        readonly status: AuthorizationStatus
        readonly parentIdTag?: string | undefined
        /** Wall ms. */
        readonly expiresAtMs?: number | undefined
      }
    | undefined
}

export interface LocalListUpdate {
  /** Of the list when this is in it; above 0 (errata 3.52). */
  readonly version: number
  /** `Full` replaces the list, without entries empties it. */
  readonly type: 'Full' | 'Differential'
  readonly entries: readonly LocalListEntry[]
}

export function getLocalListVersion(): OutboundCall<'GetLocalListVersion'> {
  return { action: 'GetLocalListVersion', payload: {} }
}

export function sendLocalList(update: LocalListUpdate): OutboundCall<'SendLocalList'> {
  const { version, type, entries } = update
  return {
    action: 'SendLocalList',
    payload: {
      listVersion: version,
      updateType: type,
      localAuthorizationList: entries.map(({ idTag, info }) => {
        if (!info) return { idTag }
        const { status, parentIdTag, expiresAtMs } = info
        const expiryDate = expiresAtMs === undefined ? undefined : formatTime(expiresAtMs)
        return { idTag, idTagInfo: given({ status, parentIdTag, expiryDate }) }
      }),
    },
  }
}
