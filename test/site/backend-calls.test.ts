/** A backend that asks things of charge points, over MQTT. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

type Args = Readonly<Record<string, unknown>>

const ALL = 'mqtt: { url: "mqtt://127.0.0.1", commands: all }'

function answers(site: Story): readonly Args[] {
  return site.world.upstream
    .published()
    .filter(({ topic }) => topic === 'depot/v1/depot/ack/call')
    .map(({ payload }) => fields(JSON.parse(payload)))
}

function request(site: Story, id: string, args: Args): void {
  const payload = JSON.stringify({ id, ts: site.clock.now(), args })
  site.world.upstream.request('depot/v1/depot/cmd/call', payload, { retained: false })
}

/** The acknowledgement. */
async function ordered(site: Story, id: string, args: Args): Promise<Args> {
  const before = answers(site).length
  request(site, id, args)
  await site.clock.advanceUntil(() => answers(site).length > before, 60_000)
  return answers(site).at(-1) ?? {}
}

const callsOf = (site: Story, action: string): number =>
  site.world.chargePoint('CP001').callsReceived().get(action) ?? 0

test('a call of the backend is made once, and acknowledged with the answer in camelCase', async (t) => {
  const site = await aStory({ count: 1, maxA: 40, settings: ALL })
  await site.seconds(10)
  const reserve = {
    chargePointId: 'CP001',
    action: 'ReserveNow',
    connectorId: 1,
    idTag: 'VAN-1',
    forS: 600,
  }
  const done = await ordered(site, 'c1', reserve)
  t.match(done, { status: 'done', result: { action: 'ReserveNow', status: 'Accepted' } })
  t.type(fields(done['result'])['reservationId'], 'number')
  t.match(await ordered(site, 'c1', reserve), {
    status: 'duplicate',
    reason: /answered before as done/,
  })
  t.equal(callsOf(site, 'ReserveNow'), 1)
  t.match(await ordered(site, 'c2', { ...reserve, idTag: 'VAN-2' }), {
    status: 'done',
    result: { status: 'Occupied' },
  })
  const keys = {
    chargePointId: 'CP001',
    action: 'GetConfiguration',
    keys: ['HeartbeatInterval', 'X'],
  }
  t.match(await ordered(site, 'c3', keys), {
    status: 'done',
    result: { configuration: [{ key: 'HeartbeatInterval', value: '300' }], unknownKeys: ['X'] },
  })
  await site.stop()
})

test('what cannot be asked is rejected with what is wrong, in the words of the sender', async (t) => {
  const site = await aStory({ count: 1, maxA: 40, settings: ALL })
  await site.seconds(10)
  const at = { chargePointId: 'CP001' }
  for (const [id, args, reason] of [
    ['r1', { action: 'Reset' }, /args.chargePointId: is missing/],
    ['r2', { chargePointId: 'CP999', action: 'Reset' }, /no charger has the OCPP id "CP999"/],
    ['r3', { ...at, action: 'SetChargingProfile' }, /action/],
    ['r4', { ...at, action: 'UnlockConnector' }, /connectorId: is missing/],
    ['r5', { ...at, action: 'UnlockConnector', connector_id: 1 }, /connector_id/],
    ['r6', { ...at, action: 'Raw', name: 'X' }, /ocpp.raw_calls: true/],
  ] as const) {
    t.match(await ordered(site, id, args), { status: 'rejected', reason }, id)
  }
  site.world.plug('CP001').pull()
  await site.seconds(5)
  t.match(await ordered(site, 'r7', { ...at, action: 'Reset' }), {
    status: 'rejected',
    reason: /not connected/,
  })
  await site.stop()
})

test('a charge point that does not answer in time is told as failed, and not asked again', async (t) => {
  const site = await aStory({ count: 1, maxA: 40, settings: ALL })
  await site.seconds(10)
  site.world.chargePoint('CP001').answerNext('ClearCache', ['silent'])
  const clear = { chargePointId: 'CP001', action: 'ClearCache' }
  t.match(await ordered(site, 'f1', clear), { status: 'failed', reason: /in time/ })
  t.match(await ordered(site, 'f1', clear), { status: 'duplicate' })
  t.equal(callsOf(site, 'ClearCache'), 1)
  await site.stop()
})

test('after a power cut in the middle of a call the same command resets nothing again', async (t) => {
  const site = await aStory({ count: 1, maxA: 40, settings: ALL })
  await site.seconds(10)
  site.world.chargePoint('CP001').answerNext('Reset', ['silent'])
  const reset = { chargePointId: 'CP001', action: 'Reset', type: 'Hard' }
  request(site, 'p1', reset)
  await site.clock.advanceUntil(() => callsOf(site, 'Reset') === 1, 10_000)
  await site.restart()
  await site.seconds(30)
  t.match(await ordered(site, 'p1', reset), {
    status: 'duplicate',
    reason: /accepted: its outcome is not known/,
  })
  t.equal(callsOf(site, 'Reset'), 1)
  await site.stop()
})

test('where the backend may only lower, it calls no charge point; a disk that refuses stops it too', async (t) => {
  const careful = await aStory({ count: 1, maxA: 40 })
  await careful.seconds(10)
  const reset = { chargePointId: 'CP001', action: 'Reset' }
  t.match(await ordered(careful, 'l1', reset), {
    status: 'rejected',
    reason: /need mqtt.commands: all/,
  })
  t.equal(callsOf(careful, 'Reset'), 0)
  await careful.stop()

  const site = await aStory({ count: 1, maxA: 40, settings: ALL })
  await site.seconds(10)
  site.store().failNext(1)
  t.match(await ordered(site, 'd1', reset), { status: 'failed', reason: /nothing was sent/ })
  t.equal(callsOf(site, 'Reset'), 0)
  await site.stop()
})
