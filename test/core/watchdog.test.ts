/** The watchdog alone: no ledger, no balancer. Chargers draw what they like until a step stops them. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { plan } from '../../src/core/plan/plan.js'
import { createSite } from '../../src/core/site/create.js'
import type { Constraint, Evse } from '../../src/core/site/depot.js'
import type { CutOffChanged, SiteEvent } from '../../src/core/site/events.js'
import { reduce } from '../../src/core/site/reduce.js'
import type { Connector, CutOff, Site } from '../../src/core/site/state.js'
import { decideStart } from '../../src/core/site/decide-transaction.js'
import { inoperativeWanted } from '../../src/core/watchdog/unprotected.js'
import { watch } from '../../src/core/watchdog/watchdog.js'
import { nodeKey } from '../../src/core/watchdog/watchdog-state.js'
import type { NodeWatch, NoRoom } from '../../src/core/watchdog/watchdog-state.js'
import { aCharger, aConstraint, aDepot, anEvse, RULES } from './a-depot.js'

const WALL_MS = Date.parse('2026-06-01T00:00:00Z')
const STEPS: readonly CutOff[] = [
  'none',
  'transaction',
  'fallback',
  'chargePoint',
  'remoteStop',
  'inoperative',
  'relay',
]
/** From a step to no current: the next second, and then charger and car. */
const REACTS_S = 8

interface ModelCar {
  readonly drawA: number
  /** The first step that stops it. */
  readonly obeys: CutOff
  /** Seconds between its samples; 0: none. */
  readonly samplesS: number
  readonly priority: number
}

interface World {
  readonly site: Site
  readonly changes: { readonly second: number; readonly change: CutOffChanged }[]
  nowMs: number
  baseA: number
  meter: 'live' | 'silent'
  happen(event: SiteEvent): void
  connector(index: number): Connector
  start(index: number): void
  drawnA(): number
  seconds(count: number, look?: () => void): void
  node(): NodeWatch
  steps(): readonly CutOff[]
}

