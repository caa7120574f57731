/** The profiles that make a dead controller a safe one, and chargers that do not take them all. */
import { test } from 'tap'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'

const FULL_A = 50

function allOf(site: Story, identity: string): readonly string[] {
  return site.world
    .chargePoint(identity)
    .profiles()
    .map(({ profile }) => `${profile.purpose} ${profile.stackLevel}`)
    .toSorted()
}

test('a free charger lets nobody draw while others need the room, and says so itself', async (t) => {
  const site = await aStory({ count: 8, maxA: FULL_A })
  await site.seconds(30)
  t.same(allOf(site, 'CP008'), ['TxDefaultProfile 0'], 'nobody needs it')
  await site.everybodyCharges(['CP001', 'CP002'])
  t.same(allOf(site, 'CP008'), ['TxDefaultProfile 0', 'TxDefaultProfile 1'])
  t.equal(Math.max(...site.world.chargePoint('CP008').permittedIfStartedA(1)), 0)
  // 50 A for two: nothing is kept for the six that are free.
  t.same(site.limitsA().slice(0, 2), [25, 25])
  for (let minute = 0; minute < 15; minute++) {
    t.ok((await site.highestA(60_000)) <= FULL_A + 0.01)
    t.equal(Math.max(...site.world.chargePoint('CP008').permittedIfStartedA(1)), 0, 'refreshed')
  }
  t.ok(
    site.wire.profiles('CP008').length < 8,
    `${site.wire.profiles('CP008').length} profiles in a quarter of an hour`,
  )

  site.plugIn('CP008')
  t.ok((await site.highestA(60_000)) <= FULL_A + 0.01)
  t.ok(site.limitA('CP008') >= 16, `${site.limitA('CP008')} A: the others gave way`)
  t.same(allOf(site, 'CP008'), ['TxDefaultProfile 0', 'TxProfile 0'], 'its own limit is enough')
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('when the controller dies the chargers end at their fallbacks by themselves', async (t) => {
  const site = await aStory({ count: 8, maxA: FULL_A })
  await site.everybodyCharges(['CP001', 'CP002', 'CP003'])
  await site.controller().stop()
  t.ok((await site.highestA(20 * 60_000)) <= FULL_A + 0.01)
  t.same(site.limitsA().slice(0, 3), [6, 6, 6])
  for (const identity of ['CP004', 'CP008']) {
    t.equal(Math.max(...site.world.chargePoint(identity).permittedIfStartedA(1)), 6, identity)
  }
  site.world.stop()
})

const CHAIN: readonly (readonly [string, Partial<Behaviour>, readonly string[]])[] = [
  [
    'takes no TxProfile',
    { refusesPurposes: ['TxProfile'] },
    ['TxDefaultProfile 0', 'TxDefaultProfile 1'],
  ],
  [
    'takes no TxDefaultProfile',
    { refusesPurposes: ['TxDefaultProfile'] },
    ['ChargePointMaxProfile 0', 'ChargePointMaxProfile 1'],
  ],
  [
    'takes only limits of the charge point',
    { refusesPurposes: ['TxDefaultProfile', 'TxProfile'] },
    ['ChargePointMaxProfile 0', 'ChargePointMaxProfile 1'],
  ],
  [
    'takes no absolute schedules',
    { refusesKinds: ['Absolute'] },
    ['TxDefaultProfile 0', 'TxProfile 0'],
  ],
  [
    'takes no relative schedules',
    { refusesKinds: ['Relative'] },
    ['TxDefaultProfile 0', 'TxProfile 0'],
  ],
  ['takes watts only', { refusesUnits: ['A'] }, ['TxDefaultProfile 0', 'TxProfile 0']],
  [
    'takes watts only and no TxProfile',
    { refusesUnits: ['A'], refusesPurposes: ['TxProfile'] },
    ['TxDefaultProfile 0', 'TxDefaultProfile 1'],
  ],
  [
    'answers with an error where it should refuse',
    { refusesPurposes: ['TxProfile'], answersProfilesWith: 'notSupported' },
    ['TxDefaultProfile 0', 'TxDefaultProfile 1'],
  ],
]

for (const phases of [1, 3] as const) {
  for (const [what, behaviour, stack] of CHAIN) {
    test(`a charger that ${what} is told in another way, with a car on ${phases} phases`, async (t) => {
      const site = await aStory({
        count: 3,
        maxA: FULL_A,
        chargers: ['CP001', 'CP002', 'CP003'].map((identity) => ({
          identity,
          connectors: [{ maxCurrentA: 32, phases: 3 }],
          behaviour: identity === 'CP001' ? behaviour : {},
        })),
      })
      await site.seconds(120)
      site.plugIn('CP001', { phases })
      site.plugIn('CP002')
      site.plugIn('CP003')
      t.ok((await site.highestA(240_000)) <= FULL_A + 0.01)
      t.same(allOf(site, 'CP001'), stack)
      t.ok(site.limitA('CP001') >= 12, `${site.limitA('CP001')} A`)
      t.ok(site.permittedA() >= 0.9 * FULL_A, `${site.permittedA()} A of ${FULL_A} A in use`)
      // What outlives its transaction must not lift the next car.
      site.world.chargePoint('CP001').unplug(1)
      t.ok((await site.highestA(2_000)) <= FULL_A + 0.01)
      site.plugIn('CP001', { phases })
      t.ok((await site.highestA(60_000)) <= FULL_A + 0.01)
      // After a restart it need not be found out again.
      await site.seconds(70)
      const refused = site.world.log.count('profileNotAccepted')
      await site.restart()
      t.ok((await site.highestA(120_000)) <= FULL_A + 0.01)
      t.equal(site.world.log.count('profileNotAccepted'), refused)
      await site.stop()
    })
  }
}

for (const phases of [1, 3] as const) {
  test(`a charger of 11 kW that takes watts only charges a car on ${phases} phases with what it has`, async (t) => {
    const site = await aStory({
      count: 2,
      maxA: FULL_A,
      chargers: ['CP001', 'CP002'].map((identity) => ({
        identity,
        connectors: [{ maxCurrentA: 16, phases: 3 }],
        behaviour: identity === 'CP001' ? { refusesUnits: ['A'] } : {},
      })),
    })
    const evses = [{ id: 1, max_power_kw: 11, max_current_a: 16 }]
    await site.rest('PUT', '/chargers/cp001', { max_power_kw: 11, evses })
    await site.seconds(120)
    site.plugIn('CP001', { phases })
    let mostW = 0
    await site.seconds(240, () => {
      const drawn = site.world.chargePoint('CP001').drawA(1)
      mostW = Math.max(mostW, 230 * drawn.reduce((sum, phaseA) => sum + phaseA, 0))
    })
    t.ok(mostW <= 11_000, `${mostW} W`)
    t.ok(mostW >= (phases === 1 ? 3_600 : 10_900), `${mostW} W`)
    await site.stop()
  })
}

const DEAF: Partial<Behaviour> = {
  refusesPurposes: ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'],
}

test('a charger that takes no limit in any form goes out of service where its hardware does not fit', async (t) => {
  const site = await aStory({
    count: 3,
    maxA: 40,
    chargers: ['CP001', 'CP002', 'CP003'].map((identity) => ({
      identity,
      connectors: [{ maxCurrentA: 32, phases: 3 }],
      behaviour: identity === 'CP001' ? DEAF : {},
    })),
  })
  await site.seconds(120)
  t.equal(site.world.chargePoint('CP001').status(1), 'Unavailable')
  t.match(await site.reason('CP001'), /no limit|refuses|out of service/i)
  site.plugIn('CP001')
  site.plugIn('CP002')
  site.plugIn('CP003')
  t.ok((await site.highestA(240_000)) <= 40.01)
  t.ok(site.permittedA() >= 38, `${site.permittedA()} A for the others`)

  // Its firmware is mended.
  site.world.chargePoint('CP001').behave({ refusesPurposes: [] })
  site.world.chargePoint('CP001').reboot()
  await site.seconds(300)
  t.ok(site.limitA('CP001') >= 6, `${site.limitA('CP001')} A`)
  t.ok(site.permittedA() <= 40.01)
  await site.stop()
})

test('a charger that takes no limit in any form may charge where its hardware fits', async (t) => {
  const site = await aStory({
    count: 2,
    maxA: 60,
    chargers: ['CP001', 'CP002'].map((identity) => ({
      identity,
      connectors: [{ maxCurrentA: 32, phases: 3 }],
      behaviour: identity === 'CP001' ? DEAF : {},
    })),
  })
  await site.seconds(120)
  t.equal(site.world.chargePoint('CP001').status(1), 'Available')
  site.plugIn('CP001')
  site.plugIn('CP002')
  t.ok((await site.highestA(120_000)) <= 60.01)
  t.equal(site.limitA('CP001'), 32)
  t.ok(site.limitA('CP002') >= 27, `${site.limitA('CP002')} A`)
  await site.stop()
})

test('a charger that writes to its flash is told seldom, and what it has lasts as long', async (t) => {
  const site = await aStory({ count: 2, maxA: 200 })
  const sparing = { profile_duration_s: 600, profile_timeout_ms: 30_000 }
  t.equal((await site.rest('PATCH', '/chargers/cp001', sparing)).status, 200)
  await site.everybodyCharges()
  const countOf = (identity: string): number => site.wire.profiles(identity).length
  const [first, second] = [countOf('CP001'), countOf('CP002')]
  await site.seconds(3600)
  t.ok(countOf('CP001') - first <= 19, `${countOf('CP001') - first} in an hour: each 200 s`)
  t.ok(countOf('CP002') - second >= 70, `${countOf('CP002') - second} in an hour: each 50 s`)
  t.equal(site.limitA('CP001'), 32)

  site.world.network.cut('CP001')
  await site.seconds(300)
  t.equal(site.limitA('CP001'), 32, 'not expired yet')
  await site.seconds(400)
  t.equal(site.limitA('CP001'), 6)
  await site.stop()
})
