/** Suite B: four weeks of a depot with real stays, under limits from scarce to nearly enough. */
import { BOUNDS } from './bounds.js'
import * as rules from './depot-rules.js'
import { depotSessions } from './depot-sessions.js'
import { simulateDepot } from './depot-simulation.js'
import { depotFigures, meanFigures, sum } from './metrics.js'
import { stated, truth } from './needs.js'
import * as peers from './peer-rules.js'
import { localS, readCaltechSessions, readJplSessions } from './read-data.js'

const nothing = () => undefined

const BASELINES = [
  [rules.uncontrolled, nothing],
  [rules.staticEqual, nothing],
  [peers.everestRule, nothing],
  [peers.balanzRule, nothing],
  [peers.evccRule, nothing],
  [rules.roundRobin, nothing],
  [rules.firstCome, nothing],
  [named(rules.earliestDeadline, 'earliest deadline, as stated'), stated],
  [named(rules.earliestDeadline, 'earliest deadline, true'), truth],
  [named(rules.leastLaxity, 'least laxity, as stated'), stated],
  [named(rules.leastLaxity, 'least laxity, true'), truth],
]

/** The parameters were chosen on the first; the others show how they travel. */
export const SETS = [
  { site: 'JPL', from: '2019-09-09', to: '2019-10-07', mix: 'given' },
  { site: 'JPL', from: '2019-09-09', to: '2019-10-07', mix: 'three' },
  { site: 'JPL November', from: '2019-10-28', to: '2019-11-25', mix: 'given' },
  { site: 'Caltech', from: '2019-03-01', to: '2019-04-02', mix: 'given' },
  { site: 'Caltech', from: '2019-03-01', to: '2019-04-02', mix: 'three' },
]

export async function suiteB({ quick }) {
  const { product } = await import('./product.js')
  const ours = [
    [named(product, 'Yardmaster, nothing stated'), nothing],
    [named(product, 'Yardmaster, as stated'), stated],
    [named(product, 'Yardmaster, true'), truth],
  ]
  return SETS.slice(0, quick ? 1 : undefined).map((set) => runSet(set, [...BASELINES, ...ours]))
}

function runSet({ site, from, to, mix }, candidates) {
  const name = `${site}, ${mix === 'given' ? 'given mix' : 'three-phase only'}`
  const raw = site === 'Caltech' ? readCaltechSessions() : readJplSessions()
  const [fromS, toS] = [localS(`${from} 00:00:00`), localS(`${to} 00:00:00`)]
  const { sessions, evses } = depotSessions(raw, { fromS, toS, mix })
  const bounds = BOUNDS[name]
  const limits = Object.keys(bounds).map(Number)
  const results = candidates.map(([makeRule, need]) => {
    const runs = limits.map((limitA) => {
      const rule = makeRule({ limitA })
      return { rule, figures: depotFigures(simulateDepot({ sessions, limitA, rule, need })) }
    })
    const figures = runs.map((run) => run.figures)
    const met = figures.map((figure) => figure.met)
    const ofBound = (100 * sum(met.map((m, k) => m / bounds[limits[k]]))) / limits.length
    return { name: runs[0].rule.name, met, ofBound, ...meanFigures(figures) }
  })
  const kwh = sum(sessions.map(({ energyKwh }) => energyKwh))
  return { name, sessions: sessions.length, evses, kwh, limits, bounds, results }
}

function named(makeRule, name) {
  return (options) => ({ ...makeRule(options), name })
}
