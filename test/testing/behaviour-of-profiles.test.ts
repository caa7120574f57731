/** Faults of charge points that concern charging profiles: which they take, what becomes of them. */
import { test } from 'tap'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aChargePoint, txDefault, txProfile } from './a-charge-point.js'
import type { ChargePointWorld } from './a-charge-point.js'
import type { Fields } from './fake-controller.js'

const MINUTE = 60_000
const accepted = { status: 'Accepted' }
const rejected = { status: 'Rejected' }

async function limitTo(world: ChargePointWorld, limit: number): Promise<unknown> {
  const transactionId = world.chargePoint.transactionId(1)
  const nowMs = world.clock.now()
  return world.call('SetChargingProfile', txProfile({ limit, transactionId, nowMs }))
}

/** The TxDefaultProfile of 10 A with some fields changed. */
function changed(profile: Fields, schedule: Fields = {}, connectorId = 1): Fields {
  const base: { csChargingProfiles?: { chargingSchedule?: Fields } } = txDefault(10)
  return {
    connectorId,
    csChargingProfiles: {
      ...base.csChargingProfiles,
      ...profile,
      chargingSchedule: { ...base.csChargingProfiles?.chargingSchedule, ...schedule },
    },
  }
}

const MAXIMUM = changed({ chargingProfilePurpose: 'ChargePointMaxProfile' }, {}, 0)
const RELATIVE = changed({ chargingProfileKind: 'Relative' }, { startSchedule: undefined })
const WATTS = changed({}, { chargingRateUnit: 'W' })
const ZERO = changed({}, { chargingSchedulePeriod: [{ startPeriod: 0, limit: 0 }] })
const LATER_ZERO = changed(
  {},
  {
    chargingSchedulePeriod: [
      { startPeriod: 0, limit: 6 },
      { startPeriod: 60, limit: 0 },
    ],
  },
)

test('a charge point refuses just what it is told to refuse, and installs nothing of it', async (t) => {
  const cases: readonly [Partial<Behaviour>, readonly Fields[], readonly Fields[]][] = [
    [{}, [], [MAXIMUM, RELATIVE, WATTS, ZERO, changed({ stackLevel: 10 })]],
    [{ refusesPurposes: ['ChargePointMaxProfile'] }, [MAXIMUM], [txDefault(10)]],
    [{ refusesPurposes: ['TxDefaultProfile'] }, [txDefault(10)], [MAXIMUM]],
    [{ refusesKinds: ['Absolute'] }, [txDefault(10)], [RELATIVE]],
    [{ refusesKinds: ['Relative'] }, [RELATIVE], [txDefault(10)]],
    [{ refusesUnits: ['A'] }, [txDefault(10)], [WATTS]],
    [{ refusesUnits: ['W'] }, [WATTS], [txDefault(10)]],
    [{ maxStackLevel: 0 }, [changed({ stackLevel: 1 })], [txDefault(10)]],
    [{ maxPeriods: 1 }, [LATER_ZERO], [txDefault(10)]],
    [{ refusesZeroLimit: true }, [ZERO, LATER_ZERO], [txDefault(10)]],
  ]
  for (const [behaviour, refused, taken] of cases) {
    const world = await aChargePoint({ behaviour })
    const what = JSON.stringify(behaviour)
    for (const payload of refused) {
      t.same(await world.call('SetChargingProfile', payload), rejected, what)
    }
    t.same(world.chargePoint.profiles(), [], what)
    for (const payload of taken) {
      t.same(await world.call('SetChargingProfile', payload), accepted, what)
    }
  }
})

test('refusesPurposes: a TxProfile is refused while the fallback works', async (t) => {
  const world = await aChargePoint({ behaviour: { refusesPurposes: ['TxProfile'] } })
  await world.charge()
  t.same(await limitTo(world, 16), rejected)
  t.same(await world.call('SetChargingProfile', txDefault(8)), accepted)
  t.equal(world.chargePoint.limitA(1), 8)
})

