/** The arguments of `yardmaster cp`. */
import { type Command, InvalidArgumentError } from 'commander'
import { addProofOptions } from './cp-proof.js'
import type { CpInteractiveOptions } from './cp-interactive.js'
import type { CpIo, CpOptions } from './cp.js'

/** Adds `cp` to the program; its exit code goes to `ended`. */
export function addCpCommand(program: Command, io: CpIo, ended: (exitCode: number) => void): void {
  const command = addProofOptions(program.command('cp'))
  command
    .description(
      'act as a charge point: with --action send one call and print the answer; without, stay ' +
        'connected and take commands (type help)',
    )
    .requiredOption(
      '--charge-point-id <id>',
      'id of the charge point, case-sensitive; many at once: CP_{001..100}',
    )
    .option('--action <action>', 'OCPP 1.6 action, for example BootNotification')
    .option('--host <host>', 'host of the server', 'localhost')
    .option('--port <port>', 'port of the server', wholeNumber(1, 65_535), 8000)
    .option('--connector-id <n>', 'connector, 0 is the charge point itself', wholeNumber(0))
    .option('--status <status>', 'status for StatusNotification (default: Available)')
    .option('--transaction-id <n>', 'transaction, as StartTransaction answered it', wholeNumber())
    .option('--id-tag <tag>', 'id tag', 'TEST_TAG')
    .option('--payload <json>', 'fields that replace those of the payload', jsonObject)
    .option('--timeout-s <s>', 'wait this long in all', positiveNumber, 10)
    .option('--script <file>', 'commands, one a line; the first that fails ends it')
    .option(
      '--command-port <n>',
      'take commands on ws://127.0.0.1:N, 0: any free one',
      wholeNumber(0, 65_535),
    )
    .option('--count <n>', 'so many charge points: CP_{001}', wholeNumber(1, 5000))
    .option('--connectors <n>', 'connectors of each', wholeNumber(1, 100), 1)
    .option('--max-amps <a>', 'hardware maximum of a connector', wholeNumber(6, 1000), 32)
    .option('--phases <n>', 'of a connector, 1 or 3', oneOrThree, 3)
    .option('--vendor <name>', 'chargePointVendor')
    .option('--model <name>', 'chargePointModel')
    .option('--firmware <version>', 'firmwareVersion')
    .option('--state <file>', 'keep profiles, settings and unsent transactions over restarts')
    .option('--seed <text>', 'of what is left to chance')
    .option('--json', 'answers and events as JSON lines')
    .option('--trace', 'show every frame')
    .option('--quiet', 'show no events')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed (a call, or a command of a script), 2 bad usage',
    )
    .action(async (options: OneCall | CpInteractiveOptions) => {
      if ('action' in options) {
        const { cpCommand } = await import('./cp.js')
        ended(await cpCommand(options, io))
      } else {
        const stray = ONE_CALL_ONLY.find((name) => name in options)
        if (stray !== undefined) command.error(`error: option '--${kebab(stray)}' needs --action`)
        const { cpInteractive } = await import('./cp-interactive.js')
        ended(await cpInteractive(options, io))
      }
    })
}

const ONE_CALL_ONLY = ['connectorId', 'status', 'transactionId', 'payload']

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

type OneCall = CpOptions & { readonly action: string }

function oneOrThree(text: string): number {
  if (text === '1' || text === '3') return Number(text)
  throw new InvalidArgumentError('It must be 1 or 3.')
}

function wholeNumber(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text)
    if (/^-?\d+$/.test(text) && value >= min && value <= max) return value
    const upTo = max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`
    const from = min === Number.MIN_SAFE_INTEGER ? '' : ` from ${min}${upTo}`
    throw new InvalidArgumentError(`It must be a whole number${from}.`)
  }
}

function positiveNumber(text: string): number {
  const value = Number(text)
  // Longer than a day is no waiting, and timers end at 24.8 days.
  if (value > 0 && value <= 86_400) return value
  throw new InvalidArgumentError('It must be a number of seconds above 0, at most 86400.')
}

function jsonObject(text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('It must be JSON.')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidArgumentError('It must be a JSON object.')
}
