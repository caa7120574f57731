import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { z } from 'zod'
import { runProgram } from '../../src/cli/program.js'
import { recordedIo } from './recorded-io.js'

interface Ran {
  readonly code: number
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

interface Scope {
  teardown(run: () => Promise<void>): void
}

async function simulated(...args: string[]): Promise<Ran> {
  const io = recordedIo()
  // A thread of its own compiles the sources anew: only who asks for some gets them.
  const isSerial = args.includes('--seeds') && !args.includes('--jobs')
  const code = await runProgram(['simulate', ...args, ...(isSerial ? ['--jobs', '1'] : [])], io)
  return { code, stdout: io.stdout, stderr: io.stderr }
}

const TWO_CARS = `name: two cars
duration: 6m
start: 2026-03-02T08:00
site: { chargers: 2, limit_a: 30, meter: false, timezone: Europe/Berlin }
limits:
  - { at: 0s, limit_a: 30 }
  - { at: 08:04, limit_a: 20 }
cars:
  arrivals:
    - { at: 20s, charger: CP001, energy_kwh: 20, max_current_a: 32 }
    - { at: 30s, charger: CP002, energy_kwh: 20, max_current_a: 32, leaves_at: 5m }
faults:
  - { at: 2m, reset_connection: CP002 }
`

const RANDOM = `duration: 10m
quiet: 4m
site: { chargers: 3, limit_a: 30 }
base_load: { low_a: 1, high_a: 6 }
cars: { traffic: { gap: [5s, 1m], stay: [2m, 20m] } }
random_faults: { per_hour: 120, of: [cut, reset_connection, reject, reboot] }
`

async function scenarioFile(t: Scope, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'yardmaster-simulate-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'scenario.yaml')
  await writeFile(file, text)
  return file
}

test('a run is told as it went, with a verdict for each invariant', async (t) => {
  const file = await scenarioFile(t, TWO_CARS)
  const { code, stdout, stderr } = await simulated(file)
  t.equal(code, 0)
  t.same(stderr, [])
  t.equal(stdout[0], 'two cars, seed 1: 2 chargers')
  const text = stdout.join('\n')
  t.match(text, /^08:00:00 {2}limit {4}yard: 30 A per phase/m)
  t.match(text, /^08:00:2\d {2}charging CP001 starts \(CAR1\)$/m)
  t.match(
    text,
    /^08:00:\d\d {2}offer {4}CP002: .*15 A \(limited by Yard on L1: 30 A \(configured limit\)\)$/m,
  )
  t.match(text, /^08:02:00 {2}fault {4}reset_connection: CP002$/m)
  t.match(text, /^08:04:00 {2}limit {4}yard: 20 A per phase/m)
  t.match(text, /^08:04:0\d {2}offer {4}CP00\d, CP00\d: 15 A -> 10 A \(limited by Yard/m)
  t.match(text, /^08:05:00 {2}charging CP002 stops \(CAR2\)$/m)
  for (const invariant of ['limit', 'raise', 'offers', 'transactions', 'sanity']) {
    t.match(text, new RegExp(`^${invariant} +holds, checked `, 'm'))
  }
  t.match(text, /^reactions +\d+: half within 0\.\d+ s/m)
  t.match(text, /^recovery +not looked at in this run$/m)
  t.match(text, /^simulated +0\.2 charger-hours/m)
  t.equal(stdout.at(-1), 'PASS')
})

test('the same scenario is told in the same words again, another seed in others', async (t) => {
  const file = await scenarioFile(t, RANDOM)
  const told = async (seed: string): Promise<readonly string[]> => {
    const { stdout } = await simulated(file, '--seed', seed)
    return stdout.filter((line) => !line.startsWith('simulated'))
  }
  const first = await told('3')
  t.same(await told('3'), first)
  t.notSame(await told('4'), first)
})

test('an expectation that is not met fails the run and names its line', async (t) => {
  const file = await scenarioFile(
    t,
    `${TWO_CARS}expect:
  - { at: 08:03, charger: CP001, offer_a: 15, reason: limited by Yard }
  - { at: 08:03, charger: CP001, offer_a: 16.5 }
  - { from: 08:01, to: 08:03, node: yard, max_a: 30, min_a: 28 }
  - { node: yard, max_a: 20 }
  - { at: 08:03, charger: CP002, connected: false }
  - { charger: CP001, charged_kwh: 5 }
  - { min_transactions: 3 }
  - { at: 08:03, charger: CP001, transaction: true, status: Charging }
  - { at: 08:03, charger: CP001, transaction: false }
  - { at: 08:03, charger: CP001, status: SuspendedEV }
`,
  )
  const { code, stdout } = await simulated(file, '--no-timeline')
  t.equal(code, 1)
  t.same(
    stdout.filter((line) => line.startsWith(file)),
    [
      `${file}:16:5: after 3m: expected an offer of 16 A to 17 A at CP001 connector 1, found 15 A`,
      `${file}:18:5: after 21s: expected at most 20 A permitted below yard, found 24 A`,
      `${file}:19:5: after 3m: expected CP002 to be not connected, found it connected`,
      `${file}:20:5: expected 5 kWh charged at CP001, found ${charged(stdout)} kWh`,
      `${file}:21:5: expected at least 3 transactions, found 2`,
      `${file}:23:5: after 3m: expected no transaction at CP001 connector 1, found a transaction`,
      `${file}:24:5: after 3m: expected the status SuspendedEV at CP001 connector 1, found Charging`,
    ],
  )
  t.match(stdout.join('\n'), /^expectations +3 of 10 met$/m)
  t.match(stdout.join('\n'), /^FAIL$/m)
  t.match(stdout.join('\n'), `repeat it: yardmaster simulate ${file} --seed 1`)
})

test('--json gives one object an event on stdout and the summary last', async (t) => {
  const file = await scenarioFile(t, TWO_CARS)
  const { code, stdout, stderr } = await simulated(file, '--json')
  t.equal(code, 0)
  t.same(stderr, [])
  const event = z.looseObject({ type: z.string(), at_ms: z.number().optional() })
  const events = stdout.map((line) => event.parse(JSON.parse(line)))
  t.match(
    events.find(({ type }) => type === 'fault'),
    { at_ms: 120_000, fault: { type: 'resetConnection', charger: 'CP002' } },
  )
  const offers = events.filter(({ type }) => type === 'offer')
  t.ok(offers.some((one) => one['limit_a'] === 10 && /Yard/.test(String(one['reason']))))
  t.match(events.at(-1), {
    type: 'summary',
    ok: true,
    seed: '1',
    simulated_ms: 360_000,
    residuals: [],
    failed_expectations: [],
    trace_hash: /^[0-9a-f]{8,}$/,
  })
  t.equal(events.filter(({ type }) => type === 'summary').length, 1)
})

test('--seeds runs one line each and the total, --hours shortens each', async (t) => {
  const file = await scenarioFile(t, RANDOM)
  const { code, stdout } = await simulated(file, '--seeds', '5..6', '--hours', '0.1')
  t.equal(code, 0, stdout.join('\n'))
  t.match(stdout, [
    /^seed 5 {2}ok {2}0\.3 charger-hours in .* s, .*trace [0-9a-f]+$/,
    /^seed 6 {2}ok {2}0\.3 charger-hours/,
    /^total: 2 runs, 0\.6 charger-hours, no violation, (99% of \d+ reactions within [\d.]+ s, )?residual \d+ A·s$/,
  ])
})

test('seeds stop at the first that fails and tell how to repeat it, or keep going', async (t) => {
  const file = await scenarioFile(t, `${RANDOM}expect: [{ at: 0s, node: yard, min_a: 1 }]\n`)
  const stopped = await simulated(file, '--seeds', '1..3', '--hours', '0.1')
  t.equal(stopped.code, 1)
  t.match(stopped.stdout[0], /^seed 1 {2}FAIL/)
  t.match(stopped.stdout.join('\n'), `repeat it: yardmaster simulate ${file} --hours 0.1 --seed 1`)
  t.match(stopped.stdout.at(-1), /^total: 1 run, .* seeds that failed: 1,/)
  const all = await simulated(file, '--seeds', '1..2', '--hours', '0.1', '--keep-going')
  t.equal(all.code, 1)
  t.match(all.stdout.at(-1), /^total: 2 runs, .* seeds that failed: 1, 2,/)
})

test('two jobs tell what one tells, in the order of the seeds, and leave the same state', async (t) => {
  const file = await scenarioFile(t, `${RANDOM}expect: [{ at: 0s, node: yard, min_a: 1 }]\n`)
  const told = async (jobs: string): Promise<object> => {
    const state = `${file}.${jobs}.json`
    const options = ['--hours', '0.1', '--keep-going', '--jobs', jobs, '--state', state]
    const { code, stdout } = await simulated(file, '--seeds', '1..5', ...options)
    const lines = stdout.map((line) => line.replace(/ in [\d.]+ s,/, ' in some s,'))
    return { code, lines, state: await readFile(state, 'utf8') }
  }
  const one = await told('1')
  t.match(one, {
    code: 1,
    lines: [/^seed 1 {2}FAIL .* in some s, .*trace/, /VIOLATION|expected|:/],
  })
  t.same(await told('2'), one)
})

test('a state file sums over runs and goes on with the next seed, for the same scenario only', async (t) => {
  const file = await scenarioFile(t, RANDOM)
  const state = `${file}.state.json`
  const first = await simulated(file, '--seeds', '1..2', '--hours', '0.1', '--state', state)
  t.equal(first.code, 0, first.stdout.join('\n'))
  const second = await simulated(file, '--seeds', '1..3', '--hours', '0.1', '--state', state)
  t.match(second.stdout[0], /: 2 runs, 0\.6 charger-hours, no violation.*goes on with seed 3$/)
  t.match(second.stdout[1], /^seed 3 /)
  t.match(second.stdout.at(-1), /^total: 3 runs, 0\.9 charger-hours/)
  t.match(JSON.parse(await readFile(state, 'utf8')), { runs: 3, next_seed: 4, failed_seeds: [] })

  const otherHours = await simulated(file, '--seeds', '4..4', '--state', state)
  t.equal(otherHours.code, 2)
  t.match(otherHours.stderr, [/sums up runs of another --hours \(0\.1, this is not stated\)/])
  await writeFile(file, `${RANDOM}# changed\n`)
  const other = await simulated(file, '--seeds', '4..4', '--hours', '0.1', '--state', state)
  t.equal(other.code, 2)
  t.match(other.stderr, [/sums up runs of another scenario.*: name another file, or remove/])
  await writeFile(state, '{"runs": 1}')
  const broken = await simulated(file, '--seeds', '4..4', '--state', state)
  t.match(broken, {
    code: 2,
    stderr: [`yardmaster simulate: ${state} is no state of a simulation`],
  })
})

test('a state of other code is not added to', async (t) => {
  const file = await scenarioFile(t, RANDOM)
  const state = `${file}.state.json`
  await simulated(file, '--seeds', '1..1', '--hours', '0.05', '--state', state)
  const text = await readFile(state, 'utf8')
  await writeFile(state, text.replace(/"program": "[^"]*"/, '"program": "older"'))
  const { code, stderr } = await simulated(
    file,
    '--seeds',
    '2..2',
    '--hours',
    '0.05',
    '--state',
    state,
  )
  t.equal(code, 2)
  t.match(stderr, [
    /sums up runs of another build of the program \(older, this is .+\): name another/,
  ])
})

test('a picture tells each hour as a bar with figures', async (t) => {
  const file = await scenarioFile(t, TWO_CARS)
  const { code, stdout } = await simulated(file, '--picture')
  t.equal(code, 0)
  t.match(stdout[1], /^hour +limit +base +0 +30 A +charging waiting full +kWh$/)
  t.match(stdout[2], /^08:00 +20 A +0 A +█+\| +1 +0 +0 +\d\.\d$/)
  t.equal(stdout[3], '  08:02 reset_connection: CP002')
  t.match(stdout[4], /kWh in all$/)
})

test('nothing is coloured unless a terminal shows it and NO_COLOR is not set', async (t) => {
  const file = await scenarioFile(t, 'duration: 1m\nsite: { chargers: 1 }\n')
  for (const [isTerminal, env, coloured] of [
    [false, {}, false],
    [true, {}, true],
    [true, { NO_COLOR: '1' }, false],
  ] as const) {
    const io = { ...recordedIo(), isTerminal, env }
    await runProgram(['simulate', file], io)
    t.equal(io.stdout.join('').includes('\u001B['), coloured)
  }
})

test('a wrong file is bad usage, every problem with its place', async (t) => {
  const file = await scenarioFile(t, 'duration: 5\nsite: { chargers: 3, charger: 3 }\n')
  const { code, stdout, stderr } = await simulated(file)
  t.equal(code, 2)
  t.same(stdout, [])
  t.same(stderr, [
    `${file}:1:11 duration: must be a duration such as 90s, 15m, 2h or 1h30m, got 5`,
    `${file}:2:22 site.charger: unknown key; did you mean "chargers"?`,
    `${file}: 2 problems`,
  ])
  t.match(await simulated('/nowhere.yaml'), { code: 2, stderr: [/cannot be read: ENOENT/] })
})

for (const args of [
  [],
  ['a.yaml', '--random'],
  ['a.yaml', '--seed', '1', '--seeds', '1..2'],
  ['a.yaml', '--seeds', '5'],
  ['a.yaml', '--seeds', '5..1'],
  ['a.yaml', '--hours', '0'],
  ['a.yaml', '--keep-going'],
  ['a.yaml', '--state', 's.json'],
  ['a.yaml', '--jobs', '2'],
  ['a.yaml', '--seeds', '1..2', '--jobs', '0'],
  ['--demo-day', '--json'],
]) {
  test(`bad usage ends with 2 and says so: simulate ${args.join(' ')}`, async (t) => {
    const { code, stdout, stderr } = await simulated(...args)
    t.equal(code, 2)
    t.same(stdout, [])
    t.not(stderr.join(''), '')
  })
}

test('a random depot is simulated from its seed alone', async (t) => {
  const args = ['--random', '--seed', '2', '--hours', '0.05', '--json', '--no-timeline']
  const trace = z.object({ type: z.literal('summary'), trace_hash: z.string() })
  const hashes: string[] = []
  for (let time = 1; time <= 2; time += 1) {
    const { stdout } = await simulated(...args)
    hashes.push(trace.parse(JSON.parse(stdout.at(-1) ?? '')).trace_hash)
  }
  t.equal(hashes[0], hashes[1])
})

function charged(lines: readonly string[]): string {
  return /charged at CP001, found ([\d.]+) kWh/.exec(lines.join('\n'))?.[1] ?? 'nothing'
}
