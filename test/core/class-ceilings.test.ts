/** Ceilings of priority classes, in closed loop with model chargers. */
import { test } from 'tap'
import { reasonText } from '../../src/core/reason-text.js'
import type { ClassCeiling, LimitWindow } from '../../src/core/schedule/windows.js'
import type { Depot } from '../../src/core/site/depot.js'
import { aCharger, aConstraint, aDepot, RULES } from './a-depot.js'
import { aWorld } from './a-world.js'
import type { World } from './a-world.js'

/** As pairs of priority and amperes. */
function ceilings(...pairs: readonly (readonly [number, number])[]): readonly ClassCeiling[] {
  return pairs.map(([fromPriority, maxCurrentA]) => ({ fromPriority, maxCurrentA }))
}

function always(of: readonly ClassCeiling[]): LimitWindow {
  return { kind: 'default', from: '00:00', to: '24:00', ceilings: of }
}

/** Chargers of these priorities in one group of 100 A below a yard. */
function depotOf(
  priorities: readonly number[],
  schedule: readonly LimitWindow[],
  yardSchedule: readonly LimitWindow[] = [],
): Depot {
  return aDepot(
    [
      aConstraint('yard', 100, { schedule: yardSchedule }),
      aConstraint('group', 100, { type: 'charge_group', parentId: 'yard', schedule }),
    ],
    priorities.map((priority, index) =>
      aCharger(`c${index}`, 'group', { priority, expiryVerified: true }),
    ),
  )
}

/** Cars that take all they get at each of them. */
function charging(depot: Depot): World {
  const world = aWorld(depot, { ...RULES, timezone: 'UTC' })
  for (const charger of world.chargers) world.connect(charger)
  world.seconds(5)
  for (const charger of world.chargers) world.start(charger)
  world.seconds(90)
  return world
}

function permitted(world: World): readonly number[] {
  return world.chargers.map((charger) => world.permittedA(charger))
}

function reasonAt(world: World, index: number): string {
  const reason = world.plan.evses[index]?.reason
  return reason ? reasonText(reason) : ''
}

test('each class has its own ceiling, whatever the others take', async (t) => {
  const world = charging(depotOf([0, 2, 3, 5], [always(ceilings([0, 16], [3, 20], [5, 48]))]))
  t.same(permitted(world), [6, 10, 20, 32], 'within a class the higher priority goes first')
  t.match(reasonAt(world, 0), /limited by group on L1: 16 A .*for priorities 0 to 2/)
  t.match(reasonAt(world, 2), /limited by group on L1: 20 A .*for priorities 3 to 4/)
})

test('below the first ceiling there is nothing, and it is said', async (t) => {
  const world = charging(depotOf([4, 5], [always(ceilings([5, 48]))]))
  t.same(permitted(world), [0, 32])
  t.match(reasonAt(world, 0), /group has 0 A on L1 .*for priorities below 5/)
})

test('the ceilings of a node above bound as well', async (t) => {
  const world = charging(
    depotOf([1, 1], [always(ceilings([0, 30]))], [always(ceilings([0, 18], [2, 60]))]),
  )
  t.same(permitted(world), [9, 9])
  t.match(reasonAt(world, 0), /limited by yard on L1: 18 A/)
})

test('who cannot be reached keeps his part of the class', async (t) => {
  const world = charging(depotOf([0, 0, 9], [always(ceilings([0, 24], [5, 60]))]))
  const [gone] = world.chargers
  t.same(permitted(world), [12, 12, 32])
  if (gone) world.disconnect(gone)
  world.seconds(20)
  t.same(permitted(world).slice(1), [12, 32], 'its 12 A are not given to the other of its class')
})

test('a lower ceiling is prepared for ahead of its edge, a higher one comes at it', async (t) => {
  const schedule: LimitWindow[] = [
    always(ceilings([0, 30])),
    { from: '00:05', to: '00:10', ceilings: ceilings([0, 12]) },
  ]
  const world = charging(depotOf([0, 0], schedule))
  t.same(permitted(world), [15, 15])
  world.seconds(299 - (world.nowMs - 1_000) / 1_000)
  t.same(permitted(world), [6, 6], 'a second before')
  world.seconds(299)
  t.same(permitted(world), [6, 6], 'until its end')
  world.seconds(40)
  t.same(permitted(world), [15, 15])
})

test('a ceiling raises nobody above what the node has', async (t) => {
  const tight: LimitWindow = { ...always(ceilings([0, 90])), maxCurrentA: [20, 20, 20] }
  t.same(permitted(charging(depotOf([0, 0], [tight]))), [10, 10])
})

test('without ceilings nothing is different', async (t) => {
  const plain = charging(depotOf([0, 2, 3], []))
  const ample = charging(depotOf([0, 2, 3], [always(ceilings([0, 500]))]))
  t.same(permitted(plain), permitted(ample))
  t.same(plain.sent.length, ample.sent.length)
})
