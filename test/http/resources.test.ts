import { test } from 'tap'
import { requestOf, testApi, WALL_MS, withCharger } from './a-backend.js'

test('a depot is set up with the bodies of the getting-started guide as written', async (t) => {
  const api = testApi()
  const send = (path: string, text: string) => api.send(requestOf('POST', path, text))
  const depot = await send(
    '/api/v1/constraints',
    `{
       "name": "Test Depot",
       "max_power_kw": 1000.0,
       "priority": 1,
       "type": "constraint"
     }`,
  )
  t.equal(depot.status, 201)
  t.equal(depot.headers.get('location'), `/api/v1/constraints/${depot.body.id}`)
  t.match(depot.body, {
    name: 'Test Depot',
    max_power_kw: 1000,
    priority: 1,
    type: 'constraint',
    parent_id: null,
  })

  const group = await send(
    '/api/v1/constraints',
    `{
       "name": "Test Charge Group",
       "max_power_kw": 500.0,
       "priority": 2,
       "type": "charge_group",
       "parent_id": "${depot.body.id}"
     }`,
  )
  t.equal(group.status, 201)
  t.match(group.body, { parent_id: depot.body.id })

  const charger = await send(
    '/api/v1/chargers',
    `{
       "name": "Test Charger",
       "max_power_kw": 100.0,
       "parent_charge_group": "${group.body.id}",
       "is_active": "Active",
       "status": "Available",
       "ocpp_charge_point_id": "CP_001",
       "evses": [
         {"id": 1, "max_power_kw": 50.0, "status": "Available"}
       ]
     }`,
  )
  t.equal(charger.status, 201)
  t.equal(charger.headers.get('location'), `/api/v1/chargers/${charger.body.id}`)
  t.match(charger.body, {
    name: 'Test Charger',
    max_power_kw: 100,
    parent_charge_group: group.body.id,
    is_active: 'Active',
    status: 'Available',
    ocpp_charge_point_id: 'CP_001',
    evses: [{ id: 1, max_power_kw: 50, status: 'Available', current_type: 'DC' }],
  })

  const list = await api.call('GET', '/api/v1/chargers')
  t.equal(list.status, 200)
  t.same(
    list.list.map(({ id, name, ocpp_charge_point_id }) => ({ id, name, ocpp_charge_point_id })),
    [{ id: charger.body.id, name: 'Test Charger', ocpp_charge_point_id: 'CP_001' }],
  )
  t.same((await api.call('GET', '/api/v1/sessions/live')).body, [])
})

test('a charge point id can be given later, alone', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const path = `/api/v1/chargers/${charger}`
  await api.call('PUT', path, { ocpp_charge_point_id: null, priority: 7 })
  const bare = (await api.call('GET', path)).body
  t.match(bare, { ocpp_charge_point_id: null, priority: 7 })

  const changed = await api.send(requestOf('PUT', path, '{"ocpp_charge_point_id": "CP_001"}'))
  t.equal(changed.status, 200)
  t.match(changed.body, { ocpp_charge_point_id: 'CP_001', priority: 7, name: 'Test Charger' })
  t.same((await api.call('GET', path)).body, changed.body)
})

test('the live state of the charger is shown, not the configured one', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const path = `/api/v1/chargers/${charger}`
  t.match((await api.call('GET', path)).body, { connected: false, last_seen: null, offer_a: 0 })
  const chargePointId = 'CP_001'
  api.happen(
    { type: 'connected', chargePointId },
    { type: 'spoke', chargePointId },
    {
      type: 'identityNoted',
      chargePointId,
      vendor: 'ACME',
      model: 'X',
      firmwareVersion: undefined,
    },
    {
      type: 'statusNoted',
      chargePointId,
      connectorId: 0,
      status: 'Available',
      errorCode: undefined,
    },
    {
      type: 'statusNoted',
      chargePointId,
      connectorId: 1,
      status: 'Charging',
      errorCode: 'NoError',
    },
  )
  t.match((await api.call('GET', path)).body, {
    connected: true,
    last_seen: '2026-03-01T12:00:00Z',
    vendor: 'ACME',
    firmware_version: null,
    reason: 'no car asks for power',
    evses: [{ status: 'Charging', error_code: 'NoError', reason: 'no car asks for power' }],
  })
})

