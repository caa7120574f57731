/** Vehicles that must leave in time: what is known of it, what is said of it, and what survives. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

const HOUR_MS = 3_600_000

interface Live {
  readonly id: string
  readonly warning: string | null
  readonly forecast: { readonly state: string } | null
}

async function live(site: Story, identity = 'CP001'): Promise<Live & Record<string, unknown>> {
  const { body } = await site.rest('GET', '/sessions/live')
  const all = Array.isArray(body) ? body : []
  return all.find((session) => fields(session)['ocpp_charge_point_id'] === identity)
}

function at(site: Story, ms: number): string {
  return new Date(site.clock.now() + ms).toISOString()
}

/** What the backend was told of departures, as `state`. */
function told(site: Story): readonly string[] {
  return site.world.upstream
    .published()
    .filter(({ topic }) => topic === 'depot/v1/depot/event/session')
    .map(({ payload }) => fields(fields(JSON.parse(payload))['data']))
    .filter((data) => data['event'] === 'departure')
    .map((data) => String(data['state']))
}

test('a car that will not have enough in time is warned of once, with what would help', async (t) => {
  const site = await aStory({ count: 4, maxA: 40 })
  await site.rest('POST', '/vehicles', {
    name: 'Bus 14',
    id_tags: ['car-cp001'],
    battery_kwh: 60,
  })
  await site.everybodyCharges()
  const { id } = await live(site)
  t.match(await live(site), {
    vehicle: { name: 'Bus 14' },
    departure: null,
    forecast: null,
    warning: null,
  })
  // 40 A over four cars are 10 A each: 6.9 kW. 30 kWh in two hours need 22 A.
  const wish = { energy_kwh: 30, departure: at(site, 2 * HOUR_MS) }
  const changed = await site.rest('PATCH', `/sessions/live/${id}`, wish)
  t.match(changed, { status: 200, body: { energy_kwh: 30, departure_source: 'session' } })
  const now = await live(site)
  t.match(now, { forecast: { state: 'risk', best_a: 32 } })
  t.match(
    String(now.warning),
    /^Bus 14 will have 1\d kWh at \d\d:\d\d, wanted 30 kWh: Yard gives it 1\d A, needs 2\d A; raise its priority or depart .* later$/,
  )
  await site.seconds(600)
  t.match(await live(site), { forecast: { state: 'risk' } })
  t.same(told(site), ['risk'], 'once')

  // The others leave: it gets all it can, and has it in time.
  for (const identity of ['CP002', 'CP003', 'CP004']) site.world.chargePoint(identity).unplug(1)
  await site.seconds(1_200)
  t.match(await live(site), { forecast: { state: 'fine' }, warning: null })
  t.same(told(site), ['risk', 'fine'])
  await site.stop()
})

test('what is wanted of a session is on disk before it is answered, and after a restart', async (t) => {
  const site = await aStory({ count: 2, maxA: 40 })
  await site.everybodyCharges()
  const { id } = await live(site)
  const departure = at(site, 9 * HOUR_MS).replace(/\.\d+Z$/, 'Z')
  await site.rest('PATCH', `/sessions/live/${id}`, { energy_kwh: 12.5, departure })
  await site.restart()
  await site.seconds(10)
  const shown = await live(site)
  t.match(shown, { id, energy_kwh: 12.5, departure, target_source: 'session' })
  t.match(shown, { forecast: { state: 'fine' } })
  t.same((await site.rest('PUT', `/sessions/live/${id}`, shown)).status, 200, 'sent back as shown')
  await site.controller().housekeep()
  await site.restart()
  await site.seconds(10)
  t.match(await live(site), { energy_kwh: 12.5, departure })
  t.match(await site.rest('PATCH', `/sessions/live/${id}`, { energy_kwh: null }), {
    body: { energy_kwh: null, target_source: null, departure, forecast: null },
  })
  await site.stop()
})

