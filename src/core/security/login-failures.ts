/**
 * Counts logins that failed, never those that succeed: a flood of wrong ones makes an address
 * suspect and is told once in a while, and nobody with the right key is kept waiting for it.
 */

export interface LoginFailures {
  /**
   * One more of `what`. How many are to be told of now; 0: it is told with a later one.
   */
  failed(address: string, what: string, nowMs: number): number
  /** Too many of late from there: its connections are taken up one at a time. */
  isSuspect(address: string, nowMs: number): boolean
}

/** Failures that an address has before it is suspect, and the time until it has one more. */
const BURST = 20
const REFILL_MS = 5_000
/** The same of the same address is told of again after this. */
const TOLD_AGAIN_MS = 600_000
/** Of all together. */
const TELLS_MAX = 30
const TELLS_REFILL_MS = 20_000
/** Addresses, and pairs of an address and what failed; beyond, the ones that failed longest ago go. */
const KEPT_MAX = 1_000

interface Bucket {
  left: number
  atMs: number
}

export function loginFailures(): LoginFailures {
  const addresses = new Map<string, Bucket>()
  const pairs = new Map<string, { toldAtMs: number; untold: number }>()
  let tells: Bucket = { left: TELLS_MAX, atMs: 0 }

  return {
    failed(address, what, nowMs) {
      const bucket = refilled(addresses.get(address), BURST, REFILL_MS, nowMs)
      keep(addresses, address, { left: Math.max(0, bucket.left - 1), atMs: bucket.atMs })

      const key = `${address} ${what}`
      const pair = pairs.get(key) ?? { toldAtMs: -Infinity, untold: 0 }
      keep(pairs, key, pair)
      pair.untold += 1
      if (nowMs - pair.toldAtMs < TOLD_AGAIN_MS) return 0
      tells = refilled(tells, TELLS_MAX, TELLS_REFILL_MS, nowMs)
      if (tells.left < 1) return 0
      tells = { left: tells.left - 1, atMs: tells.atMs }
      const count = pair.untold
      pair.untold = 0
      pair.toldAtMs = nowMs
      return count
    },

    isSuspect(address, nowMs) {
      const bucket = addresses.get(address)
      return bucket !== undefined && refilled(bucket, BURST, REFILL_MS, nowMs).left < 1
    },
  }
}

function refilled(bucket: Bucket | undefined, max: number, eachMs: number, nowMs: number): Bucket {
  if (!bucket) return { left: max, atMs: nowMs }
  const left = bucket.left + (nowMs - bucket.atMs) / eachMs
  return { left: Math.min(max, left), atMs: nowMs }
}

/** The last one touched is the last one to go. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= KEPT_MAX) return
  const oldest = map.keys().next()
  if (!oldest.done) map.delete(oldest.value)
}
