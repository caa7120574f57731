import { array, assert, constantFrom, nat, option, property, record } from 'fast-check'
import { test } from 'tap'
import { decodeChargingProfile } from '../../src/testing/charging-profile.js'
import { RULES } from './profile-rules.js'
import { CPMAX, limitA, OBEDIENT, profile, store, TX, tx, wire } from './some-profiles.js'
import type { Given } from './some-profiles.js'

test('the limit in force follows the rules of OCPP 1.6', async (t) => {
  for (const [rule, given, asked, expected] of RULES) {
    t.equal(limitA(store(given), asked), expected, rule)
  }
})

test('a relative duration counts from the receipt at charge points that read it so', async (t) => {
  const given = [{ kind: 'Relative', duration: 150, receivedS: 0 }] as const
  const asked = { startedS: -600, transactionId: 7, atS: 100 }
  t.equal(limitA(store(given, { ...OBEDIENT, relativeDurationFrom: 'receipt' }), asked), 10)
  t.equal(limitA(store(given), asked), undefined)
})

test('a charge point that ignores expiry keeps to a limit for ever', async (t) => {
  const given = [
    { limit: 6 },
    {
      ...TX,
      limit: 16,
      start: '2026-03-02T11:59:00Z',
      duration: 60,
      validTo: '2026-03-02T12:00:00Z',
    },
  ]
  const asked = { ...tx, atS: 3600 }
  t.equal(limitA(store(given, { ...OBEDIENT, ignoresExpiry: true }), asked), 16)
  t.equal(limitA(store(given), asked), 6)
})

test('a profile replaces the one of the same id, or of the same place in the stack', async (t) => {
  const count = (given: readonly Given[]): number => store(given).all().length
  t.equal(count([{ id: 1 }, { id: 1, level: 3 }]), 1, 'same id')
  t.equal(count([{ id: 1 }, { id: 1, connector: 2 }]), 1, 'same id on another connector')
  t.equal(count([{ id: 1 }, { id: 2, limit: 9 }]), 1, 'same purpose, level and connector')
  t.equal(count([{ id: 1 }, { id: 2, level: 1 }]), 2, 'another level')
  t.equal(count([{ id: 1 }, { id: 2, connector: 2 }]), 2, 'another connector')
  t.equal(count([{ id: 1 }, { ...TX, id: 2 }]), 2, 'another purpose')
})

test('profiles in the wrong place are refused', async (t) => {
  const refusal = (connector: number, given: Given, transaction?: { id: number }): boolean =>
    store([]).refusal(connector, profile(given), transaction) !== undefined
  for (const [what, isRefused, connector, given, transaction] of [
    ['ChargePointMaxProfile on 0', false, 0, CPMAX, undefined],
    ['ChargePointMaxProfile on 1', true, 1, CPMAX, undefined],
    [
      'ChargePointMaxProfile with a transaction',
      true,
      0,
      { ...CPMAX, transactionId: 7 },
      undefined,
    ],
    ['TxDefaultProfile on 0', false, 0, {}, undefined],
    ['TxDefaultProfile with a transaction', true, 1, { transactionId: 7 }, { id: 7 }],
    ['TxProfile on 0', true, 0, TX, { id: 7 }],
    ['TxProfile without a running transaction', true, 1, TX, undefined],
    ['TxProfile of the running transaction', false, 1, TX, { id: 7 }],
    ['TxProfile of another transaction', true, 1, TX, { id: 8 }],
    ['TxProfile without an id while one runs', false, 1, { purpose: 'TxProfile' }, { id: 8 }],
    ['stack level above the maximum', true, 1, { level: 11 }, undefined],
  ] as const) {
    t.equal(refusal(connector, given, transaction), isRefused, what)
  }
  const full = store(Array.from({ length: 20 }, (_, index) => ({ id: index, connector: index })))
  t.ok(full.refusal(30, profile({ id: 99 }), undefined), 'no place for one more')
  t.notOk(full.refusal(5, profile({ id: 99 }), undefined), 'but for one that replaces another')
})

