/** Stops that belong to no transaction that is known: kept, told, and found again when one comes. */
import { isSameGroup } from './authorise.js'
import type { Depot } from './depot.js'
import type { Site, Transaction } from './state.js'
import { raise } from './uplink-queue.js'

export interface Orphan {
  readonly chargePointId: string
  /** As the charge point says it; -1 or 0: it never learned the id. */
  readonly transactionId: number
  readonly meterStopWh: number | undefined
  /** As the charge point says it. */
  readonly stoppedWallMs: number | undefined
  readonly receivedWallMs: number
  readonly reason: string
  readonly idTag?: string | undefined
  readonly signedValues?: readonly unknown[] | undefined
}

const ORPHANS_MAX = 500

export function applyOrphan(site: Site, orphan: Orphan): void {
  // A journal may tell again what the history holds already.
  if (site.orphans.some((known) => isSameStop(known, orphan)) || isClaimed(site, orphan)) return
  site.orphans.push(orphan)
  if (site.orphans.length > ORPHANS_MAX) site.orphans.shift()
  const { chargePointId, transactionId, idTag, meterStopWh, receivedWallMs, reason } = orphan
  const stoppedWallMs = orphan.stoppedWallMs ?? receivedWallMs
  const told = [transactionId, stoppedWallMs, meterStopWh ?? '', idTag ?? ''].join('-')
  const id = `orphan-${chargePointId}-${told}`
  raise(site, 'session', id, receivedWallMs, {
    event: 'orphaned',
    transactionId,
    chargePointId,
    ...(idTag !== undefined && { idTag }),
    ...(meterStopWh !== undefined && { meterStopWh }),
    stoppedAtMs: stoppedWallMs,
    reason,
    ...(orphan.signedValues && { signedValues: orphan.signedValues }),
  })
}

/** Its transaction has come. */
export function claimOrphan(site: Site, stopped: Omit<Orphan, 'transactionId' | 'idTag'>): void {
  const { chargePointId, meterStopWh, receivedWallMs } = stopped
  const index = site.orphans.findIndex(
    (orphan) =>
      orphan.chargePointId === chargePointId &&
      orphan.transactionId <= 0 &&
      orphan.meterStopWh === meterStopWh &&
      orphan.receivedWallMs === receivedWallMs,
  )
  if (index >= 0) site.orphans.splice(index, 1)
}

/** A stop without an id that can be of this one and says so by its tag, its time and its register. */
export function isOrphanOf(
  depot: Depot,
  { chargePointId, transactionId, idTag, meterStopWh, stoppedWallMs }: Orphan,
  start: Pick<Transaction, 'chargePointId' | 'idTag' | 'meterStartWh' | 'startedWallMs'>,
): boolean {
  if (chargePointId !== start.chargePointId || transactionId > 0) return false
  if (idTag === undefined || !isSameGroup(depot, start.idTag, idTag)) return false
  if (meterStopWh === undefined || stoppedWallMs === undefined) return false
  return meterStopWh >= start.meterStartWh && stoppedWallMs >= start.startedWallMs
}

function isClaimed(site: Site, { chargePointId, meterStopWh, receivedWallMs }: Orphan): boolean {
  return site.ended.some(
    ({ stop, ...ended }) =>
      ended.chargePointId === chargePointId &&
      stop?.meterStopWh === meterStopWh &&
      stop?.receivedWallMs === receivedWallMs,
  )
}

type Told = Pick<
  Orphan,
  'chargePointId' | 'transactionId' | 'meterStopWh' | 'stoppedWallMs' | 'idTag'
>

/** The same message again. */
export function isSameStop(a: Told, b: Told): boolean {
  return (
    a.chargePointId === b.chargePointId &&
    a.transactionId === b.transactionId &&
    a.meterStopWh === b.meterStopWh &&
    a.stoppedWallMs === b.stoppedWallMs &&
    a.idTag?.toLowerCase() === b.idTag?.toLowerCase()
  )
}
