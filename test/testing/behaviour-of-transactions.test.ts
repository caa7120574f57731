/** Faults of charge points that concern clocks, meter values, transactions and connections. */
import { test } from 'tap'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { seededRandom } from '../../src/testing/random.js'
import { plugChargePoint } from '../../src/testing/plug-charge-point.js'
import type { NetworkPlug } from '../../src/testing/plug-charge-point.js'
import { simulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import type { SimulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import { aChargePoint, hungryEv, ID, txDefault, txProfile } from './a-charge-point.js'
import type { ChargePointWorld } from './a-charge-point.js'
import type { ReceivedCall } from './fake-controller.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How far its clock is ahead of the true one. */
function aheadMs({ chargePoint, clock }: ChargePointWorld): number {
  return Math.round(chargePoint.wallMs() - clock.now())
}

test('clockDriftPpm: its clock runs away, and only as far as it is told the time', async (t) => {
  const synced = await aChargePoint({ behaviour: { clockDriftPpm: 100 } })
  await synced.clock.advance(DAY)
  t.ok(aheadMs(synced) <= 2100, `${aheadMs(synced)} ms, set right by each Heartbeat`)
  const alone = await aChargePoint({ behaviour: { clockDriftPpm: 100, syncsClock: false } })
  await alone.clock.advance(DAY)
  t.ok(Math.abs(aheadMs(alone) - 8640) < 50, `${aheadMs(alone)} ms`)
  alone.chargePoint.behave({ clockDriftPpm: -100 })
  await alone.clock.advance(DAY)
  t.ok(Math.abs(aheadMs(alone)) < 50, 'a change counts from when it was made')
})

test('syncsClock: false keeps a charge point in its own time', async (t) => {
  for (const [syncsClock, aheadHours] of [
    [true, 0],
    [false, 3],
  ] as const) {
    const world = await aChargePoint({ behaviour: { syncsClock } })
    // The true time moves on, the charge point's stays.
    world.clock.step(-3 * HOUR)
    await world.clock.advance(10 * MINUTE)
    t.equal(Math.round(aheadMs(world) / HOUR), aheadHours)
  }
})

test('localTimeAsUtcHours: it writes local time for UTC, and reads profiles rightly', async (t) => {
  const world = await aChargePoint({ behaviour: { localTimeAsUtcHours: 2 } })
  await world.charge()
  const startMs = Date.parse(world.calls('StartTransaction')[0]?.payload.timestamp)
  t.ok(Math.abs(startMs - world.clock.now() - 2 * HOUR) < 10_000)
  const statusMs = Date.parse(world.calls('StatusNotification').at(-1)?.payload.timestamp)
  t.ok(Math.abs(statusMs - world.clock.now() - 2 * HOUR) < 10_000)
  const transactionId = world.chargePoint.transactionId(1)
  const nowMs = world.clock.now()
  await world.call('SetChargingProfile', txProfile({ limit: 16, transactionId, nowMs }))
  t.equal(world.chargePoint.limitA(1), 16)
  await world.clock.advance(149_000)
  t.equal(world.chargePoint.limitA(1), 16)
  await world.clock.advance(2000)
  t.equal(world.chargePoint.limitA(1), 32)
})

test('meterFactor: currents, power and energy are wrong alike', async (t) => {
  const world = await aChargePoint({ behaviour: { meterFactor: 1.5 } })
  await world.call('SetChargingProfile', txDefault(10))
  await world.charge()
  await world.clock.advance(HOUR)
  const last = world.calls('MeterValues').at(-1)?.payload.meterValue[0].sampledValue
  t.match(last, [
    { value: '15.00', phase: 'L1' },
    { value: '15.00', phase: 'L2' },
    { value: '15.00', phase: 'L3' },
    { value: '10350', unit: 'W' },
    { measurand: 'Energy.Active.Import.Register' },
  ])
  const trueWh = world.chargePoint.ev(1)?.chargedWh() ?? 0
  t.ok(Math.abs(world.chargePoint.energyWh(1) - 1.5 * trueWh) < 1)
  t.same(world.chargePoint.drawA(1), [10, 10, 10])
})

test('garbageMeterValues: in the course of time every kind of nonsense', async (t) => {
  const world = await aChargePoint({ behaviour: { garbageMeterValues: true } })
  await world.charge()
  await world.clock.advance(5 * HOUR)
  const seen = new Set(
    world
      .calls('MeterValues')
      .flatMap(({ payload }) => payload.meterValue[0].sampledValue)
      .map(({ value, unit }) => `${value} ${unit}`),
  )
  for (const wanted of ['NaN A', ' A', '-16.00 A', '1e99 A', '-3000 Wh', '11000 kW', '16000 V']) {
    t.ok(seen.has(wanted), wanted)
  }
})

test('ignoresChangeAvailability: it says Accepted and lets cars charge all the same', async (t) => {
  const world = await aChargePoint({ behaviour: { ignoresChangeAvailability: true } })
  const inoperative = { connectorId: 0, type: 'Inoperative' }
  t.same(await world.call('ChangeAvailability', inoperative), { status: 'Accepted' })
  t.equal(world.chargePoint.status(1), 'Available')
  await world.charge()
  t.same(world.chargePoint.permittedA(1), [32, 32, 32])
})

test('losesTransactionsOnReboot: nobody is ever told how a transaction ended', async (t) => {
  for (const [losesTransactionsOnReboot, stops] of [
    [false, 1],
    [true, 0],
  ] as const) {
    const world = await aChargePoint({ behaviour: { losesTransactionsOnReboot } })
    await world.charge()
    world.network.cut(ID)
    await world.clock.advance(5 * MINUTE)
    t.ok(world.chargePoint.keptMessages() > 0)
    world.chargePoint.reboot()
    t.equal(world.chargePoint.keptMessages() > 0, !losesTransactionsOnReboot)
    world.network.heal(ID)
    await world.clock.advance(MINUTE)
    t.equal(world.calls('StopTransaction').length, stops)
    t.equal(world.calls('StartTransaction').length, 2, 'the car begins anew')
  }
})

/** What is told of a session that was offline from start to stop, beside boot and status. */
async function replayed(
  replaysOfflineQueue: Behaviour['replaysOfflineQueue'],
): Promise<readonly ReceivedCall[]> {
  const { chargePoint, clock, network, controller } = await aChargePoint({
    behaviour: { replaysOfflineQueue },
  })
  await clock.advance(20_000)
  network.cut(ID)
  await clock.advance(1000)
  chargePoint.plugIn(1, hungryEv(), { idTag: 'PAST' })
  await clock.advance(150_000)
  chargePoint.unplug(1)
  network.heal(ID)
  await clock.advance(6000)
  chargePoint.plugIn(1, hungryEv(), { idTag: 'PRESENT' })
  await clock.advance(100_000)
  if (chargePoint.keptMessages() > 0) throw new Error('not all was told')
  return controller.calls.filter(({ action }) => /Transaction|MeterV/.test(action))
}

const wordOf = ({ action, payload }: ReceivedCall): string =>
  `${action} ${payload.idTag ?? payload.transactionId}`

test('replaysOfflineQueue: in order, the past goes before the present', async (t) => {
  t.same((await replayed('inOrder')).map(wordOf), [
    'StartTransaction PAST',
    'MeterValues 101',
    'MeterValues 101',
    'StopTransaction PAST',
    'StartTransaction PRESENT',
    'MeterValues 102',
  ])
})

test('replaysOfflineQueue: late, the present goes first and the past comes a minute after', async (t) => {
  const told = await replayed('late')
  t.same(told.map(wordOf).slice(0, 2), ['StartTransaction PRESENT', 'StartTransaction PAST'])
  t.equal(
    told.map(wordOf).findLast((word) => !word.startsWith('M')),
    'StopTransaction PAST',
  )
  const [present, past] = told
  t.ok((past?.atMs ?? 0) - (present?.atMs ?? 0) > 30_000)
  t.ok(past?.payload.timestamp < present?.payload.timestamp)
})

test('replaysOfflineQueue: doubled, each message of the past comes twice, word for word', async (t) => {
  const told = await replayed('doubled')
  t.same(told.map(wordOf), [
    'StartTransaction PAST',
    'StartTransaction PAST',
    'MeterValues 101',
    'MeterValues 101',
    'MeterValues 101',
    'MeterValues 101',
    'StopTransaction PAST',
    'StopTransaction PAST',
    'StartTransaction PRESENT',
    'MeterValues 103',
  ])
  for (const index of [0, 2, 4, 6]) t.same(told[index]?.payload, told[index + 1]?.payload)
})

test('replaysOfflineQueue: out of order, the stop comes before its start', async (t) => {
  const words = (await replayed('outOfOrder')).map(wordOf)
  t.same(words.slice(0, 4), [
    'StopTransaction PAST',
    'MeterValues -1',
    'MeterValues -1',
    'StartTransaction PAST',
  ])
  t.equal(words[4], 'StartTransaction PRESENT')
})

/** A charge point whose plug is at hand. */
async function aTwin(): Promise<
  Pick<ChargePointWorld, 'clock' | 'network' | 'controller'> & {
    readonly twin: SimulatedChargePoint
    readonly plug: NetworkPlug
  }
> {
  const { clock, network, controller } = await aChargePoint()
  const random = seededRandom('twin')
  const connectors = [{ maxCurrentA: 32, phases: 3 as const }]
  const twin = simulatedChargePoint({ identity: 'TWIN', connectors, clock, random })
  const plug = plugChargePoint(network, twin, { clock, random })
  await clock.advance(1000)
  return { clock, network, controller, twin, plug }
}

test('a second connection takes over; the first is silent and closes late', async (t) => {
  const { clock, network, controller, twin, plug } = await aTwin()
  const first = controller.connection('TWIN')
  plug.dialAgain({ remoteAddress: '10.9.9.9', oldClosesAfterMs: 20_000 })
  await clock.advance(1000)
  t.equal(network.connections('TWIN'), 2)
  t.equal(controller.connection('TWIN').remoteAddress, '10.9.9.9')
  const asked = JSON.stringify([2, 'old', 'GetConfiguration', {}])
  first.send(asked)
  await clock.advance(1000)
  t.notOk(twin.callsReceived().has('GetConfiguration'), 'nobody listens to the first')
  const answering = controller.call('TWIN', 'GetConfiguration', {})
  await clock.advance(1000)
  t.match(await answering, { configurationKey: Array })
  await clock.advance(20_000)
  t.equal(network.connections('TWIN'), 1)
  const again = controller.call('TWIN', 'GetConfiguration', {})
  await clock.advance(1000)
  t.match(await again, { configurationKey: Array }, 'the second stands')
})

test('when the second connection is refused the first goes on', async (t) => {
  const { clock, network, controller, plug } = await aTwin()
  controller.admitWith({ type: 'refuse', status: 409, reason: 'connected already' })
  plug.dialAgain()
  await clock.advance(60_000)
  t.equal(network.connections('TWIN'), 1)
  const answering = controller.call('TWIN', 'GetConfiguration', {})
  await clock.advance(1000)
  t.match(await answering, { configurationKey: Array })
})

test('a car that goes on for 5 s is seen by the meter, not after it was unplugged', async (t) => {
  const world = await aChargePoint()
  await world.charge({ delaysStopMs: 5000 })
  await world.call('SetChargingProfile', txDefault(0))
  await world.clock.advance(3000)
  t.same(world.chargePoint.permittedA(1), [0, 0, 0])
  t.same(world.chargePoint.drawA(1), [32, 32, 32])
  await world.clock.advance(4000)
  t.same(world.chargePoint.drawA(1), [0, 0, 0])
  await world.call('SetChargingProfile', txDefault(16))
  await world.clock.advance(10_000)
  const ev = world.chargePoint.ev(1)
  world.chargePoint.unplug(1)
  const chargedWh = ev?.chargedWh()
  await world.clock.advance(10_000)
  t.same(world.chargePoint.drawA(1), [0, 0, 0])
  t.equal(ev?.chargedWh(), chargedWh)
})

test('a car that goes from three phases to one has the currents of one', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  await world.call('SetChargingProfile', txDefault(16))
  await world.charge({ changesPhases: { afterWh: 1000, to: 1 } })
  t.same(chargePoint.drawA(1), [16, 16, 16])
  await clock.advance(10 * MINUTE)
  t.same(chargePoint.drawA(1), [16, 0, 0])
  t.same(chargePoint.usableA(1), [16, 0, 0])
  t.same(chargePoint.permittedA(1), [16, 16, 16], 'the contactor is still closed on three')
  const told = world.calls('MeterValues').at(-1)?.payload.meterValue[0].sampledValue
  t.match(told, [{ value: '16.00' }, { value: '0.00' }, { value: '0.00' }])
})
