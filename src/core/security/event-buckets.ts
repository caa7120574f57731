/** Bounds how many security events of one charge point are kept: a broken one must not drive out all others. */

export interface EventBuckets {
  /** One more has come: how many it stands for, itself and those not kept before; 0: it is not kept. */
  count(chargePointId: string, nowMs: number): number
}

const BURST = 30
const REFILL_MS = 30_000

/** Holds an entry for each charge point that has said one, so for known ones only. */
export function eventBuckets(): EventBuckets {
  const buckets = new Map<string, { left: number; atMs: number; dropped: number }>()
  return {
    count(chargePointId, nowMs) {
      const bucket = buckets.get(chargePointId) ?? { left: BURST, atMs: nowMs, dropped: 0 }
      buckets.set(chargePointId, bucket)
      bucket.left = Math.min(BURST, bucket.left + (nowMs - bucket.atMs) / REFILL_MS)
      bucket.atMs = nowMs
      if (bucket.left < 1) {
        bucket.dropped += 1
        return 0
      }
      bucket.left -= 1
      const { dropped } = bucket
      bucket.dropped = 0
      return dropped + 1
    },
  }
}
