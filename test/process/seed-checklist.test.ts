/** The depot an operator sets up by hand and tries out with a script: every step, one by one. */
import { test } from 'tap'
import { WebSocket } from 'ws'
import { eventually, inTime } from './deadline.js'
import { charger, chargers, CONSTRAINT, group, live } from './hand-made-depot.js'
import { meterValues, now, setUp, stop } from './hand-made-depot.js'
import type { WithId } from './hand-made-depot.js'
import { restClient } from './rest-client.js'
import type { ChargerBody } from './rest-client.js'
import { callOnce, frameOf, sendOne } from './script-client.js'
import { startGateway, yardmaster } from './yardmaster-process.js'
import type { LogLine } from './yardmaster-process.js'

test('without a configuration file it starts empty, and REST sets it up', async (t) => {
  const gateway = await startGateway(t)
  const rest = restClient(gateway.port)
  t.same(gateway.stdout, [`listening http://127.0.0.1:${gateway.port}`])
  for (const path of ['/constraints', '/chargers', '/sessions/live']) {
    t.same(await rest.get(path), { status: 200, body: [] }, `${path} is a bare, empty array`)
  }

  const constraint = await rest.post<WithId>('/constraints', CONSTRAINT)
  t.match(constraint, { status: 201, body: { name: 'Test Depot', max_power_kw: 1000 } })
  t.match(constraint.body, { id: String, priority: 1, type: 'constraint', parent_id: null })
  const made = await rest.post<WithId>('/constraints', group(constraint.body.id))
  t.match(made, { status: 201, body: { type: 'charge_group', parent_id: constraint.body.id } })
  const added = await rest.post<ChargerBody>('/chargers', charger(made.body.id))
  t.match(added, {
    status: 201,
    body: {
      name: 'Test Charger',
      max_power_kw: 100,
      parent_charge_group: made.body.id,
      is_active: 'Active',
      status: 'Available',
      ocpp_charge_point_id: 'CP_001',
      evses: [{ id: 1, max_power_kw: 50, status: 'Available' }],
      connected: false,
    },
  })

  // jq '.[] | {id, name, ocpp_charge_point_id}'
  const listed = await chargers(rest)
  t.same(
    listed.map(({ id, name, ocpp_charge_point_id }) => ({ id, name, ocpp_charge_point_id })),
    [{ id: added.body.id, name: 'Test Charger', ocpp_charge_point_id: 'CP_001' }],
  )
  // jq '.[] | select(.ocpp_charge_point_id == "CP_001")'
  t.equal(listed.filter((each) => each.ocpp_charge_point_id === 'CP_001').length, 1)
  const { evses: _, ...others } = JSON.parse(charger(made.body.id))
  const without = await rest.post<ChargerBody>('/chargers', {
    ...others,
    ocpp_charge_point_id: undefined,
  })
  t.match(without, { status: 201, body: { ocpp_charge_point_id: null } })
  t.match(await sendOne(gateway.port, 'ocpp/CP_002', '[2,"1","Heartbeat",{}]'), { code: 1008 })
  const named = await rest.put(`/chargers/${without.body.id}`, '{"ocpp_charge_point_id": "CP_002"}')
  t.match(named, {
    status: 200,
    body: { name: 'Test Charger', max_power_kw: 100, ocpp_charge_point_id: 'CP_002' },
  })
  t.match(await callOnce(gateway.port, 'ocpp/CP_002', 'Heartbeat', {}), { currentTime: String })
})

