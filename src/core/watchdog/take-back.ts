/**
 * Letting go again: what the watchdog took is given back one EVSE at a time once the excess has been
 * gone for a while. What cuts for good stays until an operator acts.
 */
import type { CutOffChanged, Instant } from '../site/events.js'
import type { ChargePoint, CutOff, Site } from '../site/state.js'
import type { EvseMeasure } from './measured.js'
import { evseKey } from './watchdog-state.js'
import type { EvseWatch, NodeWatch } from './watchdog-state.js'

const RELEASE_EVERY_MS = 30_000

export function takeBack(
  site: Site,
  evses: readonly EvseMeasure[],
  watches: readonly NodeWatch[],
  at: Instant,
): readonly CutOffChanged[] {
  if (site.watchdog.evses.size === 0) return []
  const changes: CutOffChanged[] = []
  // Who matters most goes first.
  for (const measure of evses.toSorted((a, b) => b.evse.priority - a.evse.priority)) {
    const { chargePoint, connector } = measure
    const { cutOff } = connector
    if (cutOff === 'none') continue
    const known = site.watchdog.evses.get(
      evseKey({ chargePointId: chargePoint.id, connectorId: connector.id }),
    )
    const change = (to: CutOff): CutOffChanged => ({
      type: 'cutOffChanged',
      chargePointId: chargePoint.id,
      connectorId: connector.id,
      cutOff: to,
      cause: known?.cause,
      wallMs: at.wallMs,
    })
    if (isOver(measure, known)) changes.push(change('chargePoint'))
    else if (isProfileStep(cutOff) && release(measure, watches, at.nowMs)) {
      changes.push(change('none'))
    }
  }
  return changes
}

function isProfileStep(cutOff: CutOff): boolean {
  return cutOff === 'transaction' || cutOff === 'fallback' || cutOff === 'chargePoint'
}

/** What the step was for has happened; it is held with profiles a while longer. */
function isOver({ connector, chargePoint }: EvseMeasure, known: EvseWatch | undefined): boolean {
  switch (connector.cutOff) {
    case 'remoteStop':
      return connector.transactionId !== known?.transactionId
    case 'inoperative':
      return hasStartedAnew(chargePoint, known) && connector.ledger.fallbackA !== undefined
    case 'none':
    case 'transaction':
    case 'fallback':
    case 'chargePoint':
    case 'relay':
      return false
  }
}

function hasStartedAnew({ bootedAtMs }: ChargePoint, known: EvseWatch | undefined): boolean {
  return bootedAtMs !== undefined && bootedAtMs > (known?.steppedAtMs ?? Infinity)
}

function release({ evse }: EvseMeasure, watches: readonly NodeWatch[], nowMs: number): boolean {
  const path = evse.path.flatMap((index) => watches[index] ?? [])
  const mayGo = path.every(
    (state) =>
      state.measuredBy !== 'nothing' &&
      state.sinceMs === undefined &&
      nowMs - state.endedAtMs >= state.holdMs &&
      nowMs - state.releasedAtMs >= RELEASE_EVERY_MS,
  )
  if (!mayGo) return false
  for (const state of path) state.releasedAtMs = nowMs
  return true
}
