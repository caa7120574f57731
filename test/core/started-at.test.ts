import { test } from 'tap'
import { createSite } from '../../src/core/site/create.js'
import { reduce } from '../../src/core/site/reduce.js'
import { leastAgeMs, startTime } from '../../src/core/site/started-at.js'
import { oneGroup, RULES } from './a-depot.js'

const CP = 'CP_c0'
const WALL = Date.parse('2026-06-01T08:00:00Z')
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

for (const [title, offsetsMs, startedWallMs] of [
  ['a clock an hour ahead that was set by ours meanwhile', [HOUR_MS, 0], WALL - MINUTE_MS],
  ['a clock that stays an hour ahead', [HOUR_MS, HOUR_MS], WALL + HOUR_MS - MINUTE_MS],
  ['a clock an hour behind', [-HOUR_MS, -HOUR_MS], WALL - HOUR_MS - MINUTE_MS],
  ['a clock that is right', [0, 0], WALL - MINUTE_MS],
] as const) {
  test(`the least age of a transaction is known by ${title}`, async (t) => {
    const site = createSite(RULES, oneGroup(40, 1), 0)
    const at = { nowMs: 5_000, wallMs: WALL }
    reduce(site, { type: 'connected', chargePointId: CP }, at)
    reduce(
      site,
      {
        type: 'transactionStarted',
        transactionId: 7,
        chargePointId: CP,
        connectorId: 1,
        idTag: 'TAG',
        idTagStatus: 'Accepted',
        meterStartWh: 0,
        startedWallMs,
        receivedWallMs: WALL,
        startKey: 'key',
      },
      at,
    )
    const chargePoint = site.chargePoints.get(CP)
    const transaction = site.transactions.get(7)
    if (!chargePoint || !transaction) throw new Error('a transaction')
    const monotonic = { ...transaction.monotonic, isByItsClock: true }
    // Said long enough to be believed.
    for (const offsetMs of offsetsMs) {
      reduce(site, { type: 'clockSeen', chargePointId: CP, offsetMs }, { ...at, nowMs: 500_000 })
    }
    t.ok(chargePoint.clockSeen)
    const ageMs = leastAgeMs({ ...transaction, monotonic }, chargePoint, at)
    t.equal(ageMs, MINUTE_MS)
  })
}

test('a clock that was wrong at the start and is set later makes no transaction older', async (t) => {
  const site = createSite(RULES, oneGroup(40, 1), 0)
  // Long enough after it came to be believed.
  const at = { nowMs: 500_000, wallMs: WALL, epoch: 'boot' }
  const later = { ...at, nowMs: at.nowMs + MINUTE_MS, wallMs: WALL + MINUTE_MS }
  reduce(site, { type: 'connected', chargePointId: CP }, { nowMs: 5_000, wallMs: WALL })
  reduce(site, { type: 'clockSeen', chargePointId: CP, offsetMs: -HOUR_MS }, at)
  const chargePoint = site.chargePoints.get(CP)
  const said = { startedWallMs: WALL - HOUR_MS, receivedWallMs: WALL }
  const monotonic = startTime(said, true, chargePoint, at)
  reduce(
    site,
    {
      type: 'transactionStarted',
      transactionId: 7,
      chargePointId: CP,
      connectorId: 1,
      idTag: 'TAG',
      idTagStatus: 'Accepted',
      meterStartWh: 0,
      ...said,
      monotonic,
      startKey: 'key',
    },
    at,
  )
  reduce(site, { type: 'clockSeen', chargePointId: CP, offsetMs: 0 }, later)
  const transaction = site.transactions.get(7)
  if (!transaction) throw new Error('a transaction')
  t.ok(chargePoint?.clockSeen)
  t.equal(leastAgeMs(transaction, chargePoint, later), MINUTE_MS)
})