test('every command of the script works, each on a connection of its own', async (t) => {
  const gateway = await startGateway(t)
  const { port } = gateway
  const rest = restClient(port)
  const { chargerId } = await setUp(rest)
  const call = (action: string, payload: unknown) => callOnce(port, 'ocpp/CP_001', action, payload)
  const boot = { chargePointVendor: 'TestVendor', chargePointModel: 'TestModel' }

  t.match(await call('BootNotification', boot), {
    status: 'Accepted',
    currentTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    interval: Number,
  })
  t.match(await call('Heartbeat', {}), { currentTime: /Z$/ })
  t.match(await callOnce(port, 'CP_001', 'Heartbeat', {}), { currentTime: /Z$/ }, 'short URL')

  for (const status of ['Preparing', 'SuspendedEV', 'Faulted', 'Available', 'Charging']) {
    const notice = { connectorId: 1, errorCode: 'NoError', status, timestamp: now() }
    t.same(await call('StatusNotification', notice), {})
    await eventually('the end of the connection', async () => {
      const [first] = await chargers(rest)
      return first?.connected === false ? true : undefined
    })
    const [kept] = await chargers(rest)
    t.equal(kept?.evses[0]?.status, status, 'kept after the connection is gone')
  }

  t.same(await call('MeterValues', meterValues(123456789, 5)), {}, 'unknown transaction')
  t.match(await call('StopTransaction', stop(123456789)), { idTagInfo: { status: 'Accepted' } })
  const warning = await gateway.logged('sessionNotFound')
  t.match(warning, { level: 'warn', chargePoint: 'CP_001', transactionId: 123456789 })
  t.same(await live(rest), [])

  const start = { connectorId: 1, idTag: 'TEST_TAG', meterStart: 1000, timestamp: now() }
  const started = await call('StartTransaction', start)
  t.match(started, { transactionId: Number, idTagInfo: { status: 'Accepted' } })
  const transactionId = Number(started['transactionId'])
  t.ok(Number.isInteger(transactionId) && transactionId > 0)
  t.match(await live(rest), [
    {
      transaction_id: transactionId,
      charger_id: chargerId,
      ocpp_charge_point_id: 'CP_001',
      evse_id: 1,
      id_tag: 'TEST_TAG',
      started_at: /Z$/,
      meter_start_wh: 1000,
      energy_wh: 0,
    },
  ])

  for (const register of [2500, 4000]) {
    t.same(await call('MeterValues', meterValues(transactionId, register)), {})
    const sessions = await live(rest)
    t.equal(sessions.length, 1, 'it goes on while nobody is connected')
    // At 50 kW it charges with direct current: what the grid feels follows from its power.
    const phaseA = 10.72
    t.match(sessions, [
      {
        energy_wh: register - 1000,
        power_kw: 7.4,
        current_a: { l1: phaseA, l2: phaseA, l3: phaseA },
      },
    ])
  }

  t.match(await call('StopTransaction', stop(transactionId)), {
    idTagInfo: { status: 'Accepted' },
  })
  t.same(await live(rest), [])
  const ended = await rest.get('/sessions')
  t.match(ended.body, [{ transaction_id: transactionId, energy_wh: 4000, meter_stop_wh: 5000 }])
  t.match(await call('StopTransaction', stop(transactionId)), {}, 'once more is no error')
  t.same((await rest.get<unknown[]>('/sessions')).body.length, 1)
})

test('charge points and connectors at the same time do not mix', async (t) => {
  const { port } = await startGateway(t)
  const rest = restClient(port)
  const { groupId } = await setUp(rest)
  const evses = [1, 2].map((id) => ({ id, max_power_kw: 50 }))
  const ids = ['CP_002', 'CP_003', 'CP_004']
  for (const id of ids) {
    const body = { ...JSON.parse(charger(groupId)), name: id, ocpp_charge_point_id: id, evses }
    t.equal((await rest.post('/chargers', body)).status, 201)
  }
  const begin = (id: string, connectorId: number) =>
    callOnce(port, `ocpp/${id}`, 'StartTransaction', {
      connectorId,
      idTag: `${id}-${connectorId}`,
      meterStart: 0,
      timestamp: now(),
    })
  await Promise.all(ids.map((id) => begin(id, 1)))
  await Promise.all(ids.map((id) => begin(id, 2)))
  // Nobody configured it: it is written down and paid for, but not let in.
  t.match(await begin('CP_002', 9), { transactionId: Number, idTagInfo: { status: 'Invalid' } })
  const sessions = await live(rest)
  t.equal(new Set(sessions.map((session) => session.transaction_id)).size, 7)
  t.same(
    sessions.map((each) => `${each.ocpp_charge_point_id} ${each.evse_id}`).toSorted(),
    [...ids.flatMap((id) => [`${id} 1`, `${id} 2`]), 'CP_002 9'].toSorted(),
  )
})

