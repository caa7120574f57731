import { after } from '../after.js'
import type { Cancel, Clock, FieldDevices, FieldEvent } from '../ports.js'

/** Something that can be asked: a meter, a limit source. */
export interface FieldDevice {
  /** What a request made at `atMs` (monotonic) brings; undefined when it is never answered. */
  poll(atMs: number): FieldEvent | undefined
}

/** Asks each device once an interval; what it says arrives `delayMs` later. */
export function memoryFieldDevices(options: {
  readonly clock: Clock
  readonly devices: readonly FieldDevice[]
  /** Default 1000. */
  readonly intervalMs?: number
  /** Default 50. */
  readonly delayMs?: number
}): FieldDevices {
  const { clock, devices, intervalMs = 1000, delayMs = 50 } = options
  let cancel: Cancel | undefined
  let isStopped = false
  return {
    start(sink) {
      isStopped = false
      cancel?.()
      cancel = clock.every(intervalMs, () => {
        const atMs = clock.monotonic()
        const events = devices.map((device) => device.poll(atMs)).filter((event) => event)
        after(clock, delayMs, () => {
          for (const event of events) if (event && !isStopped) sink(event)
        })
      })
    },
    async stop() {
      isStopped = true
      cancel?.()
      cancel = undefined
    },
  }
}
