/** Classes of priorities: what is guaranteed fits, comes first, and nobody goes above a ceiling. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { balance } from '../../src/core/balance/balance.js'
import type { Target } from '../../src/core/balance/balance.js'
import type { Demand } from '../../src/core/balance/demand.js'
import { classesProblem, guaranteeProblems, isInClass } from '../../src/core/classes/guarantees.js'
import { guaranteedFirst } from '../../src/core/classes/guaranteed-first.js'
import { classesOf } from '../../src/core/limits/class-ceilings.js'
import { ceilingsOf } from '../../src/core/classes/ceilings.js'
import { addLoad } from '../../src/core/load.js'
import type { Load } from '../../src/core/load.js'
import type { PriorityClass } from '../../src/core/site/depot.js'
import { edit } from '../../src/core/site/edit.js'
import { buildTree } from '../../src/core/site/tree.js'
import type { Tree } from '../../src/core/site/tree.js'
import { aCharger, aConstraint, aDepot, anEvse, RULES } from './a-depot.js'

const NOW = 10_000_000

function treeOf(limitA: number, classes: readonly PriorityClass[], priorities: readonly number[]) {
  const group = aConstraint('group', limitA, { type: 'charge_group', classes })
  const chargers = priorities.map((priority, index) => aCharger(`c${index}`, 'group', { priority }))
  return buildTree(aDepot([group], chargers), RULES)
}

function demandsOf(tree: Tree, more: Partial<Demand> = {}): Demand[] {
  return tree.evses.map((evse) => ({
    evse,
    unit: evse.unit,
    floorA: 0,
    minA: evse.evse.minCurrentA,
    capA: evse.capA,
    stepsPerA: 10,
    cappedByVehicle: false,
    priority: evse.priority,
    isOn: false,
    lastA: 0,
    sinceMs: NOW - 1000,
    guaranteed: false,
    hungry: true,
    mayWake: false,
    takes: 1,
    deliveredWh: 0,
    need: undefined,
    twiceAt: [],
    ...more,
  }))
}

/** With other figures for those of this priority. */
function demandsWith(tree: Tree, priority: number, figures: Partial<Demand>): Demand[] {
  return demandsOf(tree).flatMap((demand) =>
    demand.priority === priority ? [{ ...demand, ...figures }] : [demand],
  )
}

function roomOf(tree: Tree): Load[] {
  return tree.nodes.map(({ limits }): Load => {
    const room: Load = [Infinity, Infinity, Infinity, Infinity]
    for (const { currentA, powerA } of limits) {
      currentA?.forEach((limitA, phase) => {
        room[phase] = Math.min(room[phase] ?? Infinity, limitA)
      })
      if (powerA !== undefined) room[3] = Math.min(room[3], powerA)
    }
    return room
  })
}

/** As the plan does it: ceilings are rooms of their own, guarantees come first. */
function share(tree: Tree, demands = demandsOf(tree)): readonly Target[] {
  const classes = ceilings(tree)
  const room = [...roomOf(tree), ...(classes?.rooms.map(({ load }): Load => [...load]) ?? [])]
  const below = demands.flatMap((demand) => [
    { ...demand, evse: classes?.evseOf(demand.evse, demand.priority) ?? demand.evse },
  ])
  return guaranteedFirst(tree, below, room, (asked, left) => balance(asked, left, RULES, NOW))
}

function ceilings(tree: Tree): ReturnType<typeof classesOf> {
  const none = [undefined, undefined, undefined, undefined] as const
  return classesOf(
    tree.nodes.map(({ classes: own }) => {
      const ofNode = ceilingsOf(own)
      const bounds = [{ ceilings: ofNode, source: { type: 'configured' } as const }]
      const load: Load = [0, 0, 0, 0]
      return { limit: { load, sources: [...none], ...(ofNode.length > 0 && { classes: bounds }) } }
    }),
  )
}

function amps(targets: readonly Target[]): Record<string, number> {
  return Object.fromEntries(targets.map(({ demand, targetA }) => [demand.evse.charger.id, targetA]))
}

test('who is guaranteed something has it however high the others rank', async (t) => {
  const poolCars = { fromPriority: 0, toPriority: 4, minCurrentA: 8 }
  // Two buses take all without the guarantee: 6 A would be left for the pool car, or none.
  t.same(amps(share(treeOf(20, [poolCars], [9, 9, 1]))), { c0: 6, c1: 6, c2: 8 })
  t.same(amps(share(treeOf(40, [poolCars], [9, 1]))), { c0: 32, c1: 8 })
  t.same(amps(share(treeOf(14, [poolCars], [9, 9, 1]))), { c0: 6, c1: 0, c2: 8 })
})

