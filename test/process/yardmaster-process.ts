/** The program as an operator runs it: its own process, real sockets, a folder of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { eventually, inTime } from './deadline.js'

/** What a test gives so that everything is cleaned up after it. */
export interface Scope {
  teardown(handler: () => unknown): void
}

export interface LogLine {
  readonly event: string
  readonly level: string
  readonly [field: string]: unknown
}

export interface YardmasterProcess {
  readonly pid: number
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  /** Log lines so far. */
  logs(): readonly LogLine[]
  /** The first line of this event, from now or before, that `matches`. */
  logged(event: string, matches?: (line: LogLine) => boolean): Promise<LogLine>
  signal(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void
  isOver(): boolean
  /** The exit code once it has ended and its output was read; null after SIGKILL. */
  ended(withinMs?: number): Promise<number | null>
}

export interface Gateway extends YardmasterProcess {
  readonly port: number
  readonly dataDir: string
  /** Printed at the first start only. */
  token(): string
}

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** Runs the built program; whatever is left of it is killed at the end of the test. */
export function yardmaster(t: Scope, ...args: readonly string[]): YardmasterProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of the test runner reaches the program.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  })
  const stdout: string[] = []
  const stderr: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => stdout.push(line))
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line))
  const closed = once(child, 'close')
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  t.teardown(async () => {
    if (!isOver()) child.kill('SIGKILL')
    await closed
  })
  const logs = (): LogLine[] => stderr.flatMap((line) => logLine(line) ?? [])
  return {
    pid: child.pid ?? 0,
    stdout,
    stderr,
    logs,
    logged: (event, matches = () => true) =>
      eventually(
        `log event ${event}`,
        () => logs().find((line) => line.event === event && matches(line)),
        { otherwise: () => `in ${stderr.slice(-20).join('\n')}` },
      ),
    signal: (signal) => void child.kill(signal),
    isOver,
    async ended(withinMs) {
      await inTime(`the end of yardmaster ${args.join(' ')}`, closed, withinMs)
      return child.exitCode
    },
  }
}

export interface GatewayOptions {
  /** YAML; without it there is no configuration file. */
  readonly config?: string
  readonly dataDir?: string
  /** 0: any free one. */
  readonly port?: number
}

/** `yardmaster run`, listening. */
export async function startGateway(t: Scope, options: GatewayOptions = {}): Promise<Gateway> {
  const dataDir = options.dataDir ?? (await temporaryFolder(t))
  const args = ['run', '--data-dir', dataDir, '--host', '127.0.0.1']
  args.push('--port', String(options.port ?? 0))
  if (options.config !== undefined) args.push('--config', await configFile(t, options.config))
  const run = yardmaster(t, ...args)
  const line = await eventually('the listening line', () => {
    if (run.isOver()) throw new Error(`it ended instead: ${run.stderr.join('\n')}`)
    return run.stdout[0]
  })
  const port = Number(/^listening http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1])
  if (!Number.isInteger(port)) throw new Error(`first line on stdout: ${line}`)
  return {
    ...run,
    port,
    dataDir,
    token: () => /^REST token, shown only now: (\S+)$/m.exec(run.stderr.join('\n'))?.[1] ?? '',
  }
}

/** Its folder is removed after the test. */
export async function configFile(t: Scope, yaml: string): Promise<string> {
  const file = join(await temporaryFolder(t), 'config.yaml')
  await writeFile(file, yaml)
  return file
}

export async function temporaryFolder(t: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yardmaster-process-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The announcement of the token is for people and no JSON. */
function logLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  return JSON.parse(line)
}
