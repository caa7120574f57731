import { readFileSync } from 'node:fs'
import type { Clock } from '../ports.js'

/** Linux, proc(5): another text after each start of the machine. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** The clock of this machine. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: uptimeMs,
    epoch: bootId(),
    soon: (run) => void setImmediate(run),
    every(periodMs, run) {
      // At least 1 ms: a period of 0 would never let anything else run.
      const stepMs = Math.max(periodMs, 1)
      let dueMs = uptimeMs() + stepMs
      let timer: NodeJS.Timeout | undefined
      const arm = (): void => {
        timer = setTimeout(fire, Math.max(dueMs - uptimeMs(), 0))
      }
      const fire = (): void => {
        // Timers may fire a little early.
        if (uptimeMs() < dueMs) return arm()
        // On the grid of the start, so that delays do not add up; what was missed is not made up for.
        const missed = Math.floor((uptimeMs() - dueMs) / stepMs)
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

/** `performance.now` reads the same clock in a third of the time, and counts from the process. */
const PROCESS_STARTED_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/** On Linux since the start of the machine (CLOCK_MONOTONIC), elsewhere since any instant. */
function uptimeMs(): number {
  return PROCESS_STARTED_MS + performance.now()
}

function bootId(): string | undefined {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}
