import { test } from 'tap'
import { aChargePoint, hungryEv, ID } from './a-charge-point.js'

const MINUTE = 60_000

test('what happens offline is kept and told in order with its own times', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock, network } = world
  await clock.advance(20_000)
  network.cut(ID)
  await clock.advance(1000)
  const startMs = clock.now()
  chargePoint.plugIn(1, hungryEv(), { idTag: 'TAG' })
  await clock.advance(10 * MINUTE)
  t.same(chargePoint.permittedA(1), [32, 32, 32], 'nobody could be asked')
  chargePoint.unplug(1)
  const stopMs = clock.now()
  await clock.advance(5 * MINUTE)
  t.equal(world.calls('StartTransaction').length, 0)
  t.equal(chargePoint.keptMessages(), 12)
  network.heal(ID)
  await clock.advance(10_000)
  const told = world.controller.calls.filter(({ action }) => /Transaction|MeterV/.test(action))
  t.equal(told.length, 12)
  t.equal(chargePoint.keptMessages(), 0)
  t.equal(told[0]?.action, 'StartTransaction')
  t.equal(Date.parse(told[0]?.payload.timestamp), startMs)
  t.equal(told[5]?.payload.transactionId, 101, 'the id came with the answer to the start')
  t.equal(Date.parse(told[5]?.payload.meterValue[0].timestamp), startMs + 5 * MINUTE)
  t.match(told[11], { action: 'StopTransaction', payload: { transactionId: 101 } })
  t.equal(Date.parse(told[11]?.payload.timestamp), stopMs)
  t.equal(world.calls('BootNotification').length, 1, 'a reconnect is no boot')
})

test('an unanswered StartTransaction is told again as it was, and holds back what follows', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock, network } = world
  network.loseNext(ID, { to: 'chargePoint', matches: (text) => text.includes('transactionId') })
  chargePoint.plugIn(1, hungryEv(), { idTag: 'TAG' })
  await clock.advance(35_000)
  t.equal(chargePoint.hasTransaction(1), true)
  t.equal(chargePoint.transactionId(1), undefined)
  chargePoint.unplug(1)
  await clock.advance(MINUTE)
  const starts = world.calls('StartTransaction')
  t.equal(starts.length, 2)
  t.same(starts[0]?.payload, starts[1]?.payload)
  t.equal(world.calls('StopTransaction')[0]?.payload.transactionId, 102)
})

test('after enough errors a StartTransaction is given up and its stop has no id', async (t) => {
  const world = await aChargePoint()
  world.controller.answer('StartTransaction', () => undefined)
  const { chargePoint, clock, controller } = world
  chargePoint.plugIn(1, hungryEv(), { idTag: 'TAG' })
  // What the script does not answer is answered by hand, as an error.
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await clock.advanceUntil(() => world.calls('StartTransaction').length === attempt, 10 * MINUTE)
    const id = controller.lastIdOf('StartTransaction')
    controller.connection(ID).send(JSON.stringify([4, id, 'InternalError', '', {}]))
  }
  chargePoint.unplug(1)
  await clock.advance(MINUTE)
  t.equal(world.calls('StartTransaction').length, 3)
  t.equal(world.calls('StopTransaction')[0]?.payload.transactionId, -1)
})

test('what it has to tell survives a reboot while offline', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock, network } = world
  await clock.advance(20_000)
  network.cut(ID)
  await world.charge()
  chargePoint.reboot({ reason: 'PowerLoss' })
  await clock.advance(MINUTE)
  network.heal(ID)
  await clock.advance(20_000)
  const told = world.controller.calls.map(({ action, payload }) => payload.reason ?? action)
  const order = told.filter((word: string) => /Boot|Start|PowerLoss/.test(word))
  t.same(order, [
    'BootNotification',
    'BootNotification',
    'StartTransaction',
    'PowerLoss',
    'StartTransaction',
  ])
  t.equal(chargePoint.transactionId(1), 102, 'the car began anew while offline')
})
