import * as fc from 'fast-check'
import { test } from 'tap'
import {
  expiringProfile,
  profileId,
  standingProfile,
  type ChargingProfile,
  type ChargingProfilePurpose,
  type ExpiringProfile,
} from '../../../src/ocpp/v16/charging-profile.js'
import { requests, responses } from '../../../src/ocpp/v16/generated/validators.js'
import {
  changeAvailability,
  changeConfiguration,
  clearChargingProfile,
  getCompositeSchedule,
  getConfiguration,
  remoteStartTransaction,
  remoteStopTransaction,
  reset,
  setChargingProfile,
  triggerMessage,
  unlockConnector,
} from '../../../src/ocpp/v16/outbound.js'
import {
  authorizeReply,
  bootReply,
  dataTransferReply,
  emptyReply,
  heartbeatReply,
  startTransactionReply,
  stopTransactionReply,
} from '../../../src/ocpp/v16/replies.js'
import { decodeResult } from '../../../src/ocpp/v16/results.js'

const NOW_MS = Date.parse('2026-03-01T12:00:00.900Z')

const TX: ExpiringProfile = {
  purpose: 'TxProfile',
  connectorId: 2,
  transactionId: 7,
  limitA: 16,
  unit: 'A',
  nowMs: NOW_MS,
  durationS: 150,
  kind: 'Absolute',
  transactionStartedAtMs: NOW_MS - 600_500,
  stackLevel: 0,
}

const STANDING = {
  connectorId: 1,
  purpose: 'TxDefaultProfile',
  stackLevel: 0,
  kind: 'Absolute',
  limitA: 6,
  unit: 'A',
} as const

function limitOf(profile: ChargingProfile): number {
  return profile.chargingSchedule.chargingSchedulePeriod[0].limit
}

const CALLS = [
  [setChargingProfile(2, expiringProfile(TX)), undefined],
  [setChargingProfile(0, standingProfile({ ...STANDING, connectorId: 0 })), undefined],
  [clearChargingProfile({ id: 23 }), { id: 23 }],
  [clearChargingProfile({}), {}],
  [
    clearChargingProfile({ connectorId: 0, purpose: 'TxDefaultProfile', stackLevel: 1 }),
    { connectorId: 0, chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 1 },
  ],
  [getCompositeSchedule({ connectorId: 1, durationS: 60 }), { connectorId: 1, duration: 60 }],
  [
    getCompositeSchedule({ connectorId: 1, durationS: 60, unit: 'W' }),
    { connectorId: 1, duration: 60, chargingRateUnit: 'W' },
  ],
  [getConfiguration(), {}],
  [getConfiguration(['NumberOfConnectors']), { key: ['NumberOfConnectors'] }],
  [
    changeConfiguration('MeterValueSampleInterval', '10'),
    { key: 'MeterValueSampleInterval', value: '10' },
  ],
  [triggerMessage('Heartbeat'), { requestedMessage: 'Heartbeat' }],
  [triggerMessage('MeterValues', 1), { requestedMessage: 'MeterValues', connectorId: 1 }],
  [remoteStartTransaction({ idTag: 'TAG' }), { idTag: 'TAG' }],
  [remoteStartTransaction({ idTag: 'TAG', connectorId: 2 }), { idTag: 'TAG', connectorId: 2 }],
  [remoteStopTransaction(7), { transactionId: 7 }],
  [reset('Soft'), { type: 'Soft' }],
  [unlockConnector(1), { connectorId: 1 }],
  [changeAvailability(0, 'Inoperative'), { connectorId: 0, type: 'Inoperative' }],
] as const

test('every call we make is valid by its schema', async (t) => {
  for (const [{ action, payload }, expected] of CALLS) {
    t.ok(requests[action](payload), `${action} ${JSON.stringify(requests[action].errors)}`)
    if (expected) t.strictSame(payload, expected, action)
  }
})

