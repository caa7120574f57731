/**
 * `npm run bench:balance`: the product's allocation against published rules, on published sessions.
 * Prints tables and writes docs/balancing.md and docs/balancing.svg, when all of it was run.
 */
import { parseArgs } from 'node:util'
import { machine } from '../machine.js'
import { writeDocument } from './document.js'
import { passTime } from './pass-time.js'
import { suiteA } from './suite-a.js'
import { suiteB } from './suite-b.js'
import { LONGEST_DAYS, suiteBh } from './suite-bh.js'
import { linesOfA, linesOfB, linesOfBh, linesOfTime } from './tables.js'

const PARTS = {
  A: { run: suiteA, lines: linesOfA },
  B: { run: suiteB, lines: linesOfB },
  Bh: { run: suiteBh, lines: linesOfBh },
  time: { run: passTime, lines: linesOfTime },
}
const USAGE = `usage: node bench/balance/run.js [options]
  --only PART[,PART]   of ${Object.keys(PARTS).join(', ')}; default all
  --quick              fewer capacities, one set of sessions, small depots; writes nothing
  --days N             of part Bh, 1 to ${LONGEST_DAYS}; default 3
  --jobs N             of part Bh, days at once; default 1`

const MOST_JOBS = 16

const options = readOptions()
const results = {}
for (const name of options.only) {
  const startedMs = performance.now()
  results[name] = await PARTS[name].run(options)
  console.log(PARTS[name].lines(results[name]).join('\n'))
  console.log(`(${((performance.now() - startedMs) / 1000).toFixed(0)} s)\n`)
}
if (!options.quick && options.only.length === Object.keys(PARTS).length) {
  writeDocument(results, machine())
  console.log('written: docs/balancing.md, docs/balancing.svg')
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: Object.keys(PARTS).join(',') },
        quick: { type: 'boolean', default: false },
        days: { type: 'string' },
        jobs: { type: 'string' },
      },
    })
    const days = numberOf('--days', values.days, LONGEST_DAYS)
    const jobs = numberOf('--jobs', values.jobs, MOST_JOBS)
    const chosen = values.only.split(',')
    const unknown = chosen.find((name) => !Object.hasOwn(PARTS, name))
    if (unknown !== undefined) throw new Error(`there is no part "${unknown}"`)
    return { only: chosen, quick: values.quick, days, jobs }
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`)
    process.exit(2)
  }
}

function numberOf(name, text, most) {
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new Error(`${name} must be a whole number from 1 to ${most}, not "${text}"`)
}
