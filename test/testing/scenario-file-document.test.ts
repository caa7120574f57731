/** The document on scenario files and its examples, against what the program does. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { z } from 'zod'
import { runProgram } from '../../src/cli/program.js'
import { behaviourSchema } from '../../src/testing/scenario-file/behaviour-keys.js'
import { scenarioJsonSchema } from '../../src/testing/scenario-file/schema.js'
import { INVARIANTS } from '../../src/testing/simulation/result.js'
import { recordedIo } from '../cli/recorded-io.js'
import { behaviourRows, keyRows, tableLine } from './key-table.js'

const FOLDER = 'docs/examples/scenarios'
const DOCUMENT = readFileSync('docs/simulation.md', 'utf8')
const behaviours = new Set(Object.keys(behaviourSchema.shape))

for (const name of readdirSync(FOLDER).toSorted()) {
  test(`the example ${name} is right, runs and shows what it promises`, async (t) => {
    const text = readFileSync(join(FOLDER, name), 'utf8')
    const io = recordedIo()
    // The day is long; its morning says whether it is right.
    const hours = name === 'demo-day.yaml' ? ['--hours', '1'] : []
    const code = await runProgram(['simulate', join(FOLDER, name), '--no-timeline', ...hours], io)
    t.equal(code, 0, [...io.stderr, ...io.stdout].join('\n'))
    t.match(text, /^# /, 'it begins with what it shows')
  })
}

test('the table of keys is that of the schema', async (t) => {
  const rows = keyRows(scenarioJsonSchema(), behaviours).map(tableLine)
  t.ok(rows.length > 80, 'the keys were found')
  t.same(tableOf('keys'), rows)
})

test('the table of behaviours is that of the schema', async (t) => {
  const rows = behaviourRows(z.toJSONSchema(behaviourSchema, { io: 'input' })).map(tableLine)
  t.same(tableOf('behaviours'), rows)
})

test('every invariant is explained', async (t) => {
  for (const invariant of INVARIANTS) t.match(DOCUMENT, `| \`${invariant}\``)
})

test('the scenario that is shown is the one that runs', async (t) => {
  const [, name = ''] = /<!-- scenario: (\S+) -->/.exec(DOCUMENT) ?? []
  t.equal(
    afterMark(`scenario: ${name}`, '```yaml\n', '```'),
    readFileSync(join(FOLDER, name), 'utf8'),
  )
})

test('every option of the document is one', async (t) => {
  const io = recordedIo()
  await runProgram(['simulate', '--help'], io)
  for (const [option] of DOCUMENT.matchAll(/--[a-z][a-z-]*/g)) {
    t.match(io.stdout.join('\n'), option)
  }
})

/** Spaces in tables are for the eye. */
function tableOf(mark: string): readonly string[] {
  return afterMark(mark, '\n| ', '\n\n')
    .split('\n')
    .slice(2)
    .map((line) => line.replaceAll(/ +\|/g, ' |').replaceAll(/\| +/g, '| ').trim())
}

function afterMark(mark: string, from: string, to: string): string {
  const rest = DOCUMENT.slice(DOCUMENT.indexOf(`<!-- ${mark} -->`))
  const begin = rest.indexOf(from) + from.length
  return rest.slice(begin, rest.indexOf(to, begin))
}
