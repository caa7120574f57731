/** A depot for the charge points of a frame log: as many connectors as they speak of, no limits. */
import { simulatedDepot } from './simulated-depot.js'
import type { Depot } from '../core/site/depot.js'
import { ocppFrame } from './frame-file.js'
import type { LoggedFrame } from './frame-file.js'
import { integerOf } from './wire-fields.js'

const MAX_CONNECTORS = 20

export function replayDepot(frames: readonly LoggedFrame[]): Depot {
  const connectors = new Map<string, number>()
  for (const { chargePointId, kind, text } of frames) {
    const frame = kind === 'received' ? ocppFrame(text) : undefined
    const named = frame?.type === 'call' ? integerOf(frame.payload['connectorId']) : undefined
    const most = Math.max(1, connectors.get(chargePointId) ?? 1, named ?? 1)
    connectors.set(chargePointId, Math.min(MAX_CONNECTORS, most))
  }
  return simulatedDepot(
    [...connectors].map(([identity, count]) => ({
      identity,
      connectors: Array.from({ length: count }, () => ({ maxCurrentA: 32, phases: 3 }) as const),
    })),
  )
}
