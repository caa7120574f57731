/** Writes docs/balancing.md and its plot from what was measured. */
import { readFileSync, writeFileSync } from 'node:fs'
import { lineChart } from './plot.js'
import { linesOfA, linesOfBh, linesOfSet, linesOfTime } from './tables.js'

const PLOTTED = [
  ['Yardmaster, true', '#0a7d4f'],
  ['Yardmaster, nothing stated', '#12b374'],
  ['earliest deadline, true', '#8a63d2'],
  ['round robin + reclaim', '#3b82c4'],
  ["evcc's rule in our simulation", '#c9821a'],
  ["balanz's rule in our simulation", '#c74343'],
  ["EVerest's rule in our simulation", '#8f6f5a'],
]
const BOUND_COLOUR = '#777777'

export function writeDocument({ A, B, Bh, time }, { date, node, cpu, cores }) {
  const template = readFileSync(new URL('document.md', import.meta.url)).toString()
  const parts = {
    machine: `${date}, Node ${node}, ${cores} cores, ${cpu}`,
    suiteA: linesOfA(A).slice(2).join('\n'),
    suiteB: B.map((set) => {
      const [title, ...rest] = linesOfSet(set)
      return [`### ${title}`, ...rest].join('\n')
    }).join('\n\n'),
    suiteBh: linesOfBh(Bh).join('\n'),
    time: linesOfTime(time).join('\n'),
  }
  const text = template.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => parts[name])
  writeFileSync(new URL('../../docs/balancing.md', import.meta.url), text)
  writeFileSync(new URL('../../docs/balancing.svg', import.meta.url), plotOf(B[0]))
}

function plotOf({ name, limits, bounds, results }) {
  const drawn = PLOTTED.map(([rule, colour]) => {
    const { met } = results.find((result) => result.name === rule)
    return { name: rule, colour, points: limits.map((limitA, k) => [limitA, met[k]]) }
  })
  const bound = limits.map((limitA) => [limitA, bounds[limitA]])
  return lineChart({
    title: `Demand met, ${name}`,
    xName: 'limit, A per phase',
    yName: '% of the energy asked for',
    lines: [
      { name: 'bound (knows the future)', colour: BOUND_COLOUR, dash: '5 4', points: bound },
      ...drawn,
    ],
  })
}
