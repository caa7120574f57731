/** When a charger that refused a profile, or did not answer, is tried again. */

export interface Retry {
  /** Refused or unanswered in a row. */
  refusals: number
  notBeforeMs: number
  /** What was refused: less than this may be tried at once. */
  refusedA: number | undefined
}

const RETRY_FIRST_MS = 5_000
const RETRY_MAX_MS = 60_000

export function noRefusal(nowMs: number): Retry {
  return { refusals: 0, notBeforeMs: nowMs, refusedA: undefined }
}

export function clearRefusals(retry: Retry, nowMs: number): void {
  retry.refusals = 0
  retry.notBeforeMs = nowMs
  retry.refusedA = undefined
}

/** `isImmediate`: the next try is of another kind, so there is nothing to wait for. */
export function backOff(retry: Retry, limitA: number, nowMs: number, isImmediate: boolean): void {
  retry.refusals += 1
  retry.refusedA = limitA
  const waitMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(8, retry.refusals - 1))
  retry.notBeforeMs = isImmediate ? nowMs : nowMs + waitMs
}

/** Whether this may be sent now; a lower limit than the one refused may always. */
export function mayTry({ notBeforeMs, refusedA }: Retry, limitA: number, nowMs: number): boolean {
  return nowMs >= notBeforeMs || (refusedA !== undefined && limitA < refusedA - 0.05)
}
