import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { test } from 'tap'
import { parse } from 'yaml'
import { readFileSync, readdirSync } from 'node:fs'
import { runProgram } from '../../src/cli/program.js'
import { settingsFor } from '../../src/cli/settings-for.js'
import { recordedIo } from './recorded-io.js'

async function ran(
  ...args: string[]
): Promise<{ code: number; stdout: readonly string[]; stderr: readonly string[] }> {
  const io = recordedIo()
  const code = await runProgram(args, io)
  return { code, stdout: io.stdout, stderr: io.stderr }
}

for (const args of [
  [],
  ['fly'],
  ['check', '--colour'],
  ['check', 'config/minimal.yaml'],
  ['check', '--config'],
  ['run', '--port', '65536'],
  ['run', '--port', '0x50'],
  ['run', '--port', '-1'],
  ['run', '--host', ''],
  ['demo', '--check', '0'],
  ['demo', '--seed', '1.5'],
  ['cp', '--action', 'Heartbeat'],
]) {
  test(`bad usage ends with 2 and says so: yardmaster ${args.join(' ')}`, async (t) => {
    const { code, stdout, stderr } = await ran(...args)
    t.equal(code, 2)
    t.same(stdout, [])
    t.not(stderr.join(''), '')
  })
}

test('help and version are what was asked for: stdout, exit code 0', async (t) => {
  const help = await ran('--help')
  t.equal(help.code, 0)
  t.match(help.stdout.join('\n'), /run .*check .*demo .*cp .*2 bad usage or bad configuration/s)
  const version = await ran('--version')
  t.equal(version.code, 0)
  t.match(version.stdout, [/^\d+\.\d+\.\d+/])
})

test('check says what a right file holds', async (t) => {
  const { code, stdout, stderr } = await ran('check', '--config', 'config/example.yaml')
  t.equal(code, 0)
  t.same(stderr, [])
  t.same(stdout, [
    'config/example.yaml: ok',
    '  site         Depot Nord (depot-nord), times in Europe/Berlin',
    '  fuse         63 A per phase',
    '  contract     40 kW',
    '  listens on   http://0.0.0.0:8000',
    '  constraints  3, of them 2 charge groups',
    '  chargers     6 with 6 EVSEs, 88 kW',
    '  fallback     without the controller 4 of 6 EVSEs go on, at most 6 A each',
    '  id tags      3',
    '  meter        grid at the whole site, 10.20.0.5:502 unit 1',
    '  limit source grid-operator at the whole site, 10.20.0.6:502 unit 1, 45 A after 120 s of silence',
    '  mqtt         mqtts://broker.example.com:8883, commands lower-only',
  ])
})

test('the arithmetic in the comments of the other examples is that of check', async (t) => {
  const minimal = await ran('check', '--config', 'config/minimal.yaml')
  t.match(minimal.stdout.join('\n'), /without the controller 3 of 3 EVSEs go on, at most 6 A each/)
  const dimmed = await ran('check', '--config', 'config/section-14a.yaml')
  t.match(dimmed.stdout.join('\n'), /without the controller 4 of 6 EVSEs go on, at most 6 A each/)
})

test('check prints every problem of a wrong file and ends with 2', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'yardmaster-check-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'config.yaml')
  await writeFile(file, 'site: {fuse_kw: 63}\nhttp: {port: 0}\n')
  const { code, stdout, stderr } = await ran('check', '--config', file)
  t.equal(code, 2)
  t.same(stdout, [])
  t.same(stderr, [
    `${file}:1:8 site.fuse_kw: unknown key; did you mean "fuse_a" (in amperes)?`,
    `${file}:2:14 http.port: must be at least 1, got 0`,
    `${file}: 2 problems`,
  ])
})

test('a named file that is not there is bad usage, for check and for run', async (t) => {
  const { code, stderr } = await ran('check', '--config', '/nowhere.yaml')
  t.equal(code, 2)
  t.match(stderr[0], /^\/nowhere\.yaml:1:1: the configuration cannot be read: ENOENT/)
  const io = recordedIo()
  t.equal(await settingsFor({ config: '/nowhere.yaml' }, io), undefined)
  t.match(io.stderr, [/ENOENT/])
})

test('the command line goes over the file', async (t) => {
  const io = recordedIo()
  const config = 'config/minimal.yaml'
  const asFile = await settingsFor({ config }, io)
  t.match(asFile?.http, { host: '0.0.0.0', port: 8000 })
  const over = await settingsFor({ config, host: '127.0.0.1', port: 0 }, io)
  t.match(over?.http, { host: '127.0.0.1', port: 0, loopbackTrust: true })
  t.equal(over?.site.fuseA, 35)
})

test('check --schema prints a JSON Schema that takes every example and refuses a slip', async (t) => {
  const { code, stdout } = await ran('check', '--schema')
  t.equal(code, 0)
  const schema: unknown = JSON.parse(stdout.join('\n'))
  t.ok(typeof schema === 'object' && schema !== null)
  if (typeof schema !== 'object' || schema === null) return
  const validate = new Ajv2020({ strict: false }).compile(schema)
  for (const name of readdirSync('config')) {
    t.ok(validate(parse(readFileSync(join('config', name), 'utf8'))), name)
    t.same(validate.errors, null, name)
  }
  t.notOk(validate({ site: { fuse_kw: 63 } }))
  t.ok(validate({}), 'nothing in it is required')
})

test('the built program ends with the exit code of its command', async (t) => {
  const yardmaster = (...args: string[]): { code: number | null; stdout: string } => {
    const { status, stdout } = spawnSync(process.execPath, ['dist/main.js', ...args], {
      encoding: 'utf8',
    })
    return { code: status, stdout }
  }
  t.match(yardmaster('--version'), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ })
  t.match(yardmaster('check', '--config', '/nowhere.yaml'), { code: 2, stdout: '' })
})
