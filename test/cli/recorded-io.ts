import type { Io } from '../../src/cli/io.js'

/** An `Io` that keeps what a command says. */
export function recordedIo(): Io & { readonly stdout: string[]; readonly stderr: string[] } {
  const stdout: string[] = []
  const stderr: string[] = []
  return {
    stdout,
    stderr,
    out: (line) => void stdout.push(line),
    err: (line) => void stderr.push(line),
    env: {},
  }
}
