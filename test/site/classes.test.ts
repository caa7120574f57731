/** Who goes first and who is sure of what, as the real limits of the chargers show it. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

async function sessionOf(site: Story, identity: string): Promise<string> {
  const { body } = await site.rest('GET', '/sessions/live')
  const all = Array.isArray(body) ? body : []
  const own = all.find((session) => fields(session)['ocpp_charge_point_id'] === identity)
  return String(fields(own)['id'])
}

test('a session goes first while its priority lasts, and then not, without anybody acting', async (t) => {
  const site = await aStory({ count: 4, maxA: 40 })
  await site.everybodyCharges()
  t.same(site.limitsA(), [10, 10, 10, 10])
  const until = new Date(site.clock.now() + 120_000).toISOString()
  const path = `/sessions/live/${await sessionOf(site, 'CP003')}`
  await site.rest('PATCH', path, { priority: 9, priority_until: until })
  await site.seconds(100)
  t.same(site.limitsA(), [6, 6, 22, 6])
  t.ok((await site.highestA(90_000)) <= 40)
  t.same(site.limitsA(), [10, 10, 10, 10])
  await site.stop()
})

test('a vehicle goes first by its own priority, and gets no more than it is stated to take', async (t) => {
  const site = await aStory({ count: 4, maxA: 40 })
  await site.rest('PATCH', '/chargers/cp001', { priority: 3 })
  await site.rest('POST', '/vehicles', {
    name: 'Bus',
    id_tags: ['CAR-CP002'],
    priority: 5,
    max_current_a: 16,
  })
  await site.everybodyCharges()
  // The bus 16 A, the charger of priority 3 what two times 6 A leave.
  t.same(site.limitsA(), [12, 16, 6, 6])
  t.match(await site.reason('CP002'), /^Bus takes at most 16 A$/)
  await site.stop()
})

test('pool cars are sure of theirs beside buses, and never have more than their ceiling', async (t) => {
  const site = await aStory({ count: 4, maxA: 40 })
  for (const id of ['cp001', 'cp002']) await site.rest('PATCH', `/chargers/${id}`, { priority: 9 })
  const classes = [{ from_priority: 0, to_priority: 4, min_current_a: 16, max_current_a: 18 }]
  t.equal((await site.rest('PATCH', '/constraints/yard', { classes })).status, 200)
  await site.everybodyCharges()
  t.same(site.limitsA(), [12, 12, 8, 8])
  for (const identity of ['CP001', 'CP002']) site.world.chargePoint(identity).unplug(1)
  await site.seconds(60)
  t.same(site.limitsA(), [0, 0, 9, 9])
  t.match(
    await site.reason('CP003'),
    /limited by Yard on L\d: 18 A \(configured limit, for priorities 0 to 4\)/,
  )
  const more = [{ from_priority: 5, min_current_a: 41 }]
  t.match(await site.rest('PATCH', '/constraints/yard', { classes: more }), {
    status: 409,
    body: { message: /guaranteed 41 A on each phase, and "Yard" has 40 A/ },
  })
  t.same(site.wire.broken(), [])
  await site.stop()
})
