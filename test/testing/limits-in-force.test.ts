import { array, assert, constantFrom, nat, oneof, option, property, record } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { test } from 'tap'
import type { Clock } from '../../src/ports.js'
import { OBEDIENT } from '../../src/testing/behaviour.js'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { chargingProfiles } from '../../src/testing/charging-profiles.js'
import type { ChargingProfiles, LimitQuestion } from '../../src/testing/charging-profiles.js'
import { limitsInForce } from '../../src/testing/limits-in-force.js'
import { simulatedDevice } from '../../src/testing/simulated-device.js'
import { profile, store, tx, TX } from './some-profiles.js'
import type { Given } from './some-profiles.js'

const NOON = Date.parse('2026-03-02T12:00:00Z')
const MONOTONIC_AT_NOON = 1_000_000

type Step =
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'install'; readonly given: Given }
  | { readonly type: 'clear'; readonly id: number }
  | { readonly type: 'start' | 'answer' | 'stop' }
  | { readonly type: 'neighbour' }
  | { readonly type: 'setClock'; readonly byMs: number }
  | { readonly type: 'behave'; readonly change: Partial<Behaviour> }

const time = (atS: number): string => new Date(NOON + atS * 1000).toISOString()

const anyProfile: Arbitrary<Given> = record({
  id: nat(8),
  connector: constantFrom(0, 1),
  purpose: constantFrom('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'),
  transactionId: option(constantFrom(7), { nil: undefined }),
  level: nat(3),
  unit: constantFrom('A', 'W'),
  kind: constantFrom('Absolute', 'Relative'),
  start: constantFrom(null, time(-60), time(0), time(30), time(86_400)),
  duration: option(nat(300), { nil: undefined }),
  validFrom: option(constantFrom(time(-10), time(45)), { nil: undefined }),
  validTo: option(constantFrom(time(90), time(100_000)), { nil: undefined }),
  periods: constantFrom(
    [[0, 10]],
    [
      [0, 6],
      [20, 16],
      [75, 0],
    ],
  ),
} as const)

const daily: Arbitrary<Given> = record({
  id: nat(8),
  kind: constantFrom('Recurring'),
  recurrency: constantFrom('Daily'),
  start: constantFrom(time(-86_400), time(-86_390)),
  duration: option(constantFrom(40, 86_000), { nil: undefined }),
  limit: nat(40),
} as const)

const anyStep: Arbitrary<Step> = oneof(
  record({ type: constantFrom('wait'), ms: nat(200).map((tenths) => 100 + tenths * 500) } as const),
  record({ type: constantFrom('install'), given: oneof(anyProfile, daily) } as const),
  record({ type: constantFrom('clear'), id: nat(8) } as const),
  record({ type: constantFrom('start', 'answer', 'stop') } as const),
  record({ type: constantFrom('neighbour') } as const),
  record({ type: constantFrom('setClock'), byMs: constantFrom(-40_000, 40_000) } as const),
  record({
    type: constantFrom('behave'),
    change: constantFrom<Partial<Behaviour>>(
      { ignoresExpiry: true },
      { ignoresExpiry: false },
      { relativeDurationFrom: 'receipt' },
      { relativeDurationFrom: 'transactionStart' },
      { clockOffsetMs: 25_000 },
      { clockDriftPpm: 200_000 },
    ),
  } as const),
)

