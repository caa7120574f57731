/** The building beside the chargers: it takes more, its meter falls silent, or says little. */
import { test } from 'tap'
import type { PhaseA } from '../../src/core/phases.js'
import { seededRandom } from '../../src/testing/random.js'
import { movingBaseLoad } from '../../src/testing/base-load.js'
import { aStory, meterSection } from './a-story.js'
import type { Story, StoryOptions } from './a-story.js'
import { changesOf } from './wire-log.js'

const LIMIT_A = 100
const BUILDING: PhaseA = [10, 10, 10]
const WORST_A = 40

async function aMeteredDepot(more: Partial<StoryOptions> = {}): Promise<Story> {
  const site = await aStory({ count: 4, maxA: LIMIT_A, settings: meterSection(WORST_A), ...more })
  site.setBaseLoad(BUILDING)
  return site
}

/** Beside the building, on its highest phase. */
function totalA(site: Story): number {
  const baseA = site.world.baseLoadA()
  return Math.max(...site.world.usableA().map((a, phase) => a + (baseA[phase] ?? 0)))
}

test('when the building takes more, the chargers give way within two seconds', async (t) => {
  const site = await aMeteredDepot()
  await site.everybodyCharges()
  // 100 A less 10 A for four cars.
  t.same(site.limitsA(), [22.5, 22.5, 22.5, 22.5])
  for (const loadA of [20, 40, 60]) {
    site.setBaseLoad([10, loadA, 10])
    await site.seconds(2)
    t.ok(totalA(site) <= LIMIT_A, `${totalA(site)} A with ${loadA} A of the building on L2`)
    await site.seconds(30)
  }
  site.setBaseLoad(BUILDING)
  // A base load counts with its highest of the last minute.
  await site.seconds(90)
  t.same(site.limitsA(), [22.5, 22.5, 22.5, 22.5])
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('the longer the meter is silent the more careful the depot becomes, and says why', async (t) => {
  const site = await aMeteredDepot()
  await site.everybodyCharges(['CP001', 'CP002', 'CP003'])
  // 100 A less 10 A for three; the next car finds 0 A.
  t.same(site.limitsA(), [30, 30, 30, 0])
  site.world.meter.setMode('silent')
  await site.seconds(6)
  site.world.chargePoint('CP003').unplug(1)
  site.plugIn('CP004')
  await site.seconds(8)
  t.ok(Math.max(...site.limitsA().slice(0, 2)) <= 30, 'nothing rises after 5 s of silence')
  t.ok(site.limitA('CP004') <= 6, 'nor does a car that comes')

  await site.seconds(4)
  // After 15 s the building may take its worst: 100 A less 40 A.
  t.ok(site.permittedA() <= 60, `${site.permittedA()} A`)
  t.ok((await site.highestA(40_000)) <= 60)

  await site.seconds(5)
  t.same(site.limitsA(), [6, 6, 0, 6], 'after 60 s everybody is at the fallback')
  for (const identity of ['CP001', 'CP004']) {
    t.match(await site.reason(identity), /failsafe, meter meter is silent: fallback of 6 A/)
  }
  t.ok(
    site
      .controller()
      .view()
      .constraints.some(({ failsafe }) => failsafe),
  )
  t.ok((await site.highestA(120_000)) <= 3 * 6)

  site.world.meter.setMode('live')
  await site.seconds(60)
  t.same(site.limitsA(), [30, 30, 0, 30])
  t.notMatch(await site.reason('CP001'), /failsafe/)
  await site.stop()
})

test('a meter that repeats itself although cars came and went counts as silent', async (t) => {
  const site = await aMeteredDepot()
  await site.everybodyCharges()
  await site.seconds(600)
  t.same(site.limitsA(), [22.5, 22.5, 22.5, 22.5], 'a quiet night is no fault')
  site.world.meter.setMode('frozen')
  await site.seconds(30)
  site.world.chargePoint('CP003').unplug(1)
  site.world.chargePoint('CP004').unplug(1)
  await site.seconds(1)
  site.setBaseLoad([WORST_A, WORST_A, WORST_A])
  await site.seconds(64)
  t.equal(site.controller().view().site.meters[0]?.quality, 'lost')
  t.same(site.limitsA(), [6, 6, 0, 0])
  t.ok(totalA(site) <= LIMIT_A)
  site.world.meter.setMode('live')
  // What it said while it was frozen counts for another minute.
  await site.seconds(90)
  // 100 A less 40 A.
  t.same(site.limitsA(), [30, 30, 0, 0])
  await site.stop()
})

test('cars and a building that keep still are no frozen meter', async (t) => {
  const site = await aMeteredDepot({ still: true })
  await site.everybodyCharges(['CP001', 'CP002', 'CP003'])
  for (let minute = 0; minute < 10; minute++) {
    t.same(site.limitsA(), [30, 30, 30, 0], `minute ${minute}`)
    await site.seconds(60)
  }
  t.same(
    site
      .controller()
      .view()
      .site.meters.map(({ quality }) => quality),
    ['good'],
  )
  await site.stop()
})

test('a meter that was never heard of leaves everybody at the fallback', async (t) => {
  const site = await aMeteredDepot()
  site.world.meter.setMode('failing')
  await site.everybodyCharges()
  t.same(site.limitsA(), [6, 6, 6, 6])
  await site.stop()
})

const HALF_HOUR_S = 1_800
const SAYS = [
  { title: 'every 10 s', intervalS: 10, meterValues: true, share: 1 },
  { title: 'every 30 s', intervalS: 30, meterValues: true, share: 1 },
  // What such cars take comes back as base load, so that each ampere needs two.
  { title: 'never', intervalS: 10, meterValues: false, share: 0.5 },
]

for (const { title, intervalS, meterValues, share } of SAYS) {
  const building = movingBaseLoad({ random: seededRandom('building'), lowA: 10, highA: 16 })
  const depot = (): Promise<Story> =>
    aMeteredDepot({
      chargers: ['CP001', 'CP002', 'CP003', 'CP004'].map((identity) => ({
        identity,
        behaviour: { meterValues },
      })),
      settings: `ocpp: { meter_value_interval_s: ${intervalS} }${meterSection(WORST_A)}`,
    })
  const changes = (site: Story): number =>
    Math.max(...site.identities.map((identity) => changesOf(site.wire.profiles(), identity)))

  test(`with meter values ${title} offers stand still as long as the building does`, async (t) => {
    const site = await depot()
    await site.everybodyCharges()
    // Cars that measure nothing find their level in steps of a minute.
    await site.seconds(300)
    const before = changes(site)
    let leastA = Infinity
    await site.seconds(HALF_HOUR_S, () => {
      leastA = Math.min(leastA, site.permittedA())
    })
    const changed = changes(site) - before
    t.ok(changed <= 3, `${changed} changes in half an hour`)
    // 100 A less 10 A.
    t.ok(leastA >= 0.9 * share * 90, `${leastA} A at least`)
    await site.stop()
  })

  test(`with meter values ${title} offers follow the building and do not swing`, async (t) => {
    const site = await depot()
    await site.everybodyCharges()
    await site.seconds(120)
    const before = changes(site)
    let sumA = 0
    let overS = 0
    let worstOverS = 0
    await site.seconds(HALF_HOUR_S, () => {
      site.setBaseLoad(building(site.clock.monotonic()))
      sumA += site.permittedA()
      overS = totalA(site) > LIMIT_A + 0.01 ? overS + 1 : 0
      worstOverS = Math.max(worstOverS, overS)
    })
    const changed = changes(site) - before
    const meanA = sumA / HALF_HOUR_S
    // The building changes 30 times: each time down for it, and a minute later up again.
    t.ok(changed <= 60, `${changed} changes in half an hour`)
    // 100 A less the 16 A it takes at most.
    t.ok(meanA >= 0.9 * share * 84, `${meanA.toFixed(1)} A on average`)
    t.ok(worstOverS <= 16, `back under the limit in ${worstOverS} s at worst`)
    await site.stop()
  })
}

test('a frozen meter is found out also where one charger never says what its car takes', async (t) => {
  const connectors = [{ maxCurrentA: 32, phases: 3 as const }]
  const site = await aMeteredDepot({
    chargers: ['CP001', 'CP002', 'CP003', 'CP004'].map((identity, index) => ({
      identity,
      connectors,
      behaviour: { meterValues: index > 0 },
    })),
  })
  await site.everybodyCharges(['CP001', 'CP002'])
  site.world.meter.setMode('frozen')
  await site.seconds(15)
  site.plugIn('CP003')
  await site.seconds(60)
  t.not(site.controller().view().site.meters[0]?.quality, 'good')
  await site.stop()
})

test('a building that takes what a car leaves is seen, though the meter shows the same', async (t) => {
  const site = await aMeteredDepot()
  await site.seconds(5)
  site.plugIn('CP004', { energyNeedWh: 1_000, taperShare: 0.001 })
  await site.everybodyCharges(['CP001', 'CP002', 'CP003'])
  const leaver = site.world.chargePoint('CP004')
  const draws = (): boolean => Math.max(...leaver.drawA(1)) > 1
  t.ok(draws())
  await site.clock.advanceUntil(() => !draws(), 600_000)
  site.setBaseLoad([32.5, 32.5, 32.5])
  let highestA = 0
  await site.seconds(90, () => {
    highestA = Math.max(highestA, (site.world.drawA()[0] ?? 0) + 32.5)
  })
  t.ok(highestA <= LIMIT_A + 0.05, `${highestA} A`)
  t.ok(totalA(site) <= LIMIT_A, 'also if it should go on')
  await site.stop()
})

test('a meter that comes back just as a car has had enough hides no building behind that car', async (t) => {
  const site = await aMeteredDepot()
  site.world.meter.setMode('failing')
  await site.seconds(5)
  site.plugIn('CP004', { energyNeedWh: 300, taperShare: 0.001 })
  await site.everybodyCharges(['CP001', 'CP002', 'CP003'])
  t.same(site.limitsA(), [6, 6, 6, 6])
  const leaver = site.world.chargePoint('CP004')
  await site.clock.advanceUntil(() => Math.max(...leaver.drawA(1)) === 0, 600_000)
  site.world.meter.setMode('live')
  let worstA = 0
  await site.seconds(60, () => {
    worstA = Math.max(worstA, totalA(site))
  })
  t.ok(worstA <= LIMIT_A, `${worstA} A`)
  t.ok(Math.max(...site.limitsA()) > 20, 'and then all is as it was')
  await site.stop()
})
