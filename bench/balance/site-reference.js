/**
 * The same day by the allocation alone, as in suite B: it sees the building at once and its word is
 * obeyed at once. What the whole controller falls short of this is the price of the real world.
 */
import { simulateDepot } from './depot-simulation.js'
import { GROUPS, loadAt } from './site-days.js'
import { product } from './product.js'

/** As the cars of the simulation take at the end. */
const LEAST_A = 6

export function referenceDay(day, need, wakeUpS = 60) {
  const { sessions, baseLoad, fuseA, groupLimitA, groupOf } = day
  const group = () => [groupLimitA, groupLimitA, groupLimitA, Infinity]
  const rule = product({
    name: 'the allocation alone',
    roomAt(nowS) {
      const baseA = loadAt(baseLoad, nowS)
      const site = [...baseA.map((phaseA) => Math.max(0, fuseA - phaseA)), Infinity]
      return [site, ...Array.from({ length: GROUPS }, group)]
    },
    pathOf: (evse) => [1 + groupOf(evse), 0],
  })
  return simulateDepot({ sessions, limitA: Infinity, rule, need, leastA: LEAST_A, wakeUpS })
}
