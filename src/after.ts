import type { Cancel, Clock } from './ports.js'

/** Calls `run` once, `delayMs` (monotonic) from now, unless cancelled before. */
export function after(clock: Clock, delayMs: number, run: () => void): Cancel {
  const cancel = clock.every(Math.max(delayMs, 1), () => {
    cancel()
    run()
  })
  return cancel
}
