/** How long a limit from upstream still holds when it is taken up or restored. */
import type { Instant } from './events.js'

export interface LeaseTime {
  readonly untilWallMs: number
  /** As it was commanded. */
  readonly validForMs?: number | undefined
}

/** Monotonic end. A clock that fell back, as to 1970 in a power cut, must not make it last years. */
export function leaseUntilMs({ untilWallMs, validForMs }: LeaseTime, at: Instant): number {
  return at.nowMs + Math.min(untilWallMs - at.wallMs, validForMs ?? Infinity)
}
