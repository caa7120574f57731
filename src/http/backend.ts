/** What the REST API needs from the controller. */
import type { PlanChange } from '../core/energy/session-plan.js'
import type { ProbeStep } from '../core/probe/probe-types.js'
import type { ProbeView } from '../core/probe/probe-view.js'
import type { SiteCheck } from '../core/ledger/check-site.js'
import type { KeyOrder, KeyOutcome } from '../core/security/key-order.js'
import type { SecurityEvent, SecurityProfile } from '../core/security/security-types.js'
import type { DepotEdit, Problem } from '../core/site/edit.js'
import type { DayPreview } from '../core/limits/preview.js'
import type { OverrideOrder } from '../core/site/overrides.js'
import type { OverrideVia } from '../core/site/state.js'
import type { PendingCharger } from '../core/site/pending.js'
import type { SessionView, View } from '../core/site/view.js'
import type { KnownConfiguration } from '../core/operations/configuration.js'
import type { CallEnd } from '../ocpp/call-end.js'
import type { Cancel, ListenerState } from '../ports.js'
import type { FileBackend } from './file-backend.js'
import type { CallOrder, OrderOutcome } from './call-order.js'

export interface SiteChecked {
  readonly check: SiteCheck
  /** What names something that is not there, in words. */
  readonly looseEnds: readonly string[]
  readonly nominalVoltageV: number
}

export type EditOutcome = { readonly ok: true } | { readonly ok: false; readonly problem: Problem }

export interface Backend {
  view(): View
  /** Called once a second with what is known then. */
  onChange(watch: (view: View) => void): Cancel
  /** Would the site be safe without us? */
  check(): SiteChecked
  /** What a day brings at a constraint or the site; undefined: there is no such node. */
  preview(nodeId: string, date: string | undefined): DayPreview | undefined
  /** Ended sessions, newest first. */
  sessions(limit: number): readonly SessionView[]
  /** Resolves once the change is on disk and in force. */
  change(edit: DepotEdit): Promise<EditOutcome>
  /** Resolves once what is wanted of a session that is going on is on disk and in force. */
  plan(sessionId: string, change: PlanChange): Promise<EditOutcome>
  /** The cause of a cut-off below this node is removed. */
  restore(nodeId: string): void
  /** Asks something of a charge point and waits for how it ends. */
  order(chargePointId: string, order: CallOrder): Promise<OrderOutcome>
  /** What is known of its settings. */
  upkeep(chargePointId: string): {
    readonly configuration: KnownConfiguration | undefined
    readonly rebootFor: ReadonlySet<string>
  }
  /** Reads its settings again; they are in `upkeep` then. */
  readConfiguration(
    chargePointId: string,
  ): Promise<{ readonly ok: true } | { readonly ok: false; readonly end: CallEnd }>
  readonly frames: FrameReader
  readonly probes: ProbeBackend
  readonly pending: PendingBackend
  readonly overrides: OverrideBackend
  readonly security: SecurityBackend
  readonly files: FileBackend
  /** A new opaque id. */
  newId(): string
}

export type OverrideOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly kind: 'notFound' | 'invalid'; readonly message: string }

export interface OverrideBackend {
  /** Resolves when it is on disk and in force; rejects when the disk refuses it. */
  set(order: OverrideOrder): Promise<OverrideOutcome>
  clear(
    nodeId: string,
    who: { readonly by: string; readonly via: OverrideVia },
  ): Promise<OverrideOutcome>
}

export interface SecurityBackend {
  /** Newest first. */
  events(limit: number): readonly SecurityEvent[]
  listeners(): {
    readonly listeners: readonly ListenerState[]
    readonly warnings: readonly string[]
    readonly wallMs: number
  }
  ofCharger(chargePointId: string): ChargerSecurity
  /** Rejects when the disk refuses it. */
  orderKey(chargePointId: string, order: KeyOrder): Promise<KeyOutcome>
  revokeKeys(chargePointId: string): Promise<void>
  /** `lowers`: the operator has said that a lower one is meant. */
  setProfile(chargerId: string, profile: SecurityProfile, lowers: boolean): Promise<EditOutcome>
}

export interface ChargerSecurity {
  readonly minimumProfile: SecurityProfile
  /** Undefined: not connected. */
  readonly connectedProfile: SecurityProfile | undefined
  /** Valid ones. */
  readonly keys: number
}

export interface ProbeBackend {
  /** The operator has consented. */
  start(chargerId: string, wish: ProbeWish): ProbeStart
  abort(chargerId: string): void
  view(chargerId: string): ProbeView
}

/** Charge points that came and that the depot does not have. */
export interface PendingBackend {
  list(): readonly PendingCharger[]
  /** False: there is none of this id. */
  reject(chargePointId: string, isRejected: boolean): boolean
  forget(chargePointId: string): boolean
}

export interface ProbeWish {
  /** Undefined: the one that charges, else the first. */
  readonly connectorId: number | undefined
  /** Undefined: all that are possible. */
  readonly steps: readonly ProbeStep[] | undefined
}

export type ProbeStart =
  | { readonly ok: true }
  | { readonly ok: false; readonly kind: 'notFound' | 'conflict'; readonly message: string }

export interface FrameRecord {
  /** Rises, also over restarts of the controller; of this charge point. */
  readonly seq: number
  readonly wallMs: number
  /** Monotonic ms: what lies between two of them. */
  readonly atMs: number
  /** `received` is what the charge point said; `closing`: the controller ends it. */
  readonly kind: 'received' | 'sent' | 'opened' | 'closing' | 'closed' | 'refused'
  readonly text: string
  /** It was so long. */
  readonly cutFrom?: number
}

export interface FrameReader {
  /**
   * Oldest first; undefined: this charge point never even tried. `isGap`: some after `afterSeq` are
   * gone already.
   */
  read(
    chargePointId: string,
    afterSeq?: number,
  ): { readonly records: readonly FrameRecord[]; readonly isGap: boolean } | undefined
  /** Called after each new one. */
  watch(chargePointId: string, wake: () => void): Cancel
}