test('every reply we give is valid by its schema', async (t) => {
  const at = '2026-03-01T12:00:00Z'
  const boot = bootReply({ status: 'Accepted', atMs: NOW_MS, intervalS: 300 })
  const start = startTransactionReply({ transactionId: 7, idTagInfo: { status: 'Invalid' } })
  for (const [action, reply, expected] of [
    ['BootNotification', boot, { status: 'Accepted', currentTime: at, interval: 300 }],
    ['Heartbeat', heartbeatReply(NOW_MS), { currentTime: at }],
    ['StartTransaction', start, { transactionId: 7, idTagInfo: { status: 'Invalid' } }],
    ['StopTransaction', stopTransactionReply(), {}],
    [
      'StopTransaction',
      stopTransactionReply({ status: 'Accepted' }),
      { idTagInfo: { status: 'Accepted' } },
    ],
    ['Authorize', authorizeReply({ status: 'Blocked' }), { idTagInfo: { status: 'Blocked' } }],
    [
      'Authorize',
      authorizeReply({
        status: 'Accepted',
        parentIdTag: 'FLEET',
        expiresWallMs: 1_772_366_400_000,
      }),
      {
        idTagInfo: {
          status: 'Accepted',
          parentIdTag: 'FLEET',
          expiryDate: '2026-03-01T12:00:00Z',
        },
      },
    ],
    ['MeterValues', emptyReply(), {}],
    ['StatusNotification', emptyReply(), {}],
    ['FirmwareStatusNotification', emptyReply(), {}],
    ['SecurityEventNotification', emptyReply(), {}],
    ['DataTransfer', dataTransferReply('UnknownVendorId'), { status: 'UnknownVendorId' }],
  ] as const) {
    t.strictSame(reply, expected, action)
    t.ok(responses[action](reply), action)
  }
})

test('an absolute offer starts a minute ago and ends after its duration', async (t) => {
  t.strictSame(expiringProfile(TX), {
    chargingProfileId: 23,
    transactionId: 7,
    stackLevel: 0,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      duration: 210,
      startSchedule: '2026-03-01T11:59:00Z',
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
    },
  })
})

test('a relative offer counts from the start of the transaction', async (t) => {
  t.strictSame(expiringProfile({ ...TX, kind: 'Relative' }).chargingSchedule, {
    duration: 750,
    chargingRateUnit: 'A',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
  })
  const early = expiringProfile({
    ...TX,
    kind: 'Relative',
    transactionStartedAtMs: NOW_MS + 90_000,
  })
  t.equal(early.chargingSchedule.duration, 150, 'a clock that stepped back shortens nothing')
})

test('an offer never outlives its duration and ends at most a second early', async () => {
  const scenario = fc.record({
    nowMs: fc.integer({ min: 0, max: 4e12 }),
    ageMs: fc.integer({ min: 0, max: 1e9 }),
    durationS: fc.integer({ min: 1, max: 3600 }),
    kind: fc.constantFrom('Absolute' as const, 'Relative' as const),
  })
  fc.assert(
    fc.property(scenario, ({ nowMs, ageMs, durationS, kind }) => {
      const transactionStartedAtMs = nowMs - ageMs
      const profile = expiringProfile({ ...TX, nowMs, durationS, kind, transactionStartedAtMs })
      const { startSchedule, duration = Number.NaN } = profile.chargingSchedule
      const startMs =
        startSchedule === undefined ? transactionStartedAtMs : Date.parse(startSchedule)
      const earlyMs = nowMs + durationS * 1000 - (startMs + duration * 1000)
      return earlyMs >= 0 && earlyMs < 1000
    }),
  )
})

test('the fallback never ends, whatever the clock of the charge point', async (t) => {
  t.strictSame(standingProfile(STANDING), {
    chargingProfileId: 12,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      startSchedule: '1970-01-01T00:00:00Z',
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }],
    },
  })
  const relative = standingProfile({
    ...STANDING,
    unit: 'W',
    kind: 'Relative',
    numberPhases: 3,
  })
  t.strictSame(relative.chargingSchedule, {
    chargingRateUnit: 'W',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 4140, numberPhases: 3 }],
  })
})

const LIMITS = [
  [16, 'A', 3, 16],
  [16.19, 'A', 3, 16.1],
  [32.3, 'A', 3, 32.3],
  [0.05, 'A', 3, 0],
  [0, 'A', 3, 0],
  [-1, 'A', 3, 0],
  [Number.NaN, 'A', 3, 0],
  [Number.POSITIVE_INFINITY, 'A', 3, 0],
  [Number.NaN, 'W', 3, 0],
  [16, 'W', 3, 11_040],
  [16, 'W', 1, 3680],
  [6.001, 'W', 1, 1380],
] as const

test('limits are rounded down, and nonsense is nothing', async (t) => {
  for (const [limitA, unit, phases, sent] of LIMITS) {
    t.equal(
      limitOf(expiringProfile({ ...TX, limitA, unit, phases })),
      sent,
      `${limitA} ${unit} ${phases}`,
    )
  }
  t.equal(limitOf(expiringProfile({ ...TX, limitA: 10, unit: 'W', nominalVoltageV: 120 })), 3600)
})