test('answersProfilesWith: what it does not take it answers in its own way', async (t) => {
  for (const [answersProfilesWith, answer, clearing] of [
    ['rejected', rejected, { status: 'Unknown' }],
    ['notSupported', ['error', 'NotSupported'], ['error', 'NotSupported']],
    ['notImplemented', ['error', 'NotImplemented'], ['error', 'NotImplemented']],
  ] as const) {
    const world = await aChargePoint({ behaviour: { rejectsProfiles: true, answersProfilesWith } })
    t.same(await world.call('SetChargingProfile', txDefault(6)), answer)
    t.same(await world.call('ClearChargingProfile', { id: 2 }), clearing)
    world.chargePoint.behave({ rejectsProfiles: false })
    t.same(await world.call('SetChargingProfile', txDefault(6)), accepted)
    t.same(await world.call('SetChargingProfile', changed({ stackLevel: 99 })), answer)
  }
})

test('what it can do stands in its configuration, also after a change', async (t) => {
  const world = await aChargePoint({ behaviour: { maxStackLevel: 2, refusesUnits: ['W'] } })
  const told = async (): Promise<unknown> =>
    world.call('GetConfiguration', {
      key: [
        'ChargeProfileMaxStackLevel',
        'ChargingScheduleAllowedChargingRateUnit',
        'ChargingScheduleMaxPeriods',
      ],
    })
  const keys = (...values: readonly string[]): unknown => ({
    configurationKey: values.map((value) => ({ value, readonly: true })),
  })
  t.match(await told(), keys('2', 'Current', '24'))
  world.chargePoint.behave({ maxStackLevel: 0, refusesUnits: ['A'], maxPeriods: 1 })
  t.match(await told(), keys('0', 'Power', '1'))
  t.same(await world.call('SetChargingProfile', changed({ stackLevel: 1 })), rejected)
})

test('supportsCompositeSchedule and compositeLies: no composite schedule, or a false one', async (t) => {
  const world = await aChargePoint({ behaviour: { supportsCompositeSchedule: false } })
  await world.call('SetChargingProfile', txDefault(10))
  const asked = { connectorId: 1, duration: 600, chargingRateUnit: 'A' }
  const composite = async (): Promise<unknown> => world.call('GetCompositeSchedule', asked)
  t.same(await composite(), ['error', 'NotSupported'])
  for (const [compositeLies, limit] of [
    ['never', 10],
    ['hardwareMaximum', 32],
    ['zero', 0],
  ] as const) {
    world.chargePoint.behave({ supportsCompositeSchedule: true, compositeLies })
    t.match(await composite(), { chargingSchedule: { chargingSchedulePeriod: [{ limit }] } })
    t.equal(world.chargePoint.limitA(1), 10, 'the truth is the same')
  }
})

test('profilesLostAfterMs: each profile is forgotten so long after it came', async (t) => {
  const world = await aChargePoint({ behaviour: { profilesLostAfterMs: 10 * MINUTE } })
  await world.call('SetChargingProfile', txDefault(6))
  await world.clock.advance(9 * MINUTE)
  t.equal(world.chargePoint.limitA(1), 6)
  await world.call('SetChargingProfile', changed({ chargingProfileId: 9, stackLevel: 1 }))
  await world.clock.advance(2 * MINUTE)
  t.same(
    world.chargePoint.profiles().map(({ profile }) => profile.id),
    [9],
  )
  await world.clock.advance(9 * MINUTE)
  t.equal(world.chargePoint.limitA(1), 32)
})

test('applyDelayMs and answerDelayMs of 20 s: one late in deed, one in word', async (t) => {
  const slow = await aChargePoint({ behaviour: { applyDelayMs: 20_000 } })
  t.same(await slow.call('SetChargingProfile', txDefault(6)), accepted)
  await slow.clock.advance(19_000)
  t.equal(slow.chargePoint.limitA(1), 32)
  await slow.clock.advance(1000)
  t.equal(slow.chargePoint.limitA(1), 6)
  const late = await aChargePoint({ behaviour: { answerDelayMs: 20_000 } })
  const sentMs = late.clock.monotonic()
  t.same(await late.call('SetChargingProfile', txDefault(6)), accepted)
  t.ok(late.clock.monotonic() - sentMs > 15_000, 'after the time a controller waits')
})

test('roundsUp: it takes up to one ampere more, within its hardware', async (t) => {
  const world = await aChargePoint({ behaviour: { roundsUp: true } })
  for (const [limit, expected] of [
    [10.1, 11],
    [10, 10],
    [31.5, 32],
    [40, 32],
  ] as const) {
    await world.call('SetChargingProfile', txDefault(limit))
    t.equal(world.chargePoint.limitA(1), expected)
  }
})

