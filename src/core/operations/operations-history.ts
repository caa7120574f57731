/** What the folded history keeps of operations, as plain JSON, and back. */
import type { Instant } from '../site/events.js'
import { leaseUntilMs } from '../site/lease-time.js'
import type { CertificateRequest } from './certificates.js'
import type { KnownKey } from './configuration.js'
import type { AvailabilityOrder, Operations } from './operations.js'
import { upkeepOf } from './operations.js'
import type { Reservation } from './reservations.js'
import type { Transfer, TransferKind } from './transfers.js'

export interface OperationsHistory {
  readonly nextRequestId: number
  readonly reservations: readonly Reservation[]
  readonly upkeep: readonly UpkeepHistory[]
}

interface UpkeepHistory {
  readonly id: string
  readonly transfers: readonly (readonly [TransferKind, Transfer])[]
  readonly configuration:
    | { readonly readWallMs: number; readonly keys: readonly (readonly [string, KnownKey])[] }
    | undefined
  /** Absent in documents from before it was kept. */
  readonly certificate?: CertificateRequest | undefined
  readonly rebootFor: readonly string[]
  readonly availability: readonly (readonly [number, AvailabilityOrder])[]
}

export function operationsHistory(operations: Operations): OperationsHistory {
  const { nextRequestId, reservations, byChargePoint } = operations
  return {
    nextRequestId,
    reservations: [...reservations.values()],
    upkeep: [...byChargePoint].map(
      ([id, { transfers, configuration, certificate, rebootFor, availability }]) => ({
        id,
        transfers: [...transfers],
        configuration: configuration && {
          readWallMs: configuration.readWallMs,
          keys: [...configuration.keys],
        },
        certificate,
        rebootFor: [...rebootFor],
        availability: [...availability],
      }),
    ),
  }
}

export function restoreOperations(
  operations: Operations,
  history: OperationsHistory,
  at: Instant,
): void {
  operations.nextRequestId = Math.max(operations.nextRequestId, history.nextRequestId)
  for (const kept of history.reservations) {
    const untilMs = leaseUntilMs(kept, at)
    if (untilMs > at.nowMs) operations.reservations.set(kept.id, { ...kept, untilMs })
  }
  for (const kept of history.upkeep) {
    const { id, transfers, configuration, rebootFor, availability } = kept
    const upkeep = upkeepOf(operations, id)
    upkeep.certificate = kept.certificate
    for (const [kind, transfer] of transfers) upkeep.transfers.set(kind, transfer)
    if (configuration) {
      const { readWallMs, keys } = configuration
      upkeep.configuration = { readWallMs, keys: new Map(keys) }
    }
    for (const key of rebootFor) upkeep.rebootFor.add(key)
    for (const [connectorId, order] of availability) upkeep.availability.set(connectorId, order)
  }
}
