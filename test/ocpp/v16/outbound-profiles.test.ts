/** The calls beyond Core and Smart Charging, what is checked before any call leaves, and their answers. */
import { test } from 'tap'
import { requests, responses } from '../../../src/ocpp/v16/generated/validators.js'
import {
  getDiagnostics,
  getLog,
  signedUpdateFirmware,
  updateFirmware,
} from '../../../src/ocpp/v16/firmware-calls.js'
import { getLocalListVersion, sendLocalList } from '../../../src/ocpp/v16/local-list.js'
import { clearCache, dataTransfer } from '../../../src/ocpp/v16/outbound.js'
import type { OutboundAction } from '../../../src/ocpp/v16/outbound-call.js'
import { callProblem } from '../../../src/ocpp/v16/outbound-check.js'
import { signCertificateReply } from '../../../src/ocpp/v16/replies.js'
import { cancelReservation, reserveNow } from '../../../src/ocpp/v16/reservation-calls.js'
import { decodeResult } from '../../../src/ocpp/v16/results.js'
import {
  certificateSigned,
  deleteCertificate,
  extendedTriggerMessage,
  getInstalledCertificateIds,
  installCertificate,
} from '../../../src/ocpp/v16/security-calls.js'

const AT_MS = Date.parse('2026-03-01T12:00:00.900Z')
const AT = '2026-03-01T12:00:00Z'
const HASH = {
  hashAlgorithm: 'SHA256',
  issuerNameHash: 'ab',
  issuerKeyHash: 'cd',
  serialNumber: '1f',
} as const

const CALLS = [
  [clearCache(), {}],
  [dataTransfer({ vendorId: 'v' }), { vendorId: 'v' }],
  [
    dataTransfer({ vendorId: 'v', messageId: 'm', data: '{}' }),
    { vendorId: 'v', messageId: 'm', data: '{}' },
  ],
  [
    reserveNow({ reservationId: 3, connectorId: 0, idTag: 'A', expiresAtMs: AT_MS }),
    { reservationId: 3, connectorId: 0, idTag: 'A', expiryDate: AT },
  ],
  [cancelReservation(3), { reservationId: 3 }],
  [getLocalListVersion(), {}],
  [
    sendLocalList({
      version: 7,
      type: 'Full',
      entries: [
        { idTag: 'A', info: { status: 'Accepted', parentIdTag: 'P', expiresAtMs: AT_MS } },
        { idTag: 'B', info: { status: 'Blocked' } },
      ],
    }),
    {
      listVersion: 7,
      updateType: 'Full',
      localAuthorizationList: [
        { idTag: 'A', idTagInfo: { status: 'Accepted', parentIdTag: 'P', expiryDate: AT } },
        { idTag: 'B', idTagInfo: { status: 'Blocked' } },
      ],
    },
  ],
  [
    sendLocalList({
      version: 8,
      type: 'Differential',
      entries: [{ idTag: 'A', info: undefined }],
    }),
    { listVersion: 8, updateType: 'Differential', localAuthorizationList: [{ idTag: 'A' }] },
  ],
  [
    updateFirmware({ location: 'ftp://h/f', retrieveAtMs: AT_MS, retries: 3, retryIntervalS: 60 }),
    { location: 'ftp://h/f', retrieveDate: AT, retries: 3, retryInterval: 60 },
  ],
  [
    getDiagnostics({ location: 'http://h/u', fromMs: AT_MS, toMs: AT_MS }),
    { location: 'http://h/u', startTime: AT, stopTime: AT },
  ],
  [
    signedUpdateFirmware({
      requestId: 5,
      location: 'https://h/f',
      retrieveAtMs: AT_MS,
      installAtMs: AT_MS,
      signingCertificate: 'PEM',
      signature: 'SIG',
    }),
    {
      requestId: 5,
      firmware: {
        location: 'https://h/f',
        retrieveDateTime: AT,
        installDateTime: AT,
        signingCertificate: 'PEM',
        signature: 'SIG',
      },
    },
  ],
  [
    getLog({ requestId: 6, logType: 'SecurityLog', location: 'http://h/u', fromMs: AT_MS }),
    {
      requestId: 6,
      logType: 'SecurityLog',
      log: { remoteLocation: 'http://h/u', oldestTimestamp: AT },
    },
  ],
  [certificateSigned('PEM'), { certificateChain: 'PEM' }],
  [
    installCertificate('ManufacturerRootCertificate', 'PEM'),
    { certificateType: 'ManufacturerRootCertificate', certificate: 'PEM' },
  ],
  [deleteCertificate(HASH), { certificateHashData: HASH }],
  [
    getInstalledCertificateIds('CentralSystemRootCertificate'),
    { certificateType: 'CentralSystemRootCertificate' },
  ],
  [
    extendedTriggerMessage('SignChargePointCertificate'),
    { requestedMessage: 'SignChargePointCertificate' },
  ],
  [
    extendedTriggerMessage('StatusNotification', 2),
    { requestedMessage: 'StatusNotification', connectorId: 2 },
  ],
] as const

