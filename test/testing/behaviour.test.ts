import { test } from 'tap'
import { aChargePoint, ID, txDefault, txProfile } from './a-charge-point.js'
import type { ChargePointWorld } from './a-charge-point.js'
import type { Fields } from './fake-controller.js'

const MINUTE = 60_000
const accepted = { status: 'Accepted' }
const rejected = { status: 'Rejected' }

async function limitTo(world: ChargePointWorld, limit: number): Promise<unknown> {
  const { chargePoint, clock } = world
  const transactionId = chargePoint.transactionId(1)
  return world.call('SetChargingProfile', txProfile({ limit, transactionId, nowMs: clock.now() }))
}

test('answerDelayMs: it acts at once and answers late', async (t) => {
  const world = await aChargePoint({ behaviour: { answerDelayMs: 5000 } })
  const sentMs = world.clock.monotonic()
  const answering = world.controller.call(ID, 'SetChargingProfile', txDefault(6))
  await world.clock.advance(1000)
  t.equal(world.chargePoint.limitA(1), 6)
  await world.clock.advance(6000)
  t.same(await answering, accepted)
  t.ok(world.clock.monotonic() - sentMs >= 5000)
})

test('applyDelayMs: it answers at once and acts late, in order', async (t) => {
  const world = await aChargePoint({ behaviour: { applyDelayMs: 8000 } })
  t.same(await world.call('SetChargingProfile', txDefault(6)), accepted)
  t.same(await world.call('SetChargingProfile', txDefault(10)), accepted)
  t.equal(world.chargePoint.limitA(1), 32)
  await world.clock.advance(7900)
  t.equal(world.chargePoint.limitA(1), 32)
  await world.clock.advance(200)
  t.equal(world.chargePoint.limitA(1), 10)
})

test('applyDelayMs: what a transaction was given after its end never takes effect', async (t) => {
  const world = await aChargePoint({ behaviour: { applyDelayMs: 8000 } })
  await world.charge()
  t.same(await limitTo(world, 20), accepted)
  world.chargePoint.unplug(1)
  await world.clock.advance(10_000)
  t.same(world.chargePoint.profiles(), [])
})

test('neverAnswers: CALLs of these actions vanish, others do not', async (t) => {
  const world = await aChargePoint({ behaviour: { neverAnswers: ['SetChargingProfile'] } })
  await t.rejects(world.call('SetChargingProfile', txDefault(6)), /not reached/)
  t.equal(world.chargePoint.limitA(1), 32)
  t.match(await world.call('GetConfiguration', {}), { configurationKey: Array })
  world.chargePoint.behave({ neverAnswers: ['*'] })
  await t.rejects(world.call('GetConfiguration', {}), /not reached/)
})

test('rejectsProfiles and rejectsTxProfileAbove: nothing is installed', async (t) => {
  const world = await aChargePoint({ behaviour: { rejectsTxProfileAbove: 16 } })
  await world.charge()
  t.same(await limitTo(world, 16.1), rejected)
  t.equal(world.chargePoint.limitA(1), 32)
  t.same(await limitTo(world, 16), accepted)
  t.equal(world.chargePoint.limitA(1), 16)
  world.chargePoint.behave({ rejectsProfiles: true })
  t.same(await limitTo(world, 10), rejected)
  t.equal(world.chargePoint.limitA(1), 16)
})

test('a script rejects, falls silent or loses answers, then all is normal', async (t) => {
  const world = await aChargePoint()
  const { chargePoint } = world
  chargePoint.answerNext('SetChargingProfile', ['reject', 'silent', 'loseAnswer'])
  t.same(await world.call('SetChargingProfile', txDefault(6)), rejected)
  t.equal(chargePoint.limitA(1), 32)
  await t.rejects(world.call('SetChargingProfile', txDefault(7)), /not reached/)
  t.equal(chargePoint.limitA(1), 32, 'silent: not done')
  await t.rejects(world.call('SetChargingProfile', txDefault(8)), /not reached/)
  t.equal(chargePoint.limitA(1), 8, 'answer lost: done')
  t.same(await world.call('SetChargingProfile', txDefault(9)), accepted)
  t.equal(chargePoint.limitA(1), 9)
  t.equal(chargePoint.callsReceived().get('SetChargingProfile'), 4)
})

test('acceptsAndIgnores: it says Accepted and goes on as before', async (t) => {
  const world = await aChargePoint({ behaviour: { acceptsAndIgnores: true } })
  t.same(await world.call('SetChargingProfile', txDefault(6)), accepted)
  await world.charge()
  t.same(await limitTo(world, 10), accepted)
  await world.clock.advance(5000)
  t.same(world.chargePoint.permittedA(1), [32, 32, 32])
  t.same(world.chargePoint.drawA(1), [32, 32, 32])
})

