import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { test } from 'tap'
import { jsonLog, type LogLevel } from '../../src/adapters/json-log.js'

function recorded(level?: LogLevel) {
  const lines: string[] = []
  const log = jsonLog({ write: (line) => lines.push(line), ...(level && { level }) })
  const parsed = () => lines.map((line): Record<string, unknown> => JSON.parse(line))
  return { log, lines, parsed }
}

test('a line says level, time, event and its fields, and ends', async (t) => {
  const { log, lines, parsed } = recorded()
  log.warn('chargePointNotReading', { chargePoint: 'CP_001', bufferedBytes: 7, missing: undefined })
  const [line] = parsed()
  t.match(line?.['time'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  delete line?.['time']
  t.same(line, {
    level: 'warn',
    event: 'chargePointNotReading',
    chargePoint: 'CP_001',
    bufferedBytes: 7,
  })
  t.match(lines[0], /^[^\n]*\n$/)
})

for (const [level, written] of [
  ['debug', ['debug', 'info', 'warn', 'error']],
  [undefined, ['info', 'warn', 'error']],
  ['error', ['error']],
  ['silent', []],
] as const) {
  test(`level ${level} writes ${written.join(', ') || 'nothing'}`, async (t) => {
    const { log, parsed } = recorded(level)
    for (const name of ['debug', 'info', 'warn', 'error'] as const) log[name]('said')
    t.same(
      parsed().map((line) => line['level']),
      written,
    )
  })
}

test('secrets never reach the log, at any depth or inside a URL', async (t) => {
  const { log, lines } = recorded()
  log.info('settings', {
    password: 'hunter2',
    token: 'hunter2',
    newToken: 'hunter2',
    mqtt: { Password: 'hunter2', url: 'mqtts://user:hunter2@broker.example:8883/x' },
    headers: [{ Authorization: 'Basic hunter2', 'set-cookie': 'hunter2' }],
    authorizationKey: 'hunter2',
    deep: new Map([['apiKey', 'hunter2']]),
    error: new Error('cannot reach mqtt://user:hunter2@broker', {
      cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED', secret: 'hunter2' }),
    }),
  })
  t.notMatch(lines[0], /hunter2/)
  t.match(lines[0], /mqtts:\/\/\[redacted\]@broker\.example:8883\/x/)
})

test('errors keep their message, code, stack and cause', async (t) => {
  const { log, parsed } = recorded()
  const cause = Object.assign(new Error('no such file'), { code: 'ENOENT' })
  log.error('storeFailed', { error: new TypeError('cannot load', { cause }) })
  t.match(parsed(), [
    {
      event: 'storeFailed',
      error: {
        name: 'TypeError',
        message: 'cannot load',
        stack: /json-log\.test/,
        cause: { name: 'Error', message: 'no such file', code: 'ENOENT' },
      },
    },
  ])
})

test('fields cannot pass for the words of the log itself', async (t) => {
  const { log, lines, parsed } = recorded()
  log.info('real', { event: 'forged', level: 'error', time: 'never' })
  t.match(parsed(), [
    { level: 'info', event: 'real', event_: 'forged', level_: 'error', time_: 'never' },
  ])
  t.equal(lines[0]?.match(/"event":/g)?.length, 1)
})

test('whatever it is given, it writes one bounded line of JSON and does not throw', async (t) => {
  const circular: Record<string, unknown> = { name: 'round' }
  circular['self'] = circular
  const hostile = {
    get broken(): never {
      throw new Error('no')
    },
    toJSON(): never {
      throw new Error('no')
    },
    circular,
    big: 2n ** 80n,
    call: () => {},
    symbol: Symbol('s'),
    nan: NaN,
    when: new Date(NaN),
    bytes: Buffer.alloc(1_000_000),
    long: 'x'.repeat(1_000_000),
    many: Array.from({ length: 100_000 }, (_, index) => index),
    nothing: null,
    set: new Set([1]),
  }
  const { log, lines, parsed } = recorded()
  log.info('hostile', hostile)
  t.ok((lines[0]?.length ?? 0) < 20_000, `${lines[0]?.length} characters`)
  t.match(parsed(), [{ broken: '[unreadable]', nan: 'NaN', nothing: null, set: [1] }])
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true })), (fields) => {
      lines.length = 0
      log.info('any', fields)
      return lines.length === 1 && parsed()[0]?.['event'] === 'any'
    }),
  )
})

test('a writer that fails does not stop the program', async (t) => {
  const log = jsonLog({
    write() {
      throw new Error('disk full')
    },
  })
  log.error('said')
  t.pass()
})

test('without a writer the lines are on stderr when the process ends, none on stdout', async (t) => {
  const source = `
    import { jsonLog } from ${JSON.stringify(new URL('../../src/adapters/json-log.ts', import.meta.url))}
    const log = jsonLog()
    for (let index = 0; index < 500; index += 1) log.info('line', { index })
    process.exit(0)
  `
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, '--input-type=module', '--eval', source],
    { encoding: 'utf8', env: { PATH: process.env['PATH'] } },
  )
  t.equal(stdout, '')
  t.equal(stderr.split('\n').filter((line) => line.includes('"event":"line"')).length, 500)
})
