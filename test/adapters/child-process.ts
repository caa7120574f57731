import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface Child {
  readonly pid: number
  /** Resolves with the first line that matches; rejects when the process ends without one. */
  line(pattern: RegExp): Promise<string>
  /** All lines so far. */
  lines(): readonly string[]
  /** Ends it with SIGKILL; resolves when it is gone and its output was read. */
  kill(): Promise<void>
}

/** Starts a TypeScript file of this folder as its own process. */
export function startChild(file: string, args: readonly string[]): Child {
  const path = fileURLToPath(new URL(file, import.meta.url))
  // The loader that lets this process run TypeScript lets the child do it too.
  const loader = process.execArgv.filter((argument) => argument.includes('@tapjs/typescript'))
  const child = spawn(process.execPath, [...loader, path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (text) => lines.push(text))
  const ended = once(reader, 'close')
  return {
    pid: child.pid ?? 0,
    async line(pattern) {
      for (;;) {
        const found = lines.find((text) => pattern.test(text))
        if (found !== undefined) return found
        const [event] = await Promise.race([once(reader, 'line'), ended.then(() => [undefined])])
        if (event === undefined) throw new Error(`ended without ${pattern}: ${lines.join(', ')}`)
      }
    },
    lines: () => lines,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
