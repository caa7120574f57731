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

/** Instants of a closed world from one turn of the event loop to the next. */
const INSTANTS_PER_TURN = 500

interface Timer {
  readonly run: () => void
  /** Undefined: once. */
  readonly periodMs: number | undefined
  isCancelled: boolean
}

/** What is due at one instant, in order of its beginning. */
interface DueTimers {
  readonly dueMs: number
  readonly timers: Timer[]
  /** Index of the first that has not run. */
  next: number
}

export interface ManualClockOptions {
  /** Wall time at its start. */
  readonly startMs?: number
  /**
   * Nothing but promises and this clock moves what hangs on it: no socket, no file. Then an instant
   * ends without a turn of the event loop, which takes longer than most instants.
   */
  readonly isClosedWorld?: boolean
}

export function manualClock({
  startMs = DEFAULT_START_MS,
  isClosedWorld = false,
}: ManualClockOptions = {}): ManualClock {
  /** Latest first, so that the next one is taken from the end. */
  const queue: DueTimers[] = []
  let nowMs = MONOTONIC_START_MS
  let wallOffsetMs = startMs - MONOTONIC_START_MS
  let isAdvancing = false
  let instants = 0

  const begin = (delayMs: number, timer: Timer): Cancel => {
    insert(nowMs + delayMs, timer)
    return () => {
      timer.isCancelled = true
    }
  }

  const clock: ManualClock = {
    now: () => nowMs + wallOffsetMs,
    monotonic: () => nowMs,
    epoch: 'simulated',
    soon: (run) => void clock.after(1, run),
    every(periodMs, run) {
      if (!(periodMs >= 1)) throw new Error(`a period must be at least 1 ms, not ${periodMs}`)
      return begin(periodMs, { run, periodMs, isCancelled: false })
    },
    after: (delayMs, run) =>
      begin(Math.max(delayMs, 1), { run, periodMs: undefined, isCancelled: false }),
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
      for (let due = nextDue(); due && due.dueMs <= endMs; due = nextDue()) {
        nowMs = due.dueMs
        runAll(due)
        instants += 1
        // Signals and whoever else lives in this process have their turn too.
        const isTurn = !isClosedWorld || instants % INSTANTS_PER_TURN === 0
        await (isTurn ? settlePromises() : settleClosedWorld())
        if (isReached()) return true
      }
      nowMs = endMs
      return isReached()
    } finally {
      isAdvancing = false
    }
  }

  /** The next instant at which something runs. */
  function nextDue(): DueTimers | undefined {
    for (let due = queue.at(-1); due; due = queue.at(-1)) {
      while (due.timers[due.next]?.isCancelled === true) due.next += 1
      if (due.next < due.timers.length) return due
      queue.pop()
    }
    return undefined
  }

  /** One that throws has run; the others stay due. */
  function runAll(due: DueTimers): void {
    for (let timer = due.timers[due.next]; timer; timer = due.timers[due.next]) {
      due.next += 1
      if (timer.isCancelled) continue
      timer.run()
      if (timer.periodMs === undefined || timer.isCancelled) continue
      insert(due.dueMs + timer.periodMs, timer)
    }
  }

  function insert(dueMs: number, timer: Timer): void {
    let low = 0
    let high = queue.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = queue[middle]
      if (other !== undefined && other.dueMs > dueMs) low = middle + 1
      else high = middle
    }
    const sameInstant = queue[low]
    if (sameInstant?.dueMs === dueMs) sameInstant.timers.push(timer)
    else queue.splice(low, 0, { dueMs, timers: [timer], next: 0 })
  }
}

/** Only a turn of the real event loop comes after every promise reaction, however long the chain. */
function settlePromises(): Promise<void> {
  // oxlint-disable-next-line no-restricted-globals -- waits for no time, only for promises
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * From within a promise reaction, as after `settlePromises`, the next tick comes after all others,
 * however long the chain.
 */
function settleClosedWorld(): Promise<void> {
  // oxlint-disable-next-line no-restricted-globals -- waits for no time, only for promises
  return new Promise((resolve) => process.nextTick(resolve))
}
