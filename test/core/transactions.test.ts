import { test } from 'tap'
import type { PhaseA } from '../../src/core/phases.js'
import { createSite } from '../../src/core/site/create.js'
import type { Depot } from '../../src/core/site/depot.js'
import type { Instant, JournalEvent } from '../../src/core/site/events.js'
import { historyOf, restoreHistory } from '../../src/core/site/history.js'
import { reduce, replay } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import { decideStart, decideStop } from '../../src/core/site/decide-transaction.js'
import type {
  StartDecision,
  StartRequest,
  StopDecision,
  StopRequest,
} from '../../src/core/site/decide-transaction.js'
import { aCharger, anEvse, oneGroup, RULES } from './a-depot.js'

const WALL = Date.parse('2026-06-01T08:00:00Z')
const AT: Instant = { nowMs: 5_000, wallMs: WALL }

function aSite(depot: Depot = oneGroup(40, 3)): Site {
  return createSite(RULES, depot, 0)
}

function start(site: Site, more: Partial<StartRequest> = {}, at = AT): StartDecision {
  const decision = decideStart(
    site,
    {
      chargePointId: 'CP_c0',
      connectorId: 1,
      idTag: 'TAG',
      meterStartWh: 100,
      startedWallMs: WALL,
      ...more,
    },
    at,
  )
  for (const event of decision.events) reduce(site, event, at)
  return decision
}

function stop(
  site: Site,
  transactionId: number,
  chargePointId = 'CP_c0',
  more: Partial<StopRequest> = {},
): StopDecision {
  const decision = decideStop(
    site,
    {
      chargePointId,
      transactionId,
      meterStopWh: 5_100,
      stoppedWallMs: WALL + 60_000,
      reason: 'Local',
      ...more,
    },
    AT,
  )
  for (const event of decision.events) reduce(site, event, AT)
  return decision
}

test('a repeated start is the same transaction', async (t) => {
  const site = aSite()
  const first = start(site)
  const again = start(site)
  t.equal(again.transactionId, first.transactionId)
  t.same(again.events, [])
  t.equal(site.transactions.size, 1)
  t.equal(
    start(site, { idTag: 'tag' }).transactionId,
    first.transactionId,
    'tags compare without case',
  )
})

test('a new start on an occupied connector ends the old transaction at its last reading', async (t) => {
  const site = aSite()
  const first = start(site)
  reduce(
    site,
    {
      type: 'metered',
      chargePointId: 'CP_c0',
      connectorId: 1,
      transactionId: first.transactionId,
      currentA: [10, 10, 10],
      powerW: undefined,
      registerWh: 2_100,
      isCurrent: true,
    },
    AT,
  )
  const second = start(site, { startedWallMs: WALL + 1_000 })
  t.not(second.transactionId, first.transactionId)
  t.match(site.ended, [
    {
      id: first.transactionId,
      energyWh: 2_000,
      stop: { reason: 'Superseded', meterStopWh: 2_100 },
    },
  ])
  t.same([...site.transactions.keys()], [second.transactionId])
})

test('a stop ends its transaction once, and a repeat is answered', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  t.equal(stop(site, transactionId).outcome, 'stopped')
  t.match(site.ended, [{ id: transactionId, energyWh: 5_000 }])
  t.equal(stop(site, transactionId).outcome, 'repeated')
  t.equal(site.ended.length, 1)
})

test('a stop never touches the transaction of another charger', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  t.equal(stop(site, transactionId, 'CP_c1').outcome, 'foreign')
  t.equal(site.transactions.size, 1)
})

for (const unknown of [-1, 0]) {
  test(`a stop with transaction id ${unknown} ends the one that is open there`, async (t) => {
    const site = aSite()
    start(site, { chargePointId: 'CP_c1' })
    const { transactionId } = start(site)
    t.equal(stop(site, unknown).outcome, 'stopped')
    t.match(site.ended, [{ id: transactionId }])
    t.equal(site.transactions.size, 1)
  })
}

test('a stop without an id ends none of several unless its tag and register tell which', async (t) => {
  const evses = [anEvse(1), anEvse(2)]
  const site = aSite(oneGroup(40, 3, { evses }))
  const one = start(site, { connectorId: 1, idTag: 'ONE', meterStartWh: 90_000 })
  const two = start(site, { connectorId: 2, idTag: 'TWO', meterStartWh: 100 })
  const decide = (more: Partial<StopRequest>): string => stop(site, -1, 'CP_c0', more).outcome
  t.equal(decide({}), 'unknown')
  t.equal(decide({ idTag: 'THREE' }), 'unknown')
  t.equal(decide({ idTag: 'ONE', meterStopWh: 5_100 }), 'unknown', 'a register does not run back')
  t.same([...site.transactions.keys()], [one.transactionId, two.transactionId])
  t.equal(decide({ idTag: 'two' }), 'stopped')
  t.match(site.ended, [{ id: two.transactionId, energyWh: 5_000 }])
  t.equal(decide({ idTag: 'two' }), 'repeated', 'and not the end of the other one')
  t.equal(decide({ idTag: 'two', stoppedWallMs: undefined }), 'unknown', 'not even untimed')
  t.same([...site.transactions.keys()], [one.transactionId])
})

