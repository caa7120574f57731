import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  array,
  assert,
  constantFrom,
  dictionary,
  jsonValue,
  oneof,
  property,
  string,
} from 'fast-check'
import { test } from 'tap'
import { secretReader } from '../../src/config/secret.js'
import { loadSettings, parseSettings } from '../../src/config/load.js'
import { problemText } from '../../src/config/problem.js'
import { defaultSettings } from '../../src/config/settings-of.js'
import type { Settings } from '../../src/config/settings.js'
import { RIGHT, WRONG } from './wrong-files.js'

function problemsOf(text: string): string[] {
  const parsed = parseSettings(text, 'c.yaml', () => 'from a file')
  return parsed.ok ? [] : parsed.problems.map(problemText)
}

function settingsIn(text: string): Settings {
  const parsed = parseSettings(text, 'c.yaml', () => 'from a file')
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'))
  return parsed.settings
}

for (const [what, text, problems] of WRONG) {
  test(`refused with its place: ${what}`, async (t) => {
    t.same(problemsOf(text), problems)
  })
}

test('the file that the wrong ones are made from is right', async (t) => {
  t.same(problemsOf(RIGHT), [])
})

test('a file becomes settings in domain units, defaults applied', async (t) => {
  const settings = settingsIn(RIGHT)
  const register = (address: number): object => ({
    address,
    functionCode: 4,
    type: 'float32',
    wordOrder: 'big',
    scale: 1,
  })
  t.same(settings.meters, [
    {
      id: 'grid',
      constraintId: undefined,
      modbusTcp: { host: '10.0.0.5', port: 502, unitId: 1, intervalMs: 1000, timeoutMs: 1000 },
      registers: {
        currentA: [register(6), register(8), register(10)],
        powerW: undefined,
        energyWh: undefined,
      },
      worstBaseLoadA: [20, 20, 20],
      exports: true,
    },
  ])
  t.match(settings.limitSources, [
    { id: 'dso', constraintId: 'vans', unit: 'W', fallback: 12_000, holdS: 60 },
  ])
  t.equal(settings.site.fuseA, 63)
  t.equal(settings.depot?.chargers.get('van-1')?.ocppChargePointId, 'CP1')
  t.equal(settings.depot?.constraints.get('vans')?.maxPowerKw, 22)
})

test('a start without a file knows no limit, no meter and no depot', async (t) => {
  t.same(defaultSettings({ host: '127.0.0.1' }), {
    site: {
      id: 'depot',
      name: 'Depot',
      timezone: 'UTC',
      nominalVoltageV: 230,
      fuseA: undefined,
      contractKw: undefined,
    },
    http: { host: '127.0.0.1', port: 8000, loopbackTrust: true },
    ocpp: {
      unknownChargePoint: 'close',
      rawCalls: false,
      heartbeatIntervalS: 300,
      meterValueIntervalS: 10,
      profileTimeoutMs: 15_000,
      callTimeoutMs: 30_000,
      profileDurationS: 150,
      listen: undefined,
      pingIntervalMs: 20_000,
    },
    balance: { minOnS: 900, maxWaitS: 3600, settleS: 15 },
    watchdog: { afterS: 25 },
    meters: [],
    limitSources: [],
    relays: [],
    holidays: new Map(),
    mqtt: undefined,
    depot: undefined,
  })
  t.same(settingsIn('# nothing yet\n'), defaultSettings({ host: '0.0.0.0' }))
})

test('a constraint may name a parent that the file describes later', async (t) => {
  const settings = settingsIn(`depot:
  constraints:
    - {id: vans, name: Vans, type: charge_group, max_power_kw: 22, parent_id: yard}
    - {id: yard, name: Yard, type: constraint, max_power_kw: 40}
`)
  t.equal(settings.depot?.constraints.get('vans')?.parentId, 'yard')
})

test('what an anchor repeats is checked where it stands', async (t) => {
  const text = `depot:
  constraints:
    - &one {id: a, name: A, type: charge_group, max_power_kw: x}
    - *one
`
  const message = 'must be a number from 0 to 100000 (kW), got "x"'
  t.same(problemsOf(text), [
    `c.yaml:3:63 depot.constraints.0.max_power_kw: ${message}`,
    `c.yaml:3:63 depot.constraints.1.max_power_kw: ${message}`,
  ])
})

