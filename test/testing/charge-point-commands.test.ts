import { array, assert, constantFrom, double, nat, property, record } from 'fast-check'
import { test } from 'tap'
import { manualClock } from '../../src/testing/manual-clock.js'
import { seededRandom } from '../../src/testing/random.js'
import { simulatedChargePoint } from '../../src/testing/simulated-charge-point.js'
import { aChargePoint, hungryEv, txDefault, txProfile } from './a-charge-point.js'

const MINUTE = 60_000
const accepted = { status: 'Accepted' }
const rejected = { status: 'Rejected' }

test('what it does not know it says so, and malformed profiles it remembers', async (t) => {
  const world = await aChargePoint()
  t.same(await world.call('GetWeather', {}), ['error', 'NotImplemented'])
  t.same(await world.call('SetChargingProfile', { connectorId: 1 }), [
    'error',
    'FormationViolation',
  ])
  t.same(await world.call('SetChargingProfile', txDefault(6, 9)), [
    'error',
    'PropertyConstraintViolation',
  ])
  const malformed = { connectorId: 1, csChargingProfiles: { chargingProfileId: 'one' } }
  await world.call('SetChargingProfile', malformed)
  world.controller.connection('CP1').send('{"not": "a frame"}')
  await world.clock.advance(100)
  t.match(world.chargePoint.complaints(), [/malformed charging profile/, /not a JSON array/])
})

test('a TxProfile is rejected without its transaction', async (t) => {
  const world = await aChargePoint()
  const nowMs = world.clock.now()
  const early = txProfile({ limit: 10, transactionId: 101, nowMs })
  t.same(await world.call('SetChargingProfile', early), rejected)
  await world.charge()
  const other = txProfile({ limit: 10, transactionId: 102, nowMs })
  t.same(await world.call('SetChargingProfile', other), rejected)
  t.same(await world.call('SetChargingProfile', early), accepted)
})

test('ClearChargingProfile says whether there was something to clear', async (t) => {
  const world = await aChargePoint()
  await world.call('SetChargingProfile', txDefault(6))
  t.same(await world.call('ClearChargingProfile', { id: 77 }), { status: 'Unknown' })
  t.same(await world.call('ClearChargingProfile', { id: 2 }), accepted)
  t.equal(world.chargePoint.limitA(1), 32)
  t.same(await world.call('ClearChargingProfile', {}), { status: 'Unknown' })
})

test('the composite schedule names each change within its time', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  await world.call('SetChargingProfile', txDefault(6))
  await world.charge()
  const transactionId = chargePoint.transactionId(1)
  const limited = txProfile({ limit: 16, transactionId, nowMs: clock.now(), durationS: 100 })
  await world.call('SetChargingProfile', limited)
  const ask = { connectorId: 1, duration: 600, chargingRateUnit: 'A' }
  const answer = await world.call('GetCompositeSchedule', ask)
  t.match(answer, {
    status: 'Accepted',
    connectorId: 1,
    chargingSchedule: {
      duration: 600,
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [
        { startPeriod: 0, limit: 16 },
        { startPeriod: 100, limit: 6 },
      ],
    },
  })
  t.match(await world.call('GetCompositeSchedule', { ...ask, chargingRateUnit: 'W' }), {
    chargingSchedule: { chargingSchedulePeriod: [{ limit: 16 * 690 }, { limit: 6 * 690 }] },
  })
  t.same(await world.call('GetCompositeSchedule', { ...ask, connectorId: 5 }), rejected)
})

test('configuration is read and changed by its rules', async (t) => {
  const world = await aChargePoint()
  t.match(
    await world.call('GetConfiguration', { key: ['ChargeProfileMaxStackLevel', 'Nonsense'] }),
    {
      configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '10' }],
      unknownKey: ['Nonsense'],
    },
  )
  for (const [key, value, status] of [
    ['MeterValueSampleInterval', '10', 'Accepted'],
    ['MeterValueSampleInterval', 'often', 'Rejected'],
    ['NumberOfConnectors', '7', 'Rejected'],
    ['Nonsense', '1', 'NotSupported'],
  ] as const) {
    t.same(await world.call('ChangeConfiguration', { key, value }), { status }, `${key}=${value}`)
  }
  t.equal(world.chargePoint.configuration('MeterValueSampleInterval'), '10')
  await world.call('ChangeConfiguration', {
    key: 'MeterValuesSampledData',
    value: 'Power.Active.Import',
  })
  await world.charge()
  await world.clock.advance(20_000)
  const sampled = world.calls('MeterValues')[0]?.payload.meterValue[0].sampledValue
  t.match(sampled, [{ measurand: 'Power.Active.Import' }])
  t.equal(sampled.length, 1)
})

test('it tells on demand what it is asked to tell', async (t) => {
  const world = await aChargePoint()
  for (const [requestedMessage, more] of [
    ['BootNotification', 1],
    ['Heartbeat', 1],
    ['StatusNotification', 2],
    ['MeterValues', 1],
  ] as const) {
    const before = world.calls(requestedMessage).length
    t.same(await world.call('TriggerMessage', { requestedMessage }), accepted)
    await world.clock.advance(200)
    const after = world.calls(requestedMessage).length
    t.equal(after - before, requestedMessage === 'StatusNotification' ? 2 : more, requestedMessage)
  }
  t.same(await world.call('TriggerMessage', { requestedMessage: 'Weather' }), {
    status: 'NotImplemented',
  })
  const elsewhere = { requestedMessage: 'MeterValues', connectorId: 4 }
  t.same(await world.call('TriggerMessage', elsewhere), rejected)
})

