import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'tap'
import { requests } from '../../../src/ocpp/v16/generated/validators.js'
import { decodeCall } from '../../../src/ocpp/v16/inbound.js'
import { formatTime, parseTime } from '../../../src/ocpp/v16/time.js'

const AT = '2026-03-01T12:00:00Z'
const AT_MS = Date.parse(AT)

const EMPTY_SAMPLE = {
  atMs: undefined,
  currentA: undefined,
  currentTotalA: undefined,
  powerW: undefined,
  energyWh: undefined,
  voltageV: undefined,
  soc: undefined,
  offeredA: undefined,
  refused: 0,
}

/** Payloads exactly by the schema, and what they mean. */
const EXACT = [
  ['Heartbeat', {}, { type: 'heartbeat' }],
  ['Heartbeat', null, { type: 'heartbeat' }],
  [
    'BootNotification',
    { chargePointVendor: 'V', chargePointModel: 'M', firmwareVersion: '1.2' },
    { type: 'bootNotification', vendor: 'V', model: 'M', firmwareVersion: '1.2' },
  ],
  [
    'BootNotification',
    {
      chargePointVendor: 'V',
      chargePointModel: 'M',
      chargePointSerialNumber: 'S1',
      chargeBoxSerialNumber: 'S2',
      iccid: '89',
      imsi: '26',
      meterType: 'T',
      meterSerialNumber: 'S3',
    },
    {
      serialNumber: 'S1',
      chargeBoxSerialNumber: 'S2',
      firmwareVersion: undefined,
      iccid: '89',
      imsi: '26',
      meterType: 'T',
      meterSerialNumber: 'S3',
    },
  ],
  [
    'StatusNotification',
    { connectorId: 0, errorCode: 'NoError', status: 'Available' },
    {
      type: 'statusNotification',
      connectorId: 0,
      status: 'Available',
      errorCode: 'NoError',
      atMs: undefined,
    },
  ],
  [
    'StatusNotification',
    {
      connectorId: 2,
      errorCode: 'GroundFailure',
      status: 'Faulted',
      info: 'i',
      vendorId: 'v',
      vendorErrorCode: 'e',
      timestamp: AT,
    },
    {
      connectorId: 2,
      status: 'Faulted',
      errorCode: 'GroundFailure',
      info: 'i',
      vendorId: 'v',
      vendorErrorCode: 'e',
      atMs: AT_MS,
    },
  ],
  ['Authorize', { idTag: 'TAG' }, { type: 'authorize', idTag: 'TAG' }],
  [
    'StartTransaction',
    { connectorId: 1, idTag: 'TAG', meterStart: 100, timestamp: AT, reservationId: 3 },
    {
      type: 'startTransaction',
      connectorId: 1,
      idTag: 'TAG',
      meterStartWh: 100,
      atMs: AT_MS,
      reservationId: 3,
    },
  ],
  [
    'StopTransaction',
    { transactionId: -1, meterStop: 2000, timestamp: AT },
    {
      type: 'stopTransaction',
      transactionId: -1,
      idTag: undefined,
      meterStopWh: 2000,
      atMs: AT_MS,
      reason: 'Local',
      sample: undefined,
      transactionData: [],
    },
  ],
  [
    'StopTransaction',
    {
      transactionId: 7,
      meterStop: 2000,
      timestamp: AT,
      idTag: 'TAG',
      reason: 'EVDisconnected',
      transactionData: [{ timestamp: AT, sampledValue: [{ value: '1999' }] }],
    },
    {
      transactionId: 7,
      idTag: 'TAG',
      reason: 'EVDisconnected',
      sample: { energyWh: 1999, atMs: AT_MS },
      transactionData: [{ timestamp: AT, sampledValue: [{ value: '1999' }] }],
    },
  ],
  [
    'StopTransaction',
    { transactionId: 7, meterStop: 1, timestamp: AT, idTag: '' },
    { idTag: undefined },
  ],
  [
    'MeterValues',
    {
      connectorId: 1,
      transactionId: 7,
      meterValue: [{ timestamp: AT, sampledValue: [{ value: '5' }] }],
    },
    {
      type: 'meterValues',
      connectorId: 1,
      transactionId: 7,
      sample: { ...EMPTY_SAMPLE, atMs: AT_MS, energyWh: 5 },
    },
  ],
  [
    'DataTransfer',
    { vendorId: 'v', messageId: 'm', data: 'd' },
    { type: 'dataTransfer', vendorId: 'v', messageId: 'm', data: 'd' },
  ],
  ['DataTransfer', { vendorId: 'v' }, { vendorId: 'v', messageId: undefined, data: undefined }],
  [
    'FirmwareStatusNotification',
    { status: 'Installed' },
    { type: 'firmwareStatusNotification', status: 'Installed' },
  ],
  [
    'DiagnosticsStatusNotification',
    { status: 'Uploaded' },
    { type: 'diagnosticsStatusNotification', status: 'Uploaded' },
  ],
  [
    'SecurityEventNotification',
    { type: 'TamperDetectionActivated', timestamp: AT, techInfo: 't' },
    {
      type: 'securityEventNotification',
      event: 'TamperDetectionActivated',
      atMs: AT_MS,
      techInfo: 't',
    },
  ],
  [
    'LogStatusNotification',
    { status: 'Uploaded', requestId: 4 },
    { type: 'logStatusNotification', status: 'Uploaded', requestId: 4 },
  ],
  [
    'SignedFirmwareStatusNotification',
    { status: 'Installed', requestId: 4 },
    { type: 'signedFirmwareStatusNotification', status: 'Installed', requestId: 4 },
  ],
  [
    'SignCertificate',
    { csr: 'x'.repeat(5500) },
    { type: 'signCertificate', csr: 'x'.repeat(5500) },
  ],
] as const