test('a stop of one tag for two of its cars is of neither', async (t) => {
  const site = aSite(oneGroup(40, 3, { evses: [anEvse(1), anEvse(2)] }))
  start(site, { connectorId: 1 })
  start(site, { connectorId: 2 })
  t.equal(stop(site, -1, 'CP_c0', { idTag: 'TAG' }).outcome, 'unknown')
  t.equal(site.transactions.size, 2)
})

test('a stop that tells no register ends at the last reading', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  reduce(site, { type: 'energyNoted', transactionId, energyWh: 700 }, AT)
  t.equal(stop(site, -1, 'CP_c0', { meterStopWh: undefined }).outcome, 'stopped')
  t.match(site.ended, [{ energyWh: 700, stop: { meterStopWh: 800 } }])
})

for (const [title, seenWh, meterStopWh, energyWh] of [
  ['one wrong sample does not count', 9e11, 5_100, 5_000],
  ['a stop that says more than any sample counts', 4_000, 5_100, 5_000],
  ['a stop below the start is a fault: what was seen counts', 4_000, 7, 4_000],
] as const) {
  test(`the energy is that of the registers at both ends: ${title}`, async (t) => {
    const site = aSite()
    const { transactionId } = start(site)
    reduce(site, { type: 'energyNoted', transactionId, energyWh: seenWh }, AT)
    stop(site, transactionId, 'CP_c0', { meterStopWh })
    t.match(site.ended, [{ energyWh, stop: { meterStopWh } }])
  })
}

test('on a connector nobody configured a new start ends the one before', async (t) => {
  const site = aSite()
  const first = start(site, { connectorId: 9 })
  start(site, { connectorId: 9, chargePointId: 'CP_c1' })
  const second = start(site, { connectorId: 9, startedWallMs: WALL + 1_000 })
  t.match(site.ended, [{ id: first.transactionId, stop: { reason: 'Superseded' } }])
  t.ok(site.transactions.has(second.transactionId))
  t.equal(site.transactions.size, 2, 'that of another charger runs on')
})

test('a charger cannot open transactions without end', async (t) => {
  const site = aSite()
  const running = start(site)
  const ids: number[] = []
  for (let connectorId = 2; connectorId < 500; connectorId++) {
    ids.push(start(site, { connectorId }).transactionId)
  }
  t.same([...site.transactions.keys()], [running.transactionId, ...ids.slice(-16)])
  t.equal(site.ended.length, ids.length - 16, 'and each of them is told')
})

test('a start without a timestamp is a repeat only while that transaction runs', async (t) => {
  const site = aSite()
  const journal: JournalEvent[] = []
  const unstamped = (): number => {
    const decision = start(site, { startedWallMs: undefined })
    journal.push(...decision.events)
    return decision.transactionId
  }
  const monday = unstamped()
  t.equal(unstamped(), monday)
  journal.push(...stop(site, monday).events)
  const tuesday = unstamped()
  t.not(tuesday, monday)
  t.equal(unstamped(), tuesday)

  const restored = aSite()
  restoreHistory(restored, JSON.parse(JSON.stringify(historyOf(site))), AT)
  for (const event of journal) replay(restored, event, AT)
  t.same([...restored.transactions.keys()], [tuesday], 'told again after a crash')
  t.same(
    restored.ended.map(({ id }) => id),
    [monday],
  )
})

test('a stop for a transaction nobody knows changes nothing', async (t) => {
  const site = aSite()
  t.equal(stop(site, 42).outcome, 'unknown')
  t.equal(site.ended.length, 0)
})

for (const [title, more, depot, expected] of [
  ['with no tags configured every tag is accepted', {}, oneGroup(40, 3), 'Accepted'],
  [
    'a tag of the list is accepted, whatever its case',
    { idTag: 'bus7' },
    { ...oneGroup(40, 3), idTags: new Map([['bus7', { idTag: 'BUS7' }]]) },
    'Accepted',
  ],
  [
    'a tag that is not on the list is Invalid',
    {},
    { ...oneGroup(40, 3), idTags: new Map([['bus7', { idTag: 'BUS7' }]]) },
    'Invalid',
  ],
  [
    'a blocked tag is Blocked',
    { idTag: 'BUS7' },
    { ...oneGroup(40, 3), idTags: new Map([['bus7', { idTag: 'BUS7', blocked: true }]]) },
    'Blocked',
  ],
  ['an inactive charger takes nobody', {}, oneGroup(40, 3, { isActive: false }), 'Invalid'],
  ['a connector nobody configured takes nobody', { connectorId: 9 }, oneGroup(40, 3), 'Invalid'],
] as const) {
  test(`a start always gets an id: ${title}`, async (t) => {
    const decision = start(aSite(depot), more)
    t.equal(decision.idTagInfo.status, expected)
    t.ok(Number.isInteger(decision.transactionId) && decision.transactionId > 0)
  })
}