test('a limit sent is at most the limit meant, a step below at most, and valid', async () => {
  const limit = fc.double({ min: 0, max: 1000, noNaN: true })
  const unit = fc.constantFrom('A' as const, 'W' as const)
  fc.assert(
    fc.property(limit, unit, fc.constantFrom(1, 3), (limitA, rateUnit, phases) => {
      const profile = expiringProfile({ ...TX, limitA, unit: rateUnit, phases })
      const meant = rateUnit === 'A' ? limitA : limitA * 230 * phases
      const sent = limitOf(profile)
      const step = rateUnit === 'A' ? 0.1 : 1
      const { payload } = setChargingProfile(1, profile)
      return sent <= meant && meant - sent < step + 1e-9 && requests.SetChargingProfile(payload)
    }),
  )
  for (let tenths = 0; tenths <= 10_000; tenths += 1) {
    const limitA = tenths / 10
    if (limitOf(expiringProfile({ ...TX, limitA })) !== limitA)
      throw new Error(`${limitA} A is changed`)
  }
})

test('no two profiles of a charge point share an id', async (t) => {
  const purposes: readonly ChargingProfilePurpose[] = [
    'ChargePointMaxProfile',
    'TxDefaultProfile',
    'TxProfile',
  ]
  const ids = Array.from({ length: 50 }, (_, connector) =>
    purposes.flatMap((purpose) => [
      profileId(purpose, 0, connector),
      profileId(purpose, 1, connector),
    ]),
  ).flat()
  t.equal(new Set(ids).size, 300)
  t.ok(ids.every((id) => id > 0))
})

const RESULTS = [
  ['SetChargingProfile', { status: 'Accepted' }, { status: 'Accepted' }],
  ['SetChargingProfile', { status: 'notsupported', extra: 1 }, { status: 'NotSupported' }],
  ['ClearChargingProfile', { status: 'Unknown' }, { status: 'Unknown' }],
  ['ChangeConfiguration', { status: 'RebootRequired' }, { status: 'RebootRequired' }],
  ['TriggerMessage', { status: 'NotImplemented' }, { status: 'NotImplemented' }],
  ['RemoteStartTransaction', { status: 'Rejected' }, { status: 'Rejected' }],
  ['RemoteStopTransaction', { status: 'ACCEPTED' }, { status: 'Accepted' }],
  ['Reset', { status: 'Accepted' }, { status: 'Accepted' }],
  ['UnlockConnector', { status: 'UnlockFailed' }, { status: 'UnlockFailed' }],
  ['ChangeAvailability', { status: 'Scheduled' }, { status: 'Scheduled' }],
  ['GetConfiguration', {}, { keys: [], unknownKeys: [] }],
  [
    'GetConfiguration',
    {
      configurationKey: [
        { key: 'A', readonly: true, value: 'x' },
        { key: 'B', readonly: false },
        { key: 'C', readonly: 'true', value: 5 },
        { key: 'D', value: true },
        { key: 5 },
        null,
      ],
      unknownKey: ['E', 5],
    },
    {
      keys: [
        { key: 'A', readonly: true, value: 'x' },
        { key: 'B', readonly: false, value: undefined },
        { key: 'C', readonly: true, value: '5' },
        { key: 'D', readonly: false, value: 'true' },
      ],
      unknownKeys: ['E'],
    },
  ],
  ['GetCompositeSchedule', { status: 'Rejected' }, { status: 'Rejected', schedule: undefined }],
  [
    'GetCompositeSchedule',
    {
      status: 'Accepted',
      chargingSchedule: {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }, { startPeriod: 'x', limit: 6 }, 5],
      },
    },
    { status: 'Accepted', schedule: { unit: 'A', periods: [{ startS: 0, limit: 16 }] } },
  ],
  [
    'GetCompositeSchedule',
    { status: 'Accepted', chargingSchedule: { chargingRateUnit: 'X' } },
    { status: 'Accepted', schedule: undefined },
  ],
] as const

test('answers to our calls are read as typed results', async (t) => {
  for (const [action, payload, result] of RESULTS) {
    t.strictSame(decodeResult(action, payload), { ok: true, result }, action)
  }
})

test('an answer that makes no sense is told apart from a refusal', async (t) => {
  for (const payload of [
    null,
    'x',
    [],
    {},
    { status: 5 },
    { status: 'Perhaps' },
    { status: null },
  ]) {
    t.match(decodeResult('SetChargingProfile', payload), {
      ok: false,
      reason: /SetChargingProfile/,
    })
  }
  t.match(decodeResult('GetConfiguration', 'x'), { ok: false })
})

test('no answer makes the reader throw', async () => {
  const action = fc.constantFrom(...CALLS.map(([call]) => call.action))
  const field = fc.constantFrom('status', 'configurationKey', 'chargingSchedule', '__proto__')
  const payload = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue()))
  fc.assert(
    fc.property(action, payload, (name, sent) => typeof decodeResult(name, sent).ok === 'boolean'),
  )
})
