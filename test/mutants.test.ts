/** The simulator is tested itself: of the mistakes planted in the controller it finds the quickest here. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { t as file, test } from 'tap'
import type { Test } from 'tap'

const COMMAND = fileURLToPath(new URL('../scripts/test-mutants.js', import.meta.url))

/** Seconds on a machine of its own; a busy one must not fail it. */
file.setTimeout(300_000)

interface Outcome {
  readonly code: unknown
  readonly results: readonly Readonly<Record<string, unknown>>[]
  readonly errors: string
}

/** In plain Node, as `npm run test:mutants` does: coverage would make it slow. */
async function testMutants(...args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [COMMAND, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  })
  const [[code], out, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ])
  const lines = out.split('\n').filter((line) => line !== '')
  return { code, results: lines.map(asRecord), errors }
}

function asRecord(line: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(line)
  if (typeof value !== 'object' || value === null) throw new Error(`not a result: ${line}`)
  return { ...value }
}

async function aFolderWith(t: Test, mutation: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yardmaster-mutations-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'one.mutation'), mutation.join('\n'))
  return folder
}

/** By invariant: each on a seed of little more than a charger-hour. */
const QUICKEST = {
  sanity: { name: 'two-calls-at-once', seed: 63 },
  offers: { name: 'profile-without-end', seed: 63 },
  durability: { name: 'transaction-id-reused', seed: 1 },
  limit: { name: 'fallback-not-after-boot', seed: 63 },
  transactions: { name: 'start-repeated-twice', seed: 63 },
} as const

test('the quickest mistakes are found on a seed that the controller passes', async (t) => {
  const asked = Object.values(QUICKEST).map(({ name, seed }) => `${name}@${seed}`)
  const { code, results, errors } = await testMutants(...asked)
  t.equal(code, 0, errors)
  for (const [invariant, { name, seed }] of Object.entries(QUICKEST)) {
    const result = results.find((one) => one['name'] === name)
    t.match(result?.['found'], { seed, invariant }, name)
    t.same(result?.['skippedSeeds'], [], `${name}: the original passes`)
  }
})

test('a mutation that does not fit its source any more stops the run', async (t) => {
  const folder = await aFolderWith(t, [
    'A line that nobody wrote',
    '',
    'src/core/load.ts',
    '- this was never there',
    '+ nor this',
  ])
  const { code, results, errors } = await testMutants('--from', folder)
  t.equal(code, 2)
  t.same(results, [])
  t.match(errors, '"this was never there" is 0 times in src/core/load.ts')
})

test('a mutation of the judge is none of the controller, and stops the run', async (t) => {
  const folder = await aFolderWith(t, [
    'The judge looks away',
    '',
    'src/testing/simulation/verdicts.ts',
    '- return',
  ])
  const { code, errors } = await testMutants('--from', folder)
  t.equal(code, 2)
  t.match(errors, 'is not a source file of the controller')
})

test('a change that is no mistake is not found', async (t) => {
  const folder = await aFolderWith(t, [
    'Zero plus one is one',
    '',
    'src/core/load.ts',
    '- return [0, 0, 0, 0]',
    '+ return [0 + 0, 0, 0, 0]',
  ])
  const { code, results } = await testMutants('--from', folder, 'one@63')
  t.equal(code, 1)
  t.equal(results[0]?.['name'], 'one')
  t.notOk(results[0]?.['found'])
  t.notOk(results[0]?.['failure'])
})
