/** The command line of the benchmark. Bad usage ends the process with exit code 2. */
import { parseArgs } from 'node:util'

const USAGE = (parts) => `usage: node bench/run.js [options]
  --only PART[,PART]   of ${parts.join(', ')}; default all
  --pairs N            pairs of controller and bare server in "calls", default 2
  --warm-up-s S        before each measurement of "calls", default 2.5
  --measured-s S       length of each measurement of "calls", default 6
  --json               print the result as one JSON line, too`

export function readOptions(parts) {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: parts.join(',') },
        pairs: { type: 'string', default: '2' },
        'warm-up-s': { type: 'string', default: '2.5' },
        'measured-s': { type: 'string', default: '6' },
        json: { type: 'boolean', default: false },
      },
    })
    const chosen = values.only.split(',')
    const unknown = chosen.find((part) => !parts.includes(part))
    if (unknown !== undefined) throw new Error(`there is no part "${unknown}"`)
    return {
      parts: chosen,
      pairs: within('--pairs', values.pairs, 1, 20),
      warmUpMs: 1000 * within('--warm-up-s', values['warm-up-s'], 0, 60),
      measuredMs: 1000 * within('--measured-s', values['measured-s'], 1, 60),
      json: values.json,
    }
  } catch (error) {
    console.error(`${error.message}\n${USAGE(parts)}`)
    process.exit(2)
  }
}

function within(name, text, from, to) {
  const value = Number(text)
  if (value >= from && value <= to) return value
  throw new Error(`${name} must be a number from ${from} to ${to}, got "${text}"`)
}
