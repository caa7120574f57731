// Tests the simulator: plants one mistake after the other in the controller (test/mutants) and lets
// the simulation look for it, by random scenarios of growing seeds. Each must be found.
//
//   node scripts/test-mutants.js [options] [NAME | NAME@SEED ...]
//
// NAME@SEED runs that seed alone. --json: one object for each. --hours N: charger-hours, not 2000.
// --jobs N: so many at a time, not one for each processor. --from FOLDER: of the mutations.
// Exit codes: 0 all found, 1 one was not, 2 a mutation does not fit its source: then nothing runs.
import { readdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { hunt, originalVerdicts } from '../test/mutants/harness/hunt.js'
import { MutationError, parseMutation } from '../test/mutants/harness/mutation.js'
import { planted, readSources, sourceTrees } from '../test/mutants/harness/trees.js'

const EXTENSION = '.mutation'
/** Each must be found within so many charger-hours. */
const CHARGER_HOURS = '2000'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    hours: { type: 'string', default: CHARGER_HOURS },
    jobs: { type: 'string', default: String(availableParallelism()) },
    from: { type: 'string', default: fileURLToPath(new URL('../test/mutants', import.meta.url)) },
  },
})
process.exitCode = await main(positionals.map(wantedOf))

async function main(wanted) {
  const sources = await readSources()
  const asked = await mutations(wanted, sources)
  if (!asked) return 2
  const trees = await sourceTrees(sources)
  const verdicts = originalVerdicts()
  const maxChargerHours = Number(values.hours)
  const results = []
  const waiting = [...asked]
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { mutation, seed } = next
      const seeds = seed === undefined ? numbersFrom(1) : [seed]
      const result = await hunt({ mutation, trees, verdicts, seeds, maxChargerHours })
      results.push(result)
      console.log(values.json ? JSON.stringify(result) : textOf(result))
    }
  }
  try {
    await Promise.all(Array.from({ length: Number(values.jobs) }, worker))
  } finally {
    await trees.remove()
  }
  if (!values.json) console.log(summaryOf(results))
  return results.every(({ found }) => found) ? 0 : 1
}

/** Undefined when one does not fit its source: all such are told. */
async function mutations(wanted, sources) {
  const known = (await readdir(values.from))
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
  const asked = wanted.length > 0 ? wanted : known.toSorted().map((name) => ({ name }))
  const fitting = []
  let isWhole = true
  for (const { name, seed } of asked) {
    try {
      const file = join(values.from, `${name}${EXTENSION}`)
      if (!known.includes(name)) throw new MutationError(`there is no ${file}`)
      const mutation = parseMutation(name, await readFile(file, 'utf8'))
      planted(mutation, sources)
      fitting.push({ mutation, seed })
    } catch (error) {
      if (!(error instanceof MutationError)) throw error
      console.error(error.message)
      isWhole = false
    }
  }
  return isWhole ? fitting : undefined
}

function wantedOf(argument) {
  const [name, seed] = argument.split('@')
  return { name, ...(seed !== undefined && { seed: Number(seed) }) }
}

function* numbersFrom(first) {
  for (let number = first; ; number += 1) yield number
}

function textOf({ name, title, found, failure, chargerHours, seconds, skippedSeeds }) {
  const skipped = skippedSeeds.length > 0 ? `, skipped seeds ${skippedSeeds.join(', ')}` : ''
  const effort = `${rounded(chargerHours)} charger-hours, ${rounded(seconds)} s${skipped}`
  const why = failure === undefined ? '' : `: ${failure}`
  if (!found) return `NOT FOUND  ${name} (${title}): ${effort}${why}`
  const { invariant, seed, where, what } = found
  return `found      ${name} (${title})\n           by ${invariant}, seed ${seed}, ${effort}: ${where}: ${what}`
}

function summaryOf(results) {
  const found = results.filter((result) => result.found)
  const skipped = new Set(results.flatMap(({ skippedSeeds }) => skippedSeeds))
  const most = Math.max(...found.map(({ chargerHours }) => chargerHours), 0)
  const ownFaults =
    skipped.size === 0
      ? 'the original breaks nothing on the seeds that find them'
      : `seeds on which the original fails too count for nothing: ${[...skipped].join(', ')}`
  return `${found.length} of ${results.length} found, each within ${rounded(most)} charger-hours; ${ownFaults}`
}

function rounded(value) {
  return value >= 100 ? Math.round(value) : Math.round(value * 10) / 10
}