test('who is not configured is told so, also when only the case differs', async (t) => {
  const gateway = await startGateway(t)
  const { port } = gateway
  await setUp(restClient(port))
  for (const path of ['ocpp/NOBODY', 'SOMEBODY', 'ocpp/cp_001', 'ocpp/CP_001%20']) {
    const outcome = await sendOne(port, path, '[2,"1","Heartbeat",{}]')
    t.same(outcome, { type: 'closed', code: 1008, reason: 'Charger not found' }, path)
    const chargePoint = decodeURIComponent(path.replace('ocpp/', ''))
    const isIts = (line: LogLine) => line['chargePoint'] === chargePoint
    const warning = await gateway.logged('unknownChargePoint', isIts)
    t.equal(warning.level, 'warn')
  }
  t.match(await callOnce(port, 'ocpp/CP_001', 'Heartbeat', {}), { currentTime: String })
})

test('a wrong message gets the error the protocol has for it, and the next one works', async (t) => {
  const { port } = await startGateway(t)
  await setUp(restClient(port))
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/CP_001`, ['ocpp1.6'])
  t.teardown(() => socket.terminate())
  const answers: (readonly unknown[])[] = []
  socket.on('message', (data) => {
    const frame = frameOf(data)
    if (frame[0] !== 2) answers.push(frame)
  })
  await inTime('the connection', new Promise((resolve) => socket.once('open', resolve)))

  let round = 0
  for (const [text, code] of [
    // Nothing in them says what an answer should name.
    ['nonsense', undefined],
    ['{"action":"Heartbeat"}', undefined],
    ['[]', undefined],
    ['[2]', undefined],
    ['[9,"x","Heartbeat",{}]', undefined],
    ['[2,"x"]', 'FormationViolation'],
    ['[2,"x",5,{}]', 'FormationViolation'],
    ['[2,"x","StartTransaction",[]]', 'FormationViolation'],
    ['[2,"x","Fly",{}]', 'NotImplemented'],
    ['[2,"x","Reset",{"type":"Hard"}]', 'NotSupported'],
    ['[2,"x","Authorize",{}]', 'OccurenceConstraintViolation'],
    ['[2,"x","StatusNotification",{"connectorId":"one"}]', 'TypeConstraintViolation'],
    [
      '[2,"x","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Asleep"}]',
      'PropertyConstraintViolation',
    ],
  ] as const) {
    answers.length = 0
    round += 1
    socket.send(text)
    socket.send(`[2,"next-${round}","Heartbeat",{}]`)
    const next = await eventually(`the heartbeat after ${text}`, () =>
      answers.find(([, id]) => id === `next-${round}`),
    )
    t.match(next, [3, String, { currentTime: String }])
    const errors = answers.filter((frame) => frame !== next)
    t.match(errors, code === undefined ? [] : [[4, 'x', code, String, {}]], text)
    t.equal(errors.length, code === undefined ? 0 : 1, text)
    t.notMatch(JSON.stringify(errors), 'Asleep', 'the payload is not given back')
  }
})

test('the command cp is such a script', async (t) => {
  const gateway = await startGateway(t)
  const rest = restClient(gateway.port)
  await setUp(rest)
  const cp = async (...args: string[]) => {
    const port = String(gateway.port)
    const run = yardmaster(t, 'cp', '--host', '127.0.0.1', '--port', port, ...args)
    return { code: await run.ended(), stdout: run.stdout, stderr: run.stderr }
  }
  const cp001 = ['--charge-point-id', 'CP_001', '--action']
  const [started, unknown] = await Promise.all([
    cp(...cp001, 'StartTransaction', '--connector-id', '1'),
    cp('--charge-point-id', 'NOBODY', '--action', 'BootNotification'),
  ])
  t.match(started, { code: 0, stderr: [] })
  t.equal(started.stdout.length, 2)
  const [session] = await live(rest)
  const transactionId = String(session?.transaction_id)
  t.match(session, { ocpp_charge_point_id: 'CP_001', evse_id: 1, id_tag: 'TEST_TAG' })
  t.match(started.stdout[1], `"transactionId":${transactionId}`)
  t.equal(unknown.code, 1)
  t.match(unknown.stderr.join('\n'), /1008 Charger not found/)

  const stopped = await cp(...cp001, 'StopTransaction', '--transaction-id', transactionId)
  t.match(stopped, { code: 0, stdout: [/^> \[2,/, /^< \[3,.*Accepted/] })
  t.same(await live(rest), [])
})
