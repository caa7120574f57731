/** Random depots with random troubles, by the hour: in all of them everything judged must hold. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { randomScenario } from '../../../src/testing/simulation/random-scenario.js'

/** Chargers x hours. */
interface BatchHours {
  /** Of the seeds from 1 on: the same every time. */
  readonly fixed: number
  /** Of seeds nobody has tried before. */
  readonly ofTheDay: number
}

const FULL: BatchHours = { fixed: 2_000, ofTheDay: 1_000 }
const SHORT: BatchHours = { fixed: 280, ofTheDay: 0 }

/** Of each half on an idle machine less than a third of this. */
const TIMEOUT_MS = 600_000
const SEEDS_PER_DAY = 10_000
const HOUR_MS = 3_600_000
const PROGRAM = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))

/** Not mended yet, with what is violated there. They hide no other seed. */
const KNOWN: ReadonlyMap<number, string> = new Map([
  [48, 'recovery: CP014 is called unresponsive'],
  [71, 'raise and limit: 0.24 A over 156 A'],
  [202_611_220_062, 'recovery: CP019 is called unresponsive'],
  [202_611_220_078, 'recovery: CP004 is called unresponsive'],
])

export type Half = 'first' | 'second'

export function fixedSeedsHold(half: Half): void {
  seedsHold(`${half} half of the fixed seeds`, 1, hours().fixed, half)
}

/** SEED_DAY=YYYYMMDD repeats those of another day. */
export function seedsOfTheDayHold(half: Half): void {
  const day = process.env['SEED_DAY'] ?? new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const first = Number(day) * SEEDS_PER_DAY + 1
  seedsHold(`${half} half of the seeds of ${day}`, first, hours().ofTheDay, half)
}

function seedsHold(name: string, first: number, wantedHours: number, half: Half): void {
  // Of the file: that of a test does not reach those who run the file.
  t.setTimeout(TIMEOUT_MS)
  const range = rangeOf(first, wantedHours, half)
  if (!range) {
    t.pass(`${name}: nothing to simulate`)
    return
  }
  void t.test(`${name} (${range}): nothing that is judged is violated`, async (one) => {
    const { code, lines } = await simulated(range)
    const summary = lines.at(-1) ?? 'it said nothing'
    if (code === 0) {
      one.match(summary, /charger-hours, no violation/)
      return
    }
    const seeds = lines.flatMap((line) => /^ *seed (\d+) +FAIL/.exec(line)?.[1] ?? [])
    one.ok(seeds.length > 0, summary)
    for (const seed of seeds) one.comment(`seed ${seed}: ${KNOWN.get(Number(seed)) ?? 'new'}`)
    const found = lines.filter((line) => /FAIL|VIOLATION|TOO SLOW/.test(line)).join('\n')
    one.same(
      seeds.filter((seed) => !KNOWN.has(Number(seed))),
      [],
      found,
    )
  })
}

/** By the built program, as its users run it. */
function simulated(
  range: string,
): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const options = ['--keep-going', '--no-timeline', '--jobs', '1']
  const args = [PROGRAM, 'simulate', '--random', '--seeds', range, ...options]
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { maxBuffer: 100_000_000, env: withoutCoverage() },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? 1, lines: `${stdout}${stderr}`.trim().split('\n') })
      },
    )
  })
}

/** Counting every branch taken would make it take twice the time. */
function withoutCoverage(): NodeJS.ProcessEnv {
  const { NODE_V8_COVERAGE: _, NODE_OPTIONS: __, ...others } = process.env
  return others
}

/** As many seeds as make up these hours, whatever becomes of them. */
function rangeOf(first: number, wantedHours: number, half: Half): string | undefined {
  if (wantedHours === 0) return undefined
  let last = first - 1
  for (let sumHours = 0; sumHours < wantedHours;) {
    last += 1
    const { chargers, durationMs } = randomScenario(String(last))
    sumHours += (chargers.length * durationMs) / HOUR_MS
  }
  const middle = Math.floor((first + last) / 2)
  return half === 'first' ? `${first}..${middle}` : `${middle + 1}..${last}`
}

/** SIMULATED_HOURS=short is for who changes something else. */
function hours(): BatchHours {
  return process.env['SIMULATED_HOURS'] === 'short' ? SHORT : FULL
}