test('a guarantee that nobody wants flows to the others', async (t) => {
  const poolCars = { fromPriority: 0, toPriority: 4, minCurrentA: 20 }
  const tree = treeOf(40, [poolCars], [9, 9, 1])
  const full = demandsWith(tree, 1, { capA: 6, hungry: false })
  const { c0 = 0, c1 = 0 } = amps(share(tree, full))
  t.ok(c0 + c1 >= 34, `${c0} A and ${c1} A`)
  t.same(amps(share(treeOf(40, [poolCars], [9, 9]))), { c0: 20, c1: 20 })
})

test('nobody goes above the ceiling of his class, and the others have the rest', async (t) => {
  const poolCars = { fromPriority: 0, toPriority: 4, maxCurrentA: 12 }
  const targets = share(treeOf(60, [poolCars], [9, 1, 1]))
  t.same(amps(targets), { c0: 32, c1: 6, c2: 6 })
  const three = share(treeOf(60, [poolCars], [1, 1, 1]))
  t.same(
    Object.values(amps(three)).toSorted((a, b) => a - b),
    [0, 6, 6],
  )
})

test('what stopped a car by its ceiling can be told', async (t) => {
  const tree = treeOf(60, [{ fromPriority: 0, toPriority: 4, maxCurrentA: 10 }], [1])
  const [target] = share(tree)
  t.match(target, { targetA: 10, binding: { type: 'node', dimension: 'l1' } })
  const index = target?.binding.type === 'node' ? target.binding.node : -1
  t.match(ceilings(tree)?.rooms[index - tree.nodes.length], {
    source: { type: 'configured', priorities: '0 to 4' },
  })
})

test('who is in no class has no ceiling', async (t) => {
  t.same(ceilingsOf([{ fromPriority: 3, toPriority: 4, maxCurrentA: 9 }]), [
    { fromPriority: 0, maxCurrentA: Infinity },
    { fromPriority: 3, maxCurrentA: 9 },
    { fromPriority: 5, maxCurrentA: Infinity },
  ])
  t.same(
    ceilingsOf([
      { fromPriority: 5, maxCurrentA: 20 },
      { fromPriority: 0, toPriority: 4, maxCurrentA: 9 },
    ]),
    [
      { fromPriority: 0, maxCurrentA: 9 },
      { fromPriority: 5, maxCurrentA: 20 },
    ],
  )
  t.same(ceilingsOf([{ fromPriority: 5, minCurrentA: 20 }]), [])
})

test('what cannot be taken back comes before what is guaranteed', async (t) => {
  const tree = treeOf(20, [{ fromPriority: 0, toPriority: 4, minCurrentA: 8 }], [9, 1])
  const demands = demandsWith(tree, 9, { floorA: 16 })
  t.same(amps(share(tree, demands)), { c0: 20, c1: 0 })
})

const classes = fc
  .record({
    split: fc.integer({ min: 1, max: 5 }),
    lowMinA: fc.nat(30),
    lowMoreA: fc.nat(40),
    highMinA: fc.nat(30),
    highMoreA: fc.nat(40),
  })
  .map(({ split, lowMinA, lowMoreA, highMinA, highMoreA }): PriorityClass[] => [
    {
      fromPriority: 0,
      toPriority: split,
      minCurrentA: lowMinA,
      maxCurrentA: lowMinA + lowMoreA,
    },
    { fromPriority: split + 1, minCurrentA: highMinA, maxCurrentA: highMinA + highMoreA },
  ])
const priorities = fc.array(fc.nat(6), { minLength: 1, maxLength: 8 })
const NOISE_A = 1e-5

function sumOf(targets: readonly Target[], one: PriorityClass): number {
  return targets
    .filter(({ demand }) => isInClass(one, demand.priority))
    .reduce((sum, { targetA }) => sum + targetA, 0)
}

test('limits and ceilings hold, whatever is asked and guaranteed', async () => {
  fc.assert(
    fc.property(classes, priorities, fc.integer({ min: 0, max: 150 }), (made, ranks, limitA) => {
      const tree = treeOf(limitA, made, ranks)
      const targets = share(tree)
      const left = roomOf(tree)
      for (const { demand, targetA } of targets) {
        const path = tree.evses[demand.evse.index]?.path ?? []
        for (const node of path) addLoad(left[node] ?? [0, 0, 0, 0], demand.unit, -targetA)
      }
      return (
        targets.length === ranks.length &&
        left.every((room) => room.every((value) => value >= -NOISE_A)) &&
        made.every((one) => sumOf(targets, one) <= (one.maxCurrentA ?? Infinity) + NOISE_A)
      )
    }),
    { numRuns: 300 },
  )
})