test('every call of the other profiles is what its schema says, times without fractions', async (t) => {
  for (const [call, expected] of CALLS) {
    const { action, payload } = call
    t.ok(requests[action](payload), `${action} ${JSON.stringify(requests[action].errors)}`)
    t.strictSame(payload, expected, action)
    t.equal(callProblem(call), undefined, action)
  }
  t.ok(responses.SignCertificate(signCertificateReply('Accepted')))
})

const period = (startPeriod: number) => ({ startPeriod, limit: 16.1 })
const schedule = (...starts: readonly number[]) => ({
  chargingRateUnit: 'A',
  chargingSchedulePeriod: starts.map(period),
})
const profile = {
  chargingProfileId: 1,
  stackLevel: 0,
  chargingProfilePurpose: 'TxDefaultProfile',
  chargingProfileKind: 'Relative',
  chargingSchedule: schedule(0, 60),
}
const setting = (connectorId: number, change: object) => ({
  connectorId,
  csChargingProfiles: { ...profile, ...change },
})

const WRONG: readonly (readonly [OutboundAction, Readonly<Record<string, unknown>>, RegExp])[] = [
  ['Reset', {}, /Reset payload: type is missing/],
  ['ReserveNow', { reservationId: 1 }, /is missing/],
  ['GetDiagnostics', { location: 'not a uri' }, /location: format/],
  ['ClearChargingProfile', { id: 1, connectorId: 2 }, /an id comes alone/],
  ['RemoteStartTransaction', { idTag: 'A', chargingProfile: profile }, /SetChargingProfile alone/],
  ['UnlockConnector', { connectorId: 0 }, /no connector 0/],
  [
    'SetChargingProfile',
    setting(1, { chargingProfilePurpose: 'ChargePointMaxProfile' }),
    /connector 0/,
  ],
  ['SetChargingProfile', setting(0, { chargingProfilePurpose: 'TxProfile' }), /needs a connector/],
  ['SetChargingProfile', setting(1, { transactionId: 4 }), /only a TxProfile/],
  ['SetChargingProfile', setting(1, { recurrencyKind: 'Daily' }), /recurrencyKind/],
  ['SetChargingProfile', setting(1, { chargingSchedule: schedule(5) }), /starts at 0/],
  ['SetChargingProfile', setting(1, { chargingSchedule: schedule(0, 60, 30) }), /order/],
  ['SendLocalList', { listVersion: 0, updateType: 'Full' }, /above 0/],
  [
    'SendLocalList',
    { listVersion: 1, updateType: 'Full', localAuthorizationList: [{ idTag: 'A' }] },
    /says whether/,
  ],
  [
    'SendLocalList',
    {
      listVersion: 1,
      updateType: 'Differential',
      localAuthorizationList: [{ idTag: 'a' }, { idTag: 'A' }],
    },
    /twice/,
  ],
]