test('a session is live from its start and ended after its stop', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  await api.call('PATCH', `/api/v1/chargers/${charger}`, { evses: [{ id: 1, max_power_kw: 22 }] })
  const at = { chargePointId: 'CP_001', connectorId: 1 }
  api.happen(
    { type: 'connected', chargePointId: 'CP_001' },
    { type: 'spoke', chargePointId: 'CP_001' },
    {
      ...at,
      type: 'transactionStarted',
      transactionId: 41,
      idTag: 'TEST_TAG',
      idTagStatus: 'Accepted',
      meterStartWh: 1000,
      startedWallMs: WALL_MS - 60_000,
      receivedWallMs: WALL_MS,
      startKey: 'k',
    },
    {
      ...at,
      type: 'metered',
      transactionId: 41,
      currentA: [10, 11, 12.345],
      powerW: 7600,
      registerWh: 1500,
      isCurrent: true,
    },
  )
  const live = await api.call('GET', '/api/v1/sessions/live')
  t.equal(live.list.length, 1)
  t.match(live.list[0], {
    id: /./,
    transaction_id: 41,
    charger_id: charger,
    ocpp_charge_point_id: 'CP_001',
    evse_id: 1,
    id_tag: 'TEST_TAG',
    started_at: '2026-03-01T11:59:00Z',
    meter_start_wh: 1000,
    energy_wh: 500,
    power_kw: 7.6,
    current_a: { l1: 10, l2: 11, l3: 12.35 },
    offer_a: Number,
    reason: /./,
  })
  t.same((await api.call('GET', '/api/v1/sessions')).body, [])

  api.happen({
    type: 'transactionStopped',
    transactionId: 41,
    meterStopWh: 1750,
    stoppedWallMs: WALL_MS,
    receivedWallMs: WALL_MS,
    reason: 'EVDisconnected',
  })
  t.same((await api.call('GET', '/api/v1/sessions/live')).body, [])
  t.match((await api.call('GET', '/api/v1/sessions?limit=1')).body, [
    {
      transaction_id: 41,
      stopped_at: '2026-03-01T12:00:00Z',
      meter_stop_wh: 1750,
      energy_wh: 750,
      stop_reason: 'EVDisconnected',
    },
  ])
})

test('the site and its constraints show limits with their source', async (t) => {
  const api = testApi({
    rules: {
      fuseA: 100,
      meters: [{ id: 'main', constraintId: undefined, worstBaseLoadA: [10, 10, 10] }],
    },
  })
  const { group } = await withCharger(api)
  const site = (await api.call('GET', '/api/v1/site')).body
  t.match(site, {
    id: 'yard-1',
    name: 'Yard',
    at: '2026-03-01T12:00:00Z',
    limit_a: { l1: 100, l2: 100, l3: 100 },
    limit_source: 'main fuse',
    limit_power_kw: null,
    limit_power_source: null,
    chargers: 1,
    connected_chargers: 0,
    live_sessions: 0,
    upstream_connected: false,
    meters: [{ id: 'main', node_id: 'site', current_a: null, age_s: null, quality: 'lost' }],
  })
  api.happen({
    type: 'meterRead',
    meterId: 'main',
    atMs: 1_000_000,
    currentA: [1.234, 2, 3],
    powerW: 1500,
    energyWh: 20_500,
  })
  api.advance(1500)
  t.match((await api.call('GET', '/api/v1/site')).body.meters, [
    {
      current_a: { l1: 1.23, l2: 2, l3: 3 },
      power_kw: 1.5,
      energy_kwh: 20.5,
      age_s: 1.5,
      quality: 'good',
    },
  ])
  const path = `/api/v1/constraints/${group}`
  t.match((await api.call('GET', path)).body, {
    limit_power_kw: 500,
    limit_power_source: 'configured limit',
    exposure_a: { l1: 0, l2: 0, l3: 0 },
    draw_a: { l1: 0, l2: 0, l3: 0 },
  })
  t.match((await api.call('PATCH', path, { max_current_a: [63, 50, 40] })).body, {
    max_current_a: { l1: 63, l2: 50, l3: 40 },
    limit_a: { l1: 63, l2: 50, l3: 40 },
    limit_source: 'configured limit',
    name: 'Test Charge Group',
  })
  t.equal((await api.call('PUT', path, { max_current_a: null })).body.max_current_a, null)
})

