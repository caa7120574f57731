/** What is told of departures, from what the site knows: schedules, turns, cars and their words. */
import { test } from 'tap'
import { followOutlooks } from '../../src/core/energy/follow-outlooks.js'
import type { Outlook } from '../../src/core/energy/outlook.js'
import type { SessionPlan } from '../../src/core/energy/session-plan.js'
import { urgencyOf } from '../../src/core/energy/urgency.js'
import { unknownText, warningText } from '../../src/core/energy/warning-text.js'
import type { Depot } from '../../src/core/site/depot.js'
import type { LimitWindow } from '../../src/core/schedule/windows.js'
import { aCharger, aConstraint, aDepot, RULES } from './a-depot.js'
import { aWorld } from './a-world.js'
import type { World } from './a-world.js'

const HOUR_MS = 3_600_000
/** Of the world, in which it is night in Berlin: 2026-06-01, 02:00. */
const START_MS = Date.parse('2026-06-01T00:00:00Z')

function depotOf(limitA: number, count: number, schedule: readonly LimitWindow[] = []): Depot {
  const group = aConstraint('North', limitA, { type: 'charge_group', schedule })
  const chargers = Array.from({ length: count }, (_, index) => aCharger(`c${index}`, 'North'))
  return aDepot([group], chargers)
}

/** Everybody charges and all is quiet. */
function charging(depot: Depot): World {
  const world = aWorld(depot, RULES)
  for (const charger of world.chargers) world.connect(charger)
  world.seconds(10)
  for (const charger of world.chargers) world.start(charger)
  world.seconds(120)
  return world
}

function wallMs(world: World): number {
  return world.nowMs + START_MS
}

function plan(world: World, index: number, wish: SessionPlan): void {
  const transactionId = [...world.site.transactions.keys()][index] ?? 0
  world.happen({ type: 'sessionPlanned', transactionId, plan: wish })
}

/** After three minutes in which nothing changes. */
function outlook(world: World, index = 0): Outlook | undefined {
  const transactionId = [...world.site.transactions.keys()][index] ?? 0
  for (const _ of Array.from({ length: 20 })) {
    world.seconds(10)
    const at = { nowMs: world.nowMs, wallMs: wallMs(world) }
    for (const { transaction, state } of followOutlooks(world.site, world.plan, at)) {
      const { id } = transaction
      world.happen({ type: 'outlookJudged', transactionId: id, state, wallMs: 0, facts: {} })
    }
  }
  return world.site.outlooks.byTransaction.get(transactionId)
}

function words(world: World, told: Outlook | undefined): string {
  return told?.warning ? warningText(told.warning, wallMs(world), RULES.timezone) : 'none'
}

test('a session that gets less than it needs has a warning with what would help', async (t) => {
  const world = charging(depotOf(40, 4))
  plan(world, 0, {
    target: { type: 'energy', energyWh: 30_000 },
    departureMs: wallMs(world) + 3 * HOUR_MS,
  })
  const told = outlook(world)
  t.match(told?.forecast, { state: 'risk', bestA: 32 })
  const { givenA = 0 } = told?.forecast ?? {}
  t.ok(givenA >= 10 && givenA < 11, `${givenA} A: a little more than those who said nothing`)
  t.match(
    words(world, told),
    /^c0 will have 2\d kWh at 05:02, wanted 30 kWh: North gives it 10 A, needs 15 A; raise its priority or depart \d+ min later$/,
  )
  const [id = 0] = world.site.transactions.keys()
  const { currentA = 0, slackMs = 0 } = urgencyOf(world.site, id, wallMs(world)) ?? {}
  t.ok(currentA > 14 && currentA < 16, `${currentA} A`)
  t.ok(slackMs > HOUR_MS && slackMs < 2 * HOUR_MS, `${slackMs / HOUR_MS} h`)
})

test('what no priority can give is said to be impossible', async (t) => {
  const world = charging(depotOf(12, 1))
  plan(world, 0, {
    target: { type: 'energy', energyWh: 60_000 },
    departureMs: wallMs(world) + 4 * HOUR_MS,
  })
  const told = outlook(world)
  t.match(told?.forecast, { state: 'impossible', bestA: 12 })
  t.match(
    words(world, told),
    /North gives it 12 A, needs 2\d A and would get 12 A at most; depart 3.5 h later$/,
  )
})

