import { test } from 'tap'
import { createSite } from '../../src/core/site/create.js'
import type { Depot } from '../../src/core/site/depot.js'
import type { Instant, JournalEvent } from '../../src/core/site/events.js'
import { historyOf, restoreHistory } from '../../src/core/site/history.js'
import { reduce, replay } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import { decideStart, decideStop } from '../../src/core/site/transactions.js'
import type { StartDecision, StartRequest, StopDecision } from '../../src/core/site/transactions.js'
import { aCharger, oneGroup, RULES } from './a-depot.js'

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

function stop(site: Site, transactionId: number, chargePointId = 'CP_c0'): StopDecision {
  const decision = decideStop(
    site,
    {
      chargePointId,
      transactionId,
      meterStopWh: 5_100,
      stoppedWallMs: WALL + 60_000,
      reason: 'Local',
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
  test(`a stop with transaction id ${unknown} ends the latest of that charger`, async (t) => {
    const site = aSite()
    start(site, { chargePointId: 'CP_c1' })
    const { transactionId } = start(site)
    t.equal(stop(site, unknown).outcome, 'stopped')
    t.match(site.ended, [{ id: transactionId }])
    t.equal(site.transactions.size, 1)
  })
}

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
    t.equal(decision.idTagStatus, expected)
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