test('a guarantee that fits is kept to less than one car, as far as it is wanted', async () => {
  fc.assert(
    fc.property(classes, priorities, fc.integer({ min: 0, max: 150 }), (made, ranks, limitA) => {
      const tree = treeOf(limitA, made, ranks)
      if (guaranteeProblems(tree).length > 0) return true
      const targets = share(tree)
      return made.every((one) => {
        const cars = ranks.filter((priority) => isInClass(one, priority)).length
        const sureA = Math.min(one.minCurrentA ?? 0, cars * 32)
        // 6 A are the least of a car, and targets have one decimal.
        return sureA < 6 || sumOf(targets, one) >= sureA - 0.1 * cars - NOISE_A
      })
    }),
    { numRuns: 300 },
  )
})

test('without classes it is as if there were none', async () => {
  fc.assert(
    fc.property(priorities, fc.integer({ min: 0, max: 150 }), (ranks, limitA) => {
      const tree = treeOf(limitA, [], ranks)
      const plain = balance(demandsOf(tree), roomOf(tree), RULES, NOW)
      return JSON.stringify(share(tree)) === JSON.stringify(plain)
    }),
  )
})

test('guarantees that do not fit are refused with the arithmetic', async (t) => {
  const group = (id: string, limitA: number, minCurrentA: number, more = {}) =>
    aConstraint(id, limitA, {
      type: 'charge_group',
      parentId: 'yard',
      classes: [{ fromPriority: 5, minCurrentA }],
      ...more,
    })
  const yard = aConstraint('yard', 60)
  const problems = (...constraints: Parameters<typeof aDepot>[0]) =>
    guaranteeProblems(buildTree(aDepot([yard, ...constraints], []), RULES)).map(
      ({ nodeId, message }) => `${nodeId}: ${message}`,
    )
  t.same(problems(group('north', 40, 30), group('south', 40, 30)), [])
  t.same(problems(group('north', 40, 41)), [
    'north: classes are guaranteed 41 A on each phase, and "north" has 40 A: ' +
      'lower a min_current_a or raise the limit',
  ])
  t.same(problems(group('north', 40, 35), group('south', 40, 35)), [
    'yard: classes are guaranteed 35 A (south) + 35 A (north) = 70 A on each phase, and "yard" has ' +
      '60 A: lower a min_current_a or raise the limit',
  ])
  t.match(problems(group('north', 40, 35, { baseLoadA: 10 })), [
    /has 40 A - 10 A of base load = 30 A/,
  ])
  // 22 kW are 32 A on each of three phases.
  t.match(problems(group('north', 100, 35, { maxPowerKw: 22.08 })), [/"north" has 32 A/])
  const both = [
    { fromPriority: 0, toPriority: 4, minCurrentA: 20 },
    { fromPriority: 5, minCurrentA: 30 },
  ]
  t.match(problems(group('north', 40, 0, { classes: both })), [/20 A \+ 30 A = 50 A/])
})

for (const [what, made, field, message] of [
  [
    'that overlap',
    [
      { fromPriority: 0, toPriority: 4, maxCurrentA: 9 },
      { fromPriority: 4, maxCurrentA: 9 },
    ],
    'classes.1.fromPriority',
    /4 and above overlap those of class 0 \(0 to 4\)/,
  ],
  [
    'that end before they begin',
    [{ fromPriority: 4, toPriority: 3, maxCurrentA: 9 }],
    'classes.0.toPriority',
    /3 is below from_priority 4/,
  ],
  [
    'with more guaranteed than allowed',
    [{ fromPriority: 4, minCurrentA: 10, maxCurrentA: 9 }],
    'classes.0.minCurrentA',
    /10 A is above its ceiling of 9 A/,
  ],
] as const) {
  test(`classes ${what} are refused`, async (t) => {
    t.match(classesProblem(made), { field, message })
    const constraint = aConstraint('group', 40, { classes: made })
    t.match(edit(aDepot([], []), { type: 'putConstraint', constraint }), {
      ok: false,
      problem: { field },
    })
  })
}

test('a charger, and a constraint, that state no priority inherit it', async (t) => {
  const { priority: _, ...silent } = aConstraint('south', 40, { type: 'charge_group' })
  const depot = aDepot(
    [aConstraint('yard', 40, { priority: 7 }), { ...silent, parentId: 'yard' }],
    [aCharger('c0', 'south'), aCharger('c1', 'south', { priority: 2, evses: [anEvse()] })],
  )
  t.same(
    buildTree(depot, RULES).evses.map(({ priority }) => priority),
    [7, 2],
  )
})
