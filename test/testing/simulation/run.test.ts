/** A run is a function of its scenario: told again from its seed, and made smaller when it fails. */
import { test } from 'tap'
import { seededRandom } from '../../../src/testing/random.js'
import { faultPlan } from '../../../src/testing/simulation/fault-plan.js'
import { randomScenario } from '../../../src/testing/simulation/random-scenario.js'
import type { RunResult, Violation } from '../../../src/testing/simulation/result.js'
import { runScenario } from '../../../src/testing/simulation/run.js'
import type { Scenario } from '../../../src/testing/simulation/scenario.js'
import { shrinkScenario } from '../../../src/testing/simulation/shrink.js'
import { traceHash } from '../../../src/testing/simulation/trace-hash.js'
import { aScenario } from './a-scenario.js'

test('the same seed gives the same run, another one another', async (t) => {
  const run = (seed: string): Promise<RunResult> =>
    runScenario(randomScenario(seed, { minutes: 8, chargers: 4 }))
  const [first, again, other] = [await run('a'), await run('a'), await run('b')]
  t.same(again, first)
  t.match(first.traceHash, /^[0-9a-f]{14}$/)
  t.not(other.traceHash, first.traceHash)
})

test('the timeline tells faults, limits, offers and transactions in order', async (t) => {
  const scenario = aScenario({
    minutes: 5,
    limits: [
      { atMs: 0, limitA: 60 },
      { atMs: 200_000, limitA: 24 },
    ],
    faults: [{ atMs: 100_000, fault: { type: 'crash', downMs: 1_000 } }],
  })
  const { timeline } = await runScenario(scenario, { timeline: true })
  const types = new Set(timeline.map(({ type }) => type))
  t.same([...types].toSorted(), ['controller', 'fault', 'limit', 'offer', 'transaction'])
  const times = timeline.map(({ atMs }) => atMs)
  t.same(
    times,
    times.toSorted((a, b) => a - b),
  )
  t.ok(
    timeline.some((entry) => entry.type === 'transaction' && entry.idTag === 'CAR-CP001'),
    'who charges is told',
  )
  t.same((await runScenario(scenario)).timeline, [], 'only when it is asked for')
})

test('a fingerprint tells texts and their order', async (t) => {
  const of = (...texts: readonly string[]): string => {
    const hash = traceHash()
    for (const text of texts) hash.add(text)
    return hash.digest()
  }
  t.equal(of('one', 'two'), of('one', 'two'))
  t.not(of('one', 'two'), of('two', 'one'))
  t.not(of('ab', 'c'), of('a', 'bc'))
})

test('plans of faults are the same for a seed, in order, and end before the quiet part', async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const scenario = randomScenario(`plan ${seed}`)
    const { faults, durationMs, quietMs } = scenario
    t.same(randomScenario(`plan ${seed}`).faults, faults)
    t.ok(faults.every(({ atMs }, index) => atMs >= (faults[index - 1]?.atMs ?? 0)))
    t.ok(faults.every(({ atMs }) => atMs < durationMs - quietMs))
  }
  const facts = { windows: [], maxA: 50, worstA: 0, isIncapable: false }
  const plan = faultPlan(seededRandom('plan'), aScenario({ minutes: 60 }), facts)
  t.ok(plan.length > 10)
})

test('depots say what chargers are like: who may never forget a limit is not called verified', async (t) => {
  for (let seed = 1; seed <= 60; seed++) {
    const { faults, settings } = randomScenario(`depot ${seed}`)
    for (const { fault } of faults) {
      if (fault.type !== 'behave' || fault.change.ignoresExpiry !== true) continue
      const charger = settings.depot?.chargers.get(fault.charger.toLowerCase())
      t.equal(charger?.expiryVerified, false)
    }
  }
  t.pass()
})

/** Breaks whenever CP002 is cut while the source is silent. */
async function fails({ faults, chargers }: Scenario): Promise<RunResult> {
  const isThere = chargers.some(({ identity }) => identity === 'CP002')
  const isCut = faults.some(({ fault }) => fault.type === 'cut' && fault.charger === 'CP002')
  const isSilent = faults.some(({ fault }) => fault.type === 'limitSource')
  const violation: Violation = { invariant: 'limit', atMs: 90_000, where: 'yard', what: 'over' }
  const empty = await runScenario(aScenario({ minutes: 1, count: 1 }))
  return { ...empty, violations: isThere && isCut && isSilent ? [violation] : [] }
}

test('a failing scenario shrinks to the faults, the charger and the time it takes', async (t) => {
  const faults = [
    ...Array.from({ length: 20 }, (_, index) => ({
      atMs: 1_000 * (index + 1),
      fault: { type: 'resetConnection', charger: `CP00${1 + (index % 3)}` } as const,
    })),
    { atMs: 30_000, fault: { type: 'limitSource', mode: 'silent' } } as const,
    { atMs: 60_000, fault: { type: 'cut', charger: 'CP002', halfOpen: true } } as const,
    { atMs: 80_000, fault: { type: 'crash', downMs: 100 } } as const,
  ]
  const shrunk = await shrinkScenario(aScenario({ faults }), { run: fails })
  t.same(
    shrunk?.scenario.faults.map(({ fault }) => fault.type),
    ['limitSource', 'cut'],
  )
  t.same(
    shrunk?.scenario.chargers.map(({ identity }) => identity),
    ['CP002'],
  )
  t.same([...(shrunk?.scenario.settings.depot?.chargers.keys() ?? [])], ['cp002'])
  t.same(shrunk?.scenario.arrivals, [])
  t.ok((shrunk?.scenario.durationMs ?? Infinity) < 100_000)
  t.equal(shrunk?.violation.invariant, 'limit')
})

test('shrinking stops after so many runs, and does nothing where nothing fails', async (t) => {
  let runs = 0
  const run = (scenario: Scenario): Promise<RunResult> => {
    runs += 1
    return fails(scenario)
  }
  const faults = [
    { atMs: 30_000, fault: { type: 'limitSource', mode: 'silent' } },
    { atMs: 60_000, fault: { type: 'cut', charger: 'CP002', halfOpen: true } },
  ] as const
  const shrunk = await shrinkScenario(aScenario({ faults }), { run, maxRuns: 5 })
  t.equal(shrunk?.runs, 5)
  t.equal(runs, 5)
  t.equal(await shrinkScenario(aScenario(), { run }), undefined)
})
