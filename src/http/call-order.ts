/** What somebody asks of a charge point, before ids and places are filled in, and what came of it. */
import type { CallEnd } from '../ocpp/call-end.js'
import type { Attempts, LoggedBetween } from '../ocpp/v16/firmware-calls.js'
import type { OutboundCall, RawCall } from '../ocpp/v16/outbound-call.js'

export type CallOrder =
  | { readonly kind: 'call'; readonly call: OutboundCall }
  /** As it stands; only where the settings allow it. */
  | { readonly kind: 'raw'; readonly call: RawCall }
  | ReserveOrder
  | FirmwareOrder
  | LogOrder

export interface ReserveOrder {
  readonly kind: 'reserve'
  /** 0: one of its connectors, whichever. */
  readonly connectorId: number
  readonly idTag: string
  readonly parentIdTag: string | undefined
  readonly until: OrderedEnd
}

/** Wall ms, or so long from now on. */
export type OrderedEnd = { readonly atMs: number } | { readonly forMs: number }

export interface FirmwareOrder extends Attempts {
  readonly kind: 'firmware'
  /** Where it is: an address, or the id of a file that this gateway has. */
  readonly from: { readonly location: string } | { readonly fileId: string }
  /** Undefined: now. */
  readonly retrieveAtMs: number | undefined
  /** With it the charge point checks the firmware before it installs it. */
  readonly signed:
    | {
        readonly signingCertificate: string
        readonly signature: string
        readonly installAtMs: number | undefined
      }
    | undefined
}

export interface LogOrder extends Attempts, LoggedBetween {
  readonly kind: 'log'
  readonly what: 'Diagnostics' | 'DiagnosticsLog' | 'SecurityLog'
  /** Undefined: to this gateway. */
  readonly location: string | undefined
}

export type OrderOutcome =
  | { readonly type: 'forbidden'; readonly message: string }
  | {
      readonly type: 'ended'
      readonly call: OutboundCall | RawCall
      readonly end: CallEnd
      readonly facts: OrderFacts
    }
  /** It never became a call. */
  | { readonly type: 'impossible'; readonly kind: 'conflict' | 'invalid'; readonly message: string }

export interface OrderFacts {
  readonly reservationId?: number | undefined
  readonly requestId?: number | undefined
}
