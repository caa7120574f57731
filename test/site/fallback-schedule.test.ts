/** Chargers left alone keep to the limits of the day by themselves, edge after edge. */
import { test } from 'tap'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'

const FULL_A = 30
const EVENING_A = 14
const EVENING = `{ from: '01:00', to: '02:00', max_current_a: ${EVENING_A} }`
/** Midnight, when the story begins. */
const START_MS = 1_767_571_200_000
const HOUR_S = 3_600
const IDENTITIES = ['CP001', 'CP002', 'CP003', 'CP004'] as const

/** Four chargers: 6 A for all of them fit by day, for two in the evening. */
function aDay(behaviour: Partial<Behaviour> = {}): Promise<Story> {
  return aStory({
    count: 4,
    maxA: FULL_A,
    schedule: EVENING,
    chargers: IDENTITIES.map((identity, index) => ({
      identity,
      connectors: [{ maxCurrentA: 32, phases: 3 }],
      behaviour: index === 2 ? behaviour : {},
    })),
  })
}

function secondOf(site: Story): number {
  return (site.clock.now() - START_MS) / 1000
}

function limitA(second: number): number {
  return second >= HOUR_S && second < 2 * HOUR_S ? EVENING_A : FULL_A
}

/** What they let cars draw, and would let those draw that came now. */
function permittedA(site: Story): number {
  return site.identities.reduce((sum, identity) => {
    const chargePoint = site.world.chargePoint(identity)
    const ifStartedA = Math.max(...chargePoint.permittedIfStartedA(1))
    return sum + (chargePoint.hasTransaction(1) ? chargePoint.limitA(1) : ifStartedA)
  }, 0)
}

/** Goes on to this second of the story; by how much the limit was exceeded at most on the way. */
async function excessA(
  site: Story,
  untilSecond: number,
  limitAt: (second: number) => number = limitA,
): Promise<number> {
  let worstA = -Infinity
  while (secondOf(site) < untilSecond) {
    await site.clock.advance(1_000)
    worstA = Math.max(worstA, permittedA(site) - limitAt(secondOf(site)))
  }
  return worstA
}

function standing(site: Story, identity: string): readonly string[] {
  return site.world
    .chargePoint(identity)
    .profiles()
    .filter(({ profile }) => profile.purpose === 'TxDefaultProfile' && profile.stackLevel === 0)
    .map(({ profile }) => profile.periods.map(({ limit }) => limit).join(' '))
}

function fallbacksSent(site: Story, identity: string): number {
  return site.wire.profiles(identity).filter(({ purpose, durationS }) => {
    return purpose === 'TxDefaultProfile' && durationS === undefined
  }).length
}

for (const clockOffsetMs of [0, -25_000, 25_000]) {
  test(`without the controller the evening is kept to, by a clock that is ${clockOffsetMs / 1000} s off`, async (t) => {
    const site = await aDay({ clockOffsetMs })
    await site.everybodyCharges()
    await site.seconds(1_200)
    t.same(standing(site, 'CP001'), ['6'], 'who may go on in the evening is told one limit')
    t.same(standing(site, 'CP003'), ['0 6 0 6 0 6 0'])
    await site.controller().stop()
    t.ok((await excessA(site, 0.9 * HOUR_S)) <= 0.01)
    t.same(site.limitsA(), [6, 6, 6, 6])
    t.ok((await excessA(site, HOUR_S)) <= 0.01)
    t.same(site.limitsA(), [6, 6, 0, 0])
    t.ok((await excessA(site, 2 * HOUR_S)) <= 0.01)
    t.same(site.limitsA(), [6, 6, 0, 0])
    t.ok((await excessA(site, 2.1 * HOUR_S)) <= 0.01)
    t.same(site.limitsA(), [6, 6, 6, 6])
    site.world.stop()
  })
}