test('a start from an offline queue is history until it proves to run', async (t) => {
  const site = aSite()
  const { transactionId } = start(site, { startedWallMs: WALL - 3_600_000 })
  const transaction = site.transactions.get(transactionId)
  t.equal(transaction?.liveFromMs, AT.nowMs + 30_000)
  reduce(
    site,
    {
      type: 'metered',
      chargePointId: 'CP_c0',
      connectorId: 1,
      transactionId,
      currentA: [0, 0, 0],
      powerW: undefined,
      registerWh: undefined,
      isCurrent: true,
    },
    AT,
  )
  t.equal(transaction?.liveFromMs, AT.nowMs)
})

test('session events carry the money and come in order', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  stop(site, transactionId)
  t.match(site.outbox, [
    {
      seq: 1,
      id: `transaction-${transactionId}-started`,
      type: 'session',
      data: { meterStartWh: 100 },
    },
    {
      seq: 2,
      id: `transaction-${transactionId}-stopped`,
      data: { energyWh: 5_000, reason: 'Local' },
    },
  ])
  reduce(site, { type: 'uplinkAcknowledged', seq: 1 }, AT)
  t.same(
    site.outbox.map(({ seq }) => seq),
    [2],
  )
})

test('history and journal give the same site back, in any split between them', async (t) => {
  const journal: JournalEvent[] = []
  const site = aSite()
  const keep = (events: readonly JournalEvent[]): void => {
    journal.push(...events)
  }
  keep(start(site).events)
  const { transactionId, events } = start(site, { chargePointId: 'CP_c1' })
  keep(events)
  keep(stop(site, transactionId, 'CP_c1').events)
  const more: readonly JournalEvent[] = [
    { type: 'marked', chargePointId: 'CP_c0', connectorId: 1, mark: { markA: 20, fallbackA: 6 } },
    {
      type: 'statusNoted',
      chargePointId: 'CP_c0',
      connectorId: 1,
      status: 'Charging',
      errorCode: undefined,
    },
    {
      type: 'identityNoted',
      chargePointId: 'CP_c0',
      vendor: 'V',
      model: 'M',
      firmwareVersion: '1',
    },
    {
      type: 'limitCommanded',
      commandId: 'a',
      nodeId: 'group',
      limitA: [9, 9, 9],
      limitKw: undefined,
      untilWallMs: WALL + 3_600_000,
    },
    { type: 'commandAnswered', commandId: 'a', status: 'done', reason: undefined },
    { type: 'uplinkAcknowledged', seq: 1 },
  ]
  for (const event of more) reduce(site, event, AT)
  keep(more)
  const whole = JSON.parse(JSON.stringify(historyOf(site)))
  for (let split = 0; split <= journal.length; split++) {
    const before = aSite()
    for (const event of journal.slice(0, split)) reduce(before, event, AT)
    const restored = aSite()
    restoreHistory(restored, JSON.parse(JSON.stringify(historyOf(before))), AT)
    // A crash may leave records in the journal that the history holds already.
    for (const event of journal.slice(Math.max(0, split - 2))) replay(restored, event, AT)
    t.same(JSON.parse(JSON.stringify(historyOf(restored))), whole, `split at ${split}`)
  }
})

test('a lease lasts no longer than commanded when the clock has fallen back', async (t) => {
  const until = (wallMs: number, isFolded: boolean): number | undefined => {
    const commanded: JournalEvent = {
      type: 'limitCommanded',
      commandId: 'a',
      nodeId: 'group',
      limitA: [9, 9, 9],
      limitKw: undefined,
      untilWallMs: WALL + 600_000,
      validForMs: 600_000,
    }
    const before = aSite()
    reduce(before, commanded, AT)
    const restored = aSite()
    const at = { nowMs: 1_000, wallMs }
    if (isFolded) restoreHistory(restored, JSON.parse(JSON.stringify(historyOf(before))), at)
    else replay(restored, commanded, at)
    // The next start has its turn too.
    const again = aSite()
    restoreHistory(again, JSON.parse(JSON.stringify(historyOf(restored))), at)
    t.equal(again.leases.get('group')?.untilMs, restored.leases.get('group')?.untilMs)
    return restored.leases.get('group')?.untilMs
  }
  for (const isFolded of [true, false]) {
    t.equal(until(0, isFolded), 601_000, 'in 1970')
    t.equal(until(WALL + 400_000, isFolded), 201_000, 'a clock that goes on counts')
  }
})