test('a payload by the schema becomes a message, without remarks', async (t) => {
  for (const [action, payload, message] of EXACT) {
    const decoded = decodeCall(action, payload)
    t.match(decoded, { ok: true, message }, action)
    t.strictSame(decoded.ok && decoded.lenient, [], `${action} without remarks`)
  }
})

const start = { connectorId: 1, idTag: 'TAG', meterStart: 100, timestamp: AT }
const stop = { transactionId: 7, meterStop: 2000, timestamp: AT }
const boot = { chargePointVendor: 'V', chargePointModel: 'M' }
const status = { connectorId: 1, errorCode: 'NoError', status: 'Charging' }

/** Payloads against the schema that are read all the same: meaning, and one of the remarks. */
const LENIENT = [
  ['Heartbeat', { extra: 1 }, { type: 'heartbeat' }, 'payload: additionalProperties'],
  [
    'StatusNotification',
    { ...status, status: 'suspendedev' },
    { status: 'SuspendedEV' },
    '/status',
  ],
  ['StatusNotification', { ...status, errorCode: 'Error' }, { errorCode: 'Error' }, '/errorCode'],
  [
    'StatusNotification',
    { connectorId: 1, status: 'Charging' },
    { errorCode: 'NoError' },
    'payload: errorCode is missing',
  ],
  ['StatusNotification', { ...status, info: null }, { info: undefined }, '/info: type'],
  [
    'StatusNotification',
    { ...status, connectorId: '1' },
    { connectorId: 1 },
    'connectorId is a text, read as a number',
  ],
  [
    'StatusNotification',
    { ...status, timestamp: '2026-03-01T12:00:00' },
    { atMs: AT_MS },
    '/timestamp: format',
  ],
  [
    'StatusNotification',
    { ...status, timestamp: '2026-02-30T12:00:00Z' },
    { atMs: undefined },
    'timestamp is not a time, passed over',
  ],
  [
    'BootNotification',
    { ...boot, chargePointSerialNumber: 'x'.repeat(30) },
    { serialNumber: 'x'.repeat(30) },
    '/chargePointSerialNumber: maxLength',
  ],
  [
    'BootNotification',
    { ...boot, iccid: 'x'.repeat(9000) },
    { iccid: 'x'.repeat(255) },
    '/iccid: maxLength',
  ],
  ['BootNotification', { ...boot, meterType: {} }, { meterType: undefined }, '/meterType: type'],
  [
    'StartTransaction',
    { connectorId: 1, idTag: 'TAG' },
    { connectorId: 1, idTag: 'TAG', meterStartWh: undefined, atMs: undefined },
    'is missing',
  ],
  ['StartTransaction', { ...start, idTag: 'x'.repeat(21) }, { idTag: 'x'.repeat(21) }, '/idTag'],
  ['StartTransaction', { ...start, idTag: 12345 }, { idTag: '12345' }, '/idTag: type'],
  ['StartTransaction', { ...start, meterStart: 1.5 }, { meterStartWh: 1.5 }, '/meterStart: type'],
  ['StartTransaction', { ...start, meterStart: '99' }, { meterStartWh: 99 }, 'read as one'],
  ['StartTransaction', { ...start, meterStart: 'x' }, { meterStartWh: undefined }, 'passed over'],
  ['StartTransaction', { ...start, timestamp: 0 }, { atMs: undefined }, '/timestamp: type'],
  ['StartTransaction', { ...start, reservationId: 1.5 }, { reservationId: undefined }, 'integer'],
  [
    'StopTransaction',
    { transactionId: 7 },
    { transactionId: 7, meterStopWh: undefined },
    'missing',
  ],
  ['StopTransaction', { ...stop, transactionId: '7' }, { transactionId: 7 }, 'read as a number'],
  ['StopTransaction', { ...stop, reason: 'Unplugged' }, { reason: 'Other' }, '/reason: enum'],
  ['StopTransaction', { ...stop, reason: 'remote' }, { reason: 'Remote' }, '/reason: enum'],
  ['StopTransaction', { ...stop, reason: null }, { reason: 'Local' }, '/reason: type'],
  ['StopTransaction', { ...stop, transactionData: 'x' }, { sample: undefined }, 'type'],
  ['StopTransaction', { ...stop, transactionData: [5] }, { sample: { refused: 1 } }, 'type'],
  ['MeterValues', { connectorId: 1 }, { sample: EMPTY_SAMPLE }, 'meterValue is missing'],
  [
    'MeterValues',
    { connectorId: 1, transactionId: 'x', meterValue: [] },
    { transactionId: undefined },
    'transactionId is not a number, passed over',
  ],
  [
    'MeterValues',
    { connectorId: 0, meterValue: [{ timestamp: AT, sampledValue: [{ value: 5 }] }] },
    { connectorId: 0, sample: { energyWh: 5 } },
    '/meterValue/0/sampledValue/0/value: type',
  ],
  [
    'MeterValues',
    { connectorId: 1, meterValue: [{ sampledValue: [{ value: '5', context: 'Mine' }] }] },
    { sample: { energyWh: 5 } },
    'timestamp is missing',
  ],
  ['DataTransfer', { vendorId: 'v', data: { a: [1] } }, { data: '{"a":[1]}' }, '/data: type'],
  ['DataTransfer', { vendorId: 'v', data: null }, { data: undefined }, '/data: type'],
  ['FirmwareStatusNotification', { status: 'Mine' }, { status: 'Mine' }, '/status: enum'],
  ['LogStatusNotification', { status: 'Idle', requestId: 'x' }, { requestId: undefined }, 'passed'],
] as const

