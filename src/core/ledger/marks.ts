/**
 * The durable high-water mark of an EVSE (I8): what is above it is sent only after a new mark is on
 * disk; refreshes and decreases are not journalled; the mark falls lazily.
 */
import type { EvseLedger, ProfilePurpose } from './evse-ledger.js'
import { highestGrantA } from './evse-ledger.js'

export interface Mark {
  readonly markA: number
  /** Undefined: no standing fallback, so the hardware maximum counts. */
  readonly fallbackA: number | undefined
}

const LOWER_AFTER_MS = 60_000

/**
 * The mark to journal before `limitA` may be sent; undefined: it is covered. `wantedA` spares
 * another mark on the way up.
 */
export function markBefore(
  ledger: EvseLedger,
  purpose: ProfilePurpose,
  limitA: number,
  wantedA: number,
): Mark | undefined {
  const { markA, markFallbackA } = ledger
  if (purpose === 'fallback') {
    if (markFallbackA === undefined || limitA <= markFallbackA) return undefined
    return { markA: Math.max(markA, limitA), fallbackA: limitA }
  }
  return limitA <= markA
    ? undefined
    : { markA: Math.max(limitA, wantedA), fallbackA: markFallbackA }
}

/** The lower mark to journal at leisure; undefined: leave it. */
export function lowerMark(ledger: EvseLedger, nowMs: number): Mark | undefined {
  const { fallbackA, inFlight } = ledger
  const neededA = Math.max(highestGrantA(ledger), fallbackA ?? ledger.markA, inFlight?.limitA ?? 0)
  if (neededA >= ledger.markA && ledger.markFallbackA === fallbackA) {
    ledger.belowMarkSinceMs = undefined
    return undefined
  }
  ledger.belowMarkSinceMs ??= nowMs
  if (nowMs - ledger.belowMarkSinceMs < LOWER_AFTER_MS) return undefined
  return { markA: Math.min(neededA, ledger.markA), fallbackA }
}

export function marked(ledger: EvseLedger, mark: Mark): void {
  // A mark is made at first contact: whoever has one counts.
  ledger.seen = true
  ledger.markA = mark.markA
  ledger.markFallbackA = mark.fallbackA
  ledger.belowMarkSinceMs = undefined
}
