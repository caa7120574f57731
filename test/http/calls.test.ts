import { test } from 'tap'
import type { CallEnd } from '../../src/ocpp/call-end.js'
import type { OutboundCall, RawCall } from '../../src/ocpp/v16/outbound-call.js'
import { requestOf, testApi, withCharger } from './a-backend.js'

const answeredWith = (payload: unknown): CallEnd => ({ type: 'answered', payload, late: false })

for (const [body, action, payload] of [
  [{ action: 'Reset' }, 'Reset', { type: 'Soft' }],
  [{ action: 'Reset', type: 'Hard' }, 'Reset', { type: 'Hard' }],
  [
    { action: 'RemoteStartTransaction', id_tag: 'A', connector_id: 1 },
    'RemoteStartTransaction',
    { idTag: 'A', connectorId: 1 },
  ],
  [
    { action: 'RemoteStopTransaction', transaction_id: 7 },
    'RemoteStopTransaction',
    { transactionId: 7 },
  ],
  [
    { action: 'TriggerMessage', message: 'MeterValues' },
    'TriggerMessage',
    { requestedMessage: 'MeterValues' },
  ],
  [
    { action: 'ChangeConfiguration', key: 'K', value: 'V' },
    'ChangeConfiguration',
    { key: 'K', value: 'V' },
  ],
  [
    { action: 'ChangeAvailability', connector_id: 0, type: 'Inoperative' },
    'ChangeAvailability',
    { connectorId: 0, type: 'Inoperative' },
  ],
  [{ action: 'UnlockConnector', connector_id: 1 }, 'UnlockConnector', { connectorId: 1 }],
  [{ action: 'ClearChargingProfile' }, 'ClearChargingProfile', {}],
  [{ action: 'ClearChargingProfile', id: 7 }, 'ClearChargingProfile', { id: 7 }],
  [
    { action: 'ClearChargingProfile', connector_id: 1, purpose: 'TxProfile', stack_level: 0 },
    'ClearChargingProfile',
    { connectorId: 1, chargingProfilePurpose: 'TxProfile', stackLevel: 0 },
  ],
  [{ action: 'ClearCache' }, 'ClearCache', {}],
  [
    { action: 'DataTransfer', vendor_id: 'v', message_id: 'm', data: 'd' },
    'DataTransfer',
    { vendorId: 'v', messageId: 'm', data: 'd' },
  ],
  [
    { action: 'GetCompositeSchedule', connector_id: 1 },
    'GetCompositeSchedule',
    { connectorId: 1, duration: 3600 },
  ],
  [
    {
      action: 'SendLocalList',
      list_version: 3,
      update_type: 'Full',
      entries: [{ id_tag: 'A', status: 'Blocked', expires_at: '2026-03-01T12:00:00.5+00:00' }],
    },
    'SendLocalList',
    {
      listVersion: 3,
      updateType: 'Full',
      localAuthorizationList: [
        { idTag: 'A', idTagInfo: { status: 'Blocked', expiryDate: '2026-03-01T12:00:00Z' } },
      ],
    },
  ],
  [
    { action: 'ReserveNow', id_tag: 'A', until: '2026-03-01T13:00:00Z' },
    'ReserveNow',
    { reservationId: 1, connectorId: 0, idTag: 'A', expiryDate: '2026-03-01T13:00:00Z' },
  ],
  [{ action: 'CancelReservation', reservation_id: 7 }, 'CancelReservation', { reservationId: 7 }],
  [
    { action: 'UpdateFirmware', location: 'ftp://h/f', retrieve_at: '2026-03-01T13:00:00Z' },
    'UpdateFirmware',
    { location: 'ftp://h/f', retrieveDate: '2026-03-01T13:00:00Z' },
  ],
  [
    {
      action: 'SignedUpdateFirmware',
      location: 'https://h/f',
      signing_certificate: 'PEM',
      signature: 'SIG',
    },
    'SignedUpdateFirmware',
    {
      requestId: 1,
      firmware: {
        location: 'https://h/f',
        retrieveDateTime: '2026-03-01T12:00:00Z',
        signingCertificate: 'PEM',
        signature: 'SIG',
      },
    },
  ],
  [
    { action: 'GetLog', location: 'http://h/up' },
    'GetLog',
    { requestId: 1, logType: 'DiagnosticsLog', log: { remoteLocation: 'http://h/up' } },
  ],
  [
    { action: 'CertificateSigned', certificate_chain: 'PEM' },
    'CertificateSigned',
    { certificateChain: 'PEM' },
  ],
  [
    {
      action: 'InstallCertificate',
      certificate_type: 'ManufacturerRootCertificate',
      certificate: 'PEM',
    },
    'InstallCertificate',
    { certificateType: 'ManufacturerRootCertificate', certificate: 'PEM' },
  ],
  [
    {
      action: 'DeleteCertificate',
      hash_algorithm: 'SHA256',
      issuer_name_hash: 'aa',
      issuer_key_hash: 'bb',
      serial_number: '1',
    },
    'DeleteCertificate',
    {
      certificateHashData: {
        hashAlgorithm: 'SHA256',
        issuerNameHash: 'aa',
        issuerKeyHash: 'bb',
        serialNumber: '1',
      },
    },
  ],
  [
    { action: 'ExtendedTriggerMessage', message: 'SignChargePointCertificate' },
    'ExtendedTriggerMessage',
    { requestedMessage: 'SignChargePointCertificate' },
  ],
] as const) {
  test(`${JSON.stringify(body)} reaches the charge point as OCPP says it`, async (t) => {
    const calls: (OutboundCall | RawCall)[] = []
    const api = testApi({
      call: async (_chargePointId, call) => {
        calls.push(call)
        return answeredWith({ status: call.action === 'UnlockConnector' ? 'Unlocked' : 'Accepted' })
      },
    })
    const { charger } = await withCharger(api)
    const answer = await api.send(
      requestOf('POST', `/api/v1/chargers/${charger}/calls`, JSON.stringify(body)),
    )
    t.equal(answer.status, 200)
    // OCPP 1.6 gives the answer to UpdateFirmware no status.
    const status = action === 'UpdateFirmware' ? null : /^(Accepted|Unlocked)$/
    t.match(answer.body, { action, status })
    t.same(calls, [{ action, payload }])
  })
}