function aWorld(
  limitA: number,
  cars: readonly ModelCar[],
  more: {
    readonly metered?: boolean
    readonly constraint?: Partial<Constraint>
    readonly evse?: Partial<Evse>
  } = {},
): World {
  const { metered = true } = more
  const chargers = cars.map(({ priority }, index) =>
    aCharger(`c${index}`, 'group', { priority, evses: [anEvse(1, more.evse)] }),
  )
  const group = aConstraint('group', limitA, { type: 'charge_group', ...more.constraint })
  const meters = metered
    ? [{ id: 'm', constraintId: 'group', worstBaseLoadA: [0, 0, 0] as const }]
    : []
  const site = createSite({ ...RULES, meters }, aDepot([group], chargers), 0)
  /** Since when the present step stops the car; undefined: it does not. */
  const stoppedSince = new Map<number, number>()

  const drawA = (index: number): number => {
    const since = stoppedSince.get(index)
    const stopped = since !== undefined && world.nowMs - since >= REACTS_S * 1000
    return stopped ? 0 : (cars[index]?.drawA ?? 0)
  }
  const obey = (index: number, { obeys }: ModelCar): void => {
    const { cutOff, transactionId } = world.connector(index)
    const stops = STEPS.indexOf(cutOff) >= STEPS.indexOf(obeys) || transactionId === undefined
    if (!stops) stoppedSince.delete(index)
    else if (!stoppedSince.has(index)) stoppedSince.set(index, world.nowMs)
    const ends = cutOff === 'remoteStop' || cutOff === 'inoperative'
    if (!ends || !stops || transactionId === undefined || drawA(index) > 0) return
    const wallMs = world.nowMs + WALL_MS
    world.happen({
      type: 'transactionStopped',
      transactionId,
      meterStopWh: 0,
      stoppedWallMs: wallMs,
      receivedWallMs: wallMs,
      reason: 'Remote',
    })
  }

  const world: World = {
    site,
    changes: [],
    nowMs: 0,
    baseA: 0,
    meter: 'live',
    happen(event) {
      reduce(site, event, { nowMs: world.nowMs, wallMs: world.nowMs + WALL_MS })
    },
    connector(index) {
      const connector = site.chargePoints.get(`CP_c${index}`)?.connectors.get(1)
      if (!connector) throw new Error(`no car ${index}`)
      return connector
    },
    start(index) {
      const at = { nowMs: world.nowMs, wallMs: world.nowMs + WALL_MS }
      const request = {
        chargePointId: `CP_c${index}`,
        connectorId: 1,
        idTag: 'TAG',
        meterStartWh: 0,
        startedWallMs: at.wallMs,
      }
      for (const event of decideStart(site, request, at).events) world.happen(event)
    },
    drawnA: () => cars.reduce((sum, _, index) => sum + drawA(index), world.baseA),
    seconds(count, look) {
      for (let n = 0; n < count; n++) {
        world.nowMs += 1000
        cars.forEach((car, index) => obey(index, car))
        const second = world.nowMs / 1000
        cars.forEach(({ samplesS }, index) => {
          if (samplesS === 0 || (second + index) % samplesS !== 0) return
          const a = drawA(index)
          world.happen({
            type: 'metered',
            chargePointId: `CP_c${index}`,
            connectorId: 1,
            transactionId: world.connector(index).transactionId,
            currentA: [a, a, a],
            powerW: undefined,
            registerWh: undefined,
            isCurrent: true,
          })
        })
        if (world.meter === 'live') {
          // It hums, as every meter does.
          const a = world.drawnA() + (second % 3) / 100
          world.happen({
            type: 'meterRead',
            meterId: 'm',
            atMs: world.nowMs,
            currentA: [a, a, a],
            powerW: undefined,
            energyWh: undefined,
          })
        }
        for (const change of watch(site, { nowMs: world.nowMs, wallMs: world.nowMs + WALL_MS })) {
          world.changes.push({ second, change })
          world.happen(change)
        }
        look?.()
      }
    },
    node() {
      const state = site.watchdog.nodes.get(nodeKey({ kind: 'constraint', id: 'group' }))
      if (!state) throw new Error('not looked at yet')
      return state
    },
    steps: () => cars.map((_, index) => world.connector(index).cutOff),
  }
  cars.forEach((_, index) => {
    const chargePointId = `CP_c${index}`
    world.happen({ type: 'connected', chargePointId })
    world.happen({ type: 'spoke', chargePointId })
    world.start(index)
  })
  return world
}

const car = (more: Partial<ModelCar> = {}): ModelCar => ({
  drawA: 16,
  obeys: 'transaction',
  samplesS: 10,
  priority: 1,
  ...more,
})

/** When it first went so far with the car, s. */
function tookS(world: World, index: number, cutOff: CutOff): number | undefined {
  return world.changes.find(
    ({ change }) => change.chargePointId === `CP_c${index}` && change.cutOff === cutOff,
  )?.second
}

test('nothing is cut off within the limit, nor for what a meter cannot tell apart', async (t) => {
  const world = aWorld(49, [car(), car(), car()])
  world.baseA = 1.9
  world.seconds(600)
  t.equal(world.drawnA(), 49.9)
  t.same(world.changes, [])
  t.equal(world.node().totalAs, 0)
})

test('normal control has 20 s, then whoever covers the excess is cut off', async (t) => {
  const world = aWorld(40, [car({ priority: 2 }), car({ priority: 1 }), car({ priority: 2 })])
  world.seconds(20)
  t.same(world.changes, [])
  world.seconds(2)
  t.same(world.steps(), ['none', 'transaction', 'none'], 'the lowest priority alone covers 8 A')
  t.match(world.changes[0]?.change.cause, { nodeId: 'group', overA: 8 })
  world.seconds(60)
  t.ok(world.drawnA() <= 40)
  t.equal(world.changes.length, 1)
})

