/** The limit moves: from the grid operator, by the clock, by the backend, by the depot's operator. */
import { test } from 'tap'
import { aStory, gridSection } from './a-story.js'

// Four cars of 32 A on three phases want 128 A; at 100 A each gets 25 A, at 60 A 15 A, at 40 A 10 A.
const FULL_A = 100
/** A reading each second, 50 ms on its way, and 40 ms to the charger. */
const FIELD_MS = 1_100
/** A car must have followed for 15 s before its room is given to another, and a round takes 1 s. */
const RISE_MS = 20_000

test('when the grid operator lowers the limit all chargers follow within a second, and rise after', async (t) => {
  const site = await aStory({ count: 4, maxA: 200, limitA: FULL_A, settings: gridSection(40, 60) })
  await site.everybodyCharges()
  t.same(site.limitsA(), [25, 25, 25, 25])

  site.world.limitSource.setLimit({ limitA: 60 })
  await site.clock.advance(FIELD_MS)
  t.same(site.limitsA(), [15, 15, 15, 15])
  t.ok((await site.highestA(30_000)) <= 60, 'and stay there')

  site.world.limitSource.setLimit({ limitA: FULL_A })
  t.ok((await site.highestA(RISE_MS)) <= FULL_A)
  t.same(site.limitsA(), [25, 25, 25, 25])
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('the lowest of many falls and rises in a row is never exceeded', async (t) => {
  const site = await aStory({ count: 4, maxA: 200, limitA: FULL_A, settings: gridSection(40, 60) })
  await site.everybodyCharges()
  // Faster than anybody settles: what rises for one limit must be gone for the next.
  for (const limitA of [60, 90, 50, 100, 40, 70, 45]) {
    site.world.limitSource.setLimit({ limitA })
    await site.clock.advance(FIELD_MS)
    t.ok((await site.highestA(4_900)) <= limitA, `${limitA} A`)
  }
  await site.stop()
})

test('before the grid box has said anything, and after it fell silent, its fallback holds', async (t) => {
  const site = await aStory({ count: 4, maxA: 200, limitA: FULL_A, settings: gridSection(40, 30) })
  site.world.limitSource.setMode('silent')
  await site.everybodyCharges()
  t.same(site.limitsA(), [10, 10, 10, 10], 'fallback of 40 A')
  t.match(await site.reason('CP001'), /grid limit grid is silent: its fallback/)

  site.world.limitSource.setMode('live')
  await site.seconds(30)
  t.same(site.limitsA(), [25, 25, 25, 25])

  site.world.limitSource.setMode('failing')
  await site.seconds(29)
  t.same(site.limitsA(), [25, 25, 25, 25], 'the last reading holds for 30 s')
  await site.seconds(3)
  t.same(site.limitsA(), [10, 10, 10, 10])
  t.match(await site.reason('CP001'), /is silent/)
  t.ok((await site.highestA(60_000)) <= 40)

  site.world.limitSource.setMode('live')
  await site.seconds(30)
  t.same(site.limitsA(), [25, 25, 25, 25])
  t.notMatch(await site.reason('CP001'), /silent/)
  await site.stop()
})

test('before the evening limit begins everybody is below it, even if a charger does not answer', async (t) => {
  const schedule = `{ from: '00:10', to: '00:20', max_current_a: 40 }`
  const site = await aStory({ count: 4, maxA: FULL_A, schedule })
  await site.everybodyCharges()
  const sinceStartS = (): number => (site.clock.now() - 1_767_571_200_000) / 1000
  await site.seconds(550 - sinceStartS())
  t.same(site.limitsA(), [25, 25, 25, 25], 'the room is used until it is time to prepare')
  site.world.chargePoint('CP002').answerNext('SetChargingProfile', ['silent', 'reject'])
  await site.seconds(600 - sinceStartS())
  t.ok(site.permittedA() <= 40, `${site.permittedA()} A at 00:10`)
  t.ok((await site.highestA(600_000)) <= 40, 'until 00:20')
  t.ok(site.permittedA() >= 36, 'which is used')
  await site.seconds(60)
  t.same(site.limitsA(), [25, 25, 25, 25])
  await site.stop()
})

test('a window that the clock jumps into or out of is honoured from both sides', async (t) => {
  const schedule = `{ from: '06:00', to: '07:00', max_current_a: 40 }`
  const site = await aStory({ count: 4, maxA: FULL_A, schedule })
  await site.everybodyCharges()
  site.clock.step(6.5 * 3_600_000)
  await site.clock.advance(FIELD_MS)
  t.ok(site.permittedA() <= 40)
  // The chargers learn of the new time with their next heartbeat; until then they keep to 6 A.
  await site.seconds(330)
  t.same(site.limitsA(), [10, 10, 10, 10])
  site.clock.step(-3 * 3_600_000)
  t.ok((await site.highestA(59_000)) <= 40, 'the old time counts for another minute')
  await site.seconds(330)
  t.same(site.limitsA(), [25, 25, 25, 25])
  await site.stop()
})

test('the backend lowers the limit for a while: followed within a second, done once, over by itself', async (t) => {
  const site = await aStory({ count: 4, maxA: FULL_A })
  await site.everybodyCharges()

  t.ok(site.command('c1', { constraintId: 'yard', limitA: 40, validForS: 120 }))
  await site.clock.advance(1_000)
  t.same(site.limitsA(), [10, 10, 10, 10])
  t.same(site.acknowledged(), ['c1 done'])
  t.match(await site.reason('CP001'), /command c1/)

  // A repeat that would last longer must not.
  site.command('c1', { constraintId: 'yard', limitA: 40, validForS: 3_600 })
  t.ok((await site.highestA(118_000)) <= 40)
  t.same(site.acknowledged(), ['c1 done', 'c1 duplicate'])
  await site.seconds(RISE_MS / 1000)
  t.same(site.limitsA(), [25, 25, 25, 25])
  await site.stop()
})

test('what the backend cannot have meant is refused and changes nothing', async (t) => {
  const site = await aStory({ count: 4, maxA: FULL_A })
  await site.everybodyCharges()
  site.world.upstream.disconnect()
  site.command('kept', { limitA: 40 }, { retained: true })
  site.world.upstream.connect()
  await site.seconds(5)
  const nowMs = site.clock.now()
  site.command('old', { limitA: 40 }, { ts: nowMs - 600_000 })
  site.command('past', { limitA: 40 }, { ts: nowMs - 30_000, expiresAt: nowMs - 10_000 })
  site.command('elsewhere', { constraintId: 'gard', limitA: 40 })
  site.command('more', { constraintId: 'yard', limitA: 500 })
  await site.seconds(30)
  t.same(site.acknowledged(), [
    'kept rejected',
    'old expired',
    'past expired',
    'elsewhere rejected',
    'more done',
  ])
  t.same(site.limitsA(), [25, 25, 25, 25], 'nobody can raise above what is configured')
  await site.stop()
})

test('a limit of the backend survives a restart of the gateway and ends when it would have', async (t) => {
  const site = await aStory({ count: 4, maxA: FULL_A })
  await site.everybodyCharges()
  site.command('c1', { constraintId: 'yard', limitA: 40, validForS: 300 })
  await site.seconds(20)
  await site.restart()
  t.ok((await site.highestA(279_000)) <= 40)
  t.ok(site.permittedA() >= 36, 'which is used')
  site.command('c1', { constraintId: 'yard', limitA: 40, validForS: 300 })
  await site.seconds(RISE_MS / 1000)
  t.equal(site.acknowledged().at(-1), 'c1 duplicate')
  t.same(site.limitsA(), [25, 25, 25, 25])
  await site.stop()
})

test('the operator lowers a limit through REST: answered when in force, followed within a second', async (t) => {
  const site = await aStory({ count: 4, maxA: FULL_A })
  await site.everybodyCharges()
  const put = await site.rest('PUT', '/constraints/yard', { max_current_a: 60 })
  t.equal(put.status, 200)
  await site.clock.advance(1_000)
  t.same(site.limitsA(), [15, 15, 15, 15])

  // 27.6 kW over three phases of 230 V are 40 A on each.
  await site.rest('PUT', '/constraints/yard', { max_power_kw: 27.6 })
  await site.clock.advance(1_000)
  t.same(site.limitsA(), [10, 10, 10, 10])
  t.match(await site.reason('CP001'), /Yard over all phases: 120 A/)

  await site.rest('PUT', '/constraints/yard', { max_power_kw: 500, max_current_a: FULL_A })
  await site.seconds(RISE_MS / 1000)
  t.same(site.limitsA(), [25, 25, 25, 25])
  await site.stop()
})