test('a site that nothing limits says so', async (t) => {
  t.match((await testApi().call('GET', '/api/v1/site')).body, {
    limit_a: null,
    limit_source: null,
    limit_power_kw: null,
  })
})

test('what was read can be sent back: nothing changes', async (t) => {
  const api = testApi({ rules: { fuseA: 100 } })
  const { group, charger } = await withCharger(api)
  await api.call('PUT', `/api/v1/constraints/${group}`, {
    max_current_a: 100,
    schedule: [{ days: ['mon'], from: '17:00', to: '24:00', max_power_kw: 50 }],
  })
  await api.call('POST', '/api/v1/id-tags', { id_tag: 'A', priority: 4 })
  api.happen(
    { type: 'connected', chargePointId: 'CP_001' },
    {
      type: 'statusNoted',
      chargePointId: 'CP_001',
      connectorId: 1,
      status: 'Faulted',
      errorCode: 'GroundFailure',
    },
  )
  const before = JSON.stringify(api.backend.view())
  for (const path of [
    `/api/v1/constraints/${group}`,
    `/api/v1/chargers/${charger}`,
    '/api/v1/id-tags/A',
  ]) {
    const { body } = await api.call('GET', path)
    for (const method of ['PUT', 'PATCH']) {
      const sent = await api.call(method, path, body)
      t.equal(sent.status, 200, `${method} ${path} ${JSON.stringify(sent.body)}`)
      t.same(sent.body, body)
    }
  }
  t.match(JSON.parse(before).chargers[0].evses[0], {
    status: 'Faulted',
    evse: { status: 'Available' },
  })
  t.equal(JSON.stringify(api.backend.view()), before)
})

test('an EVSE keeps what a change does not say, and what follows from its power follows', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const path = `/api/v1/chargers/${charger}`
  const evses = async (...given: object[]) =>
    (await api.call('PUT', path, { evses: given })).body.evses
  t.match(
    await evses({ id: 1, max_power_kw: 22, fallback_current_a: 0 }, { id: 2, max_power_kw: 11 }),
    [
      { id: 1, current_type: 'AC', max_current_a: 32, fallback_current_a: 0 },
      { id: 2, current_type: 'AC', max_current_a: 16 },
    ],
  )
  t.match(await evses({ id: 1, max_power_kw: 50 }), [
    { id: 1, current_type: 'DC', max_current_a: 73, fallback_current_a: 0 },
  ])
  t.match(await evses({ id: 1, max_current_a: 32, current_type: 'AC' }), [
    { id: 1, max_power_kw: 50, max_current_a: 32, current_type: 'AC' },
  ])
  t.match(await evses({ id: 1, max_power_kw: 60 }), [
    { id: 1, max_power_kw: 60, max_current_a: 32, current_type: 'AC' },
  ])
  t.match(
    await evses({ id: 1, max_current_a: null, current_type: null, fallback_current_a: null }),
    [{ max_power_kw: 60, max_current_a: 87, current_type: 'DC', fallback_current_a: 'auto' }],
  )
})

test('a discovered EVSE is adopted by naming it', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const path = `/api/v1/chargers/${charger}`
  const given = [{ id: 1 }, { id: 2, max_power_kw: 11, discovered: true }]
  t.match((await api.call('PUT', path, { evses: given })).body.evses, [
    { discovered: false },
    { discovered: true, reason: /not configured/ },
  ])
  const renamed = await api.call('PUT', path, { name: 'Renamed' })
  t.match(renamed.body.evses[1], { discovered: true })
  const adopted = await api.call('PUT', path, { evses: [{ id: 1 }, { id: 2 }] })
  t.match(adopted.body.evses[1], { discovered: false, max_power_kw: 11 })
})

test('changes at the same time to different fields are all kept', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  const path = `/api/v1/chargers/${charger}`
  const changes = [{ name: 'New' }, { priority: 9 }, { isolated: true }, { max_power_kw: 77 }]
  await Promise.all(changes.map((change) => api.call('PATCH', path, change)))
  t.match((await api.call('GET', path)).body, Object.assign({}, ...changes))
})

