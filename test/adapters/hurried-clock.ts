import type { Clock } from '../../src/ports.js'

/** The real clock, running faster: waits of minutes pass in seconds. */
export function hurriedClock(factor: number): Clock {
  const startedMs = performance.now()
  const sinceStartMs = (): number => (performance.now() - startedMs) * factor
  return {
    now: () => 1_790_000_000_000 + Math.round(sinceStartMs()),
    monotonic: sinceStartMs,
    epoch: undefined,
    every: (periodMs, run) => {
      const timer = setInterval(run, periodMs / factor)
      return () => clearInterval(timer)
    },
    soon: (run) => void setImmediate(run),
  }
}