test('a call against the standard is found before it leaves', async (t) => {
  for (const [action, payload, problem] of WRONG) {
    t.match(callProblem({ action, payload }), problem, action)
  }
})

test('★44 a limit with one decimal is valid, whatever binary fractions make of it', async (t) => {
  for (let tenths = 0; tenths <= 320; tenths += 1) {
    const periods = [{ startPeriod: 0, limit: tenths / 10 }]
    const chargingSchedule = { chargingRateUnit: 'A', chargingSchedulePeriod: periods }
    const call = {
      action: 'SetChargingProfile',
      payload: setting(1, { chargingSchedule }),
    } as const
    t.equal(callProblem(call), undefined, `${tenths / 10} A`)
  }
})

test('what an expert sends raw is sent as it is', async (t) => {
  t.equal(callProblem({ raw: true, action: 'Levitate', payload: { up: true } }), undefined)
})

const RESULTS = [
  ['ClearCache', { status: 'accepted' }, { status: 'Accepted' }],
  ['DataTransfer', { status: 'UnknownVendorId' }, { status: 'UnknownVendorId', data: undefined }],
  ['DataTransfer', { status: 'Accepted', data: { a: 1 } }, { status: 'Accepted', data: '{"a":1}' }],
  ['ReserveNow', { status: 'Occupied' }, { status: 'Occupied' }],
  ['CancelReservation', { status: 'Rejected' }, { status: 'Rejected' }],
  ['GetLocalListVersion', { listVersion: -1 }, { version: -1 }],
  ['GetLocalListVersion', { listVersion: '12' }, { version: 12 }],
  ['SendLocalList', { status: 'VersionMismatch' }, { status: 'VersionMismatch' }],
  ['GetDiagnostics', {}, { fileName: undefined }],
  ['GetDiagnostics', null, { fileName: undefined }],
  ['GetDiagnostics', { fileName: '' }, { fileName: undefined }],
  ['GetDiagnostics', { fileName: 'd.zip' }, { fileName: 'd.zip' }],
  ['UpdateFirmware', {}, {}],
  ['UpdateFirmware', null, {}],
  ['CertificateSigned', { status: 'Accepted' }, { status: 'Accepted' }],
  ['DeleteCertificate', { status: 'NotFound' }, { status: 'NotFound' }],
  ['ExtendedTriggerMessage', { status: 'NotImplemented' }, { status: 'NotImplemented' }],
  ['InstallCertificate', { status: 'Failed' }, { status: 'Failed' }],
  ['SignedUpdateFirmware', { status: 'RevokedCertificate' }, { status: 'RevokedCertificate' }],
  ['GetLog', { status: 'Accepted', filename: 'l' }, { status: 'Accepted', fileName: 'l' }],
  ['GetLog', { status: 'AcceptedCanceled' }, { status: 'AcceptedCanceled', fileName: undefined }],
  ['GetInstalledCertificateIds', { status: 'NotFound' }, { status: 'NotFound', certificates: [] }],
  [
    'GetInstalledCertificateIds',
    {
      status: 'Accepted',
      certificateHashData: [{ ...HASH, extra: 1 }, { hashAlgorithm: 'MD5' }, 5],
    },
    { status: 'Accepted', certificates: [HASH] },
  ],
  [
    'GetInstalledCertificateIds',
    { status: 'Accepted', certificateHashData: { ...HASH, hashAlgorithm: 'sha256' } },
    { status: 'Accepted', certificates: [HASH] },
  ],
] as const

test('answers of the other profiles are read as leniently as those of Core', async (t) => {
  for (const [action, payload, result] of RESULTS) {
    t.strictSame(decodeResult(action, payload), { ok: true, result }, action)
  }
  for (const [action, payload] of [
    ['GetLocalListVersion', {}],
    ['GetLocalListVersion', { listVersion: 'many' }],
    ['ReserveNow', { status: 'Perhaps' }],
    ['GetDiagnostics', 'x'],
  ] as const) {
    t.match(decodeResult(action, payload), { ok: false, reason: action }, action)
  }
})
