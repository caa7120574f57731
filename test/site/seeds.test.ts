/** Random depots and random faults from a seed; a failure names the seed that repeats it. */
import { test } from 'tap'
import { seededRandom } from '../../src/testing/random.js'
import type { Random } from '../../src/testing/random.js'
import { movingBaseLoad } from '../../src/testing/base-load.js'
import { aSite, BUS, depotYaml, highest, settingsFrom } from './a-site.js'
import type { TestSite } from './a-site.js'

const SEEDS = 12
const MINUTES = 90

type Fault = (site: TestSite, identity: string, random: Random) => void | Promise<void>

/** With these a charger may hear nothing for a while, or not follow. */
const DEAFENING: readonly Fault[] = [
  (site, id) => site.world.chargePoint(id).answerNext('SetChargingProfile', ['reject', 'reject']),
  (site, id) => site.world.chargePoint(id).answerNext('SetChargingProfile', ['silent']),
  (site, id) => site.world.chargePoint(id).answerNext('SetChargingProfile', ['loseAnswer']),
  (site, id, random) =>
    site.world.chargePoint(id).behave({ answerDelayMs: random.integer(0, 3_000) }),
  (site, id) => site.world.network.reset(id),
]
/** Until it heals, and a while longer. */
const CUTS: readonly Fault[] = [
  (site, id) => site.world.network.cut(id),
  (site, id) => site.world.network.cut(id, { halfOpen: true }),
]
const heal: Fault = (site, id) => site.world.network.heal(id)
const FAULTS: readonly Fault[] = [
  ...DEAFENING,
  ...CUTS,
  heal,
  (site) => site.world.meter.setMode('silent'),
  (site) => site.world.meter.setMode('live'),
  (site) => site.restart(),
]

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`seed ${seed}: random faults never lift the chargers above a planned limit`, async (t) => {
    const random = seededRandom(`seeds ${seed}`)
    const maxA = random.integer(40, 120)
    const windowA = random.integer(30, maxA)
    const count = random.integer(3, 14)
    const settings = settingsFrom(
      depotYaml(count, {
        maxA,
        schedule: `{ from: '00:30', to: '00:50', max_current_a: ${windowA} }`,
        head: `
balancing: { min_on_s: 120, max_wait_s: 600 }
meters:
  - id: meter
    constraint_id: yard
    modbus_tcp: ${BUS}
    registers: { current_a: [{ address: 6, function_code: 4, type: float32 }, { address: 8, function_code: 4, type: float32 }, { address: 10, function_code: 4, type: float32 }] }
    worst_base_load_a: 12
`,
      }),
    )
    const site = await aSite(settings, {
      seed,
      withoutBroker: true,
      chargers: count,
      baseLoad: movingBaseLoad({ random: random.fork('base'), lowA: 2, highA: 10 }),
      traffic: { gapMs: [5_000, 300_000], stayMs: [600_000, 3_600_000] },
    })
    const faults = random.fork('faults')
    let worst = { overA: 0, second: 0 }
    /** Until when it may be deaf to what it is told: a limit lasts 150 s, and a minute of margin. */
    const deafUntilS = new Map<string, number>()
    const isDeaf = (identity: string, second: number): boolean =>
      second < (deafUntilS.get(identity) ?? 0)
    let busiestA = 0
    for (let second = 1; second <= MINUTES * 60; second++) {
      if (faults.chance(1 / 60)) {
        const identity = `CP${String(faults.integer(1, count)).padStart(3, '0')}`
        const fault = faults.pick(FAULTS)
        if (CUTS.includes(fault)) deafUntilS.set(identity, Infinity)
        const isCut = deafUntilS.get(identity) === Infinity && fault !== heal
        if (!isCut && (fault === heal || DEAFENING.includes(fault))) {
          deafUntilS.set(identity, second + 240)
        }
        await fault(site, identity, faults)
      }
      await site.clock.advance(1_000)
      const limitA = second > 30 * 60 && second < 50 * 60 ? windowA : maxA
      const permittedA = highest(site.world.usableA())
      busiestA = Math.max(busiestA, permittedA)
      // Where only those are left that hear nothing, nobody could do more.
      const isHelpless = site.world.chargePoints.every(
        ({ identity, connectors }) =>
          isDeaf(identity, second) ||
          connectors.every((_, index) => site.world.chargePoint(identity).limitA(index + 1) === 0),
      )
      if (!isHelpless && permittedA - limitA > worst.overA)
        worst = { overA: permittedA - limitA, second }
    }
    t.ok(worst.overA <= 0.01, `${worst.overA.toFixed(2)} A over at second ${worst.second}`)
    t.ok(busiestA > 6, `busy: ${busiestA.toFixed(1)} A`)

    // After the last fault everything must come right again.
    site.world.meter.setMode('live')
    for (const { identity } of site.world.chargePoints) {
      site.world.network.heal(identity)
      site.world.chargePoint(identity).behave({ answerDelayMs: 0 })
    }
    await site.seconds(240)
    const { site: root, chargers } = site.controller().view()
    t.equal(root.connectedChargers, count, 'all are back')
    t.ok(root.withinLimit)
    t.ok(chargers.every(({ evses }) => evses.every(({ reason }) => reason.type !== 'unresponsive')))
    await site.stop()
  })
}
