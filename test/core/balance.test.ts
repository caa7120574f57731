import * as fc from 'fast-check'
import { test } from 'tap'
import { balance } from '../../src/core/balance/balance.js'
import type { Target } from '../../src/core/balance/balance.js'
import type { Demand } from '../../src/core/balance/demand.js'
import { newTurn, noteTurn } from '../../src/core/balance/turns.js'
import { addLoad, DIMENSIONS, fits, unitLoad } from '../../src/core/load.js'
import type { Load } from '../../src/core/load.js'
import { buildTree } from '../../src/core/site/tree.js'
import type { Tree } from '../../src/core/site/tree.js'
import { aCharger, aConstraint, aDepot, anEvse, oneGroup, RULES } from './a-depot.js'

const NOW = 10_000_000

function demandsOf(tree: Tree, more: (index: number) => Partial<Demand> = () => ({})): Demand[] {
  return tree.evses.map((evse, index) => ({
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
    ...more(index),
  }))
}

function roomOf(tree: Tree): Load[] {
  return tree.nodes.map((node): Load => {
    const room: Load = [Infinity, Infinity, Infinity, Infinity]
    for (const { currentA, powerA } of node.limits) {
      currentA?.forEach((limitA, phase) => {
        room[phase] = Math.min(room[phase] ?? Infinity, limitA)
      })
      if (powerA !== undefined) room[3] = Math.min(room[3], powerA)
    }
    return room
  })
}

function share(tree: Tree, demands = demandsOf(tree)): readonly Target[] {
  return balance(demands, roomOf(tree), RULES, NOW)
}

function amps(targets: readonly Target[]): Record<string, number> {
  return Object.fromEntries(targets.map(({ demand, targetA }) => [demand.evse.charger.id, targetA]))
}

test('cars under one limit get equal shares', async (t) => {
  const tree = buildTree(oneGroup(48, 3), RULES)
  t.same(amps(share(tree)), { c0: 16, c1: 16, c2: 16 })
})

test('what one car cannot take the others get', async (t) => {
  const tree = buildTree(oneGroup(48, 3), RULES)
  const demands = demandsOf(tree, (index) =>
    index === 0 ? { capA: 8, cappedByVehicle: true } : {},
  )
  const targets = share(tree, demands)
  t.same(amps(targets), { c0: 8, c1: 20, c2: 20 })
  t.same(targets[0]?.binding, { type: 'vehicle' })
  t.same(targets[1]?.binding, { type: 'node', node: 1, dimension: 'l1' })
})

test('with room for two of three minimums two charge and one waits, told by whom', async (t) => {
  const tree = buildTree(oneGroup(17, 3), RULES)
  const targets = share(tree)
  t.same(
    targets.map(({ targetA }) => targetA).toSorted((a, b) => a - b),
    [0, 8.5, 8.5],
    'never between 0 and 6 A',
  )
  const waiting = targets.find(({ targetA }) => targetA === 0)
  t.match(waiting?.binding, { type: 'waiting', node: 1, charging: 2, waiting: 1 })
})

test('a car that cannot be told otherwise now keeps what it has, and its place', async (t) => {
  const tree = buildTree(oneGroup(30, 3), RULES)
  const held = (floorA: number): readonly Target[] =>
    share(
      tree,
      demandsOf(tree, (index) => (index === 1 ? { floorA } : {})),
    )
  t.same(amps(held(20)), { c0: 10, c1: 20, c2: 0 }, 'the others share what is left')
  t.same(amps(held(0)), { c0: 10, c1: 10, c2: 10 })
  t.same(amps(held(40)), { c1: 40, c0: 0, c2: 0 }, 'also when it has too much')
})

test('higher priority is filled first and leaves the others their minimum', async (t) => {
  const depot = oneGroup(48, 3)
  const chargers = new Map(depot.chargers)
  chargers.set('c1', aCharger('c1', 'group', { priority: 5 }))
  const tree = buildTree({ ...depot, chargers }, RULES)
  t.same(amps(share(tree)), { c0: 8, c1: 32, c2: 8 })
})

