/** The backend says who may charge; a charger waits for it a little, and never for ever. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

const MQTT = 'mqtt: { url: mqtt://127.0.0.1 }'

function asked(offline: string): Promise<Story> {
  return aStory({
    count: 2,
    maxA: 60,
    settings: `${MQTT}\nauthorisation: { mode: backend, timeout_ms: 3000, offline: ${offline} }`,
  })
}

function questions(site: Story): readonly Readonly<Record<string, unknown>>[] {
  return site.world.upstream
    .published()
    .filter(({ topic }) => topic === 'depot/v1/depot/request/authorize')
    .map(({ payload }) => fields(JSON.parse(payload)))
}

let commands = 0

function say(site: Story, status: string, more = {}, about = questions(site).at(-1)): void {
  const requestId = about?.['requestId']
  const args = { requestId, status, ...more }
  const payload = JSON.stringify({ id: `a${(commands += 1)}`, ts: site.clock.now(), args })
  site.world.upstream.request('depot/v1/depot/cmd/authorize', payload)
}

function told(site: Story): readonly unknown[] {
  return site.world.upstream
    .published()
    .filter(({ topic }) => topic === 'depot/v1/depot/ack/authorize')
    .map(({ payload }) => fields(JSON.parse(payload))['status'])
}

const authorized = (site: Story, identity: string): readonly unknown[] =>
  site.wire.answersTo(identity, 'Authorize').map(({ idTagInfo }) => idTagInfo)

test('the backend is asked, its answer is the answer, and it counts for a while', async (t) => {
  const site = await asked('refuse')
  await site.seconds(5)
  site.plugIn('CP001')
  await site.seconds(1)
  t.match(questions(site), [{ idTag: 'CAR-CP001', chargePointId: 'CP001' }])
  t.same(authorized(site, 'CP001'), [], 'it waits')
  say(site, 'Accepted', { parentIdTag: 'FLEET', expiresTs: site.clock.now() + 86_400_000 })
  await site.seconds(60)
  t.match(authorized(site, 'CP001'), [{ status: 'Accepted', parentIdTag: 'FLEET' }])
  t.match(site.wire.answersTo('CP001', 'StartTransaction'), [
    { idTagInfo: { status: 'Accepted', parentIdTag: 'FLEET' } },
  ])
  t.equal(questions(site).length, 1, 'the start knows it')
  t.equal(site.limitA('CP001'), 32)
  t.same(told(site), ['done'])
  await site.stop()
})

test('a backend that does not answer in time is done without', async (t) => {
  for (const [offline, status] of [
    ['accept-known', 'Invalid'],
    ['accept-all', 'Accepted'],
    ['refuse', 'Invalid'],
  ] as const) {
    const site = await asked(offline)
    await site.seconds(5)
    site.plugIn('CP001')
    await site.seconds(2)
    t.same(authorized(site, 'CP001'), [])
    await site.seconds(3)
    t.match(authorized(site, 'CP001'), [{ status }], offline)
    await site.stop()
  }
})

test('while the backend is away nobody waits, and who is known charges', async (t) => {
  const site = await asked('accept-known')
  await site.rest('POST', '/id-tags', { id_tag: 'CAR-CP001' })
  await site.seconds(5)
  site.world.upstream.disconnect()
  site.plugIn('CP001')
  site.plugIn('CP002')
  await site.seconds(2)
  t.match(authorized(site, 'CP001'), [{ status: 'Accepted' }])
  t.match(authorized(site, 'CP002'), [{ status: 'Invalid' }])
  await site.stop()
})

test('whom the backend knew is known without it, also after a restart', async (t) => {
  const site = await asked('accept-known')
  await site.seconds(5)
  site.plugIn('CP002')
  await site.seconds(1)
  say(site, 'Accepted')
  await site.seconds(60)
  site.world.chargePoint('CP002').unplug(1)
  await site.seconds(5)
  await site.restart()
  await site.seconds(30)
  site.world.upstream.disconnect()
  site.plugIn('CP002')
  await site.seconds(30)
  t.match(authorized(site, 'CP002').at(-1), { status: 'Accepted' })
  await site.stop()
})

test('what the backend says after a start still counts: a refused one is stopped', async (t) => {
  const site = await asked('accept-all')
  await site.seconds(5)
  site.world.chargePoint('CP001').behave({ authorizesFirst: false })
  site.plugIn('CP001')
  await site.seconds(10)
  t.match(site.wire.answersTo('CP001', 'StartTransaction'), [{ idTagInfo: { status: 'Accepted' } }])
  t.ok(site.limitA('CP001') > 0)
  say(site, 'Blocked')
  await site.seconds(5)
  t.equal(site.limitA('CP001'), 0)
  await site.seconds(20)
  t.notOk(site.world.chargePoint('CP001').hasTransaction(1))
  t.match((await site.rest('GET', '/sessions')).body, [{ id_tag_status: 'Blocked' }])
  await site.stop()
})

test('a start waits for the backend as well, when it is on disk', async (t) => {
  const site = await asked('refuse')
  await site.seconds(5)
  site.world.chargePoint('CP001').behave({ authorizesFirst: false })
  site.plugIn('CP001')
  await site.clock.advanceUntil(() => questions(site).length > 0, 2_000)
  t.equal(site.wire.answersTo('CP001', 'StartTransaction').length, 0)
  say(site, 'Accepted')
  await site.seconds(2)
  t.match(site.wire.answersTo('CP001', 'StartTransaction'), [{ idTagInfo: { status: 'Accepted' } }])
  await site.seconds(30)
  t.ok(site.world.chargePoint('CP001').hasTransaction(1))
  await site.stop()
})

test('an answer to nothing, one that comes twice and one that is malformed are refused', async (t) => {
  const site = await asked('refuse')
  await site.seconds(5)
  say(site, 'Accepted', {}, { requestId: 'nobody' })
  site.plugIn('CP001')
  await site.seconds(1)
  say(site, 'Perhaps')
  say(site, 'Accepted')
  say(site, 'Blocked')
  await site.seconds(5)
  t.same(told(site), ['rejected', 'rejected', 'done', 'rejected'])
  t.match(authorized(site, 'CP001'), [{ status: 'Accepted' }])
  await site.stop()
})
