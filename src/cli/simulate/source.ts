/** Where the scenarios of a command come from: a file, the demo day, or chance. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { problemText } from '../../config/problem.js'
import { secretReader } from '../../config/secret.js'
import { readScenario } from '../../testing/scenario-file/read.js'
import { scenarioOf } from '../../testing/scenario-file/scenario-file.js'
import type { Expectation } from '../../testing/scenario-file/scenario-file.js'
import { randomScenario } from '../../testing/simulation/random-scenario.js'
import type { Scenario } from '../../testing/simulation/scenario.js'
import type { Io } from '../io.js'
import { generatorHash } from './build-hash.js'

/** What it takes to make the same source again, as plain data. */
export interface SourceOrigin {
  readonly type: 'file' | 'demoDay' | 'random'
  /** The file, or the option that stands for it. */
  readonly argument: string
  readonly hours: number | undefined
}

export interface ScenarioSource {
  readonly origin: SourceOrigin
  /** The file, or the option that stands for it. */
  readonly argument: string
  /** As on the command line, to run it again; without the seed. */
  readonly command: string
  /** Changes when what it says changes. */
  readonly fingerprint: string
  readonly expectations: readonly Expectation[]
  /** Undefined: the seed it states itself. */
  scenario(seed: string | undefined): Scenario
}

const DEMO_DAY = new URL('../../../docs/examples/scenarios/demo-day.yaml', import.meta.url)
const HOUR_MS = 3_600_000

/** Undefined when the file is wrong: its problems are on stderr then. */
export async function sourceOf(
  { type, argument, hours }: SourceOrigin,
  io: Io,
): Promise<ScenarioSource | undefined> {
  switch (type) {
    case 'file':
      return fileSource(argument, hours, io)
    case 'demoDay':
      return demoDaySource(hours, io)
    case 'random':
      return randomSource(hours)
  }
}

async function fileSource(
  fileName: string,
  hours: number | undefined,
  io: Io,
): Promise<ScenarioSource | undefined> {
  let text: string
  try {
    text = await readFile(fileName, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    io.err(`${fileName}:1:1: the scenario cannot be read: ${reason}`)
    return undefined
  }
  const read = readScenario(text, fileName, secretReader(fileName, io.env))
  if (!read.ok) {
    for (const problem of read.problems) io.err(problemText(problem))
    const { length } = read.problems
    io.err(`${fileName}: ${length === 1 ? '1 problem' : `${length} problems`}`)
    return undefined
  }
  const { file } = read
  return {
    origin: { type: 'file', argument: fileName, hours },
    argument: fileName,
    command: commandOf(fileName, hours),
    fingerprint: createHash('sha256').update(text).digest('hex').slice(0, 16),
    expectations: file.expectations,
    scenario: (seed) =>
      scenarioOf(file, {
        ...(seed !== undefined && { seed }),
        ...(hours !== undefined && { durationMs: Math.round(hours * HOUR_MS) }),
      }),
  }
}

async function demoDaySource(
  hours: number | undefined,
  io: Io,
): Promise<ScenarioSource | undefined> {
  const source = await fileSource(fileURLToPath(DEMO_DAY), hours, io)
  return (
    source && {
      ...source,
      origin: { type: 'demoDay', argument: '--demo-day', hours },
      argument: '--demo-day',
      command: commandOf('--demo-day', hours),
    }
  )
}

function randomSource(hours: number | undefined): ScenarioSource {
  return {
    origin: { type: 'random', argument: '--random', hours },
    argument: '--random',
    command: commandOf('--random', hours),
    fingerprint: generatorHash(),
    expectations: [],
    scenario: (seed = '1') =>
      randomScenario(seed, hours === undefined ? {} : { minutes: Math.ceil(hours * 60) }),
  }
}

function commandOf(argument: string, hours: number | undefined): string {
  const length = hours === undefined ? '' : ` --hours ${hours}`
  return `yardmaster simulate ${argument}${length}`
}