test('a payload against the schema is read as far as sense allows, with a remark', async (t) => {
  for (const [action, payload, message, remark] of LENIENT) {
    const decoded = decodeCall(action, payload)
    t.match(decoded, { ok: true, message }, action)
    t.ok(
      decoded.ok && decoded.lenient.some((text) => text.includes(remark)),
      `${action}: ${remark}`,
    )
  }
})

const REFUSED = [
  ['Nonsense', {}, 'NotImplemented'],
  ['', {}, 'NotImplemented'],
  ['heartbeat', {}, 'NotImplemented'],
  ['constructor', {}, 'NotImplemented'],
  ['__proto__', {}, 'NotImplemented'],
  ['RemoteStartTransaction', { idTag: 'x' }, 'NotSupported'],
  ['Heartbeat', [], 'FormationViolation'],
  ['Heartbeat', 'x', 'FormationViolation'],
  ['MeterValues', 5, 'FormationViolation'],
  ['StatusNotification', { ...status, connectorId: -1 }, 'PropertyConstraintViolation'],
  ['StatusNotification', { ...status, connectorId: 1.5 }, 'TypeConstraintViolation'],
  ['StatusNotification', { ...status, connectorId: 1e300 }, 'TypeConstraintViolation'],
  ['StatusNotification', { ...status, status: 'Mine' }, 'PropertyConstraintViolation'],
  ['StatusNotification', { ...status, status: 5 }, 'TypeConstraintViolation'],
  ['StatusNotification', { ...status, status: undefined }, 'OccurenceConstraintViolation'],
  ['Authorize', {}, 'OccurenceConstraintViolation'],
  ['Authorize', { idTag: null }, 'OccurenceConstraintViolation'],
  ['Authorize', { idTag: [] }, 'TypeConstraintViolation'],
  ['Authorize', { idTag: 'x'.repeat(21) }, 'PropertyConstraintViolation'],
  ['BootNotification', { chargePointVendor: 'V' }, 'OccurenceConstraintViolation'],
  ['BootNotification', { ...boot, chargePointModel: true }, 'TypeConstraintViolation'],
  ['DataTransfer', {}, 'OccurenceConstraintViolation'],
  ['SignCertificate', {}, 'OccurenceConstraintViolation'],
  ['SignCertificate', { csr: 'x'.repeat(5501) }, 'PropertyConstraintViolation'],
] as const

