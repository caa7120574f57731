import type { Reactions } from './result.js'

/** By the nearest rank. */
export function summaryOf(reactionsMs: readonly number[], ampereSeconds: number): Reactions {
  const sorted = reactionsMs.toSorted((a, b) => a - b)
  const at = (share: number): number | undefined =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  return {
    count: sorted.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: sorted.at(-1),
    ampereSeconds,
  }
}
