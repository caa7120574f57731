/** What holds of every sharing, whatever the tree, the cars and what is known of them. */
import * as fc from 'fast-check'
import { test } from 'tap'
import { balance } from '../../src/core/balance/balance.js'
import type { Target } from '../../src/core/balance/balance.js'
import type { Demand } from '../../src/core/balance/demand.js'
import { newTurn, noteTurn } from '../../src/core/balance/turns.js'
import { addLoad, fits, noLoad, unitLoad, unlimited } from '../../src/core/load.js'
import type { Load } from '../../src/core/load.js'
import { buildTree } from '../../src/core/site/tree.js'
import { aCharger, aConstraint, aDepot, anEvse, oneGroup, RULES } from './a-depot.js'

const NOW = 100_000_000
const SLACK_A = 1e-4

interface Case {
  readonly demands: readonly Demand[]
  readonly room: readonly Load[]
}

const arbitraryCar = fc.record({
  group: fc.nat(3),
  phase: fc.constantFrom(undefined, 0, 1, 2),
  minA: fc.constantFrom(6, 7, 10),
  moreA: fc.integer({ min: 0, max: 26 }),
  stepsPerA: fc.constantFrom(1, 10),
  priority: fc.integer({ min: 1, max: 3 }),
  isOn: fc.boolean(),
  lastA: fc.integer({ min: 6, max: 32 }),
  forMs: fc.integer({ min: 0, max: 7_200_000 }),
  guaranteed: fc.boolean(),
  hungry: fc.boolean(),
  mayWake: fc.boolean(),
  takes: fc.constantFrom(0.1, 0.4, 1),
  deliveredWh: fc.integer({ min: 0, max: 40_000 }),
  need: fc.option(
    fc.record({
      trust: fc.constantFrom('known' as const, 'guessed' as const),
      currentA: fc.integer({ min: 0, max: 60 }),
      slackMs: fc.integer({ min: -3_600_000, max: 36_000_000 }),
    }),
    { nil: undefined },
  ),
})

/** A site, three groups below it and a charger each. */
const arbitraryCase: fc.Arbitrary<Case> = fc
  .record({
    roomA: fc.array(fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 4, maxLength: 4 }), {
      minLength: 4,
      maxLength: 4,
    }),
    cars: fc.array(arbitraryCar, { minLength: 1, maxLength: 14 }),
  })
  .map(({ roomA, cars }) => {
    const constraints = [0, 1, 2, 3].map((index) =>
      aConstraint(`g${index}`, 1000, {
        type: 'charge_group',
        ...(index > 0 && { parentId: 'g0' }),
      }),
    )
    const chargers = cars.map(({ group }, index) =>
      aCharger(`c${index}`, `g${group}`, { evses: [anEvse(1)] }),
    )
    const tree = buildTree(aDepot(constraints, chargers), RULES)
    const demands = cars.map((car, index): Demand => {
      const { phase, moreA, forMs, group: _, ...facts } = car
      const evse = tree.evses.find(({ charger }) => charger.id === `c${index}`) ?? tree.evses[0]
      if (!evse) throw new Error('a tree without chargers')
      return {
        ...facts,
        evse,
        unit: phase === undefined ? evse.unit : unitLoad([phase === 0, phase === 1, phase === 2]),
        floorA: 0,
        capA: car.minA + moreA,
        cappedByVehicle: false,
        lastA: car.isOn ? car.lastA : 0,
        sinceMs: NOW - forMs,
        twiceAt: [],
      }
    })
    const room = tree.nodes.map(({ id }): Load => {
      const [l1 = 0, l2 = 0, l3 = 0, sum = 0] = roomA[Number(id.slice(1))] ?? [
        Infinity,
        Infinity,
        Infinity,
        Infinity,
      ]
      return [l1, l2, l3, 2 * sum]
    })
    return { demands, room }
  })

function shared({ demands, room }: Case, nowMs = NOW): readonly Target[] {
  return balance(
    demands,
    room.map((load): Load => [...load]),
    RULES,
    nowMs,
  )
}

function roomOf(limitA: number, nodes: number): readonly Load[] {
  return Array.from({ length: nodes }, (): Load => [limitA, limitA, limitA, 3 * limitA])
}

function leftAfter({ room }: Case, targets: readonly Target[]): readonly Load[] {
  const left = room.map((load): Load => [...load])
  for (const { demand, targetA } of targets) {
    for (const node of demand.evse.path) addLoad(left[node] ?? noLoad(), demand.unit, -targetA)
  }
  return left
}

function holds(property: (one: Case, targets: readonly Target[]) => boolean, numRuns = 400): void {
  fc.assert(
    fc.property(arbitraryCase, (one) => property(one, shared(one))),
    { numRuns },
  )
}

