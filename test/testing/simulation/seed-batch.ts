/** Random depots with random troubles, by the hour: in all of them everything judged must hold. */
import t from 'tap'
import { randomScenario } from '../../../src/testing/simulation/random-scenario.js'
import { runScenario } from '../../../src/testing/simulation/run.js'

/** Chargers x hours. */
interface BatchHours {
  /** Of the seeds from 1 on: the same every time. */
  readonly fixed: number
  /** Of seeds nobody has tried before. */
  readonly ofTheDay: number
}

const FULL: BatchHours = { fixed: 2_000, ofTheDay: 1_000 }
const SHORT: BatchHours = { fixed: 280, ofTheDay: 0 }
/** What is simulated unless SIMULATED_HOURS says `full` or `short`. */
const USUAL: BatchHours = SHORT

/** Of each half on an idle machine less than a third of this. */
const TIMEOUT_MS = 600_000
const SEEDS_PER_DAY = 10_000
const HOUR_MS = 3_600_000

export type Half = 'first' | 'second'

export function fixedSeedsHold(half: Half): void {
  seedsHold(`${half} half of the fixed seeds`, seedsFrom(1, hours().fixed, half))
}

/** SEED_DAY=YYYYMMDD repeats those of another day. */
export function seedsOfTheDayHold(half: Half): void {
  const day = process.env['SEED_DAY'] ?? new Date().toISOString().slice(0, 10).replaceAll('-', '')
  const first = Number(day) * SEEDS_PER_DAY + 1
  seedsHold(`${half} half of the seeds of ${day}`, seedsFrom(first, hours().ofTheDay, half))
}

function seedsHold(name: string, seeds: readonly string[]): void {
  const range = seeds.length === 0 ? 'none' : `${seeds[0]} to ${seeds.at(-1)}`
  // Of the file: that of a test does not reach those who run the file.
  t.setTimeout(TIMEOUT_MS)
  void t.test(`${name} (${range}): nothing that is judged is violated`, async (one) => {
    if (seeds.length === 0) one.pass('nothing to simulate')
    for (const seed of seeds) {
      const { violations, chargerHours } = await runScenario(randomScenario(seed))
      const again = `yardmaster simulate --random --seed ${seed}`
      one.same(violations, [], `${chargerHours.toFixed(1)} charger-hours of: ${again}`)
    }
  })
}

/** As many as make up these hours, whatever becomes of them; of two halves every other one. */
function seedsFrom(first: number, wantedHours: number, half: Half): readonly string[] {
  const seeds: string[] = []
  let sumHours = 0
  for (let seed = first; sumHours < wantedHours; seed += 1) {
    const { chargers, durationMs } = randomScenario(String(seed))
    sumHours += (chargers.length * durationMs) / HOUR_MS
    seeds.push(String(seed))
  }
  return seeds.filter((_, index) => index % 2 === (half === 'first' ? 0 : 1))
}

function hours(): BatchHours {
  const wanted = process.env['SIMULATED_HOURS']
  if (wanted === 'full') return FULL
  return wanted === 'short' ? SHORT : USUAL
}