test('clearing by id ignores the rest, by criteria takes what fits them all', async (t) => {
  const given = [
    { id: 1, ...CPMAX },
    { id: 2, connector: 1 },
    { id: 3, connector: 1, level: 1 },
    { id: 4, connector: 2, level: 1 },
    { ...TX, id: 5, connector: 1 },
  ]
  for (const [selection, left] of [
    [{}, []],
    [{ id: 2, connectorId: 2, purpose: 'TxProfile' }, [1, 3, 4, 5]],
    [{ id: 99 }, [1, 2, 3, 4, 5]],
    [{ connectorId: 1 }, [1, 4]],
    [{ purpose: 'TxDefaultProfile' }, [1, 5]],
    [{ stackLevel: 1 }, [1, 2, 5]],
    [{ connectorId: 1, purpose: 'TxDefaultProfile', stackLevel: 1 }, [1, 2, 4, 5]],
    [{ connectorId: 0 }, [2, 3, 4, 5]],
  ] as const) {
    const profiles = store(given)
    const matched = profiles.matching(selection).length
    profiles.clear(selection)
    const kept = profiles.all().map((entry) => entry.profile.id)
    t.same(kept, left, JSON.stringify(selection))
    t.equal(matched, 5 - left.length, 'as many as announced')
  }
})

test('a TxProfile ends with its transaction, the others stay', async (t) => {
  const profiles = store([{ limit: 6 }, { ...TX }, { ...TX, connector: 2 }])
  profiles.transactionEnded(1)
  t.same(
    profiles.all().map(({ connectorId, profile: { purpose } }) => [connectorId, purpose]),
    [
      [1, 'TxDefaultProfile'],
      [2, 'TxProfile'],
    ],
  )
})

test('malformed profiles are not understood', async (t) => {
  const broken: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['a list', []],
    ['no schedule', { ...wire({}), chargingSchedule: undefined }],
    ['no id', { ...wire({}), chargingProfileId: undefined }],
    ['negative level', wire({ level: -1 })],
    ['unknown purpose', { ...wire({}), chargingProfilePurpose: 'TxProfil' }],
    ['unknown kind', { ...wire({}), chargingProfileKind: 'absolute' }],
    ['no period', wire({ periods: [] })],
    ['first period not at 0', wire({ periods: [[1, 6]] })],
    [
      'periods out of order',
      wire({
        periods: [
          [0, 6],
          [60, 7],
          [30, 8],
        ],
      }),
    ],
    ['negative limit', wire({ limit: -1 })],
    ['start that is no time', wire({ start: 'now' })],
    ['recurring without recurrence', wire({ kind: 'Recurring' })],
  ]
  for (const [what, value] of broken) t.equal(decodeChargingProfile(value), undefined, what)
  t.ok(decodeChargingProfile(wire({})), 'the one they were made from is')
})

test('whatever is installed, no limit is above that of any profile that applies alone', async (t) => {
  const anyProfile = record({
    id: nat(5),
    connector: constantFrom(0, 1),
    purpose: constantFrom('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'),
    level: nat(3),
    limit: nat(40),
    duration: option(nat(300), { nil: undefined }),
    kind: constantFrom('Absolute', 'Relative'),
    start: constantFrom('2026-03-02T11:58:00Z', '2026-03-02T12:00:00Z', '2026-03-02T12:01:00Z'),
  } as const)
  const holds = property(array(anyProfile, { maxLength: 12 }), nat(400), (given, atS) => {
    const profiles = store(given)
    const asked = { ...tx, atS }
    const limit = limitA(profiles, asked)
    const alone = profiles.all().map((entry) => {
      const { id, purpose } = entry.profile
      const others = store(given)
      for (const other of profiles.all())
        if (other !== entry) others.clear({ id: other.profile.id })
      return { id, purpose, limit: limitA(others, asked) }
    })
    const applying = alone.filter((each) => each.limit !== undefined)
    if (limit === undefined) return applying.length === 0
    const isOfOne = applying.some((each) => each.limit === limit)
    const caps = applying.filter(({ purpose }) => purpose === 'ChargePointMaxProfile')
    const isCapped = caps.length === 0 || limit <= Math.max(...caps.map((each) => each.limit ?? 0))
    return isOfOne && isCapped
  })
  assert(holds, { numRuns: 500 })
  t.pass('the limit is one of those that apply, and within the charge point limit')
})