test('through a whole evening chargers are told their fallback once, and never exceed', async (t) => {
  const site = await aDay()
  await site.seconds(30)
  t.same(standing(site, 'CP004'), ['0 6 0 6 0 6 0'])
  t.equal(permittedA(site), 24, 'nobody charges, everybody could')
  site.plugIn('CP001')
  site.plugIn('CP003')
  await site.seconds(90)
  t.ok((await excessA(site, 2.2 * HOUR_S)) <= 0.01)
  for (const identity of site.identities) {
    const sent = fallbacksSent(site, identity)
    t.ok(sent <= 2, `${identity}: ${sent}, one at its boot and one when its clock was seen`)
  }
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('an idle depot in which all is pressed gives way before fallbacks rise again', async (t) => {
  const site = await aDay()
  await site.seconds(1.5 * HOUR_S)
  site.plugIn('CP001')
  site.plugIn('CP002')
  await site.seconds(120)
  t.same(site.limitsA(), [7, 7, 0, 0])
  t.ok((await excessA(site, 2.2 * HOUR_S)) <= 0.01)
  t.same(site.limitsA().slice(0, 2), [15, 15])
  await site.stop()
})

test('after a restart in the evening nothing is exceeded and all is as it was', async (t) => {
  const site = await aDay()
  await site.everybodyCharges()
  await site.seconds(1.4 * HOUR_S)
  await site.restart()
  t.ok((await excessA(site, 1.9 * HOUR_S)) <= 0.01)
  t.same(standing(site, 'CP003'), ['0 6 0 6 0'], 'the rest of this evening and the next')
  t.ok((await excessA(site, 2.2 * HOUR_S)) <= 0.01)
  await site.controller().stop()
  t.ok((await excessA(site, 2.5 * HOUR_S)) <= 0.01)
  t.same(site.limitsA(), [6, 6, 6, 6])
  site.world.stop()
})

test('a restart that finds chargers out of reach counts the highest they may be told to do', async (t) => {
  const site = await aDay()
  await site.seconds(1.3 * HOUR_S)
  site.world.plug('CP003').pull()
  site.world.plug('CP004').pull()
  await site.seconds(70)
  await site.restart()
  site.plugIn('CP001')
  t.ok((await excessA(site, 2.3 * HOUR_S)) <= 0.01)
  await site.stop()
})

for (const byS of [1_800, -1_800]) {
  test(`when our clock jumps by ${byS} s nobody takes more than the old and the new time allow`, async (t) => {
    const site = await aDay()
    await site.seconds(10)
    site.plugIn('CP001')
    site.plugIn('CP002')
    const jumpAtS = byS > 0 ? HOUR_S - 900 : HOUR_S + 900
    await excessA(site, jumpAtS)
    site.clock.step(byS * 1000)
    let excess = 0
    for (let second = 0; second < 5_400; second++) {
      await site.clock.advance(1_000)
      const nowS = secondOf(site)
      const oldA = second < 60 ? limitA(nowS - byS) : FULL_A
      // A fall that nobody could prepare for takes a moment to be followed.
      if (second > 20) excess = Math.max(excess, permittedA(site) - Math.min(oldA, limitA(nowS)))
    }
    t.ok(excess <= 0.01, `${excess} A too much`)
    await site.stop()
  })
}

const CONSTANT: readonly (readonly [string, Partial<Behaviour>])[] = [
  ['refuses a schedule of several limits', { maxPeriods: 1 }],
  ['has a wrong clock', { clockOffsetMs: 400_000 }],
  ['takes no absolute schedules', { refusesKinds: ['Absolute'] }],
  ['takes limits of the charge point only', { refusesPurposes: ['TxDefaultProfile'] }],
]

for (const [what, behaviour] of CONSTANT) {
  test(`a charger that ${what} is told the lowest, for ever`, async (t) => {
    const site = await aDay(behaviour)
    await site.everybodyCharges()
    await site.seconds(1_200)
    const { refusesPurposes, refusesKinds, maxPeriods } = behaviour
    if (refusesPurposes === undefined) t.same(standing(site, 'CP003'), ['0'])
    if (maxPeriods !== undefined) {
      t.equal(fallbacksSent(site, 'CP003'), 2, 'it is not asked again')
      t.equal(site.world.log.count('profileNotAccepted'), 1)
    }
    if (refusesKinds === undefined) t.ok(site.limitA('CP003') > 6, 'while it is controlled')
    await site.controller().stop()
    t.ok((await excessA(site, 2.2 * HOUR_S)) <= 0.01)
    t.same(site.limitsA(), [6, 6, 0, 6])
    site.world.stop()
  })
}

test('a schedule is told anew when other windows lie ahead, and only then', async (t) => {
  const site = await aDay()
  await site.seconds(30)
  const first = fallbacksSent(site, 'CP003')
  const schedule = [{ from: '01:00', to: '03:00', max_current_a: EVENING_A }]
  await site.rest('PATCH', '/constraints/yard', { schedule })
  await site.seconds(30)
  t.equal(fallbacksSent(site, 'CP003'), first + 1, 'other windows')
  await site.rest('PATCH', '/constraints/yard', { name: 'The yard' })
  await site.seconds(30)
  t.equal(fallbacksSent(site, 'CP003'), first + 1, 'nothing that matters')
  await site.rest('PATCH', '/constraints/yard', { schedule: [] })
  await site.seconds(30)
  t.same(standing(site, 'CP003'), ['6'], 'no windows')
  await site.stop()
})
