/**
 * New connections are taken up a few in each turn of the event loop, their addresses by turns, so
 * that a crowd of TLS handshakes (a millisecond of this thread each, more on a small machine) comes
 * between two rounds of control instead of before the next one.
 */

export interface ConnectionTurns {
  /** Calls `begin` when its turn has come, never at once. */
  wait(address: string, begin: () => void): void
}

export interface ConnectionTurnsOptions {
  /** Connections taken up in one turn of the event loop. Default 4. */
  readonly perTurn?: number
  /** One of these addresses is taken up at most each so many ms. Default 50. */
  readonly suspectEachMs?: number
  readonly isSuspect: (address: string) => boolean
  readonly monotonic: () => number
}

export function connectionTurns(options: ConnectionTurnsOptions): ConnectionTurns {
  const { perTurn = 4, suspectEachMs = 50, isSuspect, monotonic } = options
  /** In the order in which they have a turn. */
  const waiting = new Map<string, (() => void)[]>()
  let suspectFromMs = -Infinity
  let isScheduled = false

  const schedule = (): void => {
    if (isScheduled || waiting.size === 0) return
    isScheduled = true
    const onlySuspects = [...waiting.keys()].every(isSuspect)
    const waitMs = onlySuspects ? Math.max(0, suspectFromMs - monotonic()) : 0
    if (waitMs > 0) setTimeout(turn, waitMs).unref()
    else setImmediate(turn)
  }

  const turn = (): void => {
    isScheduled = false
    let begun = 0
    for (const address of waiting.keys()) {
      if (begun >= perTurn) break
      const suspect = isSuspect(address)
      if (suspect && monotonic() < suspectFromMs) continue
      const begin = taken(address)
      if (!begin) continue
      if (suspect) suspectFromMs = monotonic() + suspectEachMs
      begun += 1
      begin()
    }
    schedule()
  }

  /** The first of this address, which then waits behind the others. */
  const taken = (address: string): (() => void) | undefined => {
    const queue = waiting.get(address)
    waiting.delete(address)
    const first = queue?.shift()
    if (queue && queue.length > 0) waiting.set(address, queue)
    return first
  }

  return {
    wait(address, begin) {
      const queue = waiting.get(address) ?? []
      queue.push(begin)
      waiting.set(address, queue)
      schedule()
    },
  }
}