test('minCurrentA: a limit below it offers nothing', async (t) => {
  const world = await aChargePoint({ behaviour: { minCurrentA: 8 } })
  await world.charge()
  await limitTo(world, 7.9)
  await world.clock.advance(2000)
  t.same(world.chargePoint.permittedA(1), [0, 0, 0])
  t.same(world.chargePoint.drawA(1), [0, 0, 0])
  t.equal(world.chargePoint.status(1), 'SuspendedEVSE')
  await limitTo(world, 8)
  await world.clock.advance(10_000)
  t.same(world.chargePoint.drawA(1), [8, 8, 8])
  await world.call('SetChargingProfile', txDefault(7))
  t.same(world.chargePoint.permittedIfStartedA(1), [8, 8, 8])
  world.chargePoint.unplug(1)
  t.same(world.chargePoint.permittedIfStartedA(1), [0, 0, 0])
})

test('resumesFromZero: false ends a session at the first 0 A, until the car is plugged in again', async (t) => {
  const world = await aChargePoint({ behaviour: { resumesFromZero: false } })
  const { chargePoint, clock } = world
  await world.call('SetChargingProfile', txDefault(0))
  await world.charge()
  t.equal(chargePoint.status(1), 'SuspendedEVSE', 'a session may begin at 0 A')
  await limitTo(world, 16)
  await clock.advance(10_000)
  t.same(chargePoint.drawA(1), [16, 16, 16])
  await limitTo(world, 0)
  await clock.advance(2000)
  await limitTo(world, 16)
  await clock.advance(10 * MINUTE)
  t.same(chargePoint.permittedA(1), [0, 0, 0])
  t.equal(chargePoint.status(1), 'SuspendedEVSE')
  t.equal(chargePoint.hasTransaction(1), true)
  chargePoint.unplug(1)
  await world.charge()
  await limitTo(world, 16)
  await clock.advance(10_000)
  t.same(chargePoint.drawA(1), [16, 16, 16])
})

test('a fallback of 24 periods over 48 h is taken whole, and followed to its end', async (t) => {
  const world = await aChargePoint()
  const { chargePoint, clock } = world
  const chargingSchedulePeriod = Array.from({ length: 24 }, (_, index) => ({
    startPeriod: index * 7200,
    limit: index % 2 === 0 ? 6 : 10,
  }))
  const startSchedule = new Date(clock.now()).toISOString()
  const schedule = { duration: 48 * 3600, startSchedule, chargingSchedulePeriod }
  const higher = { stackLevel: 1, chargingProfileId: 9 }
  await world.call('SetChargingProfile', txDefault(8))
  t.same(await world.call('SetChargingProfile', changed(higher, schedule)), accepted)
  for (let hour = 1; hour < 48; hour += 2) {
    await clock.advance(2 * 60 * MINUTE - (hour === 1 ? 60 * MINUTE : 0))
    t.equal(chargePoint.limitA(1), Math.floor(hour / 2) % 2 === 0 ? 6 : 10, `hour ${hour}`)
  }
  await clock.advance(60 * MINUTE)
  t.equal(chargePoint.limitA(1), 8, 'then the level below')
  const tooMany = [...chargingSchedulePeriod, { startPeriod: 180_000, limit: 6 }]
  const longer = changed(higher, { ...schedule, chargingSchedulePeriod: tooMany })
  t.same(await world.call('SetChargingProfile', longer), rejected)
})

test('a profile cleared by its id leaves the rest, and what was below it counts again', async (t) => {
  const world = await aChargePoint()
  await world.call('SetChargingProfile', txDefault(8))
  await world.call('SetChargingProfile', changed({ stackLevel: 1, chargingProfileId: 9 }))
  t.equal(world.chargePoint.limitA(1), 10)
  // OCPP 1.6 errata 3.25: with an id the other criteria are void.
  t.same(await world.call('ClearChargingProfile', { id: 9, stackLevel: 5 }), accepted)
  t.equal(world.chargePoint.limitA(1), 8)
  t.same(await world.call('ClearChargingProfile', { id: 9 }), { status: 'Unknown' })
  t.equal(world.chargePoint.limitA(1), 8)
})
