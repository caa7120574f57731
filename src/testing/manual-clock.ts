import { after } from '../after.js'
import type { Cancel, Clock } from '../ports.js'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Calls `run` once, `delayMs` (monotonic, at least 1) from now. */
  after(delayMs: number, run: () => void): Cancel
  /**
   * Lets `ms` pass: what is due runs in order of time, at one instant in order of its beginning, and
   * promises settle after each instant. Rejects with what a timer throws, and when called while
   * another advance runs.
   */
  advance(ms: number): Promise<void>
  /** Advances until `isReached` holds after an instant; rejects when `withinMs` were not enough. */
  advanceUntil(isReached: () => boolean, withinMs: number): Promise<void>
  /** The wall clock jumps by this many ms; the monotonic clock does not notice. */
  step(wallJumpMs: number): void
}

/** A Monday, 2026-01-05T00:00:00Z. */
const DEFAULT_START_MS = 1_767_571_200_000

/** Not 0, so that nobody takes the monotonic clock for the time since the start. */
const MONOTONIC_START_MS = 10_000

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

export function manualClock({ startMs = DEFAULT_START_MS } = {}): ManualClock {
  /** Latest first, so that the next one is taken from the end. */
  const timers: Timer[] = []
  let nowMs = MONOTONIC_START_MS
  let wallOffsetMs = startMs - MONOTONIC_START_MS
  let isAdvancing = false

  const clock: ManualClock = {
    now: () => nowMs + wallOffsetMs,
    monotonic: () => nowMs,
    soon: (run) => void clock.after(1, run),
    every(periodMs, run) {
      if (!(periodMs >= 1)) throw new Error(`a period must be at least 1 ms, not ${periodMs}`)
      let timer: Timer | undefined
      let isCancelled = false
      const schedule = (dueMs: number): void => {
        timer = {
          dueMs,
          run() {
            timer = undefined
            run()
            if (!isCancelled) schedule(dueMs + periodMs)
          },
        }
        insert(timer)
      }
      schedule(nowMs + periodMs)
      return () => {
        isCancelled = true
        if (timer !== undefined) remove(timer)
        timer = undefined
      }
    },
    after: (delayMs, run) => after(clock, delayMs, run),
    async advance(ms) {
      await pass(ms, () => false)
    },
    async advanceUntil(isReached, withinMs) {
      if (isReached() || (await pass(withinMs, isReached))) return
      throw new Error(`not reached within ${withinMs} ms of simulated time`)
    },
    step(wallJumpMs) {
      wallOffsetMs += wallJumpMs
    },
  }
  return clock

  async function pass(ms: number, isReached: () => boolean): Promise<boolean> {
    if (!(ms >= 0) || !Number.isFinite(ms)) throw new Error(`time cannot advance by ${ms} ms`)
    if (isAdvancing) throw new Error('the clock is being advanced already')
    isAdvancing = true
    const endMs = nowMs + ms
    try {
      await settlePromises()
      for (let next = timers.at(-1); next && next.dueMs <= endMs; next = timers.at(-1)) {
        nowMs = next.dueMs
        runDue()
        await settlePromises()
        if (isReached()) return true
      }
      nowMs = endMs
      return isReached()
    } finally {
      isAdvancing = false
    }
  }

  function runDue(): void {
    for (let next = timers.at(-1); next && next.dueMs <= nowMs; next = timers.at(-1)) {
      timers.pop()
      next.run()
    }
  }

  function insert(timer: Timer): void {
    let low = 0
    let high = timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = timers[middle]
      if (other !== undefined && other.dueMs > timer.dueMs) low = middle + 1
      else high = middle
    }
    timers.splice(low, 0, timer)
  }

  function remove(timer: Timer): void {
    const index = timers.indexOf(timer)
    if (index >= 0) timers.splice(index, 1)
  }
}

/** Only a turn of the real event loop comes after every promise reaction, however long the chain. */
function settlePromises(): Promise<void> {
  // oxlint-disable-next-line no-restricted-globals -- waits for no time, only for promises
  return new Promise((resolve) => setImmediate(resolve))
}
