/** The options of `yardmaster simulate`. */
import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import type { Io } from '../io.js'
import type { SeedRange, SimulateOptions } from '../simulate.js'

export function addSimulateCommand(
  program: Command,
  io: Io,
  ended: (exitCode: number) => void,
): void {
  program
    .command('simulate')
    .description('run a simulated depot around the real controller, faster than time, and judge it')
    .argument('[scenario]', 'scenario file; docs/simulation.md says how to write one')
    .option('--random', 'a random depot with random faults for each seed, instead of a file')
    .option('--demo-day', 'the day of a depot, hour by hour')
    .option('--seed <n>', 'which cars and random faults come when', seed)
    .option('--seeds <a..b>', 'one run for each seed; 5..: until stopped', seedRange)
    .option('--hours <h>', 'how long each run lasts', positive)
    .option('--json', 'JSON lines on stdout: one object an event, the summary last')
    .option('--picture', 'hour by hour what was drawn and permitted')
    .option('--no-timeline', 'only the verdicts')
    .option('--keep-going', 'with --seeds: do not stop at a violation')
    .option('--jobs <n>', 'with --seeds: runs at a time; default: one a core', wholeNumber)
    .option('--state <file>', 'with --seeds: sum up over runs and go on after an interruption')
    .action(async (scenario: string | undefined, options: SimulateOptions) => {
      const { simulateCommand } = await import('../simulate.js')
      ended(await simulateCommand(scenario, options, io))
    })
}

function seed(given: string): string {
  if (/^[\w.-]{1,100}$/.test(given)) return given
  throw new InvalidArgumentError('It must be a number or a word.')
}

function seedRange(given: string): SeedRange {
  const match = /^(\d{1,15})\.\.(\d{1,15})?$/.exec(given)
  const first = Number(match?.[1])
  const last = match?.[2] === undefined ? undefined : Number(match[2])
  if (match && (last === undefined || first <= last)) return { first, last }
  throw new InvalidArgumentError('It must be a range such as 1..100, or 1.. without an end.')
}

function wholeNumber(given: string): number {
  const value = Number(given)
  if (/^\d+$/.test(given) && value >= 1 && value <= 256) return value
  throw new InvalidArgumentError('It must be a whole number from 1 to 256.')
}

function positive(given: string): number {
  const value = Number(given)
  if (/^\d+(\.\d+)?$/.test(given) && value > 0 && value <= 24 * 366) return value
  throw new InvalidArgumentError('It must be a number of hours above 0.')
}
