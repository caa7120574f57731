/** Chargers that do not do as they are told: the others make up for it, and the operator reads why. */
import { test } from 'tap'
import type { SimulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import { aStory, gridSection, meterSection } from './a-story.js'
import type { Story } from './a-story.js'

// Four cars of 32 A on three phases: 20 A each at 80 A, 12.5 A at 50 A.
const FULL_A = 80
const LOW_A = 50
/** The box is read each second, rounds are a second apart, cars have 15 s to follow, frames 100 ms. */
const REACTION_MS = 1_100 + 1_000 + 15_000 + 100

async function aDepot(): Promise<Story> {
  const site = await aStory({
    count: 4,
    maxA: 200,
    limitA: FULL_A,
    settings: gridSection(40, 60),
  })
  await site.everybodyCharges()
  return site
}

/** Differences below 1.5 A are not worth a message. */
function isShared(site: Story, limitA: number): boolean {
  const fair = limitA / site.identities.length
  return site.permittedA() <= limitA && site.limitsA().every((a) => Math.abs(a - fair) <= 1.5)
}

interface Fault {
  readonly title: string
  readonly begin: (chargePoint: SimulatedChargePoint) => void
  readonly end: (chargePoint: SimulatedChargePoint) => void
}

const UNRESPONSIVE = /does not follow its limit: it counts as/

for (const { title, begin, end } of [
  {
    title: 'refuses every limit',
    begin: (chargePoint) => chargePoint.behave({ rejectsProfiles: true }),
    end: (chargePoint) => chargePoint.behave({ rejectsProfiles: false }),
  },
  {
    title: 'never answers a limit',
    begin: (chargePoint) => chargePoint.behave({ neverAnswers: ['SetChargingProfile'] }),
    end: (chargePoint) => chargePoint.behave({ neverAnswers: [] }),
  },
  {
    title: 'answers nothing at all',
    begin: (chargePoint) => chargePoint.behave({ neverAnswers: ['*'] }),
    end: (chargePoint) => chargePoint.behave({ neverAnswers: [] }),
  },
  {
    title: 'answers limits after 20 s, when nobody waits any more',
    begin: (chargePoint) => chargePoint.behave({ answerDelayMs: 20_000 }),
    end: (chargePoint) => chargePoint.behave({ answerDelayMs: 0 }),
  },
  {
    title: 'accepts every limit and ignores it',
    begin: (chargePoint) => chargePoint.behave({ acceptsAndIgnores: true }),
    end: (chargePoint) => chargePoint.behave({ acceptsAndIgnores: false }),
  },
  {
    title: 'ignores limits and also that they end',
    begin: (chargePoint) => chargePoint.behave({ acceptsAndIgnores: true, ignoresExpiry: true }),
    end: (chargePoint) => chargePoint.behave({ acceptsAndIgnores: false, ignoresExpiry: false }),
  },
] satisfies readonly Fault[]) {
  test(`a charger that ${title} costs the others, not the limit`, async (t) => {
    const site = await aDepot()
    t.ok(isShared(site, FULL_A))
    const faulty = site.world.chargePoint('CP001')
    begin(faulty)
    site.world.limitSource.setLimit({ limitA: LOW_A })
    await site.clock.advance(REACTION_MS)
    t.ok(site.permittedA() <= LOW_A, `${site.limitsA().join(' + ')} A in time`)
    t.match(await site.reason('CP001'), UNRESPONSIVE, 'and the operator reads why')
    // For longer than any limit lasts (150 s), with cars that come and go elsewhere.
    t.ok((await site.highestA(120_000)) <= LOW_A)
    site.world.chargePoint('CP003').unplug(1)
    t.ok((await site.highestA(120_000)) <= LOW_A)
    site.plugIn('CP003')
    t.ok((await site.highestA(120_000)) <= LOW_A)
    t.ok(site.permittedA() >= 3 * 6, 'the others go on')

    end(faulty)
    await site.seconds(150)
    t.ok(isShared(site, LOW_A), `${site.limitsA().join(' + ')} A when it is well again`)
    t.notMatch(await site.reason('CP001'), UNRESPONSIVE)
    t.same(site.wire.broken(), [])
    await site.stop()
  })
}

test('a car that draws more than its charger permits counts with what it draws', async (t) => {
  const site = await aStory({ count: 4, maxA: FULL_A })
  await site.seconds(5)
  site.plugIn('CP001', { overdrawA: 6 })
  await site.everybodyCharges(['CP002', 'CP003', 'CP004'])
  const drawnA = (): number => Math.max(...site.world.drawA())
  let overS = 0
  await site.seconds(300, () => {
    overS = drawnA() > FULL_A ? overS + 1 : 0
  })
  t.equal(overS, 0, `${drawnA()} A drawn in the end`)
  t.ok(drawnA() >= 0.8 * FULL_A)
  t.match(await site.reason('CP001'), UNRESPONSIVE)
  await site.stop()
})

test('a charger that lost its limits when it rebooted gets its fallback before a car can charge', async (t) => {
  const site = await aDepot()
  for (const identity of ['CP001', 'CP003']) {
    site.world.chargePoint(identity).reboot({ keepProfiles: false })
    t.ok((await site.highestA(40_000)) <= FULL_A)
  }
  await site.seconds(60)
  t.ok(isShared(site, FULL_A))
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('all chargers that lose their limits in one power cut come back below the limit', async (t) => {
  const site = await aDepot()
  for (const chargePoint of site.world.chargePoints) chargePoint.reboot({ keepProfiles: false })
  t.ok((await site.highestA(120_000)) <= FULL_A)
  t.ok(isShared(site, FULL_A))
  t.same(site.wire.broken(), [])
  await site.stop()
})

for (const hours of [-3, 3]) {
  const aLateOrEarlyCharger = (): Promise<Story> =>
    aStory({
      count: 4,
      maxA: 200,
      limitA: FULL_A,
      settings: gridSection(40, 60),
      chargers: ['CP001', 'CP002', 'CP003', 'CP004'].map((identity, index) => ({
        identity,
        behaviour: index === 0 ? { clockOffsetMs: hours * 3_600_000 } : {},
      })),
    })

  test(`a charger whose clock is ${hours} h off never takes more than its share`, async (t) => {
    const site = await aLateOrEarlyCharger()
    await site.everybodyCharges()
    t.ok((await site.highestA(60_000)) <= FULL_A)
    site.world.limitSource.setLimit({ limitA: LOW_A })
    await site.clock.advance(REACTION_MS)
    t.ok((await site.highestA(240_000)) <= LOW_A)
    await site.stop()
  })

  test(`a charger whose clock is ${hours} h off charges like the others`, async (t) => {
    const site = await aLateOrEarlyCharger()
    await site.everybodyCharges()
    t.ok(isShared(site, FULL_A), `${site.limitsA().join(' + ')} A`)
    await site.stop()
  })
}

test('a charger that ignores its limit and measures nothing is seen by the meter of the site', async (t) => {
  const site = await aStory({
    count: 4,
    maxA: FULL_A,
    settings: meterSection(20),
    chargers: ['CP001', 'CP002', 'CP003', 'CP004'].map((identity, index) => ({
      identity,
      behaviour: { meterValues: index > 0 },
    })),
  })
  site.setBaseLoad([5, 5, 5])
  await site.everybodyCharges()
  site.world.chargePoint('CP001').behave({ acceptsAndIgnores: true, ignoresExpiry: true })
  await site.rest('PUT', '/constraints/yard', { max_current_a: 60 })
  await site.seconds(35)
  let worstA = 0
  await site.seconds(300, () => {
    worstA = Math.max(worstA, ...site.world.meterA())
  })
  t.ok(worstA <= 60, `${worstA} A through the meter`)
  await site.stop()
})

test('cars on one phase leave the other phases to others, and are watched all the same', async (t) => {
  const site = await aStory({ count: 2, maxA: 40 })
  await site.seconds(5)
  // CP001 is wired RST, CP002 STR: their first phases are L1 and L2 of the site.
  for (const identity of site.identities) site.plugIn(identity, { phases: 1 })
  await site.seconds(8)
  t.ok(
    site.limitsA().every((a) => a <= 20),
    'unknown phases count on all three',
  )
  await site.seconds(60)
  t.same(site.limitsA(), [32, 32], 'each has a phase of its own')

  // A three-phase car in the same place is another car.
  site.world.chargePoint('CP001').unplug(1)
  site.plugIn('CP001', { phases: 3 })
  t.ok((await site.highestA(120_000)) <= 40)
  // CP001 on all three and CP002 on L2 only.
  t.same(site.limitsA(), [20, 20])
  await site.stop()
})

test('a charger that lost its fallback on the way is told anew as soon as its car is seen', async (t) => {
  const identities = ['CP001', 'CP002', 'CP003']
  const site = await aStory({
    count: 3,
    maxA: 40,
    limitA: 40,
    settings: gridSection(0, 60),
    chargers: identities.map((identity) => ({
      identity,
      connectors: [{ maxCurrentA: 32, phases: 3 }],
      behaviour: { dropsProfilesOnDisconnect: true },
    })),
  })
  await site.everybodyCharges(['CP002', 'CP003'])
  site.world.network.cut('CP001')
  await site.seconds(60)
  site.world.network.heal('CP001')
  await site.seconds(60)
  site.plugIn('CP001')
  await site.clock.advanceUntil(() => site.permittedA() > 40, 60_000)
  const isSeen = (): boolean => site.wire.callsOf('CP001', 'MeterValues').length > 0
  await site.clock.advanceUntil(isSeen, 60_000)
  await site.seconds(3)
  t.ok(site.permittedA() <= 40, site.limitsA().join(' '))
  await site.stop()
})