test('a remote start charges the car that waits or the next one, with its profile', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  const limited = txProfile({ limit: 12, transactionId: undefined, nowMs: clock.now() })
  const chargingProfile = limited['csChargingProfiles']
  const start = { idTag: 'REMOTE', connectorId: 1, chargingProfile }
  t.same(await world.call('RemoteStartTransaction', start), accepted)
  chargePoint.plugIn(1, hungryEv())
  await clock.advance(10_000)
  t.match(world.calls('StartTransaction')[0]?.payload, { idTag: 'REMOTE', connectorId: 1 })
  t.same(chargePoint.drawA(1), [12, 12, 12])
  t.same(await world.call('RemoteStartTransaction', start), rejected, 'one runs already')
  t.same(await world.call('RemoteStopTransaction', { transactionId: 55 }), rejected)
  t.same(await world.call('RemoteStopTransaction', { transactionId: 101 }), accepted)
  await clock.advance(1000)
  t.equal(world.calls('StopTransaction')[0]?.payload.reason, 'Remote')
  t.equal(chargePoint.status(1), 'Finishing')
  t.same(await world.call('RemoteStartTransaction', { idTag: 'AGAIN' }), accepted)
  await clock.advance(1000)
  t.equal(chargePoint.transactionId(1), 102)
})

test('a remote start without a car is forgotten after the connection timeout', async (t) => {
  const world = await aChargePoint()
  await world.call('RemoteStartTransaction', { idTag: 'REMOTE', connectorId: 1 })
  await world.clock.advance(3 * MINUTE)
  world.chargePoint.plugIn(1, hungryEv())
  await world.clock.advance(10_000)
  t.equal(world.chargePoint.hasTransaction(1), false)
})

test('a connector out of service finishes its transaction and starts no other', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  await world.charge()
  const off = { connectorId: 1, type: 'Inoperative' }
  t.same(await world.call('ChangeAvailability', off), { status: 'Scheduled' })
  t.same(chargePoint.permittedIfStartedA(1), [32, 32, 32])
  chargePoint.unplug(1)
  t.same(chargePoint.permittedIfStartedA(1), [0, 0, 0])
  chargePoint.plugIn(1, hungryEv(), { idTag: 'TAG' })
  await clock.advance(10_000)
  t.equal(chargePoint.hasTransaction(1), false)
  t.equal(world.statuses(1).at(-1), 'Unavailable')
  t.equal(world.statuses(0).at(-1), 'Unavailable', 'no connector is left')
  t.same(await world.call('ChangeAvailability', { connectorId: 0, type: 'Operative' }), accepted)
  await clock.advance(10_000)
  t.equal(chargePoint.hasTransaction(1), true)
})

test('unlocking stops the transaction, and an unknown connector cannot be unlocked', async (t) => {
  const world = await aChargePoint()
  await world.charge()
  t.same(await world.call('UnlockConnector', { connectorId: 1 }), { status: 'Unlocked' })
  await world.clock.advance(1000)
  t.equal(world.calls('StopTransaction')[0]?.payload.reason, 'UnlockCommand')
  t.same(await world.call('UnlockConnector', { connectorId: 7 }), { status: 'NotSupported' })
})

test('whatever profiles it is sent, it permits no more than its hardware', async (t) => {
  const anyProfile = record({
    id: nat(8),
    connectorId: nat(2),
    purpose: constantFrom('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'),
    level: nat(12),
    kind: constantFrom('Absolute', 'Relative'),
    unit: constantFrom('A', 'W'),
    limit: double({ min: 0, max: 1e6, noNaN: true }),
  })
  const holds = property(array(anyProfile, { maxLength: 10 }), (profiles) => {
    const chargePoint = simulatedChargePoint({
      identity: 'CP1',
      connectors: [
        { maxCurrentA: 32, phases: 3 },
        { maxCurrentA: 16, phases: 1, phaseRotation: 'SRT' },
      ],
      clock: manualClock(),
      random: seededRandom(1),
    })
    for (const { id, connectorId, purpose, level, kind, unit, limit } of profiles) {
      const csChargingProfiles = {
        chargingProfileId: id,
        stackLevel: level,
        chargingProfilePurpose: purpose,
        chargingProfileKind: kind,
        chargingSchedule: {
          chargingRateUnit: unit,
          chargingSchedulePeriod: [{ startPeriod: 0, limit }],
        },
      }
      const payload = { connectorId, csChargingProfiles }
      chargePoint.received(JSON.stringify([2, 'x', 'SetChargingProfile', payload]))
    }
    const first = chargePoint.permittedIfStartedA(1)
    const second = chargePoint.permittedIfStartedA(2)
    const isWithin = (currentA: number, maxA: number): boolean => currentA >= 0 && currentA <= maxA
    return (
      first.every((currentA) => isWithin(currentA, 32)) &&
      second[0] === 0 &&
      isWithin(second[1], 16) &&
      second[2] === 0 &&
      chargePoint.permittedA(1).every((currentA) => currentA === 0)
    )
  })
  assert(holds, { numRuns: 300 })
  t.pass('300 stacks of profiles')
})
