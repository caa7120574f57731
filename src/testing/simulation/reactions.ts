/** How fast outside events were answered: of one run, and of many together. */
import type { Reactions } from './result.js'

/** Of a batch 99 of 100 answers take no longer. */
export const BATCH_P99_MS = 5_000
/** Of fewer the slowest would stand for them all. */
const BATCH_LEAST = 100
const STEP_MS = 100

/** How many took so long, by ms rounded up to a tenth of a second. */
export type ReactionCounts = Readonly<Record<string, number>>

export function summaryOf(reactionsMs: readonly number[], ampereSeconds: number): Reactions {
  const sorted = reactionsMs.toSorted((a, b) => a - b)
  return {
    count: sorted.length,
    p50Ms: sorted[rankOf(0.5, sorted.length)],
    p99Ms: sorted[rankOf(0.99, sorted.length)],
    maxMs: sorted.at(-1),
    ampereSeconds,
    eachMs: sorted,
  }
}

export function withReactions(counts: ReactionCounts, { eachMs }: Reactions): ReactionCounts {
  const sum = { ...counts }
  for (const ms of eachMs) {
    const step = Math.ceil(ms / STEP_MS) * STEP_MS
    sum[step] = (sum[step] ?? 0) + 1
  }
  return sum
}

/** To a tenth of a second; undefined without any. */
export function batchP99Ms(counts: ReactionCounts): number | undefined {
  const steps = Object.entries(counts).toSorted(([a], [b]) => Number(a) - Number(b))
  let left = rankOf(0.99, countOf(counts))
  for (const [step, count] of steps) {
    if (left < count) return Number(step)
    left -= count
  }
  return undefined
}

/** What is wrong with a batch as a whole; undefined: nothing, or it is too small to say. */
export function slowBatch(counts: ReactionCounts): string | undefined {
  const p99Ms = batchP99Ms(counts) ?? 0
  if (countOf(counts) < BATCH_LEAST || p99Ms <= BATCH_P99_MS) return undefined
  return `99% of ${countOf(counts)} reactions within ${p99Ms / 1000} s, more than ${BATCH_P99_MS / 1000} s`
}

export function countOf(counts: ReactionCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** By the nearest rank, counted from 0. */
function rankOf(share: number, count: number): number {
  return Math.max(0, Math.ceil(share * count) - 1)
}
