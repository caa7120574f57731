/** What the judge of the uplink finds, and what it does not hold against anybody. */
import { test } from 'tap'
import { runScenario } from '../../../src/testing/simulation/run.js'
import type { Scenario, TimedFault } from '../../../src/testing/simulation/scenario.js'
import { uplinkJudge } from '../../../src/testing/simulation/uplink-judge.js'
import type { UplinkJudge } from '../../../src/testing/simulation/uplink-judge.js'
import { collectVerdicts } from '../../../src/testing/simulation/verdicts.js'
import { aScenario } from './a-scenario.js'

interface Backend {
  readonly judge: UplinkJudge
  readonly found: () => readonly string[]
  /** The controller publishes it, and it arrives. */
  readonly comes: (id: string, seq: number, ts?: number) => void
}

function aBackend(): Backend {
  const verdicts = collectVerdicts(() => {})
  const judge = uplinkJudge({ verdicts, elapsedMs: () => 0 })
  return {
    judge,
    found: () => verdicts.violations().map(({ where, what }) => `${where} ${what}`),
    comes(id, seq, ts = 0) {
      const payload = JSON.stringify({ id, seq, ts, data: { chargePointId: 'CP001' } })
      const message = { topic: 'depot/v1/s/event/session', payload, qos: 1, retain: false } as const
      judge.publishing(message)
      judge.published(message)
    },
  }
}

const TOLD = { id: 5, where: 'CP001#1', isStopAnswered: true }

test('records that come in order, and again after an interruption, are right', async (t) => {
  const { judge, found, comes } = aBackend()
  comes('transaction-5-started', 1)
  comes('transaction-5-stopped', 2)
  judge.interrupted()
  comes('transaction-5-started', 1)
  judge.unacknowledged(1)
  comes('transaction-5-started', 1)
  judge.finish([TOLD])
  t.same(found(), [])
})

for (const [title, tell, wrong] of [
  ['that is missing', ({ comes }) => comes('transaction-5-started', 1), /has not reached/],
  [
    'that comes out of order',
    ({ comes }) => {
      comes('transaction-5-stopped', 2)
      comes('transaction-5-started', 1)
    },
    /arrives after number 2 of CP001/,
  ],
  [
    'that changes',
    ({ judge, comes }) => {
      comes('transaction-5-started', 1)
      judge.interrupted()
      comes('transaction-5-started', 1, 7)
    },
    /arrives as .* and was/,
  ],
  [
    'that takes the number of another',
    ({ comes }) => {
      comes('transaction-4-started', 1)
      comes('transaction-5-started', 1)
    },
    /number 1, which was that of transaction-4-started/,
  ],
  [
    'that comes over and over',
    ({ comes }) => {
      comes('transaction-5-started', 1)
      comes('transaction-5-started', 1)
    },
    /sent again although nothing was lost/,
  ],
] as const satisfies readonly (readonly [string, (backend: Backend) => void, RegExp])[]) {
  test(`a record ${title} is found`, async (t) => {
    const backend = aBackend()
    tell(backend)
    backend.judge.finish([TOLD])
    t.match(backend.found().join('; '), wrong)
  })
}

test('a broker that goes, comes, and keeps silent gets every record in a depot that loses power', async (t) => {
  const plain = aScenario({ minutes: 12, quietMinutes: 6 })
  const scenario: Scenario = {
    ...plain,
    settings: {
      ...plain.settings,
      mqtt: {
        url: 'mqtt://127.0.0.1',
        username: undefined,
        password: undefined,
        clientId: 'simulated',
        rootTopic: 'depot/v1',
        commands: 'lower-only',
      },
    },
    traffic: { gapMs: [2_000, 10_000], stayMs: [20_000, 60_000] },
    arrivals: [],
    faults: [
      { atMs: 60_000, fault: { type: 'broker', up: false } },
      { atMs: 150_000, fault: { type: 'broker', up: true } },
      { atMs: 151_500, fault: { type: 'crash', downMs: 2_000, on: 'start' } },
      { atMs: 200_000, fault: { type: 'brokerKeepsSilent', count: 3 } },
      { atMs: 290_000, fault: { type: 'crash', downMs: 500, on: 'write' } },
      ...[300_000, 340_000, 380_000, 420_000, 460_000, 500_000].flatMap((atMs): TimedFault[] => [
        { atMs, fault: { type: 'diskHangs', forMs: 25_000 } },
        { atMs: atMs + 20_000, fault: { type: 'crash', downMs: 2_000 } },
      ]),
    ],
  }
  const { violations, verdicts } = await runScenario(scenario)
  t.same(violations, [])
  const { checks = 0 } = verdicts.find(({ invariant }) => invariant === 'uplink') ?? {}
  t.ok(checks > 50, `${checks} looks`)
})
