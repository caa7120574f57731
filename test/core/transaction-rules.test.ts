/** What the field gets wrong about transactions, one rule a test; by OCPP 1.6 and its errata. */
import { test } from 'tap'
import { createSite } from '../../src/core/site/create.js'
import { decideStart, decideStop, endOf } from '../../src/core/site/decide-transaction.js'
import type {
  StartDecision,
  StartRequest,
  StopDecision,
  StopRequest,
} from '../../src/core/site/decide-transaction.js'
import type { Depot } from '../../src/core/site/depot.js'
import type { Instant, JournalEvent } from '../../src/core/site/events.js'
import { historyOf, restoreHistory } from '../../src/core/site/history.js'
import { reduce, replay } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import { lostStops } from '../../src/control/lost-stops.js'
import { restoreSite } from '../../src/control/restore.js'
import { aCharger, anEvse, oneGroup, RULES } from './a-depot.js'

const WALL = Date.parse('2026-06-01T08:00:00Z')
const HOUR = 3_600_000
const AT: Instant = { nowMs: 5_000, wallMs: WALL }
const CP = 'CP_c0'

function aSite(depot: Depot = oneGroup(40, 3)): Site {
  return createSite(RULES, depot, 0)
}

function happen(site: Site, events: readonly JournalEvent[], at = AT): void {
  for (const event of events) reduce(site, event, at)
}

function start(site: Site, more: Partial<StartRequest> = {}, at = AT): StartDecision {
  const request = {
    chargePointId: CP,
    connectorId: 1,
    idTag: 'TAG',
    meterStartWh: 100,
    startedWallMs: WALL,
    ...more,
  }
  const decision = decideStart(site, request, at)
  happen(site, decision.events, at)
  return decision
}

function stop(site: Site, more: Partial<StopRequest>, at = AT): StopDecision {
  const request = {
    chargePointId: CP,
    transactionId: -1,
    idTag: 'TAG',
    meterStopWh: 5_100,
    stoppedWallMs: WALL + HOUR,
    reason: 'Local',
    ...more,
  }
  const decision = decideStop(site, request, at)
  happen(site, decision.events, at)
  return decision
}

function bound(site: Site): number | undefined {
  return site.chargePoints.get(CP)?.connectors.get(1)?.transactionId
}

function status(site: Site, word: string): void {
  const event = { type: 'statusNoted', chargePointId: CP, connectorId: 1, status: word } as const
  reduce(site, { ...event, errorCode: undefined }, AT)
}

function metered(site: Site, transactionId: number, registerWh: number): void {
  const event = { type: 'metered', chargePointId: CP, connectorId: 1, transactionId } as const
  const values = { currentA: undefined, powerW: undefined, registerWh, isCurrent: true }
  reduce(site, { ...event, ...values }, { ...AT, nowMs: AT.nowMs + HOUR, wallMs: WALL + HOUR })
}

const BLOCKED: Depot = {
  ...oneGroup(40, 3),
  idTags: new Map([['tag', { idTag: 'TAG', blocked: true }]]),
}

test('4.8: a start gets an id whatever becomes of its tag, and its stop is taken', async (t) => {
  const site = aSite(BLOCKED)
  const { transactionId, idTagInfo } = start(site)
  t.equal(idTagInfo.status, 'Blocked')
  t.match(stop(site, { transactionId, reason: 'DeAuthorized' }), { outcome: 'stopped' })
  t.match(site.ended, [{ energyWh: 5_000, idTagStatus: 'Blocked' }])
})

test('a repeated start gets the same id and the same answer, also when the list has changed', async (t) => {
  const site = aSite(BLOCKED)
  const first = start(site)
  reduce(site, { type: 'depotChanged', depot: oneGroup(40, 3) }, AT)
  const again = start(site, {}, { nowMs: 900_000, wallMs: WALL + 900_000 })
  t.equal(again.transactionId, first.transactionId)
  t.equal(again.idTagInfo.status, 'Blocked')
})

