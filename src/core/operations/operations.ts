/** What is asked of charge points beside charging, and what they say of it. Bounded by their number. */
import type { CertificateRequest } from './certificates.js'
import type { KnownConfiguration } from './configuration.js'
import type { Reservation } from './reservations.js'
import type { Transfer, TransferKind } from './transfers.js'

export interface Operations {
  /** By the id that the charge point knows. */
  readonly reservations: Map<number, Reservation>
  /** Of reservations, log and firmware requests. */
  nextRequestId: number
  readonly byChargePoint: Map<string, Upkeep>
}

export interface Upkeep {
  /** The last of each kind. */
  readonly transfers: Map<TransferKind, Transfer>
  configuration: KnownConfiguration | undefined
  /** The last it asked for. */
  certificate: CertificateRequest | undefined
  /** Settings that count from its next boot on. */
  readonly rebootFor: Set<string>
  /** By connector id; 0: the charge point itself. */
  readonly availability: Map<number, AvailabilityOrder>
}

/** What it was last told, and whether it has done it. */
export interface AvailabilityOrder {
  readonly type: 'Operative' | 'Inoperative'
  /** `scheduled`: when the running transaction has ended. */
  readonly state: 'accepted' | 'scheduled'
  readonly wallMs: number
}

export function newOperations(): Operations {
  return { reservations: new Map(), nextRequestId: 1, byChargePoint: new Map() }
}

export function upkeepOf({ byChargePoint }: Operations, chargePointId: string): Upkeep {
  const known = byChargePoint.get(chargePointId)
  if (known) return known
  const made: Upkeep = {
    transfers: new Map(),
    configuration: undefined,
    certificate: undefined,
    rebootFor: new Set(),
    availability: new Map(),
  }
  byChargePoint.set(chargePointId, made)
  return made
}

/** Charge points that the depot no longer has take all of this with them. */
export function forgetOthers(
  operations: Operations,
  isKnown: (chargePointId: string) => boolean,
): void {
  for (const id of operations.byChargePoint.keys()) {
    if (!isKnown(id)) operations.byChargePoint.delete(id)
  }
  for (const { id, chargePointId } of operations.reservations.values()) {
    if (!isKnown(chargePointId)) operations.reservations.delete(id)
  }
}

export function noteRequestId(operations: Operations, id: number): void {
  operations.nextRequestId = Math.max(operations.nextRequestId, id + 1)
}