test('an alias to nothing is a problem, not a crash', async (t) => {
  t.match(problemsOf('site: *nowhere\n'), [/^c\.yaml:1:1: .*nowhere/])
})

test('the broker client is named for the site unless the file names it', async (t) => {
  const mqtt = (text: string): string | undefined => settingsIn(text).mqtt?.clientId
  t.equal(mqtt('site: {id: north}\nmqtt: {url: "mqtt://b"}\n'), 'yardmaster-north')
  t.equal(mqtt('mqtt: {url: "mqtt://b", client_id: me}\n'), 'me')
})

test('a password file is looked for among the credentials, then beside the file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'yardmaster-config-'))
  const config = join(folder, 'config.yaml')
  await writeFile(config, 'mqtt: {url: "mqtts://b", password_file: secret}\n')
  t.teardown(() => rm(folder, { recursive: true }))

  const missing = await loadSettings(config)
  t.notOk(missing.ok)
  if (!missing.ok) {
    t.match(missing.problems, [
      { line: 1, column: 41, path: 'mqtt.password_file', message: /ENOENT/ },
    ])
  }

  await writeFile(join(folder, 'secret'), 'beside the file\n')
  const beside = await loadSettings(config)
  t.equal(beside.ok && beside.settings.mqtt?.password, 'beside the file')

  const credentials = join(folder, 'credentials')
  await mkdir(credentials)
  await writeFile(join(credentials, 'secret'), 'a credential')
  const read = secretReader(config, { CREDENTIALS_DIRECTORY: credentials })
  t.equal(read('secret'), 'a credential')
  t.equal(read(join(folder, 'secret')), 'beside the file', 'an absolute name is taken as it is')
  await writeFile(join(credentials, 'empty'), '\n')
  t.throws(() => read('empty'), { message: /is empty/ })
})

test('a file that cannot be read is a problem like any other', async (t) => {
  const loaded = await loadSettings('/nowhere/config.yaml')
  t.notOk(loaded.ok)
  if (!loaded.ok) t.match(loaded.problems, [{ line: 1, column: 1, message: /ENOENT/ }])
})

test('every example is right and safe', async (t) => {
  const names = (await readdir('config')).filter((name) => name.endsWith('.yaml'))
  t.same(names.toSorted(), ['example.yaml', 'minimal.yaml', 'section-14a.yaml'])
  for (const name of names) {
    const loaded = await loadSettings(join('config', name))
    t.same(loaded.ok ? [] : loaded.problems.map(problemText), [], name)
  }
})

test('no text makes the parser throw, and each problem lies inside the text', async (t) => {
  const pieces =
    'site: ,http: ,meters: ,depot: ,constraints: ,- id: a,fuse_a: 1,&a ,*a,[,],{,},? ,: ,- ,\n,' +
    '\n  ,\n    ,\t,|,>,!x ,%,#,__proto__: 1,",\',null,1e400,\u0000,\ufeff,---,...,<<: *a'
  const words = constantFrom(...pieces.split(','))
  const texts = oneof(
    string({ maxLength: 200 }),
    array(words, { maxLength: 40 }).map((parts) => parts.join('')),
    array(words, { maxLength: 40 }).map((parts) => parts.join('\n')),
  )
  assert(
    property(texts, (text) => {
      const parsed = parseSettings(text, 'c.yaml', () => 'secret')
      if (parsed.ok) return
      const lines = text.split(/\r\n|\r|\n/).length
      for (const { line, column, message } of parsed.problems) {
        if (line < 1 || line > lines + 1 || column < 1 || message === '') {
          throw new Error(`${line}:${column} ${message}`)
        }
      }
    }),
    { numRuns: 2000 },
  )
  t.pass('2000 texts')
})

test('any value in any place is answered with problems', async (t) => {
  const sections = ['site', 'http', 'ocpp', 'balancing', 'meters', 'limit_sources', 'mqtt', 'depot']
  assert(
    property(dictionary(oneof(constantFrom(...sections), string()), jsonValue()), (value) => {
      const parsed = parseSettings(JSON.stringify(value), 'c.yaml', () => 'secret')
      return parsed.ok || parsed.problems.length > 0
    }),
    { numRuns: 500 },
  )
  t.pass('500 values')
})
