/** An operator and the chargers beside charging: reservations, service, firmware, logs, settings. */
import { test } from 'tap'
import { simulatedEv } from '../../src/testing/simulated-ev.js'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

type Fields = Readonly<Record<string, unknown>>

async function aDepot(settings = ''): Promise<Story> {
  const site = await aStory({ count: 2, maxA: 40, settings })
  await site.seconds(10)
  return site
}

/** A request that needs the charger's answer: time passes meanwhile. */
async function asked(
  site: Story,
  method: string,
  path: string,
  body?: Fields,
): Promise<{ status: number; body: Fields }> {
  let done: { status: number; body: unknown } | undefined
  site.rest(method, path, body).then(
    (answer) => (done = answer),
    (error: unknown) => (done = { status: 0, body: { error: String(error) } }),
  )
  await site.clock.advanceUntil(() => done !== undefined, 400_000)
  return { status: done?.status ?? 0, body: fields(done?.body ?? {}) }
}

const call = (site: Story, body: Fields, charger = 'cp001'): ReturnType<typeof asked> =>
  asked(site, 'POST', `/chargers/${charger}/calls`, body)

const shown = async (site: Story, path = '/chargers/cp001'): Promise<Fields> =>
  fields((await site.rest('GET', path)).body)

const list = async (site: Story): Promise<unknown> => (await site.rest('GET', '/reservations')).body

function plugIn(site: Story, identity: string, idTag: string): void {
  const ev = simulatedEv({ maxCurrentA: 32, energyNeedWh: 60_000 })
  site.world.chargePoint(identity).plugIn(1, ev, { idTag })
}

test('a reservation is kept until the car comes that it was made for, over a restart', async (t) => {
  const site = await aDepot()
  const wish = { charger_id: 'cp001', connector_id: 1, id_tag: 'VAN-1', for_s: 3600 }
  const made = await asked(site, 'POST', '/reservations', wish)
  t.equal(made.status, 201)
  t.match(made.body, { charger_id: 'cp001', connector_id: 1, id_tag: 'VAN-1' })
  t.same(await list(site), [made.body])
  const again = await asked(site, 'POST', '/reservations', { ...wish, id_tag: 'VAN-2' })
  t.match(again, { status: 409, body: { message: /Occupied/ } })
  await site.restart()
  await site.seconds(10)
  t.same(await list(site), [made.body], 'after a restart')
  plugIn(site, 'CP001', 'VAN-1')
  await site.seconds(5)
  const [start] = site.wire.callsOf('CP001', 'StartTransaction')
  t.match(start?.payload, { reservationId: made.body['reservation_id'] })
  t.same(await list(site), [])
  await site.restart()
  t.same(await list(site), [], 'and it does not come back')
  await site.stop()
})

test('a reservation ends by the clock, and when it is cancelled', async (t) => {
  const site = await aDepot()
  const wish = { charger_id: 'cp001', connector_id: 1, id_tag: 'VAN-1' }
  const first = await asked(site, 'POST', '/reservations', { ...wish, for_s: 60 })
  t.equal(first.status, 201)
  await site.seconds(61)
  t.same(await list(site), [])
  const second = await asked(site, 'POST', '/reservations', { ...wish, for_s: 600 })
  t.equal(second.status, 201)
  const id = String(second.body['id'])
  t.not(id, first.body['id'], 'ids are not used twice')
  t.equal((await asked(site, 'DELETE', `/reservations/${id}`)).status, 204)
  t.same(await list(site), [])
  t.equal((await asked(site, 'DELETE', `/reservations/${id}`)).status, 404)
  for (const [body, field] of [
    [wish, 'until'],
    [{ ...wish, for_s: 60, until: '2099-01-01T00:00:00Z' }, 'until'],
    [{ ...wish, until: 'soon' }, 'until'],
    [{ charger_id: 'cp001', for_s: 60 }, 'id_tag'],
  ] as const) {
    t.match(await asked(site, 'POST', '/reservations', body), {
      status: 422,
      body: { problems: [{ field }] },
    })
  }
  const past = { ...wish, until: '2000-01-01T00:00:00Z' }
  t.match(await asked(site, 'POST', '/reservations', past), { status: 422 })
  const nobody = await asked(site, 'POST', '/reservations', { ...wish, charger_id: 'x', for_s: 60 })
  t.equal(nobody.status, 404)
  await site.stop()
})