test('transaction ids go on after the highest ever used', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  const restored = aSite()
  restoreHistory(restored, JSON.parse(JSON.stringify(historyOf(site))), AT)
  t.ok(start(restored, { startedWallMs: WALL + 5 }).transactionId > transactionId)
})

test('phases are learned from two samples that agree, and forgotten when one contradicts', async (t) => {
  const depot = oneGroup(40, 1, {
    evses: [{ ...(aCharger('x', 'g').evses[0] ?? fail()), phaseRotation: 'STR' }],
  })
  const site = aSite(depot)
  start(site)
  const sample = (currentA: readonly [number, number, number]): void =>
    reduce(
      site,
      {
        type: 'metered',
        chargePointId: 'CP_c0',
        connectorId: 1,
        transactionId: undefined,
        currentA,
        powerW: undefined,
        registerWh: undefined,
        isCurrent: true,
      },
      AT,
    )
  const learned = (): unknown => site.chargePoints.get('CP_c0')?.connectors.get(1)?.phases.learned
  sample([10, 0, 0])
  t.equal(learned(), undefined)
  sample([10, 0, 0])
  t.same(learned(), [false, true, false], 'its L1 is wired to L2 of the site')
  sample([10, 9, 9])
  t.equal(learned(), undefined)
})

function fail(): never {
  throw new Error('a charger has an EVSE')
}

test('a start that looked like history when it came is controlled at once after a restart', async (t) => {
  const at = { nowMs: 1_000, wallMs: Date.parse('2026-06-01T12:00:00Z') }
  const site = createSite(RULES, oneGroup(40, 1), at.nowMs)
  const started = {
    type: 'transactionStarted',
    transactionId: 7,
    chargePointId: 'CP_c0',
    connectorId: 1,
    idTag: 'TAG',
    idTagStatus: 'Accepted',
    meterStartWh: 0,
    startedWallMs: at.wallMs - 3_600_000,
    receivedWallMs: at.wallMs - 20_000,
    startKey: 'one',
  } as const
  replay(site, started, at)
  t.equal(site.transactions.get(7)?.liveFromMs, at.nowMs)
  const fresh = createSite(RULES, oneGroup(40, 1), at.nowMs)
  reduce(fresh, { ...started, receivedWallMs: at.wallMs }, at)
  t.ok((fresh.transactions.get(7)?.liveFromMs ?? 0) > at.nowMs, 'its stop may be on the way')
})

test('impossible meter values are passed over: no current, no phases, no energy of them', (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  const connector = site.chargePoints.get('CP_c0')?.connectors.get(1)
  const metered = (currentA: PhaseA | undefined, powerW?: number, registerWh?: number): void => {
    reduce(
      site,
      {
        type: 'metered',
        chargePointId: 'CP_c0',
        connectorId: 1,
        transactionId,
        currentA,
        powerW,
        registerWh,
        isCurrent: true,
      },
      AT,
    )
  }
  for (const nonsense of [
    [-3000, 0, 0],
    [1e99, 0, 0],
    [16, -16, 0],
    [429_496_729.5, 16, 16],
    [NaN, 16, 16],
  ] satisfies PhaseA[]) {
    metered(nonsense, 11_000_000, 429_496_729)
    metered(nonsense)
  }
  t.equal(connector?.sample, undefined)
  t.equal(connector?.phases.learned, undefined)
  t.equal(site.transactions.get(transactionId)?.energyWh, 0)
  metered([16, -0.2, 0], undefined, 1_100)
  t.same(connector?.sample?.currentA, [16, 0, 0])
  t.equal(site.transactions.get(transactionId)?.energyWh, 1_000)
  t.end()
})

test('the energy of a long session is true also after the machine has started anew', (t) => {
  const before = aSite()
  const { transactionId } = start(before, {}, { ...AT, epoch: 'one boot' })
  const site = aSite()
  const tenHoursLater = { nowMs: 60_000, wallMs: WALL + 10 * 3_600_000, epoch: 'another boot' }
  restoreHistory(site, historyOf(before), tenHoursLater)
  const metered = {
    type: 'metered',
    chargePointId: 'CP_c0',
    connectorId: 1,
    transactionId,
    currentA: undefined,
    powerW: undefined,
    isCurrent: true,
  } as const
  reduce(site, { ...metered, registerWh: 100 + 220_000 }, tenHoursLater)
  t.equal(site.transactions.get(transactionId)?.energyWh, 220_000)
  t.end()
})