/** A device whose limits are composed but when needed, and the truth beside it. */
function aDevice() {
  let nowMs = MONOTONIC_AT_NOON
  let behaviour = OBEDIENT
  const clock: Clock = {
    now: () => NOON + nowMs - MONOTONIC_AT_NOON,
    monotonic: () => nowMs,
    epoch: undefined,
    every: () => () => undefined,
    soon: () => undefined,
  }
  const profiles = chargingProfiles(
    { maxStackLevel: 10, maxProfiles: 20, maxPeriods: 24 },
    () => behaviour,
  )
  const connectors = [
    { maxCurrentA: 1000, phases: 3 as const },
    { maxCurrentA: 1000, phases: 3 as const },
  ]
  const device = simulatedDevice({ clock, connectors, profiles, behaviour: () => behaviour })
  const [one, two] = device.connectors
  if (!one || !two) throw new Error('two connectors were asked for')
  const begin = () => ({
    id: undefined,
    idTag: 'TAG',
    startedAtMs: nowMs,
    meterStartWh: 0,
    wasOffered: false,
  })

  return {
    cached: () => device.limitA(one),
    composed() {
      const limitA = profiles.limitA({
        connectorId: 1,
        at: {
          wallMs: device.wallMs(),
          monotonicMs: nowMs,
          transactionStartedAtMs: one.transaction?.startedAtMs,
        },
        transactionId: one.transaction?.id,
        phases: 1,
        sharing: two.transaction ? 2 : 1,
      })
      return Math.min(1000, limitA ?? Infinity)
    },
    take(step: Step) {
      switch (step.type) {
        case 'wait':
          nowMs += step.ms
          return device.tick()
        case 'install':
          return profiles.install(step.given.connector ?? 1, profile(step.given), nowMs)
        case 'clear':
          return profiles.clear({ id: step.id })
        case 'start':
          one.transaction = begin()
          return
        case 'answer':
          if (one.transaction) one.transaction.id = 7
          return
        case 'stop':
          one.transaction = undefined
          return profiles.transactionEnded(1)
        case 'neighbour':
          two.transaction = two.transaction ? undefined : begin()
          return
        case 'setClock':
          return device.setWall(device.wallMs() + step.byMs)
        case 'behave':
          behaviour = { ...behaviour, ...step.change }
      }
    },
  }
}

test('whatever happens, the limit is what its profiles make together at that instant', async (t) => {
  let compared = 0
  const holds = property(array(anyStep, { minLength: 5, maxLength: 60 }), (steps) => {
    const device = aDevice()
    return steps.every((step) => {
      device.take(step)
      compared += 1
      return device.cached() === device.composed()
    })
  })
  assert(holds, { numRuns: 2000 })
  t.ok(compared > 10_000, `${compared} comparisons`)
})

test('the limit of the charge point is shared anew when a neighbour comes or goes', async (t) => {
  const device = aDevice()
  const given = { purpose: 'ChargePointMaxProfile', connector: 0, limit: 6900, unit: 'W' } as const
  device.take({ type: 'install', given })
  t.equal(device.cached(), 30)
  device.take({ type: 'neighbour' })
  t.equal(device.cached(), 15)
  device.take({ type: 'neighbour' })
  t.equal(device.cached(), 30)
})

test('between two edges the profiles are asked once, at each edge once more', async (t) => {
  let asked = 0
  const given: readonly Given[] = [
    { limit: 6 },
    { ...TX, limit: 16, start: '2026-03-02T12:00:00Z', duration: 150 },
  ]
  const profiles: ChargingProfiles = store(given)
  const counting = {
    ...profiles,
    limitA(question: LimitQuestion) {
      asked += 1
      return profiles.limitA(question)
    },
  }
  const reading = { relativeDurationFrom: 'transactionStart', ignoresExpiry: false } as const
  const limits = limitsInForce(counting, () => reading)
  const transaction = { id: tx.transactionId, startedAtMs: MONOTONIC_AT_NOON - 300_000 }
  const seen: (number | undefined)[] = []
  for (let second = 0; second < 1000; second += 1) {
    const elapsedMs = second * 1000
    const wallMs = NOON + elapsedMs
    const monotonicMs = MONOTONIC_AT_NOON + elapsedMs
    const asking = { connectorId: 1, wallMs, monotonicMs, transaction, phases: 3, sharing: 1 }
    seen.push(limits.limitA(asking))
  }
  t.equal(seen.lastIndexOf(16), 149)
  t.equal(seen.indexOf(6), 150)
  t.equal(asked, 2)
})