test('objects are deleted from the leaves up', async (t) => {
  const api = testApi()
  const { group, charger } = await withCharger(api)
  const refused = await api.call('DELETE', `/api/v1/constraints/${group}`)
  t.equal(refused.status, 409)
  t.match(refused.body.message, /Test Charger/)
  for (const path of [`chargers/${charger}`, `constraints/${group}`]) {
    const deleted = await api.call('DELETE', `/api/v1/${path}`)
    t.equal(deleted.status, 204)
    t.equal(deleted.body, undefined)
    t.equal((await api.call('GET', `/api/v1/${path}`)).status, 404)
    t.equal((await api.call('DELETE', `/api/v1/${path}`)).status, 404)
  }
})

test('id tags are found without case and with any characters', async (t) => {
  const api = testApi()
  const made = await api.call('POST', '/api/v1/id-tags', { id_tag: 'Ä/b c', blocked: true })
  t.equal(made.status, 201)
  const path = made.headers.get('location') ?? ''
  t.same(made.body, {
    id_tag: 'Ä/b c',
    priority: null,
    blocked: true,
    parent_id_tag: null,
    expires_at: null,
    max_active_transactions: null,
  })
  t.same((await api.call('GET', path.toLowerCase())).body, made.body)
  t.match((await api.call('PATCH', path, { priority: 3 })).body, { priority: 3, blocked: true })
  t.match((await api.call('PUT', path, { blocked: null, id_tag: 'ä/B C' })).body, {
    id_tag: 'ä/B C',
    priority: 3,
    blocked: false,
  })
  t.same((await api.call('GET', '/api/v1/id-tags')).list.length, 1)
  t.equal((await api.call('POST', '/api/v1/id-tags', { id_tag: 'ä/b C' })).status, 409)
  t.match((await api.call('PUT', path, { id_tag: 'other' })).body, {
    problems: [{ field: 'id_tag' }],
  })
  t.equal((await api.call('DELETE', path)).status, 204)
  t.equal((await api.call('DELETE', path)).status, 404)
  t.equal((await api.call('PUT', path, {})).status, 404)
  t.equal((await api.call('GET', path)).status, 404)
})

test('HEAD answers as GET without a body, and OPTIONS says what is possible', async (t) => {
  const api = testApi()
  const head = await api.call('HEAD', '/api/v1/chargers')
  t.equal(head.status, 200)
  t.equal(head.body, undefined)
  t.equal(head.headers.get('content-type'), 'application/json; charset=utf-8')
  const options = await api.call('OPTIONS', '/api/v1/chargers/x')
  t.equal(options.status, 204)
  t.equal(options.headers.get('allow'), 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS')
  t.notOk([...options.headers.keys()].some((name) => name.startsWith('access-control')))
})

test('a slash at the end makes no difference', async (t) => {
  t.equal((await testApi().call('GET', '/api/v1/chargers/')).status, 200)
})

test('classes of priorities are kept with their constraint, and refused where they contradict', async (t) => {
  const api = testApi()
  const { group } = await withCharger(api)
  const path = `/api/v1/constraints/${group}`
  const classes = [
    { from_priority: 0, to_priority: 4, max_current_a: 20 },
    { from_priority: 5, min_current_a: 30 },
  ]
  t.match(await api.call('PATCH', path, { classes }), { status: 200, body: { classes } })
  t.match((await api.call('PATCH', path, { priority: null })).body, { classes, priority: null })
  t.match(
    await api.call('PATCH', path, {
      classes: [...classes, { from_priority: 3, max_current_a: 1 }],
    }),
    {
      status: 422,
      body: {
        problems: [{ field: 'classes.2.from_priority', message: /overlap those of class 0/ }],
      },
    },
  )
  t.match(await api.call('PATCH', path, { classes: [{ from_priority: 0 }] }), {
    status: 422,
    body: { problems: [{ field: 'classes.0', message: /must state min_current_a/ }] },
  })
  t.match((await api.call('PATCH', path, { classes: null })).body, { classes: [] })
})
