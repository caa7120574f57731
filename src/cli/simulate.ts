/** `yardmaster simulate`: a simulated depot around the real controller, and the verdict on it. */
import type { Io } from './io.js'
import { simulateOnce } from './simulate/once.js'
import { simulateSeeds } from './simulate/seeds.js'
import { sourceOf } from './simulate/source.js'
import type { SourceOrigin } from './simulate/source.js'

export interface SeedRange {
  readonly first: number
  /** Undefined: until stopped. */
  readonly last: number | undefined
}

export interface SimulateOptions {
  readonly random?: boolean
  readonly demoDay?: boolean
  readonly seed?: string
  readonly seeds?: SeedRange
  readonly hours?: number
  readonly json?: boolean
  readonly picture?: boolean
  /** False: only the verdicts. */
  readonly timeline?: boolean
  readonly keepGoing?: boolean
  readonly state?: string
  readonly jobs?: number
}

const BAD_USAGE = 2

/** Resolves with the exit code: 0 all holds, 1 it does not, 2 bad usage or a wrong file. */
export async function simulateCommand(
  file: string | undefined,
  options: SimulateOptions,
  io: Io,
): Promise<number> {
  const problem = misused(file, options)
  if (problem !== undefined) {
    io.err(`yardmaster simulate: ${problem}`)
    return BAD_USAGE
  }
  const source = await sourceOf(originOf(file, options), io)
  if (!source) return BAD_USAGE
  const { seeds } = options
  return seeds
    ? simulateSeeds(source, { ...options, seeds }, io)
    : simulateOnce(source, options, io)
}

function originOf(
  file: string | undefined,
  { random, demoDay, hours }: SimulateOptions,
): SourceOrigin {
  if (random === true) return { type: 'random', argument: '--random', hours }
  if (demoDay === true) return { type: 'demoDay', argument: '--demo-day', hours }
  return { type: 'file', argument: file ?? '', hours }
}

function misused(file: string | undefined, options: SimulateOptions): string | undefined {
  const { random, demoDay, seed, seeds, json, picture, keepGoing, state, jobs } = options
  const sources = [file !== undefined, random === true, demoDay === true].filter(Boolean).length
  if (sources === 0) return 'name a scenario file, or --random, or --demo-day'
  if (sources > 1) return 'one of: a scenario file, --random, --demo-day'
  if (seed !== undefined && seeds) return '--seed is one run and --seeds many: state one of them'
  if (seeds && (picture === true || demoDay === true))
    return 'a picture is of one run: leave out --seeds'
  if (json === true && (picture === true || demoDay === true)) return '--json draws no picture'
  if (!seeds && keepGoing === true) return '--keep-going needs --seeds'
  if (!seeds && state !== undefined) return '--state needs --seeds'
  if (!seeds && jobs !== undefined) return '--jobs needs --seeds'
  return undefined
}
