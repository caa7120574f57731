/** A token bucket for each remote address. Times are monotonic ms. */
export interface RateLimit {
  /** Undefined: go on. Otherwise the seconds to wait, 1 or more. */
  take(address: string, nowMs: number): number | undefined
}

export interface RateLimitRules {
  readonly perSecond: number
  readonly burst: number
  /** The address that was quiet for longest is forgotten beyond this. */
  readonly maxAddresses: number
}

interface Bucket {
  readonly tokens: number
  readonly atMs: number
}

export function rateLimit({ perSecond, burst, maxAddresses }: RateLimitRules): RateLimit {
  // In the order of their last request.
  const buckets = new Map<string, Bucket>()
  return {
    take(address, nowMs) {
      const { tokens, atMs } = buckets.get(address) ?? { tokens: burst, atMs: nowMs }
      const now = Math.min(burst, tokens + (Math.max(0, nowMs - atMs) / 1000) * perSecond)
      const isFree = now >= 1
      buckets.delete(address)
      buckets.set(address, { tokens: isFree ? now - 1 : now, atMs: nowMs })
      for (const quiet of buckets.keys()) {
        if (buckets.size <= maxAddresses) break
        buckets.delete(quiet)
      }
      return isFree ? undefined : Math.max(1, Math.ceil((1 - now) / perSecond))
    },
  }
}