test('of equals the one that draws most is cut off, so that the fewest are', async (t) => {
  const world = aWorld(60, [car({ drawA: 10 }), car({ drawA: 32 }), car({ drawA: 10 }), car()])
  world.baseA = 12
  world.seconds(60)
  t.same(world.steps(), ['none', 'transaction', 'none', 'none'])
})

test('who says nothing of what he draws is cut off first', async (t) => {
  const world = aWorld(60, [car({ drawA: 32 }), car({ drawA: 32, samplesS: 0, priority: 9 })])
  world.seconds(40)
  t.equal(tookS(world, 1, 'transaction'), 21)
  t.equal(tookS(world, 0, 'transaction'), undefined)
  t.ok(world.drawnA() <= 60)
})

for (const [obeys, withinS] of [
  ['transaction', 21],
  ['fallback', 36],
  ['chargePoint', 51],
  ['remoteStop', 66],
  ['inoperative', 81],
  ['relay', 96],
] as const) {
  test(`cars that only ${obeys} stops are stopped in ${withinS + 1 + REACTS_S} s`, async (t) => {
    const all = Array.from({ length: 4 }, () => car({ drawA: 20, obeys }))
    const world = aWorld(50, all, { constraint: { cutOffRelay: 'k1' } })
    world.seconds(withinS + 1 + REACTS_S)
    t.ok(world.drawnA() <= 50, `${world.drawnA()} A, ${world.steps().join(' ')}`)
    t.ok(world.changes.some(({ change }) => change.cutOff === obeys))
    const { totalAs, worstA } = world.node()
    t.ok(
      totalAs >= 30 * (withinS - 1) && totalAs <= 31 * (withinS + 1 + REACTS_S),
      `${totalAs} A·s`,
    )
    t.ok(worstA >= 30 && worstA < 30.1)
  })
}

test('without a relay it goes no further than out of service', async (t) => {
  const world = aWorld(20, [car({ drawA: 32, obeys: 'relay' })])
  world.seconds(600)
  t.same(world.steps(), ['inoperative'])
})

test('a session ends only for as many as the excess needs', async (t) => {
  const all = Array.from({ length: 4 }, () => car({ drawA: 20, obeys: 'remoteStop' }))
  const world = aWorld(50, all)
  world.seconds(120)
  const open = [0, 1, 2, 3].filter((index) => world.connector(index).transactionId !== undefined)
  t.equal(open.length, 2)
  t.equal(world.drawnA(), 40)
})

test('a load beside the chargers alone cuts off no car that draws nothing', async (t) => {
  const world = aWorld(50, [car({ drawA: 0 }), car({ drawA: 0.5 })])
  world.baseA = 80
  world.seconds(3_600)
  t.same(world.changes, [])
  t.ok(world.node().alarm, 'but it is told')
  t.ok(world.node().totalAs > 30 * 3_500)
})

test('cars that stop while the load beside them stays too high go no further', async (t) => {
  const world = aWorld(50, [car(), car({ samplesS: 30 })])
  world.baseA = 80
  world.seconds(3_600)
  for (const cutOff of world.steps()) t.ok(STEPS.indexOf(cutOff) <= STEPS.indexOf('chargePoint'))
  t.equal(world.drawnA(), 80)
})

test('a silent meter makes it neither go further nor let go', async (t) => {
  const world = aWorld(20, [car({ drawA: 32, obeys: 'relay' })])
  world.seconds(25)
  t.same(world.steps(), ['transaction'])
  const before = world.node().totalAs
  world.meter = 'silent'
  world.seconds(600)
  t.same(world.steps(), ['transaction'])
  t.equal(world.node().measuredBy, 'nothing')
  t.ok(world.node().totalAs - before <= 12.1 * 6, 'nor does it count what it does not see')
  world.meter = 'live'
  world.seconds(60)
  t.same(world.steps(), ['inoperative'], 'and it goes on where it was')
})

