import { test } from 'tap'
import { inFlightOf, profileCall } from '../../src/control/commands.js'
import type { ProfileCommand } from '../../src/core/ledger/decide.js'
import { createSite } from '../../src/core/site/create.js'
import type { SiteEvent } from '../../src/core/site/events.js'
import { reduce } from '../../src/core/site/reduce.js'
import { oneGroup, RULES } from '../core/a-depot.js'

const WALL = Date.parse('2026-06-01T08:00:00Z')
const AT = { nowMs: 5_000, wallMs: WALL }
const HOUR_MS = 3_600_000

const ZERO: ProfileCommand = {
  type: 'profile',
  chargePointId: 'CP_c0',
  connectorId: 1,
  purpose: 'transaction',
  form: { purpose: 'TxDefaultProfile', stackLevel: 1, kind: 'Absolute', unit: 'native' },
  limitA: 0,
  transactionId: undefined,
  change: 'refresh',
}

for (const offsetMs of [HOUR_MS, -HOUR_MS, 0]) {
  test(`a pause by absolute times holds by our clock and by one ${offsetMs / 1000} s ahead`, async (t) => {
    const site = createSite(RULES, oneGroup(40, 1), 0)
    const events: SiteEvent[] = [
      { type: 'connected', chargePointId: 'CP_c0' },
      { type: 'spoke', chargePointId: 'CP_c0' },
      { type: 'clockSeen', chargePointId: 'CP_c0', offsetMs },
    ]
    for (const event of events) reduce(site, event, AT)
    const { payload } = profileCall(site, ZERO, AT)
    const text = JSON.stringify(payload)
    const startMs = Date.parse(/"startSchedule":"([^"]+)"/.exec(text)?.[1] ?? '')
    const endMs = startMs + Number(/"duration":(\d+)/.exec(text)?.[1]) * 1000
    for (const wallMs of [WALL, WALL + offsetMs]) {
      t.ok(startMs <= wallMs - 60_000, 'it has begun')
      t.ok(endMs >= wallMs + RULES.profileDurationMs, 'it lasts')
    }
    const { durationMs, longestMs } = inFlightOf(site, ZERO, AT)
    t.equal(durationMs, RULES.profileDurationMs)
    t.equal(longestMs, RULES.profileDurationMs + Math.abs(offsetMs))
  })
}