test('ignoresExpiry: the limit stays when its duration is over', async (t) => {
  const world = await aChargePoint({ behaviour: { ignoresExpiry: true } })
  await world.call('SetChargingProfile', txDefault(6))
  await world.charge()
  await limitTo(world, 20)
  await world.clock.advance(30 * MINUTE)
  t.equal(world.chargePoint.limitA(1), 20)
})

test('dropsProfilesOnDisconnect: after a broken connection nothing limits it', async (t) => {
  for (const [dropsProfilesOnDisconnect, limitA] of [
    [false, 6],
    [true, 32],
  ] as const) {
    const world = await aChargePoint({ behaviour: { dropsProfilesOnDisconnect } })
    await world.call('SetChargingProfile', txDefault(6))
    world.network.reset(ID)
    await world.clock.advance(10)
    t.equal(world.chargePoint.limitA(1), limitA)
  }
})

test('dropsProfilesOnReboot: after a reboot nothing limits it', async (t) => {
  for (const [dropsProfilesOnReboot, limitA] of [
    [false, 6],
    [true, 32],
  ] as const) {
    const world = await aChargePoint({ behaviour: { dropsProfilesOnReboot } })
    await world.call('SetChargingProfile', txDefault(6))
    t.same(await world.call('Reset', { type: 'Hard' }), accepted)
    await world.clock.advance(30_000)
    t.equal(world.calls('BootNotification').length, 2)
    t.equal(world.chargePoint.limitA(1), limitA)
  }
})

test('garbageMeterValues and meterValues: nonsense, or nothing', async (t) => {
  const world = await aChargePoint({ behaviour: { garbageMeterValues: true } })
  await world.charge()
  await world.clock.advance(10 * MINUTE)
  const texts = world
    .calls('MeterValues')
    .flatMap(({ payload }) => payload.meterValue[0].sampledValue)
    .map((sampled: Fields) => String(sampled['value']))
  t.ok(
    texts.some((text) => text === '' || Number.isNaN(Number(text))),
    texts.join(' '),
  )
  const sent = world.calls('MeterValues').length
  world.chargePoint.behave({ meterValues: false })
  await world.clock.advance(10 * MINUTE)
  t.equal(world.calls('MeterValues').length, sent)
})

test('relativeDurationFrom: the two readings of a relative duration differ', async (t) => {
  for (const [relativeDurationFrom, limitA] of [
    ['receipt', 16],
    ['transactionStart', 32],
  ] as const) {
    const world = await aChargePoint({ behaviour: { relativeDurationFrom } })
    await world.charge()
    await world.clock.advance(10 * MINUTE)
    const transactionId = world.chargePoint.transactionId(1)
    const absolute = txProfile({ limit: 16, transactionId, nowMs: 0, durationS: 150 })
    const csChargingProfiles = Object.assign({}, absolute['csChargingProfiles'], {
      chargingProfileKind: 'Relative',
    })
    await world.call('SetChargingProfile', { connectorId: 1, csChargingProfiles })
    t.equal(world.chargePoint.limitA(1), limitA, relativeDurationFrom)
  }
})

test('clockOffsetMs: its times and its expiry are off by as much', async (t) => {
  const world = await aChargePoint({ behaviour: { clockOffsetMs: 2 * MINUTE } })
  await world.charge()
  const told = Date.parse(world.calls('StartTransaction')[0]?.payload.timestamp)
  t.ok(Math.abs(told - world.clock.now() - 2 * MINUTE) < 10_000)
  await limitTo(world, 16)
  await world.clock.advance(20_000)
  t.equal(world.chargePoint.limitA(1), 16)
  await world.clock.advance(15_000)
  t.equal(world.chargePoint.limitA(1), 32, 'the 150 s are over after 30')
})

test('startsOffline: false keeps cars waiting until somebody can be asked', async (t) => {
  const world = await aChargePoint({ behaviour: { startsOffline: false } })
  await world.clock.advance(MINUTE)
  world.network.cut(ID)
  await world.clock.advance(1000)
  await world.charge()
  t.same(world.chargePoint.permittedA(1), [0, 0, 0])
  world.network.heal(ID)
  await world.clock.advance(20_000)
  t.equal(world.chargePoint.transactionId(1), 101)
})

test('bootsOnReconnect: each connection begins with a BootNotification', async (t) => {
  const world = await aChargePoint({ behaviour: { bootsOnReconnect: true } })
  world.network.reset(ID)
  await world.clock.advance(10_000)
  t.equal(world.calls('BootNotification').length, 2)
})
