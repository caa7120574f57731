/** The arguments of `yardmaster cp`. */
import { type Command, InvalidArgumentError } from 'commander'
import type { CpIo, CpOptions } from './cp.js'

/** Adds `cp` to the program; its exit code goes to `ended`. */
export function addCpCommand(program: Command, io: CpIo, ended: (exitCode: number) => void): void {
  program
    .command('cp')
    .description('act as a charge point: connect, send one call, print the answer')
    .requiredOption('--charge-point-id <id>', 'id of the charge point, case-sensitive')
    .requiredOption('--action <action>', 'OCPP 1.6 action, for example BootNotification')
    .option('--host <host>', 'host of the server', 'localhost')
    .option('--port <port>', 'port of the server', wholeNumber(1, 65_535), 8000)
    .option('--connector-id <n>', 'connector, 0 is the charge point itself', wholeNumber(0))
    .option('--status <status>', 'status for StatusNotification (default: Available)')
    .option('--transaction-id <n>', 'transaction, as StartTransaction answered it', wholeNumber())
    .option('--id-tag <tag>', 'id tag', 'TEST_TAG')
    .option('--payload <json>', 'fields that replace those of the payload', jsonObject)
    .option('--timeout-s <s>', 'wait this long in all', positiveNumber, 10)
    .action(async (options: CpOptions) => {
      const { cpCommand } = await import('./cp.js')
      ended(await cpCommand(options, io))
    })
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
