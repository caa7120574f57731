/** The key that was probably meant: a slip of the pen, another unit, or another section. */
import { configJsonSchema } from './json-schema.js'
import type { JsonSchema } from './json-schema.js'
import type { Path } from './problem.js'
import { keysAt, sectionOf } from './schema-keys.js'

/** What to say about the last key of `path`, which the file `root` describes does not know. */
export function unknownKey(path: Path, root: JsonSchema = configJsonSchema()): string {
  const key = String(path.at(-1))
  const here = keysAt(root, path.slice(0, -1))
  const meant = here.find((known) => stem(known) === stem(key)) ?? nearest(key, here)
  if (meant !== undefined) return `unknown key; did you mean "${meant}"${inUnit(meant)}?`
  const section = sectionOf(root, key)
  if (section) return `unknown key here; it belongs ${sectionText(section)}`
  const unit = unitOf(key)
  const sameUnit = unit === undefined ? [] : here.filter((known) => unitOf(known) === unit)
  if (sameUnit.length > 0) return `unknown key; did you mean ${sameUnit.join(' or ')}?`
  return here.length === 0 ? 'unknown key' : `unknown key; expected one of ${here.join(', ')}`
}

/** How people write the units that keys end with. */
const UNITS: Readonly<Record<string, readonly string[]>> = {
  a: ['a', 'amp', 'amps', 'ampere', 'amperes'],
  kw: ['kw', 'kilowatt', 'kilowatts', 'kva'],
  w: ['w', 'watt', 'watts', 'va'],
  wh: ['wh', 'kwh'],
  v: ['v', 'volt', 'volts'],
  s: ['s', 'sec', 'secs', 'second', 'seconds', 'min', 'mins', 'minute', 'minutes', 'h', 'hours'],
  ms: ['ms', 'millis', 'milliseconds'],
}

const UNIT_NAMES: Readonly<Record<string, string>> = {
  a: 'amperes',
  kw: 'kilowatts',
  w: 'watts',
  wh: 'watt-hours',
  v: 'volts',
  s: 'seconds',
  ms: 'milliseconds',
}

function inUnit(key: string): string {
  const name = UNIT_NAMES[unitOf(key) ?? '']
  return name === undefined ? '' : ` (in ${name})`
}

function unitOf(key: string): string | undefined {
  const last = wordsOf(key).at(-1) ?? ''
  return Object.keys(UNITS).find((unit) => UNITS[unit]?.includes(last))
}

/** The key without its unit, however it is written: `fuseAmps`, `fuse-kw`, `fuse` are one. */
function stem(key: string): string {
  const all = wordsOf(key)
  return (unitOf(key) === undefined ? all : all.slice(0, -1)).join('')
}

function wordsOf(key: string): string[] {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_\-\s.]+/)
    .filter((word) => word !== '')
}

function nearest(key: string, known: readonly string[]): string | undefined {
  const folded = key.toLowerCase()
  let best: string | undefined
  // Short keys differ by one or two letters, long ones by up to three.
  let distance = Math.min(3, Math.ceil(key.length / 3)) + 1
  for (const candidate of known) {
    const edits = editDistance(folded, candidate, distance)
    if (edits >= distance) continue
    best = candidate
    distance = edits
  }
  if (best !== undefined || folded.length < 3) return best
  return known.find((candidate) => candidate.startsWith(folded) || folded.startsWith(candidate))
}

/** Levenshtein distance; `limit` or more is reported as `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1])
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return Math.min(limit, row[b.length] ?? limit)
}

function sectionText(section: readonly string[]): string {
  return section.length === 0 ? 'at the top of the file' : `in "${section.join('.')}"`
}
