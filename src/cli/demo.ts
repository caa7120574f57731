import type { Io } from './io.js'

export interface DemoOptions {
  readonly host?: string
  readonly port?: number
  /** Run for so many seconds, judge the limit, and end. */
  readonly check?: number
  readonly seed?: number
  readonly speed?: number
}

/** Resolves with the exit code. */
export function demoCommand(_options: DemoOptions, io: Io): Promise<number> {
  io.err('yardmaster demo: not part of this build yet')
  return Promise.resolve(1)
}