test('a power limit binds the sum of the phases', async (t) => {
  const depot = aDepot(
    [aConstraint('group', 1000, { type: 'charge_group', maxPowerKw: 13.8 })],
    [aCharger('three', 'group'), aCharger('one', 'group', { evses: [anEvse(1, { phases: 1 })] })],
  )
  const targets = share(buildTree(depot, RULES))
  // 13.8 kW is 60 A over the phases: 15 A on three of them, 15 A on one.
  t.same(amps(targets), { three: 15, one: 15 })
  t.match(targets[0]?.binding, { type: 'node', dimension: 'power' })
})

test('one-phase cars on different phases do not compete', async (t) => {
  const one = (rotation: 'RST' | 'STR' | 'TRS'): ReturnType<typeof anEvse> =>
    anEvse(1, { phases: 1, phaseRotation: rotation, maxPowerKw: 7.36 })
  const depot = aDepot(
    [aConstraint('group', 20, { type: 'charge_group' })],
    [
      aCharger('a', 'group', { evses: [one('RST')] }),
      aCharger('b', 'group', { evses: [one('STR')] }),
      aCharger('c', 'group', { evses: [one('TRS')] }),
      aCharger('d', 'group', { evses: [one('RST')] }),
    ],
  )
  t.same(amps(share(buildTree(depot, RULES))), { a: 10, b: 20, c: 20, d: 10 })
})

test('a turn lasts, then who got less comes, and of those who waited longest', async (t) => {
  const tree = buildTree(oneGroup(6, 3), RULES)
  const at = (states: readonly { on: boolean; forMs: number; wh?: number }[]): string | undefined =>
    share(
      tree,
      demandsOf(tree, (index) => ({
        isOn: states[index]?.on ?? false,
        sinceMs: NOW - (states[index]?.forMs ?? 0),
        deliveredWh: states[index]?.wh ?? 0,
      })),
    ).find(({ targetA }) => targetA > 0)?.demand.evse.charger.id
  t.equal(
    at([
      { on: true, forMs: 600_000, wh: 4000 },
      { on: false, forMs: 700_000 },
      { on: false, forMs: 0 },
    ]),
    'c0',
  )
  t.equal(
    at([
      { on: true, forMs: 901_000, wh: 4000 },
      { on: false, forMs: 700_000 },
      { on: false, forMs: 800_000 },
    ]),
    'c2',
  )
})

test('nobody waits for ever, not even below a higher priority', async (t) => {
  const depot = oneGroup(12, 5)
  const chargers = new Map(depot.chargers)
  for (const id of ['c0', 'c1']) chargers.set(id, aCharger(id, 'group', { priority: 9 }))
  const tree = buildTree({ ...depot, chargers }, RULES)
  const cars = tree.evses.map(() => ({
    turn: newTurn(0),
    longestWaitMs: 0,
    chargedMs: 0,
  }))
  for (let nowMs = 0; nowMs < 24 * 3_600_000; nowMs += 60_000) {
    const demands = demandsOf(tree, (index) => {
      const { targetA = 0, sinceMs = 0, guaranteed = false } = cars[index]?.turn ?? {}
      return { isOn: targetA > 0, sinceMs, guaranteed }
    })
    for (const { demand, targetA } of balance(demands, roomOf(tree), RULES, nowMs)) {
      const car = cars[demand.evse.index]
      if (!car) continue
      if (car.turn.targetA === 0)
        car.longestWaitMs = Math.max(car.longestWaitMs, nowMs - car.turn.sinceMs)
      noteTurn(car.turn, { targetA, isThere: true }, RULES, nowMs)
      if (targetA > 0) car.chargedMs += 60_000
    }
  }
  for (const { longestWaitMs, chargedMs } of cars) {
    // Overdue after an hour, then at most the turns of the other overdue ones before it.
    t.ok(longestWaitMs <= 3_600_000 + 2 * 900_000, `longest wait ${longestWaitMs / 60_000} min`)
    t.ok(chargedMs >= (24 * 3_600_000) / 6, `charged ${chargedMs / 60_000} min`)
  }
  const [first, , , last] = cars
  t.ok((first?.chargedMs ?? 0) > 2 * (last?.chargedMs ?? 0), 'priority still counts')
})

