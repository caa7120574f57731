import { test } from 'tap'
import { testApi } from './a-backend.js'

const BUS = {
  name: 'Bus 14',
  id_tags: ['TAG14'],
  battery_kwh: 300,
  max_current_a: 32,
  phases: 3,
  priority: 5,
  target_soc: 80,
  departures: [{ days: ['mon', 'fri'], time: '05:30', target_soc: 90 }],
}

test('a vehicle is created, changed field by field and deleted', async (t) => {
  const api = testApi()
  const made = await api.call('POST', '/api/v1/vehicles', BUS)
  t.equal(made.status, 201)
  const path = `/api/v1/vehicles/${made.body.id}`
  t.equal(made.headers.get('location'), path)
  t.same(made.body, { id: made.body.id, target_kwh: null, one_off_departures: [], ...BUS })

  for (const method of ['PUT', 'PATCH']) {
    const changed = await api.call(method, path, { name: `by ${method}` })
    t.equal(changed.status, 200)
    t.same(changed.body, { ...made.body, name: `by ${method}` })
  }
  const shown = (await api.call('GET', path)).body
  t.same((await api.call('PUT', path, shown)).body, shown, 'what is shown can be sent back')
  t.match((await api.call('PATCH', path, { priority: null })).body, { priority: null })
  t.match((await api.call('PATCH', path, { departures: [{ time: '04:00' }] })).body, {
    departures: [{ time: '04:00' }],
  })
  t.same((await api.call('GET', '/api/v1/vehicles')).list.length, 1)
  t.equal((await api.call('DELETE', path)).status, 204)
  t.match(await api.call('GET', path), { status: 404, body: { error: 'not_found' } })
  t.same((await api.call('GET', '/api/v1/vehicles')).body, [])
})

test('a target in kWh takes the place of one in percent, and the other way round', async (t) => {
  const api = testApi()
  const made = await api.call('POST', '/api/v1/vehicles', BUS)
  const path = `/api/v1/vehicles/${made.body.id}`
  t.match((await api.call('PATCH', path, { target_kwh: 16.1 })).body, {
    target_kwh: 16.1,
    target_soc: null,
  })
  t.match((await api.call('PATCH', path, { target_soc: 70 })).body, {
    target_kwh: null,
    target_soc: 70,
  })
  t.match((await api.call('PATCH', path, { target_soc: null })).body, {
    target_kwh: null,
    target_soc: null,
  })
})

for (const [what, change, field, message] of [
  ['without a name', { name: undefined }, 'name', /is missing/],
  ['with two targets', { target_kwh: 20 }, 'target_kwh', /one target/],
  ['with more than 100 %', { target_soc: 101 }, 'target_soc', /0 to 100 \(%\), got 101/],
  ['with a tag twice', { id_tags: ['a', 'A'] }, 'id_tags.1', /"A" is there twice/],
  ['with an unknown field', { colour: 'red' }, 'colour', /no such field/],
  ['with percents of no battery', { battery_kwh: null }, 'battery_kwh', /state the targets in kWh/],
  ['that leaves at no time', { departures: [{ time: '24:00' }] }, 'departures.0.time', /HH:MM/],
  [
    'that leaves on no day',
    { one_off_departures: [{ date: '2026-02-30' }] },
    'one_off_departures.0.date',
    /there is no day "2026-02-30"/,
  ],
] as const) {
  test(`a vehicle ${what} is refused`, async (t) => {
    const api = testApi()
    const { status, body } = await api.call('POST', '/api/v1/vehicles', { ...BUS, ...change })
    t.equal(status, 422)
    t.match(body.problems, [{ field, message }])
  })
}

test('an id tag belongs to one vehicle', async (t) => {
  const api = testApi()
  const { id } = (await api.call('POST', '/api/v1/vehicles', BUS)).body
  const second = await api.call('POST', '/api/v1/vehicles', { name: 'Two', id_tags: ['tag14'] })
  t.equal(second.status, 409)
  t.match(second.body.problems, [
    { field: 'id_tags.0', message: `"tag14" belongs to vehicle "Bus 14" (${id})` },
  ])
})
