/** What cannot be true is no reading: it ages, and the meter or source has a problem. */
import { test } from 'tap'
import type { PhaseA } from '../../src/core/phases.js'
import { baseLoadOf, isFrozen, meterAgeMs, noteSame } from '../../src/core/limits/base-load.js'
import { limitsInForce } from '../../src/core/limits/in-force.js'
import { createSite } from '../../src/core/site/create.js'
import { reduce } from '../../src/core/site/reduce.js'
import type { Site } from '../../src/core/site/state.js'
import { aCharger, aConstraint, aDepot, RULES } from './a-depot.js'

const WALL_MS = Date.parse('2026-06-01T00:00:00Z')

/** 100 A for two cars of 32 A and a building of 20 A: 350 A are no current. */
function aSite(exports?: boolean): Site {
  const meter = { id: 'm', constraintId: 'yard', worstBaseLoadA: [20, 20, 20] as const, exports }
  const source = { id: 's', constraintId: 'yard', fallback: 30, holdMs: 60_000 }
  const limitSources = [
    { unit: 'A' as const, ...source },
    { unit: 'W' as const, ...source, id: 'w', fallback: 30_000 },
  ]
  const depot = aDepot([aConstraint('yard', 100)], [aCharger('a', 'yard'), aCharger('b', 'yard')])
  return createSite({ ...RULES, meters: [meter], limitSources }, depot, 0)
}

function read(site: Site, currentA: PhaseA, nowMs: number): void {
  reduce(
    site,
    {
      type: 'meterRead',
      meterId: 'm',
      atMs: nowMs,
      currentA,
      powerW: undefined,
      energyWh: undefined,
    },
    { nowMs, wallMs: WALL_MS + nowMs },
  )
}

function baseA(site: Site, nowMs: number): PhaseA {
  const node = site.tree.nodeById.get('yard')
  if (!node) throw new Error('no yard')
  return baseLoadOf(site, node, nowMs).upperA
}

for (const [title, currentA, problem] of [
  ['NaN', [10, NaN, 10], /reads NaN A on L2/],
  ['infinite', [Infinity, 10, 10], /reads Infinity A on L1/],
  ['more than anything there can carry', [10, 10, 400], /400 A on L3, more than 350 A cannot be/],
  ['less than that', [-400, 10, 10], /-400 A on L1, more than 350 A/],
] as const) {
  test(`a current that is ${title} is no reading: the last one ages`, async (t) => {
    const site = aSite()
    read(site, [10, 10, 10], 1_000)
    for (let nowMs = 2_000; nowMs <= 21_000; nowMs += 1_000) read(site, currentA, nowMs)
    const meter = site.meters.get('m')
    t.equal(meterAgeMs(meter, 21_000), 20_000)
    t.match(meter?.problem, problem)
    t.same(meter?.currentA, [10, 10, 10])
    t.same(baseA(site, 21_000), [20, 20, 20], 'the worst counts')
    read(site, [12, 12, 12], 22_000)
    t.equal(meterAgeMs(meter, 22_000), 0)
    t.equal(meter?.problem, undefined)
  })
}

test('an overload is a reading: nobody is told that a hot fuse is a fault of its meter', async (t) => {
  const site = aSite()
  read(site, [340, 340, 340], 1_000)
  t.equal(site.meters.get('m')?.problem, undefined)
  t.same(baseA(site, 1_000), [340, 340, 340])
})

test('what is exported is no room for cars', async (t) => {
  const site = aSite()
  read(site, [-60, -5, 10], 1_000)
  t.equal(site.meters.get('m')?.problem, undefined)
  t.same(baseA(site, 1_000), [0, 0, 10])
})

test('where nothing exports a negative current is a turned transformer, and around 0 it is noise', async (t) => {
  const site = aSite(false)
  read(site, [-1.5, 0, 10], 1_000)
  t.equal(site.meters.get('m')?.problem, undefined)
  for (let nowMs = 2_000; nowMs <= 21_000; nowMs += 1_000) read(site, [10, -9, 10], nowMs)
  t.match(site.meters.get('m')?.problem, /-9 A on L2, although nothing there exports/)
  t.same(baseA(site, 21_000), [20, 20, 20])
})

test('a limit that is no number, or negative, is no reading: it is held, and then the fallback', async (t) => {
  for (const wrong of [NaN, Infinity, -5]) {
    const site = aSite()
    const say = (value: number, atMs: number): void => {
      const at = { nowMs: atMs, wallMs: WALL_MS + atMs }
      reduce(site, { type: 'limitRead', sourceId: 's', atMs, limitA: value, limitW: undefined }, at)
      reduce(site, { type: 'limitRead', sourceId: 'w', atMs, limitA: undefined, limitW: value }, at)
    }
    const limitA = (nowMs: number): readonly number[] => {
      const { index = -1 } = site.tree.nodeById.get('yard') ?? {}
      return limitsInForce(site, nowMs, WALL_MS + nowMs)[index]?.load ?? []
    }
    say(46_000, 0)
    for (let atMs = 1_000; atMs <= 61_000; atMs += 1_000) say(wrong, atMs)
    t.same(limitA(59_000), [100, 100, 100, 200], `${wrong}`)
    t.same(limitA(61_000), [30, 30, 30, 30_000 / 230])
    t.match(site.limitSources.get('w')?.problem, /states a limit of/)
    say(0, 62_000)
    t.same(limitA(62_000), [0, 0, 0, 0])
    t.equal(site.limitSources.get('s')?.problem, undefined)
  }
})

test('a frozen meter stays frozen until it says something else, whatever the cars do', async (t) => {
  const site = aSite()
  read(site, [20, 20, 20], 1_000)
  const meter = site.meters.get('m')
  if (!meter) throw new Error('a meter')
  noteSame(meter, 16, 2_000)
  noteSame(meter, 16, 20_000)
  t.ok(isFrozen(meter, 20_000))
  noteSame(meter, 3, 21_000)
  t.ok(isFrozen(meter, 21_000), 'the cars draw what they did when it froze')
  read(site, [20, 20, 20], 30_000)
  t.ok(isFrozen(meter, 30_000), 'the same again')
  read(site, [20, 20, 20.1], 31_000)
  t.notOk(isFrozen(meter, 31_000))
})