test('a schedule that leaves more later is counted on, one that leaves less as well', async (t) => {
  const hours = (from: string, to: string, maxA: number): LimitWindow => ({
    from,
    to,
    maxCurrentA: [maxA, maxA, maxA],
  })
  const wish = (world: World): void =>
    plan(world, 0, {
      target: { type: 'energy', energyWh: 40_000 },
      departureMs: wallMs(world) + 4 * HOUR_MS,
    })
  // 8 A until 03:00 and 32 A until 06:00, or the other way round: 40 kWh need 15 A.
  const opens = charging(depotOf(32, 1, [hours('01:00', '03:00', 8)]))
  wish(opens)
  t.match(outlook(opens)?.forecast, { state: 'fine', givenA: 8 })
  const closes = charging(depotOf(32, 1, [hours('03:00', '08:00', 8)]))
  wish(closes)
  t.match(outlook(closes)?.forecast, { state: 'impossible', givenA: 32 })
})

test('where cars take turns each is expected to have its share, on or off', async (t) => {
  const world = charging(depotOf(20, 5))
  for (const index of [0, 4]) {
    plan(world, index, {
      target: { type: 'energy', energyWh: 15_000 },
      departureMs: wallMs(world) + 8 * HOUR_MS,
    })
  }
  const first = outlook(world, 0)
  const last = outlook(world, 4)
  // 20 A over five cars are 4 A, 2.8 kW: more than 15 kWh in 8 h.
  t.match(first?.forecast, { state: 'fine' })
  t.match(last?.forecast, { state: 'fine' })
  t.ok(Math.abs((last?.forecast?.givenA ?? 0) - 4) < 0.2, `${last?.forecast?.givenA} A`)
  plan(world, 4, {
    target: { type: 'energy', energyWh: 30_000 },
    departureMs: wallMs(world) + 8 * HOUR_MS,
  })
  t.match(words(world, outlook(world, 4)), /North .*4 A.*needs 5\.\d A; raise its priority/)
})

test('a departure that is over without its energy is missed', async (t) => {
  const world = charging(depotOf(40, 4))
  plan(world, 0, {
    target: { type: 'energy', energyWh: 30_000 },
    departureMs: wallMs(world) + 60_000,
  })
  const told = outlook(world)
  t.equal(told?.forecast?.state, 'missed')
  t.match(words(world, told), /^c0 has 0 kWh and should have left at 02:0\d with 30 kWh$/)
  const [id = 0] = world.site.transactions.keys()
  t.equal(urgencyOf(world.site, id, wallMs(world)), undefined)
})

test('the state of charge of the charger is carried on by its meter', async (t) => {
  const world = charging({
    ...depotOf(16, 1),
    vehicles: new Map([
      [
        'b14',
        {
          id: 'b14',
          name: 'Bus 14',
          idTags: ['tag'],
          batteryKwh: 100,
          target: { type: 'soc', soc: 80 },
          departures: [{ time: '05:30' }],
          oneOffDepartures: [],
        },
      ],
    ]),
  })
  t.match(outlook(world), { unknown: 'soc', forecast: undefined })
  t.match(
    unknownText('soc', 'Bus 14'),
    /^whether Bus 14 will have enough cannot be told: its state/,
  )
  const metered = (registerWh: number, soc?: number): void =>
    world.happen({
      type: 'metered',
      chargePointId: 'CP_c0',
      connectorId: 1,
      transactionId: undefined,
      currentA: [10, 10, 10],
      powerW: undefined,
      registerWh,
      soc,
      isCurrent: true,
    })
  metered(1_000, 40)
  t.match(outlook(world)?.need, { soc: 40, target: { source: 'vehicle' } })
  metered(3_000)
  const told = outlook(world)
  t.match(told?.need, { soc: 41.8 })
  t.equal(Math.round(told?.need.wantedWh ?? 0), 42_444)
  t.match(
    words(world, told),
    /^Bus 14 will have \d\d % at 05:30, wanted 80 %: /,
    'in percent, by its name',
  )
})

test('nobody asks, so nothing is told', async (t) => {
  const world = charging(depotOf(40, 2))
  t.equal(outlook(world), undefined)
})

test('of sessions that have ended nothing is kept', async (t) => {
  const world = charging(depotOf(100, 4))
  for (const index of [0, 1, 2, 3]) {
    const departureMs = wallMs(world) + 3 * HOUR_MS
    plan(world, index, { target: { type: 'energy', energyWh: 30_000 }, departureMs })
  }
  outlook(world)
  t.equal(world.site.outlooks.judgements.size, 4)
  for (const transaction of world.site.transactions.values()) {
    world.happen({
      type: 'transactionStopped',
      transactionId: transaction.id,
      meterStopWh: 1_000,
      stoppedWallMs: wallMs(world),
      receivedWallMs: wallMs(world),
      reason: 'Local',
    })
  }
  outlook(world)
  const { byTransaction, judgements, paces } = world.site.outlooks
  t.same([byTransaction.size, judgements.size, paces.size], [0, 0, 0])
})
