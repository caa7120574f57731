import { test } from 'tap'
import { aChargePoint, hungryEv, txDefault, txProfile } from './a-charge-point.js'

const MINUTE = 60_000

test('it boots, takes the interval and the time, and tells the status of each connector', async (t) => {
  const world = await aChargePoint({
    connectors: [
      { maxCurrentA: 32, phases: 3 },
      { maxCurrentA: 16, phases: 1 },
    ],
  })
  t.equal(world.calls('BootNotification').length, 1)
  t.equal(world.chargePoint.configuration('HeartbeatInterval'), '60')
  for (const connector of [0, 1, 2]) t.same(world.statuses(connector), ['Available'])
  await world.clock.advance(5 * MINUTE)
  t.equal(world.calls('Heartbeat').length, 4)
  t.same(world.chargePoint.complaints(), [])
})

test('while the boot is pending it says nothing else and asks again after the interval', async (t) => {
  let status = 'Pending'
  const world = await aChargePoint({
    prepare: (controller) =>
      controller.answer('BootNotification', () => ({ status, interval: 30, currentTime: 'x' })),
  })
  world.chargePoint.plugIn(1, hungryEv(), { idTag: 'TAG' })
  await world.clock.advance(29_000)
  t.same(
    world.controller.calls.map(({ action }) => action),
    ['BootNotification'],
  )
  t.match(await world.call('GetConfiguration', { key: ['NumberOfConnectors'] }), {
    configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '1' }],
  })
  status = 'Rejected'
  await world.clock.advance(5000)
  status = 'Accepted'
  await world.clock.advance(35_000)
  t.equal(world.calls('BootNotification').length, 3)
  t.equal(world.calls('StartTransaction').length, 1, 'the car starts once it is accepted')
})

test('a boot whose answer is lost is tried again', async (t) => {
  const world = await aChargePoint({
    prepare: (controller) => controller.answer('BootNotification', () => undefined),
  })
  const currentTime = new Date(world.clock.now()).toISOString()
  world.controller.answer('BootNotification', () => ({
    status: 'Accepted',
    interval: 60,
    currentTime,
  }))
  await world.clock.advance(MINUTE)
  t.equal(world.calls('BootNotification').length, 2)
  t.same(world.statuses(1), ['Available'])
})

test('a car authorises, starts, charges, is metered, and stops when unplugged', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  await world.call('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '10' })
  t.same(chargePoint.permittedA(1), [0, 0, 0], 'the contactor is open')
  chargePoint.plugIn(1, hungryEv({ maxCurrentA: 16 }), { idTag: 'TAG' })
  await clock.advance(10 * MINUTE)
  t.equal(chargePoint.transactionId(1), 101)
  t.same(chargePoint.drawA(1), [16, 16, 16])
  t.same(chargePoint.permittedA(1), [32, 32, 32], 'nothing limits but the hardware')
  const energyWh = chargePoint.energyWh(1)
  t.ok(Math.abs(energyWh - (16 * 3 * 230) / 6) < 25, `${energyWh} Wh in ten minutes`)
  chargePoint.unplug(1)
  await clock.advance(1000)
  t.same(world.statuses(1), [
    'Available',
    'Preparing',
    'SuspendedEV',
    'Charging',
    'Finishing',
    'Available',
  ])
  const order = world.controller.calls
    .map(({ action }) => action)
    .filter((action) => /Authorize|Transaction/.test(action))
  t.same(order, ['Authorize', 'StartTransaction', 'StopTransaction'])
  t.match(world.calls('StartTransaction')[0]?.payload, {
    connectorId: 1,
    idTag: 'TAG',
    meterStart: 0,
  })
  t.match(world.calls('StopTransaction')[0]?.payload, {
    transactionId: 101,
    reason: 'EVDisconnected',
    meterStop: Math.floor(energyWh),
  })
  const samples = world.calls('MeterValues')
  t.equal(samples.length, 59)
  t.match(samples.at(-1)?.payload, {
    connectorId: 1,
    transactionId: 101,
    meterValue: [
      {
        sampledValue: [
          { measurand: 'Current.Import', phase: 'L1', value: '16.00', unit: 'A' },
          { phase: 'L2' },
          { phase: 'L3' },
          { measurand: 'Power.Active.Import', value: '11040', unit: 'W' },
          { measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
        ],
      },
    ],
  })
  t.same(chargePoint.permittedA(1), [0, 0, 0])
  t.same(chargePoint.drawA(1), [0, 0, 0])
})

test('a TxProfile limits until it expires, then the TxDefaultProfile does', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  t.same(await world.call('SetChargingProfile', txDefault(6)), { status: 'Accepted' })
  t.same(chargePoint.permittedIfStartedA(1), [6, 6, 6])
  t.same(chargePoint.permittedA(1), [0, 0, 0])
  await world.charge()
  t.same(chargePoint.permittedA(1), [6, 6, 6])
  const transactionId = chargePoint.transactionId(1)
  const limited = txProfile({ limit: 16, transactionId, nowMs: clock.now(), durationS: 60 })
  t.same(await world.call('SetChargingProfile', limited), { status: 'Accepted' })
  t.same(chargePoint.permittedA(1), [16, 16, 16])
  await clock.advance(58_000)
  t.same(chargePoint.drawA(1), [16, 16, 16])
  await clock.advance(3000)
  t.same(chargePoint.permittedA(1), [6, 6, 6])
  t.same(chargePoint.drawA(1), [6, 6, 6])
  chargePoint.unplug(1)
  t.equal(chargePoint.profiles().length, 1, 'the TxProfile went with its transaction')
})