/** Of a transaction nothing is refused: what it lacks has a stand-in, and is told. */
const INCOMPLETE = [
  ['MeterValues', { meterValue: [] }, { connectorId: 0 }, 'connectorId is missing'],
  ['MeterValues', { connectorId: {} }, { connectorId: 0 }, 'connectorId is not an integer'],
  ['MeterValues', { connectorId: -3 }, { connectorId: 0 }, 'connectorId is negative'],
  ['StartTransaction', { ...start, connectorId: undefined }, { connectorId: 0 }, 'is missing'],
  ['StartTransaction', { ...start, connectorId: '1x' }, { connectorId: 0 }, 'not an integer'],
  ['StartTransaction', { ...start, idTag: undefined }, { idTag: '' }, 'idTag is missing'],
  ['StopTransaction', { meterStop: 5 }, { transactionId: 0, meterStopWh: 5 }, 'is missing'],
  ['StopTransaction', { ...stop, transactionId: {} }, { transactionId: 0 }, 'not an integer'],
] as const

test('★23 whatever a message about a transaction lacks, it is taken, never refused', async (t) => {
  for (const [action, payload, message, fault] of INCOMPLETE) {
    const decoded = decodeCall(action, payload)
    t.match(decoded, { ok: true, message }, action)
    t.match(decoded.ok && decoded.fault, fault, action)
  }
})

test('what cannot be understood is refused with the code of 1.6', async (t) => {
  for (const [action, payload, code] of REFUSED) {
    t.match(decodeCall(action, payload), { ok: false, code }, `${action} ${code}`)
  }
})

test('a payload of any shape never throws, and remarks never quote it', async () => {
  const actions = [...Object.keys(requests), 'Nonsense']
  const fields = [...new Set(EXACT.flatMap(([, payload]) => Object.keys(payload ?? {})))]
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('secret', [{ sampledValue: 'secret' }]))
  const payload = fc.oneof(value, fc.dictionary(fc.constantFrom(...fields, '__proto__'), value))
  fc.assert(
    fc.property(fc.constantFrom(...actions), payload, (action, sent) => {
      const decoded = decodeCall(action, sent)
      const remarks = decoded.ok ? decoded.lenient.join(' ') : decoded.description
      return !remarks.includes('secret') && remarks.length < 2000
    }),
    { numRuns: 2000 },
  )
})

