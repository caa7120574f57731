/** A backend that keeps vehicles and says what it wants of sessions, over MQTT. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

const ALL = 'mqtt: { url: "mqtt://127.0.0.1", commands: all }'

type Args = Readonly<Record<string, unknown>>

/** The answer to a command. */
async function order(site: Story, name: string, id: string, args: Args): Promise<Args> {
  const before = answers(site, name).length
  const payload = JSON.stringify({ id, ts: site.clock.now(), args })
  site.world.upstream.request(`depot/v1/depot/cmd/${name}`, payload, { retained: false })
  await site.clock.advanceUntil(() => answers(site, name).length > before, 10_000)
  return answers(site, name).at(-1) ?? {}
}

function answers(site: Story, name: string): readonly Args[] {
  return site.world.upstream
    .published()
    .filter(({ topic }) => topic === `depot/v1/depot/ack/${name}`)
    .map(({ payload }) => fields(JSON.parse(payload)))
}

const BUS = { vehicleId: 'b14', name: 'Bus 14', idTags: ['CAR-CP001'], batteryKwh: 60 }

test('vehicles are created, changed and deleted by their id, each command once', async (t) => {
  const site = await aStory({ count: 1, maxA: 40, settings: ALL })
  await site.seconds(5)
  t.match(await order(site, 'vehicle', 'v1', BUS), {
    status: 'done',
    result: { vehicleId: 'b14' },
  })
  t.match((await site.rest('GET', '/vehicles/b14')).body, { name: 'Bus 14', battery_kwh: 60 })
  t.match(await order(site, 'vehicle', 'v1', { ...BUS, name: 'again' }), { status: 'duplicate' })
  await order(site, 'vehicle', 'v2', { vehicleId: 'b14', targetSoc: 80, phases: 3 })
  t.match((await site.rest('GET', '/vehicles/b14')).body, {
    name: 'Bus 14',
    target_soc: 80,
    phases: 3,
  })
  for (const [id, args, reason] of [
    ['v3', { vehicleId: 'b15' }, 'name: is missing: must be 1 to 200 characters'],
    ['v4', { ...BUS, vehicleId: 'b15' }, 'idTags.0 "CAR-CP001" belongs to vehicle "Bus 14" (b14)'],
    ['v5', { vehicleId: 'b14', batteryKwh: null }, 'batteryKwh is needed for a target in percent'],
    ['v6', { vehicleId: 'b99', delete: true }, 'id no vehicle has the id "b99"'],
  ] as const) {
    const { status, reason: said } = await order(site, 'vehicle', id, args)
    t.match({ status, said }, { status: 'rejected', said: reason })
  }
  await site.restart()
  t.match((await site.rest('GET', '/vehicles/b14')).body, { target_soc: 80 }, 'after a restart')
  await site.seconds(5)
  t.match(await order(site, 'vehicle', 'v2', BUS), { status: 'duplicate' }, 'as well')
  t.match(await order(site, 'vehicle', 'v7', { vehicleId: 'b14', delete: true }), {
    status: 'done',
  })
  t.equal((await site.rest('GET', '/vehicles/b14')).status, 404)
  await site.stop()
})

test('what the backend wants of a session is on disk when it is acknowledged', async (t) => {
  const site = await aStory({ count: 2, maxA: 40, settings: ALL })
  await site.everybodyCharges()
  await order(site, 'vehicle', 'v1', BUS)
  const departureTs = Math.ceil(site.clock.now() / 1000) * 1000 + 36_000_000
  const wish = { departureTs, targetSoc: 80, soc: 50 }
  t.match(await order(site, 'session', 's1', { vehicleId: 'b14', ...wish }), { status: 'done' })
  t.match(await order(site, 'session', 's2', { chargePointId: 'CP002', energyKwh: 9 }), {
    status: 'done',
  })
  await site.restart()
  await site.seconds(10)
  const { body } = await site.rest('GET', '/sessions/live')
  t.match(body, [
    { target_soc: 80, departure: new Date(departureTs).toISOString().replace('.000', '') },
    { energy_kwh: 9, target_source: 'session' },
  ])
  const { payload = '{}' } =
    site.world.upstream
      .published()
      .findLast(({ topic }) => topic === 'depot/v1/depot/state/charger/CP001') ?? {}
  t.match(JSON.parse(payload), {
    evses: [{ session: { vehicleId: 'b14', departureTs, forecast: { state: 'fine' } } }],
  })
  t.notMatch(payload, /CAR-CP001/, 'no id tag in a retained topic')

  for (const [id, args, reason] of [
    ['s3', { sessionId: '1', soc: 5 }, /no session with the id "1" is going on/],
    ['s4', { vehicleId: 'b99', soc: 5 }, /no session of vehicle "b99" is going on/],
    ['s5', { chargePointId: 'CP002', evseId: 2, soc: 5 }, /connector 2 of "CP002"/],
    ['s6', { chargePointId: 'CP002', targetSoc: 80 }, /targetSoc says nothing without the battery/],
    ['s7', { vehicleId: 'b14', departureTs: 1 }, /departure is in the past/],
  ] as const) {
    t.match(await order(site, 'session', id, args), { status: 'rejected', reason })
  }
  await site.stop()
})

test('where the backend may only lower, it changes neither vehicles nor sessions', async (t) => {
  const site = await aStory({ count: 1, maxA: 40 })
  await site.everybodyCharges()
  const refusal = { status: 'rejected', reason: /need mqtt.commands: all/ }
  t.match(await order(site, 'vehicle', 'v1', BUS), refusal)
  t.match(await order(site, 'session', 's1', { chargePointId: 'CP001', soc: 5 }), refusal)
  t.same((await site.rest('GET', '/vehicles')).body, [])
  await site.stop()
})

test('a disk that refuses is told the backend, and the same command may come again', async (t) => {
  const site = await aStory({ count: 1, maxA: 40, settings: ALL })
  await site.everybodyCharges()
  site.store().failNext(1)
  const wish = { chargePointId: 'CP001', energyKwh: 9 }
  t.match(await order(site, 'session', 's1', wish), { status: 'failed' })
  t.match(await order(site, 'session', 's1', wish), { status: 'done' })
  await site.stop()
})
