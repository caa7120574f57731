/** OCPP-J frames to begin from: those of a simulated depot, and one of each action by hand. */
import { fuzzDepot } from './depot.js'

const AT = '2026-01-05T00:10:00Z'
const sample = (value, more = {}) => ({ value, context: 'Sample.Periodic', ...more })

const CALLS = [
  ['BootNotification', { chargePointVendor: 'V', chargePointModel: 'M', firmwareVersion: '1.0' }],
  ['Heartbeat', {}],
  ['Authorize', { idTag: 'CAR-CP001' }],
  [
    'StatusNotification',
    { connectorId: 1, errorCode: 'NoError', status: 'Charging', timestamp: AT },
  ],
  [
    'StatusNotification',
    {
      connectorId: 0,
      errorCode: 'GroundFailure',
      status: 'Faulted',
      info: 'x',
      vendorId: 'v',
      vendorErrorCode: 'e',
    },
  ],
  ['StartTransaction', { connectorId: 1, idTag: 'A', meterStart: 10, timestamp: AT }],
  [
    'StopTransaction',
    {
      transactionId: 1,
      meterStop: 2000,
      timestamp: AT,
      reason: 'Local',
      transactionData: [
        {
          timestamp: AT,
          sampledValue: [
            sample('2000', { measurand: 'Energy.Active.Import.Register', unit: 'Wh' }),
          ],
        },
      ],
    },
  ],
  [
    'MeterValues',
    {
      connectorId: 1,
      transactionId: 1,
      meterValue: [
        {
          timestamp: AT,
          sampledValue: [
            sample('16', { measurand: 'Current.Import', phase: 'L1', unit: 'A' }),
            sample('11.04', { measurand: 'Power.Active.Import', unit: 'kW' }),
            sample('12.5', { measurand: 'Energy.Active.Import.Register', unit: 'kWh' }),
            sample('50', { measurand: 'SoC', unit: 'Percent' }),
          ],
        },
      ],
    },
  ],
  ['DataTransfer', { vendorId: 'v', messageId: 'm', data: '{"a":1}' }],
  ['FirmwareStatusNotification', { status: 'Downloading' }],
  ['DiagnosticsStatusNotification', { status: 'Uploading' }],
  ['SecurityEventNotification', { type: 'StartupOfTheDevice', timestamp: AT, techInfo: 't' }],
  ['LogStatusNotification', { status: 'Uploading', requestId: 1 }],
  ['SignedFirmwareStatusNotification', { status: 'Downloading', requestId: 1 }],
  ['SignCertificate', { csr: 'MIIB' }],
]

/** Answers to calls of ours. */
export const RESULTS = [
  { status: 'Accepted' },
  { status: 'Rejected' },
  { status: 'NotSupported' },
  {
    configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '2' }],
    unknownKey: ['x'],
  },
  {
    status: 'Accepted',
    connectorId: 1,
    scheduleStart: AT,
    chargingSchedule: {
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }],
    },
  },
  { fileName: 'diagnostics.zip' },
  { listVersion: 3 },
]

/** Parsed calls. `recorded` of the depot itself come first. */
export async function frameSeeds(seed) {
  const recorded = new Map()
  const depot = await fuzzDepot(seed, ({ to, text }) => {
    if (to !== 'server') return
    const frame = JSON.parse(text)
    if (frame[0] !== 2) return
    const kept = recorded.get(frame[2]) ?? []
    if (kept.length < 20) recorded.set(frame[2], [...kept, frame])
  })
  await depot.stop()
  return [
    ...[...recorded.values()].flat(),
    ...CALLS.map(([action, payload]) => [2, 'id', action, payload]),
  ]
}
