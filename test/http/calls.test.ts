import { test } from 'tap'
import type { CallEnd } from '../../src/ocpp/call-end.js'
import type { OutboundCall } from '../../src/ocpp/v16/outbound.js'
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
] as const) {
  test(`${JSON.stringify(body)} reaches the charge point as OCPP says it`, async (t) => {
    const calls: OutboundCall[] = []
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
    t.match(answer.body, { action, status: /^(Accepted|Unlocked)$/ })
    t.same(calls, [{ action, payload }])
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