test('ids fit 32 bits and are never used twice, not even after an old backup is restored', async (t) => {
  const site = aSite()
  const used = new Set<number>()
  for (let n = 0; n < 50; n++) {
    const wallMs = WALL + n * 60_000
    const at = { nowMs: n * 60_000, wallMs }
    used.add(start(site, { startedWallMs: wallMs }, at).transactionId)
  }
  t.equal(used.size, 50)
  t.ok([...used].every((id) => id > 0 && id < 2 ** 31))
  const backup = { depot: undefined, history: undefined, journal: [], recovered: [] }
  const later = { nowMs: 0, wallMs: WALL + 60 * 60_000 }
  const restored = restoreSite(RULES, backup, oneGroup(40, 3), later).site
  t.notOk(used.has(start(restored, { startedWallMs: later.wallMs }, later).transactionId))

  // A gateway without a battery clock: the charger knows the time.
  const in1970 = { nowMs: 0, wallMs: 60_000 }
  const clockless = restoreSite(RULES, backup, oneGroup(40, 3), in1970).site
  t.notOk(used.has(start(clockless, { startedWallMs: later.wallMs }, in1970).transactionId))
  const in2100 = { nowMs: 0, wallMs: Date.parse('2100-01-01T00:00:00Z') }
  const { site: wrong } = restoreSite(RULES, backup, oneGroup(40, 3), in2100)
  t.ok(start(wrong, { startedWallMs: in2100.wallMs }, in2100).transactionId < 2 ** 31)
})

test('a stop is answered again as before: its first word counts', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  t.equal(stop(site, { transactionId }).outcome, 'stopped')
  t.equal(stop(site, { transactionId, meterStopWh: 9_999 }).outcome, 'repeated')
  t.match(site.ended, [{ energyWh: 5_000 }])
})

test('an offline queue that is told late does not take the connector from the car that is there', async (t) => {
  const site = aSite()
  const now = start(site)
  const old = start(site, { startedWallMs: WALL - 3 * HOUR, meterStartWh: 0 })
  t.equal(bound(site), now.transactionId)
  t.ok(site.transactions.has(now.transactionId), 'and it is not over')
  t.equal(stop(site, { transactionId: old.transactionId, meterStopWh: 90 }).outcome, 'stopped')
  t.equal(bound(site), now.transactionId)
  t.match(site.ended, [{ id: old.transactionId, energyWh: 90 }])

  const restored = aSite()
  start(site, { startedWallMs: WALL - 2 * HOUR, meterStartWh: 90 })
  restoreHistory(restored, JSON.parse(JSON.stringify(historyOf(site))), AT)
  t.equal(bound(restored), now.transactionId, 'nor after a restart')
})

test('a charger whose clock was never set begins no history', async (t) => {
  const site = aSite()
  start(site)
  const next = start(site, { startedWallMs: 1_000 })
  t.equal(bound(site), next.transactionId)
})

test('an offline queue that is told backwards loses no energy and leaves nothing open', async (t) => {
  const site = aSite()
  const running = start(site, { startedWallMs: WALL + HOUR, meterStartWh: 5_100 })
  t.equal(stop(site, { stoppedWallMs: WALL - HOUR, meterStopWh: 5_100 }).outcome, 'unknown')
  t.match(site.orphans, [{ meterStopWh: 5_100, idTag: 'TAG' }])
  const old = start(site, { startedWallMs: WALL - 2 * HOUR })
  t.match(site.ended, [{ id: old.transactionId, energyWh: 5_000 }])
  t.same(site.orphans, [])
  t.same([...site.transactions.keys()], [running.transactionId])
  t.equal(bound(site), running.transactionId)
  t.equal(
    stop(site, { stoppedWallMs: WALL - HOUR, meterStopWh: 5_100 }).outcome,
    'repeated',
    'told once more',
  )
})

test('errata 3.18: a stop with -1 is not of one whose id the charger has used', async (t) => {
  const site = aSite()
  const online = start(site)
  metered(site, online.transactionId, 300)
  t.equal(stop(site, {}).outcome, 'unknown')
  t.ok(site.transactions.has(online.transactionId))
  t.equal(site.orphans.length, 1)
})

test('a stop nobody knows is kept once, told once, and survives a restart', async (t) => {
  const site = aSite()
  const journal: JournalEvent[] = []
  for (let n = 0; n < 3; n++) journal.push(...stop(site, { transactionId: 99_999 }).events)
  t.equal(journal.length, 1)
  t.match(site.outbox, [{ data: { event: 'orphaned', transactionId: 99_999, meterStopWh: 5_100 } }])
  const restored = aSite()
  restoreHistory(restored, JSON.parse(JSON.stringify(historyOf(site))), AT)
  for (const event of journal) replay(restored, event, AT)
  t.same(restored.orphans, site.orphans)
  t.equal(restored.uplinkSeq, 1)
})

test('orphans are bounded', async (t) => {
  const site = aSite()
  for (let n = 0; n < 700; n++) stop(site, { transactionId: 1_000 + n })
  t.equal(site.orphans.length, 500)
})

