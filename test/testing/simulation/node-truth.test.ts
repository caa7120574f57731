/** The true limit of a node, whatever happens to the clock and to who states it. */
import { test } from 'tap'
import { buildTree } from '../../../src/core/site/tree.js'
import type { Settings } from '../../../src/config/settings.js'
import { rulesOf } from '../../../src/control/rules.js'
import { nodeTruths } from '../../../src/testing/simulation/node-truth.js'
import type { NodeTruths } from '../../../src/testing/simulation/node-truth.js'
import { meterTruth } from '../../../src/testing/simulation/meter-truth.js'
import type { StatedLimit } from '../../../src/testing/simulated-limit-source.js'
import { depotYaml, settingsFrom } from '../../site/a-site.js'
import { gridSection } from '../../site/a-story.js'

const NOON_MS = Date.parse('2026-01-05T12:00:00Z')

interface TruthUnderTest {
  readonly truths: NodeTruths
  readonly passes: (ms: number) => void
  readonly step: (byMs: number) => void
  readonly state: (limit: StatedLimit | undefined) => void
  /** Of L1, and of all phases together. */
  readonly limitA: () => readonly (number | undefined)[]
}

function truthOf(settings: Settings): TruthUnderTest {
  let nowMs = 0
  let offsetMs = NOON_MS
  let stated: StatedLimit | undefined
  const rules = rulesOf(settings)
  if (!settings.depot) throw new Error('no depot')
  const monotonic = (): number => nowMs
  const truths = nodeTruths({
    tree: buildTree(settings.depot, rules),
    rules,
    monotonic,
    wall: () => nowMs + offsetMs,
    meter: meterTruth({
      monotonic,
      mode: () => undefined,
      exports: true,
      baseLoadA: () => [0, 0, 0],
      drawA: () => [0, 0, 0],
    }),
    stated: () => stated,
    isSourceLive: () => stated !== undefined,
  })
  return {
    truths,
    passes(ms) {
      nowMs += ms
      truths.look()
    },
    step(byMs) {
      offsetMs += byMs
      truths.clockStepped(byMs)
      truths.look()
    },
    state(limit) {
      stated = limit
      truths.look()
    },
    limitA() {
      let least = [Infinity, Infinity]
      for (const { limit } of truths.nodes.slice(0, 2)) {
        least = [Math.min(least[0] ?? 0, limit[0]), Math.min(least[1] ?? 0, limit[3])]
      }
      return least
    },
  }
}

test('for a minute after a jump of the clock the lower limit of both times holds', async (t) => {
  const schedule = `{ from: '12:00', to: '13:00', max_current_a: 20 }`
  const { truths, passes, step, limitA } = truthOf(
    settingsFrom(depotYaml(2, { maxA: 60, schedule })),
  )
  passes(10_000)
  t.equal(limitA()[0], 20)
  step(2 * 3_600_000)
  t.equal(limitA()[0], 20, 'by the old time')
  passes(59_000)
  t.equal(limitA()[0], 20)
  passes(1_000)
  t.equal(limitA()[0], 60)
  step(-2 * 3_600_000)
  t.equal(limitA()[0], 20, 'by the new time')
  step(2 * 3_600_000)
  t.equal(limitA()[0], 60, 'back before anybody looked')
  step(-2 * 3_600_000)
  passes(5_000)
  step(2 * 3_600_000)
  t.equal(limitA()[0], 20)
  truths.lifeBegan()
  passes(1_000)
  t.equal(limitA()[0], 60, 'a new controller knows of no other time')
})

test('a limit in W holds for all phases together, and is believed as long as one in A', async (t) => {
  const plain = settingsFrom(depotYaml(2, { maxA: 60, head: gridSection(20, 60) }))
  const [grid] = plain.limitSources
  if (!grid) throw new Error('no source')
  const settings: Settings = {
    ...plain,
    limitSources: [{ ...grid, unit: 'W', fallback: 6_900 }],
  }
  const { truths, passes, state, limitA } = truthOf(settings)
  passes(1_000)
  t.same(limitA(), [60, 30], 'the fallback')
  state({ limitA: 40 })
  t.same(limitA(), [60, 120])
  state({ limitW: 23_000 })
  t.same(limitA(), [60, 100])
  truths.read({ type: 'limitRead', reading: { sourceId: 'grid', atMs: 1_000, limitW: 18_400 } })
  state(undefined)
  t.same(limitA(), [60, 80], 'what it said last')
  passes(60_000)
  t.same(limitA(), [60, 80])
  passes(1_000)
  t.same(limitA(), [60, 30])
})
