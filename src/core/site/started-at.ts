import type { Instant } from './events.js'

/** Longer than any session: what a schedule counts from then on lasts in any case. */
const UNSURE_MS = 86_400_000

/**
 * The monotonic time at which a transaction began, never too late. `clockOffsetMs`: what the charger's
 * clock shows less what ours shows.
 */
export function startedAtMs(
  transaction: { readonly startedWallMs: number; readonly receivedWallMs: number },
  clockOffsetMs: number,
  at: Instant,
): number {
  const { startedWallMs, receivedWallMs } = transaction
  // Received in the future: the clock was set back since, nobody knows by how much.
  if (at.wallMs < receivedWallMs) return at.nowMs - UNSURE_MS
  const sinceWallMs = Math.min(receivedWallMs, startedWallMs - clockOffsetMs)
  return at.nowMs - Math.min(UNSURE_MS, at.wallMs - sinceWallMs)
}
