import { test } from 'tap'
import { authorise, isSameGroup } from '../../src/core/site/authorise.js'
import { createSite } from '../../src/core/site/create.js'
import { decideStart, decideStop } from '../../src/core/site/decide-transaction.js'
import type { Charger, Depot, IdTag } from '../../src/core/site/depot.js'
import type { Instant } from '../../src/core/site/events.js'
import { reduce } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import { anEvse, oneGroup, RULES } from './a-depot.js'

const WALL = Date.parse('2026-06-01T08:00:00Z')
const AT: Instant = { nowMs: 5_000, wallMs: WALL }

function withTags(tags: readonly IdTag[], charger: Partial<Charger> = {}): Site {
  const depot: Depot = {
    ...oneGroup(40, 3, charger),
    idTags: new Map(tags.map((tag) => [tag.idTag.toLowerCase(), tag])),
  }
  return createSite(RULES, depot, 0)
}

let minute = 0

/** Starts in sequence, each a minute after the one before by the charger's clock. */
function start(site: Site, chargePointId: string, idTag: string, connectorId = 1) {
  minute += 1
  const startedWallMs = WALL + minute * 1_000
  const at = { ...AT, wallMs: startedWallMs }
  const request = { chargePointId, connectorId, idTag, meterStartWh: 0, startedWallMs }
  const decision = decideStart(site, request, at)
  for (const event of decision.events) reduce(site, event, at)
  return decision
}

test('an id tag comes with its group and its end', async (t) => {
  const expiresWallMs = WALL + 3_600_000
  const site = withTags([{ idTag: 'Bus7', parentIdTag: 'FLEET', expiresWallMs }])
  const presented = { chargePointId: 'CP_c0', idTag: 'BUS7' }
  t.same(authorise(site, presented, AT), {
    status: 'Accepted',
    parentIdTag: 'FLEET',
    expiresWallMs,
  })
  t.match(authorise(site, presented, { ...AT, wallMs: expiresWallMs }), { status: 'Expired' })
  t.match(
    authorise(site, presented, { ...AT, wallMs: 0 }),
    { status: 'Accepted' },
    'a clock that was never set ends nothing',
  )
})

test('a tag that may charge one car at a time is ConcurrentTx at the second', async (t) => {
  const site = withTags([{ idTag: 'ONE', maxActiveTransactions: 1 }, { idTag: 'MANY' }])
  t.equal(start(site, 'CP_c0', 'one').idTagInfo.status, 'Accepted')
  const second = start(site, 'CP_c1', 'ONE')
  t.equal(second.idTagInfo.status, 'ConcurrentTx')
  t.ok(second.transactionId > 0, 'with an id all the same')
  t.match(
    authorise(site, { chargePointId: 'CP_c1', idTag: 'ONE' }, AT),
    { status: 'Accepted' },
    'who only presents it may want to stop his car',
  )
  t.equal(start(site, 'CP_c0', 'ONE').idTagInfo.status, 'Accepted', 'in place of its own')
  t.equal(start(site, 'CP_c1', 'MANY').idTagInfo.status, 'Accepted')
  t.equal(start(site, 'CP_c2', 'MANY').idTagInfo.status, 'Accepted')
})

test('a car that has left its connector, and one that was refused, count for no tag', async (t) => {
  const site = withTags([{ idTag: 'ONE', maxActiveTransactions: 1 }])
  start(site, 'CP_c0', 'ONE')
  t.equal(start(site, 'CP_c1', 'ONE').idTagInfo.status, 'ConcurrentTx')
  reduce(
    site,
    {
      type: 'statusNoted',
      chargePointId: 'CP_c0',
      connectorId: 1,
      status: 'Available',
      errorCode: undefined,
    },
    AT,
  )
  t.equal(start(site, 'CP_c2', 'ONE').idTagInfo.status, 'Accepted')
})

test('what was accepted offline is judged by the list, not by what runs now', async (t) => {
  const site = withTags([{ idTag: 'ONE', maxActiveTransactions: 1 }])
  start(site, 'CP_c0', 'ONE')
  const request = {
    chargePointId: 'CP_c1',
    connectorId: 1,
    idTag: 'ONE',
    meterStartWh: 0,
    startedWallMs: WALL - 7_200_000,
  }
  t.equal(decideStart(site, request, AT).idTagInfo.status, 'Accepted')
})

test('who has the same group may stop, nobody else by his tag', async (t) => {
  const { depot } = withTags([
    { idTag: 'A', parentIdTag: 'fleet' },
    { idTag: 'B', parentIdTag: 'FLEET' },
    { idTag: 'FLEET' },
    { idTag: 'C' },
  ])
  t.ok(isSameGroup(depot, 'a', 'A'))
  t.ok(isSameGroup(depot, 'A', 'B'))
  t.ok(isSameGroup(depot, 'A', 'Fleet'), 'the card of the group itself')
  t.notOk(isSameGroup(depot, 'A', 'C'))
  t.notOk(isSameGroup(depot, 'C', 'X'))
})

test('a stop without an id by another tag of the group ends the right one of two', async (t) => {
  const tags = [{ idTag: 'A', parentIdTag: 'G' }, { idTag: 'B', parentIdTag: 'G' }, { idTag: 'C' }]
  const site = withTags(tags, { evses: [anEvse(1), anEvse(2)] })
  const ofA = start(site, 'CP_c0', 'A', 1)
  start(site, 'CP_c0', 'C', 2)
  const stop = {
    chargePointId: 'CP_c0',
    transactionId: -1,
    meterStopWh: 700,
    stoppedWallMs: WALL + 3_600_000,
    reason: 'Local',
    idTag: 'b',
  }
  t.match(decideStop(site, stop, AT), {
    outcome: 'stopped',
    events: [{ transactionId: ofA.transactionId, idTag: 'b' }],
  })
})

test('at a charger for everybody any tag charges, also a blocked or unknown one', async (t) => {
  const site = withTags([{ idTag: 'BAD', blocked: true }], { authorisation: 'free-vend' })
  for (const idTag of ['BAD', 'nobody', '']) {
    t.equal(start(site, 'CP_c0', idTag).idTagInfo.status, 'Accepted', idTag)
  }
})

test('a charger that starts by itself is known by its own tag; others by the list', async (t) => {
  const site = withTags([{ idTag: 'BUS7' }], {
    authorisation: 'by-charger',
    ownIdTag: 'PLUG&CHARGE',
  })
  t.equal(start(site, 'CP_c0', 'plug&charge').idTagInfo.status, 'Accepted')
  t.equal(start(site, 'CP_c0', 'BUS7').idTagInfo.status, 'Accepted')
  t.equal(start(site, 'CP_c0', 'BUS8').idTagInfo.status, 'Invalid')
  const unnamed = withTags([{ idTag: 'BUS7' }], { authorisation: 'by-charger' })
  t.equal(start(unnamed, 'CP_c0', 'CP_c0').idTagInfo.status, 'Accepted', 'its charge point id')
  t.equal(start(unnamed, 'CP_c1', 'CP_c0').idTagInfo.status, 'Invalid', 'of another')
})