test('0 A suspends the car, which says so, and a new offer wakes it', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  await world.charge()
  await world.call('SetChargingProfile', txDefault(0))
  await clock.advance(2000)
  t.same(chargePoint.drawA(1), [0, 0, 0])
  await world.call('SetChargingProfile', txDefault(10))
  await clock.advance(10_000)
  t.same(chargePoint.drawA(1), [10, 10, 10])
  t.same(world.statuses(1).slice(-4), ['Charging', 'SuspendedEVSE', 'SuspendedEV', 'Charging'])
})

test('one phase of a car lands on the site phase its EVSE is wired to', async (t) => {
  const world = await aChargePoint({
    connectors: [{ maxCurrentA: 32, phases: 3, phaseRotation: 'STR' }],
  })
  await world.charge({ phases: 1, maxCurrentA: 20 })
  t.same(world.chargePoint.drawA(1), [0, 20, 0])
  t.same(world.chargePoint.usableA(1), [0, 32, 0])
  t.same(world.chargePoint.permittedA(1), [32, 32, 32])
  await world.clock.advance(MINUTE)
  const sampled = world.calls('MeterValues').at(-1)?.payload.meterValue[0].sampledValue
  t.match(sampled, [
    { phase: 'L1', value: '20.00' },
    { phase: 'L2', value: '0.00' },
    { phase: 'L3', value: '0.00' },
    { measurand: 'Power.Active.Import', value: '4600' },
  ])
})

test('the limit of the whole charge point is shared by the connectors that charge', async (t) => {
  const world = await aChargePoint({
    connectors: [
      { maxCurrentA: 32, phases: 3 },
      { maxCurrentA: 32, phases: 3 },
    ],
  })
  const { chargePoint } = world
  const whole = { ...txDefault(20, 0) }
  const csChargingProfiles = Object.assign({}, whole['csChargingProfiles'], {
    chargingProfilePurpose: 'ChargePointMaxProfile',
  })
  await world.call('SetChargingProfile', { connectorId: 0, csChargingProfiles })
  await world.charge()
  t.same(chargePoint.permittedA(1), [20, 20, 20])
  t.same(chargePoint.permittedIfStartedA(2), [10, 10, 10])
  chargePoint.plugIn(2, hungryEv(), { idTag: 'TAG2' })
  await world.clock.advance(6000)
  t.same(chargePoint.permittedA(1), [10, 10, 10])
  t.same(chargePoint.permittedA(2), [10, 10, 10])
})

test('a refused tag never charges, or is stopped when it had started already', async (t) => {
  const blocked = { idTagInfo: { status: 'Blocked' } }
  for (const authorizesFirst of [true, false]) {
    const world = await aChargePoint({ behaviour: { authorizesFirst } })
    world.controller.answer('Authorize', () => blocked)
    world.controller.answer('StartTransaction', () => ({ transactionId: 9, ...blocked }))
    await world.charge()
    await world.clock.advance(MINUTE)
    t.same(world.chargePoint.permittedA(1), [0, 0, 0])
    t.equal(world.statuses(1).at(-1), authorizesFirst ? 'Preparing' : 'Finishing')
    t.equal(world.calls('Authorize').length, authorizesFirst ? 1 : 0)
    const stops = world.calls('StopTransaction').map(({ payload }) => payload.reason)
    t.same(stops, authorizesFirst ? [] : ['DeAuthorized'])
  }
})

test('a reboot ends the transaction, keeps profiles and car, and starts anew', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  await world.call('SetChargingProfile', txDefault(6))
  await world.charge()
  chargePoint.reboot()
  t.same(chargePoint.permittedA(1), [0, 0, 0])
  t.same(chargePoint.drawA(1), [0, 0, 0])
  await clock.advance(30_000)
  t.equal(world.calls('BootNotification').length, 2)
  t.equal(world.calls('StopTransaction')[0]?.payload.reason, 'Reboot')
  t.equal(chargePoint.transactionId(1), 102)
  t.same(chargePoint.permittedA(1), [6, 6, 6])
  chargePoint.reboot({ keepProfiles: false })
  await clock.advance(30_000)
  t.same(chargePoint.permittedA(1), [32, 32, 32])
})

test('its clock follows the time it is told, not the clock of the controller', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  clock.step(600_000)
  t.ok(Math.abs(chargePoint.wallMs() + 600_000 - clock.now()) < 100)
  await clock.advance(2 * MINUTE)
  t.ok(Math.abs(chargePoint.wallMs() - clock.now()) < 100, 'after a heartbeat')
})