test('the stop of another charger is kept as its own and changes nothing of ours', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  t.equal(stop(site, { chargePointId: 'CP_c1', transactionId }).outcome, 'foreign')
  t.ok(site.transactions.has(transactionId))
  t.match(site.orphans, [{ chargePointId: 'CP_c1', transactionId }])
})

test('one that was superseded is corrected by its own stop, once', async (t) => {
  const site = aSite()
  const first = start(site)
  const second = start(site, { startedWallMs: WALL + HOUR, meterStartWh: 5_100 })
  t.match(site.ended, [{ energyWh: 0, stop: { reason: 'Superseded' } }])
  const { transactionId } = first
  t.equal(stop(site, { transactionId }).outcome, 'corrected')
  t.match(site.ended, [{ id: transactionId, energyWh: 5_000, stop: { reason: 'Local' } }])
  t.equal(stop(site, { transactionId }).outcome, 'repeated')
  t.equal(bound(site), second.transactionId)
  t.same(
    site.outbox.map(({ id }) => id),
    [
      `transaction-${transactionId}-started`,
      `transaction-${transactionId}-stopped`,
      `transaction-${second.transactionId}-started`,
      `transaction-${transactionId}-corrected`,
    ],
  )
})

test('one that was superseded is found by a stop without an id, not the car that is there', async (t) => {
  const site = aSite()
  const first = start(site)
  const second = start(site, { startedWallMs: WALL + HOUR, meterStartWh: 5_100 })
  t.equal(stop(site, { stoppedWallMs: WALL + HOUR - 60_000 }).outcome, 'corrected')
  t.match(site.ended, [{ id: first.transactionId, energyWh: 5_000 }])
  t.equal(bound(site), second.transactionId)
})

test('Available for a quarter of an hour ends what nobody stopped, until its stop comes', async (t) => {
  const site = aSite()
  reduce(site, { type: 'connected', chargePointId: CP }, AT)
  const { transactionId } = start(site)
  metered(site, transactionId, 2_100)
  const lost = lostStops()
  const after = (minutes: number): readonly JournalEvent[] =>
    lost.due(site, { nowMs: AT.nowMs + minutes * 60_000, wallMs: WALL + minutes * 60_000 })
  t.same(after(60), [], 'a car is there')
  status(site, 'Available')
  t.same(after(61), [])
  t.same(after(70), [], 'a queue may still tell it')
  status(site, 'Preparing')
  t.same(after(77), [])
  status(site, 'Available')
  t.same(after(78), [])
  const ends = after(93)
  t.match(ends, [{ transactionId, reason: 'Abandoned', meterStopWh: 2_100 }])
  happen(site, ends)
  t.equal(bound(site), undefined)
  t.equal(stop(site, { transactionId, meterStopWh: 2_600 }).outcome, 'corrected')
  t.match(site.ended, [{ energyWh: 2_500 }])
})

test('an end that nobody told is as the stop without an id says, when there is one', async (t) => {
  const site = aSite(oneGroup(40, 3, { evses: [anEvse(1), anEvse(2)] }))
  const { transactionId } = start(site)
  metered(site, transactionId, 300)
  stop(site, {})
  const open = site.transactions.get(transactionId)
  t.match(open && endOf(site, open, 'Abandoned', AT), { reason: 'Local', meterStopWh: 5_100 })
})

test('a meter that runs back costs nobody the energy that was seen', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  metered(site, transactionId, 2_100)
  stop(site, { transactionId, meterStopWh: 0 })
  t.match(site.ended, [{ energyWh: 2_000, stop: { meterStopWh: 0 } }])
})

test('signed values are kept to the byte', async (t) => {
  const site = aSite()
  const { transactionId } = start(site)
  const signedValues = [
    { sampledValue: [{ value: 'OCMF|{"a":1}|{"SA":"x"}', format: 'SignedData' }] },
  ]
  stop(site, { transactionId, signedValues })
  const restored = aSite()
  restoreHistory(restored, JSON.parse(JSON.stringify(historyOf(site))), AT)
  t.same(restored.ended[0]?.stop?.signedValues, signedValues)
  t.match(site.outbox.at(-1), { data: { signedValues } })
})

test('a transaction of a charger that was taken away and came back is its own again', async (t) => {
  const site = aSite()
  const { transactionId } = start(site, { connectorId: 7 })
  const charger = aCharger('c0', 'group', { evses: [anEvse(1), anEvse(7)] })
  const depot = oneGroup(40, 3)
  const chargers = new Map(depot.chargers).set('c0', charger)
  reduce(site, { type: 'depotChanged', depot: { ...depot, chargers } }, AT)
  t.equal(site.chargePoints.get(CP)?.connectors.get(7)?.transactionId, transactionId)
})
