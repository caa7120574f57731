/** Tells systemd (Type=notify) how the service is. Without systemd all of it does nothing. */
import { spawn } from 'node:child_process'
import type { Cancel, Clock, Log } from '../ports.js'

type Environment = Readonly<Record<string, string | undefined>>

export interface ServiceManager {
  ready(): void
  stopping(): void
  /** Feeds the watchdog, if the unit has one, for as long as `isHealthy` answers true. */
  watch(isHealthy: () => boolean): Cancel
}

export interface SystemdNotifyOptions {
  readonly clock: Clock
  readonly log: Log
  /** Default: the environment of this process. */
  readonly env?: Environment
}

/** A `systemd-notify` that hangs is ended, so that the next word gets through. */
const CHILD_TIMEOUT_MS = 5000

/**
 * Needs `NotifyAccess=all` in the unit: the words come from child processes, since Node has no Unix
 * datagram sockets.
 */
export function systemdNotify({
  clock,
  log,
  env = process.env,
}: SystemdNotifyOptions): ServiceManager {
  if (!env['NOTIFY_SOCKET']) return { ready() {}, stopping() {}, watch: () => () => {} }
  // At most one of each waits, and one child runs.
  const waiting = new Set<string>()
  let busy = false
  let reported = false
  const say = (word: string): void => {
    waiting.add(word)
    if (!busy) sayNext()
  }
  const sayNext = (): void => {
    const [word] = waiting
    if (word === undefined) return
    waiting.delete(word)
    busy = true
    notify(word, env, (problem) => {
      busy = false
      if (problem !== undefined && !reported) {
        reported = true
        log.warn('systemdNotNotified', {
          problem,
          remedy: 'install systemd-notify and set NotifyAccess=all in the unit',
        })
      }
      sayNext()
    })
  }
  const periodMs = watchdogPeriodMs(env)
  return {
    ready: () => say('READY=1'),
    stopping: () => say('STOPPING=1'),
    watch(isHealthy) {
      if (periodMs === undefined) return () => {}
      return clock.every(periodMs, () => {
        if (isHealthy()) say('WATCHDOG=1')
      })
    },
  }
}

/** Half of what systemd allows; undefined when it does not watch this process. */
function watchdogPeriodMs(env: Environment): number | undefined {
  const watchdogUs = Number(env['WATCHDOG_USEC'])
  const watchedPid = env['WATCHDOG_PID']
  if (!(watchdogUs > 0)) return undefined
  if (watchedPid !== undefined && Number(watchedPid) !== process.pid) return undefined
  return watchdogUs / 1000 / 2
}

/** Calls `done` once, with the problem if there was one. */
function notify(word: string, env: Environment, done: (problem: string | undefined) => void): void {
  let deadline: NodeJS.Timeout | undefined
  let settled = false
  const settle = (problem?: string): void => {
    if (settled) return
    settled = true
    clearTimeout(deadline)
    done(problem)
  }
  try {
    const child = spawn('systemd-notify', [word], {
      env: { PATH: env['PATH'], NOTIFY_SOCKET: env['NOTIFY_SOCKET'] },
      stdio: 'ignore',
    })
    // Not the timeout of `spawn`: its timer outlives a command that could not be started.
    deadline = setTimeout(() => child.kill('SIGKILL'), CHILD_TIMEOUT_MS)
    child.once('error', (error) => settle(error.message))
    child.once('exit', (code, signal) => {
      settle(code === 0 ? undefined : `systemd-notify ended with ${code ?? signal}`)
    })
  } catch (error) {
    settle(String(error))
  }
}
