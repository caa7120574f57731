/** The lists of id tags that chargers keep: in step with the depot's, whatever comes between. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

/** The id tags that a charger has in its list by what it was sent, and the version of that. */
function listOf(site: Story, identity: string): { version: number; tags: readonly string[] } {
  const list = new Set<string>()
  let version = 0
  for (const { payload } of site.wire.callsTo(identity, 'SendLocalList')) {
    const entries: readonly unknown[] = Array.isArray(payload['localAuthorizationList'])
      ? payload['localAuthorizationList']
      : []
    if (payload['updateType'] === 'Full') list.clear()
    for (const entry of entries.map(fields)) {
      if (entry['idTagInfo']) list.add(String(entry['idTag']))
      else list.delete(String(entry['idTag']))
    }
    version = Number(payload['listVersion'])
  }
  return { version, tags: [...list].toSorted() }
}

function sent(site: Story, identity: string): readonly string[] {
  return site.wire
    .callsTo(identity, 'SendLocalList')
    .map(({ payload }) => String(payload['updateType']))
}

async function put(site: Story, ...tags: readonly string[]): Promise<void> {
  for (const id_tag of tags) await site.rest('POST', '/id-tags', { id_tag })
}

const MANY = Array.from({ length: 45 }, (_, n) => `TAG${String(n).padStart(2, '0')}`)

test('without id tags no charger is asked anything about lists', async (t) => {
  const site = await aStory({ count: 1, maxA: 60 })
  await site.seconds(120)
  t.same(site.wire.callsTo('CP001', 'GetLocalListVersion'), [])
  t.same(sent(site, 'CP001'), [])
  await site.stop()
})

test('every charger gets the list in pieces that it takes, then only what changes', async (t) => {
  const site = await aStory({ count: 2, maxA: 60 })
  await put(site, ...MANY)
  await site.seconds(60)
  for (const identity of site.identities) {
    t.same(sent(site, identity), ['Full', 'Differential', 'Differential'], '20 at once')
    t.same(listOf(site, identity).tags, MANY)
  }
  const before = listOf(site, 'CP001').version
  await site.rest('DELETE', '/id-tags/tag00')
  await put(site, 'NEW')
  await site.seconds(20)
  t.same(sent(site, 'CP001').slice(3), ['Differential'])
  t.same(listOf(site, 'CP001').tags, ['NEW', ...MANY.slice(1)].toSorted())
  t.ok(listOf(site, 'CP001').version > before)
  const asked = site.wire.callsTo('CP001', 'SendLocalList').length
  await site.seconds(600)
  t.equal(site.wire.callsTo('CP001', 'SendLocalList').length, asked, 'and nothing more')
  await site.stop()
})

test('more than a charger can hold is cut, those of the highest priority stay', async (t) => {
  const site = await aStory({ count: 1, maxA: 60 })
  const lines = Array.from({ length: 60 }, (_, n) => `T${n},${n < 10 ? 0 : 5}`)
  const request = new Request('http://localhost/api/v1/id-tags.csv', {
    method: 'POST',
    headers: { host: 'localhost' },
    body: ['id_tag,priority', ...lines].join('\n'),
  })
  await site.controller().handle(request, { remoteAddress: '127.0.0.1' })
  await site.seconds(60)
  const { tags } = listOf(site, 'CP001')
  t.equal(tags.length, 50)
  t.notOk(tags.includes('T0'))
  t.equal(site.world.log.count('localListTooLong'), 1)
  await site.stop()
})

test('after a restart and a reconnect a charger whose version is right is left alone', async (t) => {
  const site = await aStory({ count: 1, maxA: 60 })
  await put(site, 'A', 'B')
  await site.seconds(60)
  t.same(sent(site, 'CP001'), ['Full'])
  await site.controller().housekeep()
  await site.restart()
  await site.seconds(90)
  site.world.network.reset('CP001')
  await site.seconds(90)
  t.same(sent(site, 'CP001'), ['Full'])
  t.equal(site.wire.callsTo('CP001', 'GetLocalListVersion').length, 3)
  await put(site, 'C')
  await site.seconds(30)
  t.same(sent(site, 'CP001'), ['Full', 'Full'], 'nobody knows what its version was made of')
  t.same(listOf(site, 'CP001').tags, ['A', 'B', 'C'])
  await site.stop()
})

test('a list that broke off in the middle is sent anew', async (t) => {
  const site = await aStory({ count: 1, maxA: 60 })
  await put(site, ...MANY)
  await site.clock.advanceUntil(() => sent(site, 'CP001').length === 2, 120_000)
  site.world.network.reset('CP001')
  await site.seconds(120)
  t.same(listOf(site, 'CP001').tags, MANY)
  t.equal(sent(site, 'CP001').filter((type) => type === 'Full').length, 2)
  await site.stop()
})

test('a charger that knows no lists is asked once, and one that fails is not asked for ever', async (t) => {
  const site = await aStory({ count: 2, maxA: 60 })
  await site.seconds(2)
  site.world.chargePoint('CP001').behave({ neverAnswers: ['GetLocalListVersion'] })
  site.world.chargePoint('CP002').answerNext('SendLocalList', ['reject', 'reject', 'normal'])
  await put(site, 'A')
  await site.seconds(3_600)
  t.equal(site.wire.callsTo('CP001', 'GetLocalListVersion').length, 3, 'then not for hours')
  t.same(listOf(site, 'CP002').tags, ['A'])
  t.same(sent(site, 'CP002'), ['Full', 'Full', 'Full'])
  await site.stop()
})

test('while a car charges its limits come first', async (t) => {
  const site = await aStory({ count: 2, maxA: 60 })
  await site.everybodyCharges(['CP001'])
  await site.rest('POST', '/id-tags', { id_tag: 'CAR-CP001' })
  await site.seconds(300)
  t.same(sent(site, 'CP001'), [])
  t.same(sent(site, 'CP002'), ['Full'])
  site.world.chargePoint('CP001').unplug(1)
  await site.seconds(30)
  t.same(sent(site, 'CP001'), ['Full'])
  t.same(site.wire.broken(), [])
  await site.stop()
})