test('the calendar of the vehicle says when and with what, where the session does not', async (t) => {
  const site = await aStory({ count: 1, maxA: 40 })
  await site.rest('POST', '/vehicles', {
    name: 'Van',
    id_tags: ['CAR-CP001'],
    battery_kwh: 40,
    departures: [{ time: '05:30', target_soc: 90 }],
  })
  await site.everybodyCharges()
  const { id } = await live(site)
  t.match(await live(site), {
    departure: /T05:30:00Z$/,
    departure_source: 'vehicle',
    target_soc: 90,
    energy_wanted_kwh: null,
    forecast: null,
    warning: /cannot be told: its state of charge is not known; state it/,
  })
  await site.rest('PATCH', `/sessions/live/${id}`, { soc: 45 })
  const known = await live(site)
  // 45 % of 40 kWh, and a tenth more of it from the grid.
  t.match(known, { soc: 45, energy_wanted_kwh: 20, warning: null })
  await site.seconds(600)
  t.ok(Number((await live(site))['soc']) > 50, 'the meter carries it on')
  await site.rest('PATCH', `/sessions/live/${id}`, { energy_kwh: 3, departure: at(site, HOUR_MS) })
  t.match(await live(site), { energy_kwh: 3, target_soc: null, departure_source: 'session' })
  await site.stop()
})

test('a priority of the session goes before that of its vehicle, and ends by itself', async (t) => {
  const site = await aStory({ count: 2, maxA: 40 })
  await site.rest('POST', '/vehicles', { name: 'Van', id_tags: ['CAR-CP001'], priority: 5 })
  await site.everybodyCharges()
  t.match(await live(site, 'CP002'), { priority: 0, priority_source: 'group' })
  const { id } = await live(site)
  t.match(await live(site), { priority: 5, priority_source: 'vehicle', priority_until: null })
  const until = at(site, 60_000).replace(/\.\d+Z$/, 'Z')
  const path = `/sessions/live/${id}`
  t.match(await site.rest('PATCH', path, { priority: 5, priority_until: until }), {
    body: { priority: 5, priority_source: 'session', priority_until: until },
  })
  await site.restart()
  await site.seconds(30)
  t.match(await live(site), { priority_source: 'session' }, 'also after a restart')
  await site.seconds(31)
  t.match(await live(site), { priority: 5, priority_source: 'vehicle', priority_until: null })
  t.match(await site.rest('PATCH', path, { priority_until: at(site, 60_000) }), { status: 422 })
  t.match(await site.rest('PATCH', path, { priority: 9 }), { body: { priority: 9 } })
  t.match(await site.rest('PATCH', path, { priority: null }), { body: { priority: 5 } })
  await site.stop()
})

for (const [what, body, status, message] of [
  ['two targets', { energy_kwh: 1, target_soc: 2 }, 422, /one target/],
  ['a time without a zone', { departure: '2030-01-01T05:30:00' }, 422, /with its zone/],
  ['a time that is over', { departure: '2020-01-01T05:30:00Z' }, 422, /departure is in the past/],
  [
    'percents of no battery',
    { target_soc: 80 },
    422,
    /target_soc says nothing without the battery/,
  ],
  ['an unknown field', { colour: 'red' }, 422, /no such field/],
] as const) {
  test(`a session refuses ${what}`, async (t) => {
    const site = await aStory({ count: 1, maxA: 40 })
    await site.everybodyCharges()
    const { id } = await live(site)
    t.match(await site.rest('PATCH', `/sessions/live/${id}`, body), { status, body: { message } })
    t.match(await site.rest('PATCH', '/sessions/live/nobody', body), { status: 404 })
    await site.stop()
  })
}

test('a disk that refuses leaves the session as it was', async (t) => {
  const site = await aStory({ count: 1, maxA: 40 })
  await site.everybodyCharges()
  const { id } = await live(site)
  site.store().failNext(1)
  t.match(await site.rest('PATCH', `/sessions/live/${id}`, { energy_kwh: 5 }), { status: 503 })
  t.match(await live(site), { energy_kwh: null })
  t.match(await site.rest('PATCH', `/sessions/live/${id}`, { energy_kwh: 5 }), { status: 200 })
  await site.stop()
})