test('the generated validators are plain functions that import nothing', async (t) => {
  const file = new URL('../../../src/ocpp/v16/generated/validators.ts', import.meta.url)
  const source = await readFile(file, 'utf8')
  t.notMatch(source, /\b(?:require|import)\b/)
  t.equal(Object.keys(requests).length, 39, 'all actions of 1.6 and its security extension')
})

const TIMES = [
  ['1970-01-01T00:00:00Z', 0],
  ['2026-03-01T12:00:00.1239Z', AT_MS + 123],
  ['2026-03-01T12:00:00.57Z', AT_MS + 570],
  ['2026-03-01T14:30:00+02:30', AT_MS],
  ['2026-02-28T22:00:00-14:00', AT_MS],
  ['2026-03-01t12:00:00z', AT_MS],
  ['2026-03-01 12:00:00', AT_MS],
  ['2024-02-29T00:00:00Z', Date.parse('2024-02-29T00:00:00Z')],
  ['2000-02-29T00:00:00Z', Date.parse('2000-02-29T00:00:00Z')],
  ['2016-12-31T23:59:60Z', Date.parse('2017-01-01T00:00:00Z')],
  ['0000-01-01T00:00:00Z', Date.parse('0000-01-01T00:00:00Z')],
  ['9999-12-31T23:59:59Z', Date.parse('9999-12-31T23:59:59Z')],
  ['2026-02-30T00:00:00Z', undefined],
  ['2025-02-29T00:00:00Z', undefined],
  ['1900-02-29T00:00:00Z', undefined],
  ['2026-04-31T00:00:00Z', undefined],
  ['2026-13-01T00:00:00Z', undefined],
  ['2026-00-01T00:00:00Z', undefined],
  ['2026-01-00T00:00:00Z', undefined],
  ['2026-01-01T24:00:00Z', undefined],
  ['2026-01-01T00:60:00Z', undefined],
  ['2026-01-01T00:00:61Z', undefined],
  ['2026-01-01T00:00:00+24:00', undefined],
  ['2026-01-01T00:00:00+01:60', undefined],
  ['2026-01-01T00:00Z', undefined],
  ['2026-01-01', undefined],
  ['0', undefined],
  ['', undefined],
] as const

test('times are read by RFC 3339, impossible ones are none', async (t) => {
  for (const [text, ms] of TIMES) t.equal(parseTime(text), ms, text)
})

test('a time is written to the second in UTC, and read back', async () => {
  const instant = fc.integer({
    min: Date.parse('0000-01-01T00:00:00Z'),
    max: Date.parse('9999-12-31T23:59:59Z'),
  })
  fc.assert(
    fc.property(instant, (ms) => {
      const text = formatTime(ms)
      const expected = `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`
      return text === expected && parseTime(text) === Math.floor(ms / 1000) * 1000
    }),
    { numRuns: 1000 },
  )
})

test('what is kept of a long text keeps the rest of it nowhere', async (t) => {
  setFlagsFromString('--expose_gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('there is no collector')
  const heapMiB = (): number => {
    collect()
    return process.memoryUsage().heapUsed / 2 ** 20
  }
  const before = heapMiB()
  const kept = Array.from({ length: 200 }, (_, n) => {
    const payload: unknown = JSON.parse(
      `{"connectorId":1,"idTag":"${String(n).repeat(100_000)}","meterStart":0,"timestamp":"2026-01-01T00:00:00Z"}`,
    )
    return decodeCall('StartTransaction', payload)
  })
  const grownMiB = heapMiB() - before
  t.equal(kept.length, 200)
  t.ok(grownMiB < 10, `${grownMiB} MiB for ${kept.length} messages`)
})
