/** The arguments of `yardmaster frames` and `yardmaster replay`. */
import { type Command, InvalidArgumentError } from 'commander'
import type { FramesOptions } from './frames.js'
import type { Io } from './io.js'
import type { ReplayOptions } from './replay.js'

/** Adds `frames` to the program; its exit code goes to `ended`. */
export function addFramesCommand(
  program: Command,
  io: Io,
  ended: (exitCode: number) => void,
): void {
  program
    .command('frames')
    .description('what a charger and a running gateway said to each other, as JSON lines')
    .argument('<charger>', 'the id of the charger in REST, or its OCPP id')
    .option('--url <url>', 'the gateway', url, 'http://127.0.0.1:8000')
    .option('--token <token>', 'its REST token (default: $YARDMASTER_TOKEN)')
    .option('--follow', 'go on as more is said, also over restarts of the gateway')
    .option('--limit <n>', 'the newest so many (default: all that are kept)', count)
    .option('--since <time>', 'what came after this time (RFC 3339) or seq')
    .option('--hide-id-tags', 'tag-1, tag-2, ... instead of id tags')
    .addHelpText('after', '\nExit codes: 0 ok, 1 failed, 2 bad usage')
    .action(async (charger: string, options: FramesOptions) => {
      const { framesCommand } = await import('./frames.js')
      ended(await framesCommand(charger, options, io))
    })
}

/** Adds `replay` to the program; its exit code goes to `ended`. */
export function addReplayCommand(
  program: Command,
  io: Io,
  ended: (exitCode: number) => void,
): void {
  program
    .command('replay')
    .description('a log of `frames` once more, through the controller as it is now')
    .argument('<file>', 'JSON lines of yardmaster frames')
    .option('--config <file>', 'with the depot of then (default: one without limits)')
    .option('--all', 'show every answer, not only the different ones')
    .option('--json', 'everything as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 every answer is as recorded, 1 some are not, 2 bad usage',
    )
    .action(async (file: string, options: ReplayOptions) => {
      const { replayCommand } = await import('./replay.js')
      ended(await replayCommand(file, options, io))
    })
}

function url(given: string): string {
  const isUrl = URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)
  if (!isUrl) throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:8000.')
  return given.replace(/\/+$/, '')
}

function count(given: string): number {
  const value = Number(given)
  if (/^\d+$/.test(given) && value >= 1 && value <= 100_000) return value
  throw new InvalidArgumentError('It must be a whole number from 1 to 100000.')
}
