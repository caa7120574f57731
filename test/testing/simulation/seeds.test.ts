/**
 * Random depots with random troubles, judged on ground truth: a fixed batch of about 150 charger
 * hours. `randomScenario(seed)` repeats each; `shrinkScenario` makes a failing one small.
 */
import { t as tap, test } from 'tap'
import { COINCIDENCES } from '../../../src/testing/simulation/counters.js'
import { randomScenario } from '../../../src/testing/simulation/random-scenario.js'
import { runScenario } from '../../../src/testing/simulation/run.js'

const SEEDS = [8, 13, 15, 20, 21, 22, 25, 27, 31, 43, 45, 49, 51, 54, 55] as const
/** Each of them once found a mistake that has been mended since. */
const FOUND = [10075, 10304, 11156, 11723, 12682, 13036, 13326] as const
const REACTION_MS = 16_000

// Seconds on an idle machine, minutes on one that does everything else at once.
tap.setTimeout(240_000)

const seen = new Map<string, number>()
const reactionsMs: number[] = []
let chargerHours = 0

for (const seed of [...SEEDS, ...FOUND]) {
  test(`seed ${seed}: no charger is ever permitted more than its site has`, async (t) => {
    const result = await runScenario(randomScenario(String(seed)))
    t.same(result.violations, [], 'nothing is violated')
    const { maxMs } = result.reactions
    if (maxMs !== undefined) reactionsMs.push(maxMs)
    for (const [name, count] of Object.entries(result.counters)) {
      seen.set(name, (seen.get(name) ?? 0) + count)
    }
    chargerHours += result.chargerHours
  })
}

test('the batch was large, quick to react, and met the coincidences it is for', async (t) => {
  t.ok(chargerHours > 140, `${chargerHours.toFixed(0)} charger hours`)
  t.ok(reactionsMs.length > 0)
  t.ok(Math.max(...reactionsMs) <= REACTION_MS, `${Math.max(...reactionsMs)} ms at most`)
  for (const name of COINCIDENCES) t.ok((seen.get(name) ?? 0) > 0, name)
})
