import { test } from 'tap'
import type { PhaseA } from '../../src/core/phases.js'
import { phaseMap, wiringOf } from '../../src/core/probe/phase-map.js'
import type { PhaseLevel } from '../../src/core/probe/phase-map.js'
import { seededRandom } from '../../src/testing/random.js'

const ROTATIONS = ['RST', 'STR', 'TRS', 'RTS', 'SRT', 'TSR'] as const
type Rotation = (typeof ROTATIONS)[number]

/** Levels low, high, low ...: own currents, and what a meter with this base load sees. */
function levels(
  rotation: Rotation,
  lowA: PhaseA,
  highA: PhaseA,
  bases: readonly PhaseA[],
): readonly PhaseLevel[] {
  const wiring = wiringOf(rotation)
  return bases.map((baseA, index) => {
    const ownA = index % 2 === 0 ? lowA : highA
    const siteA: [number, number, number] = [baseA[0], baseA[1], baseA[2]]
    wiring.forEach((phase, own) => {
      siteA[phase] = (siteA[phase] ?? 0) + (ownA[own] ?? 0)
    })
    return { ownA, siteA }
  })
}

const STILL: readonly PhaseA[] = Array.from({ length: 5 }, (): PhaseA => [10, 4, 7])

for (const rotation of ['RST', 'STR', 'TRS'] as const) {
  test(`${rotation}: one or two phases in use tell a right-handed field, three do not`, async (t) => {
    for (const [used, expected] of [
      [1, rotation],
      [2, rotation],
      [3, undefined],
    ] as const) {
      const on = (a: number): PhaseA => [a, used > 1 ? a : 0, used > 2 ? a : 0]
      const map = phaseMap(levels(rotation, on(6), on(16), STILL))
      t.match(map, { type: 'found', rotation: expected, phases: used }, `${used} phases`)
    }
  })
}

test('currents that differ tell every rotation apart', async (t) => {
  for (const rotation of ROTATIONS) {
    const map = phaseMap(levels(rotation, [6, 6, 0], [30, 18, 0], STILL))
    t.match(map, { type: 'found', rotation, phases: 2, note: undefined }, rotation)
  }
})

test('noise of the size of the step does not make a wrong answer', async (t) => {
  const random = seededRandom('noise')
  const counts = { right: 0, wrong: 0, open: 0 }
  for (let run = 0; run < 5_000; run++) {
    const sizeA = random.between(0, 12)
    const noise = (): number => random.between(-sizeA, sizeA)
    const count = random.pick([5, 7, 9])
    const bases = Array.from({ length: count }, (): PhaseA => [noise(), noise(), noise()])
    const rotation = random.pick(['RST', 'STR', 'TRS'] as const)
    const map = phaseMap(levels(rotation, [6, 0, 0], [16, 0, 0], bases))
    if (map.type === 'noisy' || map.rotation === undefined) counts.open += 1
    else counts[map.rotation === rotation ? 'right' : 'wrong'] += 1
  }
  t.ok(counts.right > 500, `${counts.right} right, ${counts.open} open`)
  t.equal(counts.wrong, 0)
})

test('a meter that does not see the charger is not called a map', async (t) => {
  const blind = STILL.map((siteA, index): PhaseLevel => ({
    ownA: index % 2 === 0 ? [6, 6, 6] : [16, 16, 16],
    siteA,
  }))
  t.match(phaseMap(blind), { type: 'found', rotation: undefined, phases: 0, note: /does not see/ })
  t.same(phaseMap(blind.slice(0, 3)), { type: 'noisy' }, 'two steps are not enough')
})