test('a node without a meter is watched by the samples of its chargers', async (t) => {
  const all = [car({ drawA: 32 }), car({ drawA: 32, samplesS: 30 })]
  const world = aWorld(60, all, { metered: false, constraint: { baseLoadA: 4 } })
  // Both must have said twice what they draw.
  world.seconds(110)
  t.ok(world.drawnA() <= 60, `${world.drawnA()} A`)
  t.match(world.steps(), ['transaction', 'none'])
  t.equal(world.node().measuredBy, 'samples')
})

test('what was cut off is let go one by one when it has been well for a minute', async (t) => {
  const world = aWorld(40, [car({ priority: 1 }), car({ priority: 2 }), car({ priority: 3 })])
  world.baseA = 45
  world.seconds(32)
  t.same(world.steps(), ['transaction', 'transaction', 'transaction'])
  world.baseA = 0
  const wellFromS = world.nowMs / 1000
  // Two of them fit beside each other; the third would be too much again.
  world.seconds(59)
  t.same(world.steps(), ['transaction', 'transaction', 'transaction'])
  world.seconds(10)
  t.same(world.steps(), ['transaction', 'transaction', 'none'])
  const first = tookS(world, 2, 'none') ?? 0
  t.ok(first - wellFromS >= 60)
  world.seconds(35)
  t.equal((tookS(world, 1, 'none') ?? 0) - first, 30)
})

test('what comes at the same wall time again, after a clock was set back, is another event', async (t) => {
  const world = aWorld(20, [car({ drawA: 32 })])
  for (const cutOff of ['transaction', 'none'] as const) {
    const address = { chargePointId: 'CP_c0', connectorId: 1 }
    world.happen({ type: 'cutOffChanged', ...address, cutOff, cause: undefined, wallMs: WALL_MS })
  }
  const ids = world.site.outbox.filter(({ type }) => type === 'fault').map(({ id }) => id)
  t.equal(new Set(ids).size, 2)
})

test('an excess that comes back doubles the wait, up to an hour', async (t) => {
  // It always draws too much when it is let go.
  const world = aWorld(20, [car({ drawA: 32 })])
  const waits: number[] = []
  let cutS = 0
  for (let n = 0; n < 9; n++) {
    let guard = 0
    while (world.steps()[0] === 'none' && guard++ < 8_000) world.seconds(1)
    cutS = world.nowMs / 1000
    while (world.steps()[0] !== 'none' && guard++ < 8_000) world.seconds(1)
    waits.push(world.nowMs / 1000 - cutS)
  }
  const expected = [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600]
  waits.forEach((waitS, n) => {
    const wantedS = expected[n] ?? 0
    t.ok(waitS >= wantedS && waitS <= wantedS + 20, `${waitS} s, ${wantedS} s wanted`)
  })
})

test('a stopped session is over with its transaction', async (t) => {
  const world = aWorld(20, [car({ drawA: 32, obeys: 'remoteStop' })])
  world.seconds(76)
  t.equal(world.connector(0).transactionId, undefined)
  t.same(world.steps(), ['chargePoint'])
  world.seconds(65)
  t.same(world.steps(), ['none'])
})

test('out of service stays so until it has booted and taken its fallback', async (t) => {
  const world = aWorld(20, [car({ drawA: 32, obeys: 'inoperative' })])
  world.seconds(3_600)
  t.same(world.steps(), ['inoperative'])
  world.happen({ type: 'rebooted', chargePointId: 'CP_c0' })
  world.seconds(60)
  t.same(world.steps(), ['inoperative'])
  world.connector(0).ledger.fallbackA = 0
  world.seconds(90)
  t.same(world.steps(), ['none'])
})

