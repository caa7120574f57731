/** Suite A: the published ACN-Sim workload, three-phase, over 27 transformer capacities. */
import { createNetwork } from './acn-network.js'
import { ACN_RULES } from './acn-rules.js'
import { simulateAcn } from './acn-simulation.js'
import { sum } from './metrics.js'
import { readAcnNetwork, readCaltechSessions, readPublishedCurves } from './read-data.js'

export const CAPACITIES_KW = Array.from({ length: 27 }, (_, index) => 10 + 5 * index)
const QUICK_KW = [10, 20, 30, 40, 60]

/**
 * Published for this workload: the share met at 10 kW and the mean of the 27 capacities. `MPC` is
 * their convex optimisation, `offline` the bound with full knowledge.
 */
export const PUBLISHED = {
  RR: { at10Kw: 43.85, mean: 92.29 },
  FCFS: { at10Kw: 34.65, mean: 91.34 },
  EDF: { at10Kw: 36.94, mean: 93.1 },
  LLF: { at10Kw: 36.82, mean: 93.21 },
  MPC: { at10Kw: 51.4, mean: 95.06 },
  offline: { at10Kw: 52.09, mean: 95.26 },
}

export async function suiteA({ quick }) {
  const { acnProduct } = await import('./acn-product.js')
  const sessions = readCaltechSessions()
  const facts = readAcnNetwork()
  const capacities = quick ? QUICK_KW : CAPACITIES_KW
  const results = Object.entries({ ...ACN_RULES, yardmaster: acnProduct }).map(
    ([name, makeRule]) => {
      const met = capacities.map((capacityKw) => {
        const network = createNetwork(facts, capacityKw)
        return simulateAcn({ sessions, network, rule: makeRule(network) }).met
      })
      return { name, met, mean: sum(met) / met.length }
    },
  )
  return { sessions: sessions.length, capacities, results, curves: readPublishedCurves() }
}
