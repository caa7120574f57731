/** What the REST API needs from the controller. */
import type { DepotEdit, Problem } from '../core/site/edit.js'
import type { SessionView, View } from '../core/site/view.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'

export type EditOutcome = { readonly ok: true } | { readonly ok: false; readonly problem: Problem }

export interface Backend {
  view(): View
  /** Ended sessions, newest first. */
  sessions(limit: number): readonly SessionView[]
  /** Resolves once the change is on disk and in force. */
  change(edit: DepotEdit): Promise<EditOutcome>
  /** Sends a call to a charge point and waits for how it ends. */
  call(chargePointId: string, call: OutboundCall): Promise<CallEnd>
  /** A new opaque id. */
  newId(): string
}
