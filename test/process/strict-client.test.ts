/** A charge point that somebody else has written, with validators of its own, finds nothing wrong. */
import { test } from 'tap'
import { eventually } from './deadline.js'
import { restClient } from './rest-client.js'
import type { ChargerBody, SessionBody } from './rest-client.js'
import { strictChargePoint } from './strict-client.js'
import { startGateway } from './yardmaster-process.js'

const CONFIG = `
site: { fuse_a: 40 }
depot:
  constraints:
    - { id: yard, name: Yard, type: charge_group, max_power_kw: 20 }
  chargers:
    - { id: cp1, name: One, parent_charge_group: yard, ocpp_charge_point_id: CP/1, max_power_kw: 22.08,
        evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }
`
/** 20 kW over three phases of 230 V, in steps of 0.1 A. */
const GROUP_A = 28.9

const BOOT = { chargePointVendor: 'Other', chargePointModel: 'Strict', firmwareVersion: '9' }
const now = (): string => new Date().toISOString()
const start = (idTag: string) => ({ connectorId: 1, idTag, meterStart: 100, timestamp: now() })
const connectorIs = (status: string) => ({
  connectorId: 1,
  errorCode: 'NoError',
  status,
  timestamp: now(),
})
const limitOf = (amperes: number) => ({
  chargingRateUnit: 'A',
  chargingSchedulePeriod: [{ startPeriod: 0, limit: amperes }],
})

