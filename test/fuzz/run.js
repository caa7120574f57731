// Gives everything that a peer or a person can send to the program in a million wrong forms, and
// checks that nothing breaks, grows, or touches what is not the sender's. Needs `dist`.
//
//   node test/fuzz/run.js [--cases N] [--seed N] [--only PART,PART] [--from N]
//
// Each case comes from the seed and its number alone: a failure names both, and --from goes on where
// a run was ended. Exit codes: 0 nothing found, 1 something was, 2 wrong arguments.
import { parseArgs } from 'node:util'
import { FuzzFailure, runCases } from './check.js'
import { commands } from './parts/commands.js'
import { files } from './parts/files.js'
import { frames } from './parts/frames.js'
import { modbus } from './parts/modbus.js'
import { rest } from './parts/rest.js'
import { upgrades } from './parts/upgrades.js'
import { jsonPool } from './pool.js'

/** Each part and its share of the cases. */
const PARTS = {
  frames: [frames, 0.63],
  upgrades: [upgrades, 0.2],
  rest: [rest, 0.1],
  commands: [commands, 0.055],
  files: [files, 0.01],
  modbus: [modbus, 0.005],
}

process.exitCode = await main()

async function main() {
  const options = readOptions()
  if (!options) return 2
  const { seed, cases, from, only } = options
  say(`seed ${seed}, ${cases} cases`)
  const pool = jsonPool(seed)
  const share = only.reduce((sum, name) => sum + PARTS[name][1], 0)
  for (const name of only) {
    const [make, part] = PARTS[name]
    const { stop, ...checks } = await make(seed, pool)
    try {
      const count = Math.max(1, Math.round((cases * part) / share))
      say(lineOf(await runCases({ ...checks, name, seed, from, count })))
    } catch (error) {
      if (!(error instanceof FuzzFailure)) throw error
      say(error.message)
      return 1
    } finally {
      await stop()
    }
  }
  return 0
}

function say(line) {
  process.stdout.write(`${line}\n`)
}

function lineOf({ name, cases, seconds, slowestMs, slowest, heapMiB, grownMiB }) {
  return (
    `${name.padEnd(10)}${String(cases).padStart(8)} cases in ${seconds.toFixed(1)} s, ` +
    `slowest ${slowestMs.toFixed(0)} ms CPU (case ${slowest}), heap ${heapMiB.toFixed(0)} MiB, grown ${grownMiB.toFixed(1)} MiB`
  )
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        cases: { type: 'string', default: '1000000' },
        seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
        only: { type: 'string', default: Object.keys(PARTS).join(',') },
        from: { type: 'string', default: '0' },
      },
    })
    const only = values.only.split(',')
    const unknown = only.find((name) => !Object.hasOwn(PARTS, name))
    if (unknown !== undefined) {
      throw new Error(`there is no part "${unknown}": ${Object.keys(PARTS).join(', ')}`)
    }
    return {
      only,
      seed: whole('--seed', values.seed, 0),
      cases: whole('--cases', values.cases, 1),
      from: whole('--from', values.from, 0),
    }
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    return undefined
  }
}

function whole(name, text, least) {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least) return value
  throw new Error(`${name} must be a whole number from ${least}, got "${text}"`)
}