test('a charger out of reach is no reason to stop a session', async (t) => {
  const world = aWorld(20, [car({ drawA: 32, obeys: 'relay', samplesS: 0 })])
  world.happen({ type: 'disconnected', chargePointId: 'CP_c0' })
  world.seconds(3_600)
  t.same(world.steps(), ['chargePoint'])
})

test('whatever the cars are like, an excess that cars cause ends in time', async () => {
  const aCar = fc.record({
    drawA: fc.integer({ min: 0, max: 32 }),
    obeys: fc.constantFrom<CutOff>(
      'transaction',
      'fallback',
      'chargePoint',
      'remoteStop',
      'inoperative',
    ),
    samplesS: fc.constantFrom(0, 5, 10),
    priority: fc.integer({ min: 0, max: 3 }),
  })
  fc.assert(
    fc.property(
      fc.array(aCar, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 10, max: 100 }),
      fc.integer({ min: 0, max: 8 }),
      (cars, limitA, baseA) => {
        const world = aWorld(limitA, cars)
        world.baseA = baseA
        const mostA = limitA + Math.max(1, 0.02 * limitA)
        const atFirstA = world.drawnA()
        let endedS: number | undefined
        // Each that joins has all its steps before it, and with each step others join.
        world.seconds(20 + 15 * (5 + cars.length) + REACTS_S + 2, () => {
          if (world.drawnA() <= mostA) endedS ??= world.nowMs / 1000
        })
        if (atFirstA > mostA) return endedS !== undefined
        // In between it is for the hum of the meter to say.
        return atFirstA + 0.02 > mostA || world.changes.length === 0
      },
    ),
    { numRuns: 150 },
  )
})

/** A plan of the site as it is, without sending anything. */
function noRoomAt(world: World): ReadonlyMap<string, NoRoom> {
  const current = plan(world.site, () => false, world.nowMs, world.nowMs + WALL_MS)
  return inoperativeWanted(world.site, current)
}

/** Idle chargers of 32 A; those named take no limit. */
function someUnprotected(limitA: number, unprotected: readonly number[]): World {
  const world = aWorld(limitA, [car({ priority: 2 }), car(), car()], { metered: false })
  for (const index of [0, 1, 2]) {
    const { transactionId, ledger } = world.connector(index)
    const wallMs = WALL_MS
    if (transactionId !== undefined) {
      world.happen({
        type: 'transactionStopped',
        transactionId,
        meterStopWh: 0,
        stoppedWallMs: wallMs,
        receivedWallMs: wallMs,
        reason: 'Local',
      })
    }
    if (!unprotected.includes(index)) ledger.fallbackA = world.site.fallbackA[index] ?? 0
    const chargePoint = world.site.chargePoints.get(`CP_c${index}`)
    if (chargePoint) chargePoint.unprotected = unprotected.includes(index)
  }
  return world
}

test('a charger that takes no limit stays in service while the others can make room', async (t) => {
  // Two fallbacks of 6 A, and 32 A.
  t.equal(noRoomAt(someUnprotected(44, [1])).size, 0)
})

test('one that may draw more than there is room for is to go out of service', async (t) => {
  const wanted = noRoomAt(someUnprotected(40, [1]))
  t.same([...wanted.keys()], ['CP_c1'])
  t.match(wanted.get('CP_c1'), { nodeId: 'group', needsA: 32, roomA: 28 })
})

test('where not all of them fit, the highest priority stays in service', async (t) => {
  t.same([...noRoomAt(someUnprotected(60, [0, 1, 2])).keys()], ['CP_c1', 'CP_c2'])
  t.same([...noRoomAt(someUnprotected(64, [0, 1, 2])).keys()], ['CP_c2'])
})

test('a charger that is merely out of reach or slow is left in service', async (t) => {
  const world = someUnprotected(10, [1])
  world.happen({ type: 'disconnected', chargePointId: 'CP_c1' })
  t.equal(noRoomAt(world).size, 0)
  t.equal(noRoomAt(someUnprotected(10, [])).size, 0)
})
