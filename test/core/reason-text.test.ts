import { test } from 'tap'
import type { LimitSource, Reason } from '../../src/core/reason.js'
import { limitSourceText, reasonText } from '../../src/core/reason-text.js'

const configured: LimitSource = { type: 'configured' }
const at = { nodeId: 'n1', nodeName: 'North', source: configured }

const REASONS: readonly (readonly [Reason, string])[] = [
  [{ type: 'idle' }, 'no car asks for power'],
  [{ type: 'offline' }, 'the charger is not connected'],
  [{ type: 'inactive' }, 'switched off by the operator (Inactive)'],
  [{ type: 'discovered' }, 'this connector is not configured: add it to the EVSEs of the charger'],
  [{ type: 'hardware', maxA: 32 }, 'the charger gives at most 32 A'],
  [{ type: 'vehicle', capA: 15.96 }, 'the car takes at most 16 A'],
  [
    { ...at, type: 'limit', dimension: 'l2', limitA: 40 },
    'limited by North on L2: 40 A (configured limit)',
  ],
  [
    { ...at, type: 'limit', dimension: 'power', limitA: 120.04 },
    'limited by North over all phases: 120 A (configured limit)',
  ],
  [
    {
      ...at,
      type: 'limit',
      dimension: 'power',
      limitA: 6,
      source: { type: 'failsafe', meterId: 'main' },
    },
    'North is in failsafe, meter main is silent: fallback of 6 A',
  ],
  [
    { ...at, type: 'waiting', dimension: 'l1', limitA: 38, charging: 6, waiting: 3 },
    'waits its turn: North has 38 A on L1 for 9 cars (configured limit)',
  ],
  [
    { ...at, type: 'waiting', dimension: 'power', limitA: 3, charging: 0, waiting: 1 },
    'waits its turn: North has 3 A over all phases for 1 car (configured limit)',
  ],
  [
    {
      ...at,
      type: 'waiting',
      dimension: 'l1',
      limitA: 38,
      charging: 6,
      waiting: 3,
      nextAt: '14:35',
    },
    'waits its turn: North has 38 A on L1 for 9 cars (configured limit), next by 14:35',
  ],
  [{ type: 'pending', targetA: 10.25 }, '10.3 A as soon as others have given way'],
  [
    { type: 'unresponsive', exposureA: 32 },
    'the charger does not follow its limit: it counts as 32 A',
  ],
  [
    { type: 'cutOff', step: 'remoteStop', nodeName: 'North', overA: 12.34 },
    'cut off by the watchdog, 12.3 A were measured above the limit of North: its session was stopped',
  ],
  [
    { type: 'cutOff', step: 'inoperative', nodeName: '', overA: 0 },
    'cut off by the watchdog, 0 A were measured above a limit: out of service until an operator puts it back',
  ],
  [
    { type: 'unprotected', nodeName: 'North', needsA: 32, roomA: 10 },
    'out of service: it takes no limit, and North has 10 A of the 32 A it may draw',
  ],
]

test('every reason is said in words', async (t) => {
  for (const [reason, text] of REASONS) t.equal(reasonText(reason), text)
})

test('a car that is known is called by its name', async (t) => {
  t.equal(reasonText({ type: 'vehicle', capA: 16 }, 'Bus 14'), 'Bus 14 takes at most 16 A')
})

test('every source of a limit is said in words', async (t) => {
  for (const [source, text] of [
    [configured, 'configured limit'],
    [{ type: 'fuse' }, 'main fuse'],
    [{ type: 'contract' }, 'contracted power'],
    [{ type: 'schedule', from: '17:00', to: '20:00' }, 'schedule 17:00 to 20:00'],
    [{ type: 'external', sourceId: 'dso', fallback: false }, 'grid limit dso'],
    [
      { type: 'external', sourceId: 'dso', fallback: true },
      'grid limit dso is silent: its fallback',
    ],
    [{ type: 'command', commandId: 'c7' }, 'command c7'],
    [{ type: 'failsafe', meterId: 'main' }, 'meter main is silent'],
  ] as const) {
    t.equal(limitSourceText(source), text)
  }
})
