/**
 * The durable high-water mark of an EVSE (I8): what is above it is sent only after a new mark is on
 * disk; refreshes and decreases are not journalled; the mark falls lazily.
 */
import { FIRST_FORMS, grantForm, highestFallbackA, highestGrantA } from './evse-ledger.js'
import type { EvseLedger, FormIndexes, Mark, ProfilePurpose } from './evse-ledger.js'
import { highestOf } from './fallback-schedule.js'
import { isBound } from './profile-form.js'

export type { Mark }

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
  switch (purpose) {
    case 'admission':
    case 'cutOff':
      return undefined
    case 'fallback': {
      if (markFallbackA === undefined || limitA <= markFallbackA) return undefined
      return markOf(ledger, Math.max(markA, limitA), limitA)
    }
    case 'transaction': {
      // Whether it outlives its transaction must be known after a restart.
      const outlives = !isBound(grantForm(ledger)) && !isSame(ledger)
      if (limitA <= markA && !outlives) return undefined
      return markOf(ledger, Math.max(markA, limitA, wantedA), markFallbackA)
    }
  }
}

/**
 * The mark to journal at once after a boot that may have lost the fallback: whoever starts after us
 * must not count on it; undefined: it is known to stand, or the mark says the same.
 */
export function markOfDoubt(ledger: EvseLedger): Mark | undefined {
  const isDoubted = ledger.fallbackA === undefined && ledger.markFallbackA !== undefined
  return isDoubted ? markOf(ledger, ledger.markA, undefined) : undefined
}

/** The lower mark to journal at leisure; undefined: leave it. */
export function lowerMark(ledger: EvseLedger, nowMs: number): Mark | undefined {
  const { inFlight } = ledger
  const fallbackA = highestFallbackA(ledger)
  const sentA = inFlight?.schedule ? highestOf(inFlight.schedule) : (inFlight?.limitA ?? 0)
  const neededA = Math.max(highestGrantA(ledger), fallbackA ?? ledger.markA, sentA)
  if (neededA >= ledger.markA && ledger.markFallbackA === fallbackA && isSame(ledger)) {
    ledger.belowMarkSinceMs = undefined
    return undefined
  }
  ledger.belowMarkSinceMs ??= nowMs
  if (nowMs - ledger.belowMarkSinceMs < LOWER_AFTER_MS) return undefined
  return markOf(ledger, Math.min(neededA, ledger.markA), fallbackA)
}

export function marked(ledger: EvseLedger, mark: Mark): void {
  // A mark is made at first contact: whoever has one counts.
  ledger.seen = true
  ledger.markA = mark.markA
  ledger.markFallbackA = mark.fallbackA
  ledger.markForms = mark.forms ?? FIRST_FORMS
  ledger.belowMarkSinceMs = undefined
}

/** What the mark on disk says, as it is kept in the history. */
export function markOnDisk(ledger: EvseLedger): Mark {
  return withForms({ markA: ledger.markA, fallbackA: ledger.markFallbackA }, ledger.markForms)
}

function markOf(ledger: EvseLedger, markA: number, fallbackA: number | undefined): Mark {
  return withForms({ markA, fallbackA }, formsNow(ledger))
}

function withForms(mark: Mark, forms: FormIndexes): Mark {
  const isFirst = forms.fallback === 0 && forms.transaction === 0
  return isFirst ? mark : { ...mark, forms }
}

function formsNow({ forms }: EvseLedger): FormIndexes {
  return { fallback: forms.fallback.index, transaction: forms.transaction.index }
}

function isSame(ledger: EvseLedger): boolean {
  const { fallback, transaction } = formsNow(ledger)
  return fallback === ledger.markForms.fallback && transaction === ledger.markForms.transaction
}
