import { performance } from 'node:perf_hooks'
import type { Clock } from '../ports.js'

/** The clock of this machine. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    soon: (run) => void setImmediate(run),
    every(periodMs, run) {
      // At least 1 ms: a period of 0 would never let anything else run.
      const stepMs = Math.max(periodMs, 1)
      let dueMs = performance.now() + stepMs
      let timer: NodeJS.Timeout | undefined
      const arm = (): void => {
        timer = setTimeout(fire, Math.max(dueMs - performance.now(), 0))
      }
      const fire = (): void => {
        // Timers may fire a little early.
        if (performance.now() < dueMs) return arm()
        // On the grid of the start, so that delays do not add up; what was missed is not made up for.
        const missed = Math.floor((performance.now() - dueMs) / stepMs)
        dueMs += (missed + 1) * stepMs
        // Armed first: a `run` that throws does not end the series.
        arm()
        run()
      }
      arm()
      return () => clearTimeout(timer)
    },
  }
}
