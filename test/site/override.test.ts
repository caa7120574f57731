/** An operator's order for a while: over REST and MQTT, bounded, over by itself, safe in a restart. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'

const FULL_A = 100
const RISE_MS = 20_000
const SCHEDULE = `{ from: '00:00', to: '06:00', max_current_a: 40 }`
const BOOST = { ignore_schedule: true, for_s: 300, reason: 'early tour' }

async function aBusyYard(schedule = ''): Promise<Story> {
  const site = await aStory({ count: 4, maxA: FULL_A, schedule })
  await site.everybodyCharges()
  return site
}

function overrideCommand(site: Story, id: string, args: object): void {
  const payload = JSON.stringify({ id, ts: site.clock.now(), args })
  site.world.upstream.request('depot/v1/depot/cmd/override', payload, { retained: false })
}

function answers(site: Story): readonly unknown[] {
  return site.world.upstream
    .published()
    .filter(({ topic }) => topic === 'depot/v1/depot/ack/override')
    .map(({ payload }) => JSON.parse(payload))
}

test('a limit until a time is followed within a second, shown with its reason, and over by itself', async (t) => {
  const site = await aBusyYard()
  const put = await site.rest('PUT', '/constraints/yard/override', {
    max_current_a: 40,
    until: '00:10',
    reason: 'crane at work',
    by: 'Ada',
  })
  t.match(put, {
    status: 200,
    body: {
      max_current_a: { l1: 40, l2: 40, l3: 40 },
      ignore_schedule: false,
      reason: 'crane at work',
      by: 'Ada',
      via: 'rest',
      until: '2026-01-05T00:10:00Z',
    },
  })
  await site.clock.advance(1_000)
  t.same(site.limitsA(), [10, 10, 10, 10])
  t.match(await site.reason('CP001'), /Yard .* 40 A \(ordered by the operator: crane at work\)/)
  const { body } = await site.rest('GET', '/constraints/yard')
  t.match(body, { override: { reason: 'crane at work' }, limit_source: /crane at work/ })
  const leftS = 600 - (site.clock.now() - 1_767_571_200_000) / 1000
  t.ok((await site.highestA((leftS - 1) * 1000)) <= 40)
  await site.seconds(1 + RISE_MS / 1000)
  t.same(site.limitsA(), [25, 25, 25, 25])
  t.match((await site.rest('GET', '/constraints/yard')).body, { override: null })
  t.equal((await site.rest('GET', '/constraints/yard/override')).status, 404)
  await site.stop()
})

test('a boost leaves the schedule alone, never the limits above, and its end is prepared for', async (t) => {
  const site = await aBusyYard(SCHEDULE)
  t.same(site.limitsA(), [10, 10, 10, 10])
  t.equal((await site.rest('PUT', '/constraints/yard/override', BOOST)).status, 200)
  await site.seconds(RISE_MS / 1000)
  t.same(site.limitsA(), [25, 25, 25, 25], 'the own limit of the yard holds')
  await site.seconds(300 - 45 - RISE_MS / 1000 - 2)
  t.same(site.limitsA(), [25, 25, 25, 25])
  site.world.chargePoint('CP002').answerNext('SetChargingProfile', ['silent', 'reject'])
  await site.seconds(47)
  t.ok(site.permittedA() <= 40, `${site.permittedA()} A when it ends`)
  t.ok((await site.highestA(60_000)) <= 40)
  await site.stop()
})

test('an order survives a restart and ends when it would have', async (t) => {
  const site = await aBusyYard()
  await site.rest('PUT', '/site/override', { max_power_kw: 27.6, for_s: 300, reason: 'storm' })
  await site.seconds(20)
  await site.restart()
  t.match((await site.rest('GET', '/site/override')).body, { max_power_kw: 27.6, reason: 'storm' })
  t.ok((await site.highestA(279_000)) <= 40)
  await site.seconds(RISE_MS / 1000)
  t.same(site.limitsA(), [25, 25, 25, 25])
  await site.stop()
})

test('an order that is taken back ends at once, also after a restart', async (t) => {
  const site = await aBusyYard()
  await site.rest('PUT', '/constraints/yard/override', {
    max_current_a: 40,
    for_s: 3_600,
    reason: 'crane',
  })
  t.equal((await site.rest('DELETE', '/constraints/yard/override')).status, 204)
  t.equal((await site.rest('DELETE', '/constraints/yard/override')).status, 404)
  await site.restart()
  await site.seconds(60)
  t.same(site.limitsA(), [25, 25, 25, 25])
  await site.stop()
})

test('what cannot be meant is refused with what to do', async (t) => {
  const site = await aStory({ count: 1, maxA: FULL_A })
  const good = { max_current_a: 40, for_s: 60, reason: 'r' }
  for (const [path, change, status, words] of [
    ['constraints/gard', {}, 404, /no constraint has the id "gard"/],
    ['constraints/yard', { for_s: null }, 422, /until is missing/],
    ['constraints/yard', { until: '22:00' }, 422, /not both/],
    ['constraints/yard', { for_s: null, until: '25:00' }, 422, /must be a time such as 22:00/],
    ['constraints/yard', { for_s: null, until: '2026-01-04T00:00:00Z' }, 422, /in the future/],
    ['constraints/yard', { for_s: null, until: '2026-03-04T00:00:00Z' }, 422, /within 7 days/],
    ['constraints/yard', { max_current_a: null }, 422, /lower a limit or ignore the schedule/],
    ['constraints/yard', { reason: null }, 422, /reason/],
  ] as const) {
    const { status: found, body } = await site.rest('PUT', `/${path}/override`, {
      ...good,
      ...change,
    })
    t.equal(found, status, JSON.stringify(body))
    t.match(body, { message: words })
  }
  await site.stop()
})

test('the backend orders, too, and raises nothing that people at the site have lowered', async (t) => {
  const site = await aBusyYard(SCHEDULE)
  const of = { constraintId: 'yard', reason: 'tariff', validForS: 120 }
  overrideCommand(site, 'o1', { ...of, limitA: 28 })
  await site.clock.advance(1_000)
  t.same(site.limitsA(), [7, 7, 7, 7])
  overrideCommand(site, 'o1', { ...of, limitA: 28 })
  overrideCommand(site, 'o2', { ...of, ignoreSchedule: true })
  overrideCommand(site, 'o3', { ...of, constraintId: 'gard', limitA: 28 })
  overrideCommand(site, 'o4', { constraintId: 'yard', clear: true })
  await site.rest('PUT', '/constraints/yard/override', {
    max_current_a: 32,
    for_s: 600,
    reason: 'crane',
  })
  overrideCommand(site, 'o5', { ...of, limitA: 36 })
  overrideCommand(site, 'o6', { constraintId: 'yard', clear: true })
  await site.clock.advance(1_000)
  t.match(answers(site), [
    { id: 'o1', status: 'done' },
    { id: 'o1', status: 'duplicate' },
    { id: 'o2', status: 'rejected', reason: /may raise a limit/ },
    { id: 'o3', status: 'rejected', reason: /no constraint/ },
    { id: 'o4', status: 'done' },
    { id: 'o5', status: 'rejected', reason: /may raise a limit/ },
    { id: 'o6', status: 'rejected', reason: /may raise a limit/ },
  ])
  await site.seconds(40)
  t.same(site.limitsA(), [8, 8, 8, 8])
  await site.stop()
})