test('from boot to stop, its validators accept every message', async (t) => {
  const { port } = await startGateway(t, { config: CONFIG })
  const rest = restClient(port)
  const chargePoint = await strictChargePoint(t, port, 'CP/1')
  t.match(await chargePoint.call('BootNotification', BOOT), { status: 'Accepted', interval: 300 })

  // Before any car: what it does when left alone.
  t.match(await chargePoint.asked('SetChargingProfile'), {
    connectorId: 1,
    csChargingProfiles: {
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: { duration: undefined, ...limitOf(6) },
    },
  })
  for (const [key, value] of [
    ['MeterValueSampleInterval', '10'],
    ['MeterValuesSampledData', /Current.Import/],
  ] as const) {
    const isIts = (payload: object) => 'key' in payload && payload.key === key
    t.match(await chargePoint.asked('ChangeConfiguration', isIts), { key, value })
  }

  for (const status of ['Available', 'Preparing']) {
    t.same(await chargePoint.call('StatusNotification', connectorIs(status)), {})
  }
  t.match(await chargePoint.call('Authorize', { idTag: 'A1' }), { idTagInfo: Object })
  const started = await chargePoint.call('StartTransaction', start('A1'))
  t.match(started, { transactionId: Number, idTagInfo: { status: 'Accepted' } })
  const [session] = (await rest.get<SessionBody[]>('/sessions/live')).body
  const transactionId = session?.transaction_id ?? 0
  t.match(started, { transactionId })

  const offer = await chargePoint.asked('SetChargingProfile', isTxProfile)
  t.match(offer, {
    connectorId: 1,
    csChargingProfiles: {
      transactionId,
      chargingProfileKind: 'Absolute',
      chargingSchedule: { duration: 210, startSchedule: String, ...limitOf(GROUP_A) },
    },
  })

  const sampledValue = [
    { value: '600', measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
    ...['L1', 'L2', 'L3'].map((phase) => ({ value: '28.5', measurand: 'Current.Import', phase })),
  ]
  const meterValue = [{ timestamp: now(), sampledValue }]
  const values = { connectorId: 1, transactionId, meterValue }
  t.same(await chargePoint.call('MeterValues', values), {})
  const [sampled] = (await rest.get<SessionBody[]>('/sessions/live')).body
  t.match(sampled, { energy_wh: 500, current_a: { l1: 28.5 }, offer_a: GROUP_A })

  for (const [call, action] of [
    [{ action: 'TriggerMessage', message: 'MeterValues', connector_id: 1 }, 'TriggerMessage'],
    [{ action: 'GetConfiguration' }, 'GetConfiguration'],
    [{ action: 'ChangeConfiguration', key: 'K', value: 'V' }, 'ChangeConfiguration'],
    [{ action: 'RemoteStopTransaction', transaction_id: transactionId }, 'RemoteStopTransaction'],
    [{ action: 'RemoteStartTransaction', id_tag: 'A1' }, 'RemoteStartTransaction'],
    [{ action: 'UnlockConnector', connector_id: 1 }, 'UnlockConnector'],
    [{ action: 'ChangeAvailability', connector_id: 0, type: 'Operative' }, 'ChangeAvailability'],
    [{ action: 'Reset' }, 'Reset'],
  ] as const) {
    const answer = await rest.post('/chargers/cp1/calls', call)
    t.match(answer, { status: 200, body: { action } })
    await chargePoint.asked(action)
  }

  const stop = { transactionId, meterStop: 900, timestamp: now(), reason: 'Remote', idTag: 'A1' }
  t.match(await chargePoint.call('StopTransaction', stop), { idTagInfo: { status: 'Accepted' } })
  t.same((await rest.get('/sessions/live')).body, [])
  t.match((await rest.get('/sessions')).body, [{ energy_wh: 800, stop_reason: 'Remote' }])

  t.match(await rest.post('/chargers/cp1/calls', { action: 'ClearChargingProfile' }), {
    status: 200,
    body: { status: 'Accepted' },
  })
  // What was cleared was its protection: it is given back at once.
  await eventually('the fallback once more', () => {
    const profiles = chargePoint.requests.filter(({ action }) => action === 'SetChargingProfile')
    const fallbacks = profiles.filter(({ payload }) => !isTxProfile(payload))
    return fallbacks.length >= 2 ? true : undefined
  })
  t.match(await chargePoint.call('Heartbeat', {}), { currentTime: String })
  t.same(chargePoint.complaints, [])
})

test('a car gets its share also where the connector was last said to be Available', async (t) => {
  const { port } = await startGateway(t, { config: CONFIG })
  const chargePoint = await strictChargePoint(t, port, 'CP/1')
  await chargePoint.call('BootNotification', BOOT)
  await chargePoint.call('StatusNotification', connectorIs('Available'))
  // No charge point has to say Preparing, and some say Charging only when current flows.
  t.match(await chargePoint.call('StartTransaction', start('A1')), { transactionId: Number })
  t.match(await chargePoint.asked('SetChargingProfile', isTxProfile), {
    csChargingProfiles: { chargingSchedule: limitOf(GROUP_A) },
  })
})

test('a newer connection takes over, and the end of the older one changes nothing', async (t) => {
  const gateway = await startGateway(t, { config: CONFIG })
  const { port } = gateway
  const rest = restClient(port)
  const older = await strictChargePoint(t, port, 'CP/1')
  await older.call('BootNotification', BOOT)
  // A car that is there before the fallback could have taken all: that would have to settle.
  await older.asked('SetChargingProfile', (payload) => !isTxProfile(payload))
  await older.call('StartTransaction', start('A1'))
  await older.asked('SetChargingProfile', isTxProfile)

  const newer = await strictChargePoint(t, port, 'CP/1')
  t.match(await newer.call('Heartbeat', {}), { currentTime: String })
  t.match(await eventually('the end of the older connection', older.closed), {
    code: 1000,
    reason: 'Replaced by a newer connection',
  })
  // Nobody knows what the charge point still holds: it is told again, and no more than before.
  const told = await newer.asked('SetChargingProfile', isTxProfile)
  t.match(told, { csChargingProfiles: { chargingSchedule: limitOf(GROUP_A) } })
  t.match((await rest.get<ChargerBody[]>('/chargers')).body, [{ id: 'cp1', connected: true }])
  t.match((await rest.get('/sessions/live')).body, [{ id_tag: 'A1' }], 'it goes on')

  const asked = newer.requests.length
  const call = { action: 'TriggerMessage', message: 'Heartbeat' }
  t.match(await rest.post('/chargers/cp1/calls', call), { status: 200 })
  t.match(newer.requests.slice(asked), [{ action: 'TriggerMessage' }], 'the newer one is asked')
  t.notOk(gateway.logs().some(({ event }) => event === 'chargePointDisconnected'))
  t.equal(newer.closed(), undefined)
  t.same([...older.complaints, ...newer.complaints], [])
})

function isTxProfile(payload: Readonly<Record<string, unknown>>): boolean {
  const profile = payload['csChargingProfiles']
  if (typeof profile !== 'object' || profile === null) return false
  return 'chargingProfilePurpose' in profile && profile.chargingProfilePurpose === 'TxProfile'
}
