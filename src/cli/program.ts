/** The command line: which command runs with which options. A command is loaded when it is called. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { dayNumber } from '../core/schedule/dates.js'
import { addCertsCommand } from './certs-arguments.js'
import type { CheckOptions } from './check.js'
import { addCpCommand } from './cp-arguments.js'
import { DEFAULT_CONFIG } from './default-config.js'
import type { DemoOptions } from './demo.js'
import { addFramesCommand, addReplayCommand } from './frames-arguments.js'
import { addExportCommand, addImportCommand } from './import-arguments.js'
import type { Io } from './io.js'
import { addProbeCommand } from './probe-arguments.js'
import type { RunOptions } from './run.js'
import type { ScheduleOptions } from './schedule.js'
import { addSimulateCommand } from './simulate/arguments.js'

const OK = 0
const FAILED = 1
const BAD_USAGE = 2

/** Runs the command that `args` (without node and script) name. Resolves with the exit code. */
export async function runProgram(args: readonly string[], io: Io): Promise<number> {
  let exitCode = OK
  const program = yardmaster(io, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has said what is wrong; asked for help or version it throws with exit code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : BAD_USAGE
    io.err(`yardmaster: ${error instanceof Error ? error.message : String(error)}`)
    return FAILED
  }
}

function yardmaster(io: Io, ended: (exitCode: number) => void): Command {
  const program = new Command('yardmaster')
    .description('Keeps an EV charging depot under its grid limit.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(yardmaster --help shows all commands)')
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    })
    .addHelpText('after', '\nExit codes: 0 ok, 1 failed, 2 bad usage or bad configuration')

  program
    .command('run')
    .description('run the controller; without a configuration file it starts empty and safe')
    .option(...CONFIG)
    .option('--data-dir <dir>', 'folder of all state')
    .option('--host <host>', 'address to listen on', notEmpty)
    .option('--port <n>', 'port to listen on, 0: any free one', port)
    .action(async (options: RunOptions) => {
      const { runCommand } = await import('./run.js')
      ended(await runCommand(options, io))
    })

  program
    .command('check')
    .description('check a configuration file and say what is wrong, with line and column')
    .option(...CONFIG)
    .option('--schema', 'print the JSON Schema of the configuration, for editors')
    .action(async (options: CheckOptions) => {
      const { checkCommand } = await import('./check.js')
      ended(await checkCommand(options, io))
    })

  program
    .command('schedule')
    .description('show what applies on a day at each node and why, without a running controller')
    .option(...CONFIG)
    .option('--data-dir <dir>', 'take the depot from this folder, not from the file')
    .option('--date <date>', 'the day (default: today)', date)
    .option('--constraint <id>', 'only this node; site: the grid connection')
    .option('--json', 'as REST answers /constraints/ID/schedule')
    .action(async (options: ScheduleOptions) => {
      const { scheduleCommand } = await import('./schedule.js')
      ended(await scheduleCommand(options, io))
    })

  program
    .command('demo')
    .description('run a simulated depot around the real controller')
    .option('--host <host>', 'address to listen on', notEmpty)
    .option('--port <n>', 'port to listen on, 0: any free one', port)
    .option('--check <seconds>', 'run for so long, judge the limit, exit 0 or 1', positive)
    .option('--seed <n>', 'which cars come when', natural)
    .action(async (options: DemoOptions) => {
      const { demoCommand } = await import('./demo.js')
      ended(await demoCommand(options, io))
    })

  addImportCommand(program, io, ended)
  addCertsCommand(program, io, ended)
  addExportCommand(program, io, ended)
  addCpCommand(program, io, ended)
  addProbeCommand(program, io, ended)
  addFramesCommand(program, io, ended)
  addReplayCommand(program, io, ended)
  addSimulateCommand(program, io, ended)

  return program
}

const CONFIG = ['--config <file>', `configuration file (default: ${DEFAULT_CONFIG})`] as const

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const stated = typeof content === 'object' && content !== null && 'version' in content
  return stated ? String(content.version) : 'unknown'
}

function notEmpty(given: string): string {
  if (given === '') throw new InvalidArgumentError('It must not be empty.')
  return given
}

function date(given: string): string {
  if (dayNumber(given) !== undefined) return given
  throw new InvalidArgumentError('It must be a date such as 2026-12-24.')
}

function port(given: string): number {
  return number(
    given,
    (value) => Number.isInteger(value) && value <= 65_535,
    'a port from 0 to 65535',
  )
}

function natural(given: string): number {
  return number(given, Number.isSafeInteger, 'a whole number from 0')
}

function positive(given: string): number {
  return number(given, (value) => value > 0, 'a number above 0')
}

/** Digits only: what `Number` also takes (hex, exponents, blanks) is a slip here. */
function number(given: string, accepts: (value: number) => boolean, expected: string): number {
  const value = Number(given)
  if (/^\d+(\.\d+)?$/.test(given) && accepts(value)) return value
  throw new InvalidArgumentError(`It must be ${expected}.`)
}