for (const [body, answer, result] of [
  [
    { action: 'GetDiagnostics', location: 'ftp://h/' },
    { fileName: 'd.zip' },
    { file_name: 'd.zip' },
  ],
  [{ action: 'GetDiagnostics', location: 'ftp://h/' }, {}, { status: null, file_name: null }],
  [{ action: 'GetLocalListVersion' }, { listVersion: -1 }, { status: null, list_version: -1 }],
  [
    { action: 'DataTransfer', vendor_id: 'v' },
    { status: 'Accepted', data: 'x' },
    { status: 'Accepted', data: 'x' },
  ],
  [
    { action: 'GetCompositeSchedule', connector_id: 1 },
    {
      status: 'Accepted',
      chargingSchedule: {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
      },
    },
    { schedule: { unit: 'A', periods: [{ start_s: 0, limit: 16 }] } },
  ],
  [
    {
      action: 'GetInstalledCertificateIds',
      certificate_type: 'CentralSystemRootCertificate',
    },
    {
      status: 'Accepted',
      certificateHashData: [
        { hashAlgorithm: 'SHA256', issuerNameHash: 'a', issuerKeyHash: 'b', serialNumber: '1' },
      ],
    },
    { status: 'Accepted', certificates: [{ hash_algorithm: 'SHA256', serial_number: '1' }] },
  ],
  [
    { action: 'GetConfiguration', keys: ['AuthorizationKey'] },
    { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: 'hush' }] },
    { configuration: [{ key: 'AuthorizationKey', value: null }] },
  ],
] as const) {
  test(`the answer to ${body.action} ${JSON.stringify(answer)} is told in snake_case`, async (t) => {
    const api = testApi({ call: async () => answeredWith(answer) })
    const { charger } = await withCharger(api)
    const told = await api.call('POST', `/api/v1/chargers/${charger}/calls`, body)
    t.equal(told.status, 200)
    t.match(told.body, { action: body.action, ...result })
    const kept = await api.call('GET', `/api/v1/chargers/${charger}/configuration`)
    t.notMatch(JSON.stringify(kept.body), /hush/)
  })
}

test('the configuration of a charge point is shown key by key', async (t) => {
  const api = testApi({
    call: async () =>
      answeredWith({
        configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
        unknownKey: ['Nope'],
      }),
  })
  const { charger } = await withCharger(api)
  const body = JSON.stringify({ action: 'GetConfiguration', keys: ['HeartbeatInterval', 'Nope'] })
  const answer = await api.send(requestOf('POST', `/api/v1/chargers/${charger}/calls`, body))
  t.match(answer.body, {
    configuration: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }],
    unknown_keys: ['Nope'],
  })
})

for (const [title, end, status, message] of [
  ['is not connected', { type: 'disconnected' }, 409, /not connected/],
  ['does not answer', { type: 'timedOut' }, 504, /did not answer/],
  [
    'answers with an error',
    { type: 'refused', code: 'NotSupported', description: 'no', late: false },
    502,
    /NotSupported/,
  ],
  ['answers nonsense', answeredWith([]), 502, /not an object/],
  [
    'may not be asked that now',
    { type: 'notSent', reason: 'a car is charging' },
    409,
    /car is charging/,
  ],
] as const) {
  test(`a charge point that ${title} gives ${status}`, async (t) => {
    const api = testApi({ call: async () => end })
    const { charger } = await withCharger(api)
    const answer = await api.send(
      requestOf('POST', `/api/v1/chargers/${charger}/calls`, '{"action":"Reset"}'),
    )
    t.equal(answer.status, status)
    t.match(answer.body.message, message)
  })
}

test('a charging profile cannot be set past the ledger, nor an unknown action called', async (t) => {
  const api = testApi()
  const { charger } = await withCharger(api)
  for (const body of ['{"action":"SetChargingProfile"}', '{"action":"Levitate"}', '{}']) {
    const answer = await api.send(requestOf('POST', `/api/v1/chargers/${charger}/calls`, body))
    t.equal(answer.status, 422)
    t.match(answer.body.problems, [{ field: 'action' }])
  }
})
