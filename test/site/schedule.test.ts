/** Schedules of all kinds, in the whole controller: when they act, and who says why. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'

/** Monday, 5 January 2026, midnight UTC. */
const START_MS = 1_767_571_200_000
const FULL_A = 100

/** Four cars that want 32 A each. */
async function aBusyYard(settings = ''): Promise<Story> {
  const site = await aStory({ count: 4, maxA: FULL_A, settings })
  await site.everybodyCharges()
  return site
}

function until(site: Story, second: number): Promise<void> {
  return site.seconds(Math.round(second - (site.clock.now() - START_MS) / 1000))
}

test('a schedule of any kind acts within a second of the change', async (t) => {
  const site = await aBusyYard('holidays: [{ id: winter, dates: ["2026-01-05"] }]')
  t.same(site.limitsA(), [25, 25, 25, 25])
  for (const [entry, limitA, why] of [
    [{ max_current_a: 80 }, 20, /schedule, at all other times/],
    [{ from: '00:00', to: '06:00', max_current_a: 60 }, 15, /schedule 00:00 to 06:00/],
    [{ holidays: 'winter', max_current_a: 48 }, 12, /exception of the schedule, 00:00 to 24:00/],
    [
      { name: 'yard party', from: '2026-01-05T00:00', to: '2026-01-05T04:00', max_current_a: 40 },
      10,
      /event "yard party", 2026-01-05 00:00 to 2026-01-05 04:00/,
    ],
  ] as const) {
    const put = await site.rest('PUT', '/constraints/yard', { schedule: [entry] })
    t.equal(put.status, 200, JSON.stringify(put.body))
    await site.clock.advance(1_000)
    t.same(site.limitsA(), [limitA, limitA, limitA, limitA], String(why))
    t.match(await site.reason('CP001'), why)
    await site.seconds(20)
  }
  await site.stop()
})

test('the edge of an event is prepared for, and what it allows comes at its edge', async (t) => {
  const site = await aBusyYard()
  const put = await site.rest('PUT', '/constraints/yard', {
    schedule: [
      { max_current_a: 60 },
      { from: '2026-01-05T00:10', to: '2026-01-05T00:20', max_current_a: 40 },
      { from: '2026-01-05T00:20', to: '2026-01-05T00:30', no_limit: true },
    ],
  })
  t.equal(put.status, 200)
  await until(site, 550)
  t.same(site.limitsA(), [15, 15, 15, 15], 'the default')
  await until(site, 600)
  t.ok(site.permittedA() <= 40, `${site.permittedA()} A at 00:10`)
  t.ok((await site.highestA(599_000)) <= 40, 'until 00:20')
  await site.seconds(60)
  t.same(site.limitsA(), [25, 25, 25, 25], 'only the own limit of the yard')
  await until(site, 1_800)
  t.ok(site.permittedA() <= 60, `${site.permittedA()} A at 00:30`)
  await site.stop()
})

test('a schedule in a zone of its own', async (t) => {
  const site = await aBusyYard()
  await site.rest('PUT', '/constraints/yard', {
    schedule_timezone: 'Asia/Tokyo',
    schedule: [{ from: '09:00', to: '10:00', max_current_a: 40 }],
  })
  await site.clock.advance(1_000)
  t.same(site.limitsA(), [10, 10, 10, 10], 'midnight in London is 9 in Tokyo')
  await site.stop()
})

test('an exception that nobody can date, and one below the fallbacks, are refused', async (t) => {
  const site = await aStory({ count: 1, maxA: FULL_A })
  const unknown = await site.rest('PUT', '/constraints/yard', {
    schedule: [{ holidays: 'nrw', no_limit: true }],
  })
  t.match(unknown, {
    status: 422,
    body: { problems: [{ field: 'schedule.0.holidays', message: /"nrw" is no list .* add it/ }] },
  })
  await site.rest('PUT', '/chargers/cp001', {
    evses: [{ id: 1, max_power_kw: 22.08, fallback_current_a: 10 }],
  })
  const tooLow = await site.rest('PUT', '/constraints/yard', {
    schedule: [{ dates: ['2026-12-24'], max_current_a: 9 }],
  })
  t.match(tooLow, {
    status: 409,
    body: { message: /add up to 10\.0 A .* leaves 9\.0 A: 1\.0 A too much/ },
  })
  await site.stop()
})