const arbitraryTree = fc
  .record({
    groups: fc.array(
      fc.record({
        limitA: fc.integer({ min: 0, max: 120 }),
        kw: fc.integer({ min: 0, max: 80 }),
        parent: fc.nat(5),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    chargers: fc.array(
      fc.record({
        group: fc.nat(4),
        phases: fc.constantFrom(1 as const, 3 as const),
        rotation: fc.constantFrom('RST' as const, 'STR' as const, 'TRS' as const),
        priority: fc.integer({ min: 1, max: 3 }),
        maxA: fc.integer({ min: 6, max: 63 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  })
  .map(({ groups, chargers }) => {
    const constraints = groups.map(({ limitA, kw, parent }, index) =>
      aConstraint(`g${index}`, limitA, {
        type: 'charge_group',
        maxPowerKw: kw,
        ...(parent < index && { parentId: `g${parent}` }),
      }),
    )
    const made = chargers.map(({ group, phases, rotation, priority, maxA }, index) =>
      aCharger(`c${index}`, `g${group % groups.length}`, {
        priority,
        evses: [anEvse(1, { phases, phaseRotation: rotation, maxCurrentA: maxA, maxPowerKw: 100 })],
      }),
    )
    return buildTree(aDepot(constraints, made), RULES)
  })

function leftAfter(tree: Tree, targets: readonly Target[]): Load[] {
  const left = roomOf(tree)
  for (const { demand, targetA } of targets) {
    for (const node of demand.evse.path) addLoad(left[node] ?? [0, 0, 0, 0], demand.unit, -targetA)
  }
  return left
}

test('targets fit every node and phase, and are 0 or at least the minimum', async (t) => {
  fc.assert(
    fc.property(arbitraryTree, (tree) => {
      const targets = share(tree)
      if (targets.length !== tree.evses.length) return false
      const legal = targets.every(
        ({ demand, targetA }) =>
          targetA === 0 || (targetA >= demand.minA && targetA <= demand.capA + 1e-6),
      )
      return (
        legal && leftAfter(tree, targets).every((room) => room.every((value) => value >= -1e-5))
      )
    }),
    { numRuns: 500 },
  )
  t.pass()
})

test('the binding constraint of each target, recomputed, leaves no room for a noticeable raise', async (t) => {
  fc.assert(
    fc.property(arbitraryTree, (tree) => {
      const targets = share(tree)
      const left = leftAfter(tree, targets)
      return targets.every(({ demand, targetA, binding }) => {
        switch (binding.type) {
          case 'hardware':
            return targetA > demand.capA - 0.11
          case 'vehicle':
            return false
          case 'waiting':
          case 'node': {
            // Rounding to a tenth leaves less than that of each car below the node.
            const slackA = 0.1 * tree.evses.length * 3 + 1e-6
            const room = left[binding.node] ?? [0, 0, 0, 0]
            const d = DIMENSIONS.indexOf(binding.dimension)
            const fitsA = (room[d] ?? 0) / (demand.unit[d] ?? 1)
            const neededA = binding.type === 'waiting' ? demand.minA : 0
            return demand.evse.path.includes(binding.node) && fitsA < neededA + slackA
          }
        }
      })
    }),
    { numRuns: 500 },
  )
  t.pass()
})

test('a unit load counts each phase and their sum', async (t) => {
  t.same(unitLoad([true, false, true]), [1, 0, 1, 2])
  t.equal(fits([10, 0, 4, 100], [1, 0, 1, 2]), 4)
})

test('a turn that never began ends no wait', async (t) => {
  const turn = newTurn(0)
  noteTurn(turn, { targetA: 6, isThere: false }, RULES, 600_000)
  noteTurn(turn, { targetA: 6, isThere: false }, RULES, 601_000)
  noteTurn(turn, { targetA: 0, isThere: false }, RULES, 602_000)
  t.equal(turn.sinceMs, 0, 'it waits since the beginning')
  noteTurn(turn, { targetA: 6, isThere: false }, RULES, 603_000)
  noteTurn(turn, { targetA: 6, isThere: true }, RULES, 604_000)
  noteTurn(turn, { targetA: 0, isThere: true }, RULES, 700_000)
  t.equal(turn.sinceMs, 700_000, 'it has had its turn')
})

test('who comes back as base load finds its minimum twice at the meter, or waits', async (t) => {
  const tree = buildTree(oneGroup(20, 2), RULES)
  const unmeasured = (index: number): Partial<Demand> =>
    index === 0 ? { twiceAt: [1], sinceMs: 0 } : {}
  t.same(amps(share(tree, demandsOf(tree, unmeasured))), { c0: 7, c1: 7 })
  const narrow = buildTree(oneGroup(11, 2), RULES)
  t.same(amps(share(narrow, demandsOf(narrow, unmeasured))), { c0: 0, c1: 11 })
})

test('who rests charges with what is left over, and gives it up at once', async (t) => {
  const tree = buildTree(oneGroup(40, 2), RULES)
  const resting = (index: number): Partial<Demand> =>
    index === 0 ? { hungry: false, capA: 6, isOn: true, lastA: 6 } : {}
  t.same(amps(share(tree, demandsOf(tree, resting))), { c0: 6, c1: 32 })
  const narrow = buildTree(oneGroup(20, 2), RULES)
  t.same(amps(share(narrow, demandsOf(narrow, resting))), { c0: 0, c1: 20 })
})

test('who has less time gets more above the minimum, and the turn when there is one', async (t) => {
  const known = (currentA: number, slackH: number): Partial<Demand> => ({
    need: { trust: 'known', currentA, slackMs: slackH * 3_600_000 },
  })
  const late = (index: number): Partial<Demand> => (index === 0 ? known(20, 0) : known(4, 8))
  const tree = buildTree(oneGroup(32, 2), RULES)
  t.same(amps(share(tree, demandsOf(tree, late))), { c0: 26, c1: 6 })
  const narrow = buildTree(oneGroup(6, 2), RULES)
  t.same(amps(share(narrow, demandsOf(narrow, late))), { c0: 6, c1: 0 })
})

test('a charger that knows whole amperes is offered those, and nothing is left over', async (t) => {
  const tree = buildTree(oneGroup(20, 3), RULES)
  const whole = share(
    tree,
    demandsOf(tree, () => ({ stepsPerA: 1 })),
  )
  t.same(amps(whole), { c0: 7, c1: 7, c2: 6 })
  const kept = share(
    tree,
    demandsOf(tree, (index) => ({ stepsPerA: 1, isOn: true, lastA: index === 0 ? 6 : 7 })),
  )
  t.same(amps(kept), { c0: 6, c1: 7, c2: 7 }, 'who had the odd one keeps it')
})

test('three one-phase cars come before one on three phases that got as much', async (t) => {
  const one = (rotation: 'RST' | 'STR' | 'TRS'): ReturnType<typeof anEvse> =>
    anEvse(1, { phases: 1, phaseRotation: rotation, maxPowerKw: 7.36 })
  const depot = aDepot(
    [aConstraint('group', 6, { type: 'charge_group' })],
    [
      aCharger('all', 'group'),
      aCharger('a', 'group', { evses: [one('RST')] }),
      aCharger('b', 'group', { evses: [one('STR')] }),
      aCharger('c', 'group', { evses: [one('TRS')] }),
    ],
  )
  const tree = buildTree(depot, RULES)
  const fuller = demandsOf(tree, (index) => ({ deliveredWh: [2000, 1000, 1000, 2500][index] ?? 0 }))
  // Only one of them got more than the car on three phases.
  t.same(amps(share(tree, fuller)), { all: 0, a: 6, b: 6, c: 6 })
})
