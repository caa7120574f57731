/** What a command needs of its process, so that tests can run it without one. */
export interface Io {
  /** One line on stdout, for what the command was asked for. */
  out(line: string): void
  /** One line on stderr, for everything else. */
  err(line: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether stdout is a terminal, which shows colours. */
  readonly isTerminal?: boolean
}

export const processIo: Io = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  env: process.env,
  isTerminal: process.stdout.isTTY,
}