test('a reservation that is accepted when nobody waits any more is kept all the same', async (t) => {
  const site = await aDepot()
  site.world.chargePoint('CP001').behave({ answerDelayMs: 40_000 })
  const wish = { charger_id: 'cp001', connector_id: 1, id_tag: 'VAN-1', for_s: 3600 }
  t.equal((await asked(site, 'POST', '/reservations', wish)).status, 504)
  t.same(await list(site), [])
  await site.seconds(20)
  t.match(await list(site), [{ id_tag: 'VAN-1' }])
  await site.stop()
})

test('out of service is scheduled while a car charges, and done when it has left', async (t) => {
  const site = await aDepot()
  plugIn(site, 'CP001', 'VAN-1')
  await site.seconds(30)
  const out = { action: 'ChangeAvailability', connector_id: 1, type: 'Inoperative' }
  t.match(await call(site, out), { status: 200, body: { status: 'Scheduled' } })
  const evses = async (): Promise<unknown> => (await shown(site))['evses']
  t.match(await evses(), [{ availability: { type: 'Inoperative', state: 'scheduled' } }])
  await site.restart()
  await site.seconds(10)
  t.match(await evses(), [{ availability: { state: 'scheduled' } }], 'after a restart')
  site.world.chargePoint('CP001').unplug(1)
  await site.seconds(5)
  t.match(await evses(), [
    { status: 'Unavailable', availability: { type: 'Inoperative', state: 'accepted' } },
  ])
  t.match(await call(site, { ...out, type: 'Operative' }), { body: { status: 'Accepted' } })
  t.match(await evses(), [{ availability: { type: 'Operative', state: 'accepted' } }])
  await site.stop()
})

test('a firmware update is followed from its order to its end, over a restart', async (t) => {
  const site = await aDepot()
  const location = 'ftp://user:secret@10.0.0.9/fw.bin'
  const update = { action: 'UpdateFirmware', location, retries: 2, retry_interval_s: 30 }
  t.match(await call(site, update), { status: 200, body: { action: 'UpdateFirmware' } })
  t.match((await shown(site))['firmware'], {
    action: 'UpdateFirmware',
    state: 'ordered',
    status: null,
    location: 'ftp://10.0.0.9/fw.bin',
  })
  await site.seconds(6)
  t.match((await shown(site))['firmware'], { state: 'under_way', status: 'Downloading' })
  await site.controller().housekeep()
  await site.restart()
  t.match((await shown(site))['firmware'], { state: 'under_way', status: 'Downloading' })
  await site.seconds(30)
  t.match((await shown(site))['firmware'], { state: 'done', status: 'Installed' })
  const { payload = '{}' } =
    site.world.upstream
      .published()
      .findLast(({ topic }) => topic === 'depot/v1/depot/state/charger/CP001') ?? {}
  t.match(JSON.parse(payload), { firmware: { state: 'done', status: 'Installed' } })
  t.notMatch(payload, /10\.0\.0\.9/)
  await site.stop()
})

