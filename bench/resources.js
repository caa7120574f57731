/** Owns what a run must not leave behind: child processes and temporary folders. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const STOP_MS = 5000

export function createResources() {
  const children = new Set()
  const folders = new Set()

  const leaveNothing = () => {
    for (const child of children) child.kill('SIGKILL')
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', leaveNothing)
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () => process.exit(code))
  }

  const resources = {
    /** Ends with the run, whatever happens. */
    own(child) {
      children.add(child)
      child.once('exit', () => children.delete(child))
      return child
    },

    folder() {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'yardmaster-bench-'))
      folders.add(folder)
      return folder
    },

    /** Politely first; waits until it has ended. */
    async stop(child) {
      if (!children.has(child)) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = new AbortController()
      await Promise.race([ended, delay(STOP_MS, undefined, { signal: timer.signal })])
      timer.abort()
      if (!children.has(child)) return
      child.kill('SIGKILL')
      await ended
    },

    async release() {
      await Promise.all([...children].map((child) => resources.stop(child)))
      leaveNothing()
      folders.clear()
    },
  }
  return resources
}