test('no limit is exceeded, and an offer is nothing or at least the minimum and at most the cap', async (t) => {
  holds((one, targets) => {
    const isLegal = targets.every(
      ({ demand, targetA }) =>
        targetA === 0 || (targetA >= demand.minA && targetA <= demand.capA + SLACK_A),
    )
    const fitsAll = leftAfter(one, targets).every((left) => left.every((a) => a >= -SLACK_A))
    return isLegal && fitsAll && targets.length === one.demands.length
  })
  t.pass()
})

test('nobody who charges could be told a step more', async (t) => {
  holds((one, targets) => {
    const left = leftAfter(one, targets)
    return targets.every(({ demand, targetA }) => {
      if (targetA === 0 || !demand.hungry) return true
      const stepA = 1 / demand.stepsPerA
      if (targetA + stepA > demand.capA + SLACK_A) return true
      return demand.evse.path.some(
        (node) => fits(left[node] ?? noLoad(), demand.unit) < stepA + SLACK_A,
      )
    })
  })
  t.pass()
})

test('what one waits for would not fit', async (t) => {
  holds((one, targets) => {
    const left = leftAfter(one, targets)
    return targets.every(({ demand, targetA }) => {
      if (targetA > 0 || !demand.hungry) return true
      return demand.evse.path.some((node) => {
        return fits(left[node] ?? noLoad(), demand.unit) < demand.minA + SLACK_A
      })
    })
  })
  t.pass()
})

test('the result does not depend on the order of the cars', async (t) => {
  holds((one, targets) => {
    const again = shared({ ...one, demands: one.demands.toReversed() })
    const byIndex = new Map(again.map(({ demand, targetA }) => [demand.evse.index, targetA]))
    return targets.every(({ demand, targetA }) => byIndex.get(demand.evse.index) === targetA)
  })
  t.pass()
})

test('with all else equal a higher priority charges first and gets no less', async (t) => {
  holds((one) => {
    const [first] = one.demands
    if (!first) return true
    const alike = one.demands.map((demand) => ({
      ...first,
      evse: demand.evse,
      priority: demand.priority,
      unit: demand.evse.unit,
    }))
    const oneGroupOnly = alike.filter(({ evse }) => evse.path[1] === first.evse.path[1])
    // Limits of single chargers would make them unlike.
    const chargers = new Set(alike.map(({ evse }) => evse.path[0]))
    const room = one.room.map((load, node) => (chargers.has(node) ? unlimited() : load))
    const targets = shared({ room, demands: oneGroupOnly })
    return targets.every((high) =>
      targets.every(
        (low) =>
          high.demand.priority <= low.demand.priority ||
          // Promised and overdue turns go before priority, and the sleeping take what is left.
          (first.isOn ? first.guaranteed : NOW - first.sinceMs >= RULES.maxWaitMs) ||
          high.targetA >= low.targetA,
      ),
    )
  })
  t.pass()
})

test('over a rotation everybody has a turn within the bound and the turns of those before', async (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ priority: fc.integer({ min: 1, max: 2 }), kw: fc.integer({ min: 1, max: 7 }) }),
        {
          minLength: 3,
          maxLength: 7,
        },
      ),
      fc.integer({ min: 2, max: 3 }),
      (cars, places) => {
        const tree = buildTree(oneGroup(places * 6, cars.length), RULES)
        const turns = cars.map(() => newTurn(0))
        const delivered = cars.map(() => 0)
        const boundMs = RULES.maxWaitMs + cars.length * RULES.minOnMs
        for (let nowMs = 0; nowMs < 8 * 3_600_000; nowMs += 60_000) {
          const demands = tree.evses.map((evse, index): Demand => {
            const turn = turns[index] ?? newTurn(0)
            return {
              evse,
              unit: evse.unit,
              floorA: 0,
              minA: 6,
              capA: 32,
              stepsPerA: 10,
              cappedByVehicle: false,
              priority: cars[index]?.priority ?? 1,
              isOn: turn.targetA > 0,
              lastA: turn.targetA,
              sinceMs: turn.sinceMs,
              guaranteed: turn.guaranteed,
              hungry: true,
              mayWake: false,
              takes: 1,
              deliveredWh: delivered[index] ?? 0,
              need: undefined,
              twiceAt: [],
            }
          })
          for (const { demand, targetA } of shared(
            { demands, room: roomOf(places * 6, tree.nodes.length) },
            nowMs,
          )) {
            const { index } = demand.evse
            const turn = turns[index]
            if (!turn) continue
            if (turn.targetA === 0 && nowMs - turn.sinceMs > boundMs) return false
            noteTurn(turn, { targetA, isThere: true }, RULES, nowMs)
            if (targetA > 0)
              delivered[index] = (delivered[index] ?? 0) + (cars[index]?.kw ?? 1) * 17
          }
        }
        return true
      },
    ),
    { numRuns: 30 },
  )
  t.pass()
})