test('an update of which nothing more is heard is told as silent, not for ever under way', async (t) => {
  const site = await aDepot()
  const signed = {
    action: 'SignedUpdateFirmware',
    location: 'https://h/f',
    signing_certificate: 'PEM',
    signature: 'SIG',
  }
  const ordered = await call(site, signed)
  t.match(ordered, { status: 200, body: { status: 'Accepted', request_id: Number } })
  const { request_id: requestId } = ordered.body
  await site.seconds(6)
  t.match((await shown(site))['firmware'], { status: 'Downloading', request_id: requestId })
  site.world.plug('CP001').pull()
  await site.clock.advance(20 * 60_000)
  t.match((await shown(site))['firmware'], { state: 'under_way' })
  await site.clock.advance(12 * 60_000)
  t.match((await shown(site))['firmware'], { state: 'silent', status: 'Downloading' })
  await site.stop()
})

test('who refuses to send a log goes on with what it was doing', async (t) => {
  const site = await aDepot()
  const order = { action: 'GetLog', log_type: 'SecurityLog', location: 'http://10.0.0.9/up' }
  t.match(await call(site, order), {
    status: 200,
    body: { status: 'Accepted', file_name: 'log.txt', request_id: Number },
  })
  await site.seconds(6)
  const before = (await shown(site))['log']
  t.match(before, { action: 'GetLog', state: 'under_way', status: 'Uploading' })
  site.world.chargePoint('CP001').answerNext('GetLog', ['reject'])
  t.match(await call(site, order), { status: 200, body: { status: 'Rejected' } })
  t.same((await shown(site))['log'], before)
  await site.seconds(6)
  t.match((await shown(site))['log'], { state: 'done', status: 'Uploaded' })
  await site.stop()
})

test('settings are shown with what they do, changes that need a boot until it came', async (t) => {
  const site = await aDepot()
  const path = '/chargers/cp001/configuration'
  t.match(await shown(site, path), { read_at: null, settings: [] })
  const { body } = await asked(site, 'GET', `${path}?fresh=true`)
  t.match(body, { read_at: String, reboot_required: [] })
  const settings = body['settings']
  const of = (key: string): unknown =>
    Array.isArray(settings) ? settings.find((one: unknown) => fields(one)['key'] === key) : []
  t.match(of('HeartbeatInterval'), { value: '300', unit: 's', help: /when it had nothing else/ })
  t.match(of('NumberOfConnectors'), { value: '1', readonly: true, standard_access: 'read' })
  await site.restart()
  t.match(await shown(site, path), { read_at: body['read_at'] }, 'kept')
  await site.seconds(10)
  const change = { action: 'ChangeConfiguration', key: 'WebSocketPingInterval', value: '10' }
  t.match(await call(site, change), { body: { status: 'Accepted' } })
  const after = await shown(site, path)
  t.match(after['settings'], Array.isArray(settings) ? { length: settings.length } : {})
  t.ok(JSON.stringify(after).includes('"WebSocketPingInterval","value":"10"'))
  await site.stop()
})

test('a raw call needs the permission of the configuration, and sets no limit even then', async (t) => {
  const raw = { action: 'Raw', name: 'ClearCache' }
  const careful = await aDepot()
  t.match(await call(careful, raw), { status: 403, body: { message: /ocpp.raw_calls: true/ } })
  await careful.stop()

  const site = await aDepot('ocpp: { raw_calls: true }')
  t.match(await call(site, raw), { status: 200, body: { payload: { status: 'Accepted' } } })
  t.match(await call(site, { ...raw, name: 'Levitate', payload: { up: 1 } }), {
    status: 502,
    body: { message: /NotImplemented/ },
  })
  for (const [name, payload] of [
    ['SetChargingProfile', {}],
    ['setchargingprofile', {}],
    ['RemoteStartTransaction', { idTag: 'A', chargingProfile: {} }],
  ] as const) {
    t.match(await call(site, { action: 'Raw', name, payload }), { status: 409 }, name)
  }
  plugIn(site, 'CP001', 'VAN-1')
  await site.seconds(30)
  const clear = { action: 'Raw', name: 'ClearChargingProfile' }
  t.match(await call(site, clear), { status: 409, body: { message: /a car is charging/ } })
  await site.stop()
})
