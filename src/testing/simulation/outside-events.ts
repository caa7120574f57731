/** When something happened outside that nobody could foresee: from then on the controller has its time. */
import type { Dimension, NodeTruth, NodeTruths } from './node-truth.js'
import type { Outlet, OutletChange, Outlets } from './outlets.js'

/** The source of the limit is read once a second, and the reading travels. */
export const LIMIT_KNOWN_MS = 1_300
/** A silent meter is taken at its worst after this, and the last reading may be a second old. */
const METER_WORST_MS = 16_500

export interface OutsideEvents {
  /** By itself a charger permits more. */
  rose(change: OutletChange): void
  latestMs(truth: NodeTruth, d: Dimension): number
  faultMs(node: number): number
  freedMs(node: number): number
  revealedMs(node: number): number
  unseenStartMs(node: number): number
  knownLoadMs(roseMs: number): number
}

export function outsideEvents(options: {
  readonly nodes: NodeTruths
  readonly outlets: Outlets
  readonly monotonic: () => number
}): OutsideEvents {
  const { nodes, outlets, monotonic } = options
  const faultRoseMs = nodes.nodes.map(() => -Infinity)

  return {
    rose(change) {
      if (!isUnforeseeable(change)) return
      for (const node of change.outlet.evse.path) faultRoseMs[node] = monotonic()
    },
    latestMs,
    faultMs: (node) => faultRoseMs[node] ?? 0,
    freedMs,
    revealedMs,
    unseenStartMs,
    knownLoadMs,
  }

  /** The last thing that nobody could foresee and that made it worse here. */
  function latestMs({ limitFellMs, baseRoseMs, node }: NodeTruth, d: Dimension): number {
    return Math.max(
      limitFellMs[d],
      knownLoadMs(baseRoseMs[d]),
      faultRoseMs[node.index] ?? 0,
      deceiverSeenMs(node.index),
      revealedMs(node.index),
      unseenStartMs(node.index),
      freedMs(node.index),
    )
  }

  /** An end of a transaction that had less than the fallback, with which the next has begun. */
  function freedMs(node: number): number {
    let lastMs = -Infinity
    for (const { freedAtMs, limitA } of outlets.below(node)) {
      if (limitA > 0) lastMs = Math.max(lastMs, freedAtMs)
    }
    return lastMs
  }

  /** What a charger may take beyond what it pretended has shown. */
  function revealedMs(node: number): number {
    let lastMs = -Infinity
    for (const { revealedAtMs } of outlets.below(node)) lastMs = Math.max(lastMs, revealedAtMs)
    return lastMs
  }

  /**
   * A car that came to a charger whose connection was dead and seemed alive: until that is noticed,
   * the books hold the limit and the phases of the car before.
   */
  function unseenStartMs(node: number): number {
    let lastMs = -Infinity
    for (const { charger, startedAtMs, limitA } of outlets.below(node)) {
      const knownMs = limitA > 0 ? charger.knowableFromMs(startedAtMs) : startedAtMs
      if (knownMs > startedAtMs) lastMs = Math.max(lastMs, Math.min(knownMs, monotonic()))
    }
    return lastMs
  }

  /** What is drawn behind a limit that is only pretended shows in the meter, when that comes back. */
  function deceiverSeenMs(node: number): number {
    const deceives = ({ charger, limitA }: Outlet): boolean => limitA > 0 && charger.isDeceiving()
    return outlets.below(node).some(deceives) ? nodes.meter.liveFromMs() : -Infinity
  }

  /** When a rise of the load could be known: at once, or when the meter is given up or comes back. */
  function knownLoadMs(roseMs: number): number {
    const silentSinceMs = nodes.meter.silentSinceMs()
    if (silentSinceMs !== undefined && roseMs >= silentSinceMs - LIMIT_KNOWN_MS) {
      return Math.max(roseMs, Math.min(monotonic(), silentSinceMs + METER_WORST_MS))
    }
    const liveFromMs = nodes.meter.liveFromMs()
    return roseMs > liveFromMs - METER_WORST_MS && roseMs < liveFromMs ? liveFromMs : roseMs
  }

  /** By a fault of the charger; an expiry or a start with a fallback in place is foreseeable. */
  function isUnforeseeable({ outlet, cause }: OutletChange): boolean {
    const { charger, limitA, evse } = outlet
    if (charger.isDeceiving() || charger.isClockOff()) return true
    return cause === 'started' && limitA >= Math.min(evse.hardwareA, outlet.fallbackA + 6)
  }
}
