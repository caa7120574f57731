import { test } from 'tap'
import { answer } from '../../src/control/answers.js'
import { createSite } from '../../src/core/site/create.js'
import type { Instant, SiteEvent } from '../../src/core/site/events.js'
import { reduce } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import type { MeterValues } from '../../src/ocpp/v16/messages.js'
import { oneGroup, RULES } from '../core/a-depot.js'

const CP = 'CP_c0'
const WALL = Date.parse('2026-06-01T08:00:00Z')
const CONNECTED: readonly SiteEvent[] = [
  { type: 'connected', chargePointId: CP },
  { type: 'spoke', chargePointId: CP },
]

const NOTHING: MeterValues['sample'] = {
  atMs: undefined,
  currentA: undefined,
  currentTotalA: undefined,
  powerW: undefined,
  energyWh: undefined,
  voltageV: undefined,
  soc: undefined,
  offeredA: undefined,
  offeredW: undefined,
  refused: 0,
}

function after(seconds: number): Instant {
  return { nowMs: 1_000 * seconds, wallMs: WALL + 1_000 * seconds }
}

/** It says of one phase what it measured `ageS` before. */
function hear(site: Site, at: Instant, ageS: number): void {
  const message: MeterValues = {
    type: 'meterValues',
    connectorId: 1,
    transactionId: undefined,
    sample: { ...NOTHING, atMs: at.wallMs - ageS * 1_000, currentA: { l1: 16, l2: 0, l3: 0 } },
  }
  for (const event of answer(site, CP, message, at, 300).live) reduce(site, event, at)
}

function aChargingSite(): Site {
  const site = createSite(RULES, oneGroup(40, 1), 0)
  for (const event of CONNECTED) reduce(site, event, after(0))
  const started: SiteEvent = {
    type: 'transactionStarted',
    transactionId: 7,
    chargePointId: CP,
    connectorId: 1,
    idTag: 'TAG',
    idTagStatus: 'Accepted',
    meterStartWh: 0,
    startedWallMs: WALL,
    receivedWallMs: WALL,
    startKey: 'key',
  }
  reduce(site, started, after(0))
  return site
}

test('what was measured before the connection was lost says nothing of who charges now', async (t) => {
  const site = aChargingSite()
  const chargePoint = site.chargePoints.get(CP)
  const connector = chargePoint?.connectors.get(1)
  hear(site, after(10), 0)
  hear(site, after(20), 0)
  t.same(connector?.phases.learned, [true, false, false])

  for (const event of CONNECTED) reduce(site, event, after(200))
  for (const ageS of [170, 160, 150]) hear(site, after(200), ageS)
  t.equal(connector?.phases.learned, undefined, 'another car may have come')
  t.equal(connector?.sample?.atMs, 20_000)
  t.notOk(chargePoint?.clockSeen)
  hear(site, after(210), 0)
  hear(site, after(220), 0)
  t.same(connector?.phases.learned, [true, false, false])
  t.ok(chargePoint?.clockSeen)
})

test('a charger whose clock has been set back out of sight is believed after a while', async (t) => {
  const site = aChargingSite()
  const chargePoint = site.chargePoints.get(CP)
  const connector = chargePoint?.connectors.get(1)
  hear(site, after(10), 0)
  for (const event of CONNECTED) reduce(site, event, after(200))
  hear(site, after(210), 3_600)
  t.same(chargePoint?.clockRangeMs, [-3_600_000, 0], 'it may have been')
  for (let seconds = 220; seconds <= 340; seconds += 10) hear(site, after(seconds), 3_600)
  t.equal(chargePoint?.clockOffsetMs, -3_600_000)
  t.equal(connector?.sample?.atMs, 340_000)
})

test('a queue that takes minutes to be told is no clock that is late', async (t) => {
  const site = aChargingSite()
  const chargePoint = site.chargePoints.get(CP)
  const connector = chargePoint?.connectors.get(1)
  for (let n = 0; n < 90; n++) hear(site, after(2 * n), 900 - 8 * n)
  t.equal(connector?.sample, undefined)
  t.equal(connector?.phases.learned, undefined)
  t.notOk(chargePoint?.clockSeen)
  hear(site, after(190), 0)
  t.equal(connector?.sample?.atMs, 190_000)
  t.equal(chargePoint?.clockOffsetMs, 0)
})
