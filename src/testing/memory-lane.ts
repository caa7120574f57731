import { after } from '../after.js'
import type { Clock } from '../ports.js'

/** One way of a connection: everything arrives in order, each thing after its own delay. */
export interface MemoryLane {
  push(bytes: number, deliver: () => void): void
  waitingBytes(): number
  /** Keeps what is on its way, up to a cap, as a network does that repeats in vain. */
  hold(): void
  release(): void
}

interface Item {
  readonly bytes: number
  readonly deliver: () => void
}

const MAX_WAITING = 2000

export function memoryLane(options: {
  readonly clock: Clock
  readonly delayMs: () => number
}): MemoryLane {
  const { clock, delayMs } = options
  const waiting: Item[] = []
  let lastDueMs = 0
  let waitingBytes = 0
  let isHeld = false

  return {
    push(bytes, deliver) {
      if (waiting.length >= MAX_WAITING) return
      waiting.push({ bytes, deliver })
      waitingBytes += bytes
      if (!isHeld) deliverOneLater()
    },
    waitingBytes: () => waitingBytes,
    hold() {
      isHeld = true
    },
    release() {
      if (!isHeld) return
      isHeld = false
      for (let count = waiting.length; count > 0; count -= 1) deliverOneLater()
    },
  }

  function deliverOneLater(): void {
    const nowMs = clock.monotonic()
    lastDueMs = Math.max(lastDueMs, nowMs + delayMs())
    // Whichever timer fires first takes the first item, so timers may be as inexact as they are.
    after(clock, lastDueMs - nowMs, () => {
      if (isHeld) return
      const item = waiting.shift()
      if (!item) return
      waitingBytes -= item.bytes
      item.deliver()
    })
  }
}
