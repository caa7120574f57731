/** How the process lives with its operator: who may ask, how it stops, what it refuses. */
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'tap'
import { inTime } from './deadline.js'
import { restClient } from './rest-client.js'
import { simulatedChargers } from './simulated-chargers.js'
import { configFile, startGateway, temporaryFolder, yardmaster } from './yardmaster-process.js'

const STOP_MS = 5_000

test('strangers need the token that was printed once, also after a restart', async (t) => {
  const gateway = await startGateway(t)
  const token = gateway.token()
  t.match(token, /^[\w-]{43}$/)
  const cases = [
    [200, {}],
    [401, { 'x-forwarded-for': '203.0.113.7' }],
    [401, { forwarded: 'for=203.0.113.7' }],
    [403, { host: 'depot.example.com' }],
    [403, { origin: 'http://evil.example.com' }],
    [401, { authorization: 'Bearer wrong' }],
    [401, { authorization: `Bearer ${token}x` }],
    [200, { authorization: `Bearer ${token}` }],
    [200, { authorization: `Bearer ${token}`, 'x-forwarded-for': '203.0.113.7' }],
    [200, { authorization: `Bearer ${token}`, host: 'depot.example.com' }],
  ] as const
  for (const [status, headers] of cases) {
    const answer = await asked(gateway.port, headers)
    t.equal(answer.status, status, JSON.stringify(headers))
    if (status === 200) t.same(JSON.parse(answer.body), [])
    else t.match(JSON.parse(answer.body), { error: String, message: String, problems: [] })
  }
  gateway.signal('SIGTERM')
  t.equal(await gateway.ended(STOP_MS), 0)

  const again = await startGateway(t, { dataDir: gateway.dataDir })
  t.equal(again.token(), '')
  t.notMatch(again.stderr.join('\n'), token)
  const authorization = `Bearer ${token}`
  const headers = { authorization, 'x-forwarded-for': '203.0.113.7' }
  t.equal((await asked(again.port, headers)).status, 200)
})

test('SIGINT ends it with 0 while a charge point is connected', async (t) => {
  const config = `
depot:
  constraints: [{ id: yard, name: Yard, type: charge_group, max_power_kw: 20 }]
  chargers:
    - { id: cp1, name: One, parent_charge_group: yard, ocpp_charge_point_id: CP1, max_power_kw: 22.08,
        evses: [{ id: 1, max_power_kw: 22.08, max_current_a: 32 }] }
`
  const gateway = await startGateway(t, { config })
  const chargers = simulatedChargers(t, gateway.port, ['CP1'])
  await gateway.logged('chargePointBooted')
  gateway.signal('SIGINT')
  t.equal(await gateway.ended(STOP_MS), 0)
  t.match(await gateway.logged('stopping'), { signal: 'SIGINT' })
  t.equal(gateway.stdout.length, 1, 'only the line that it listens')
  t.same(chargers.at('CP1').complaints(), [])
  const troubles = gateway.logs().filter(({ level }) => level !== 'info')
  t.same(troubles, [])
})

test('one process for a data folder: the second says who has it', async (t) => {
  const first = await startGateway(t)
  const second = yardmaster(t, 'run', '--data-dir', first.dataDir, '--port', '0')
  t.equal(await second.ended(), 1)
  t.same(second.stdout, [])
  t.match(
    second.stderr.join('\n'),
    `the data folder ${first.dataDir} is in use by process ${first.pid}`,
  )
  t.match(await restClient(first.port).get('/chargers'), { status: 200 }, 'the first goes on')
})

test('a first start on a port that is taken says so, and the token is not lost', async (t) => {
  const { port } = await startGateway(t)
  const dataDir = await temporaryFolder(t)
  const address = ['--host', '127.0.0.1', '--port', String(port)]
  const failed = yardmaster(t, 'run', '--data-dir', dataDir, ...address)
  t.equal(await failed.ended(), 1)
  t.same(failed.stdout, [])
  t.match(await failed.logged('startFailed'), {
    error: new RegExp(`127\\.0\\.0\\.1:${port} \\(EADDRINUSE\\)`),
  })
  const next = await startGateway(t, { dataDir })
  t.match(`${failed.stderr.join('\n')}${next.token()}`, /[\w-]{43}/, 'one of them has printed it')
})

test('a wrong configuration ends it with 2, and every slip has its place', async (t) => {
  const file = await configFile(t, 'site:\n  fuse_amps: 40\nhttp: { port: 99999 }\n')
  const dataDir = await temporaryFolder(t)
  const run = yardmaster(t, 'run', '--config', file, '--data-dir', dataDir, '--port', '0')
  t.equal(await run.ended(), 2)
  t.same(run.stdout, [])
  t.match(run.stderr, [
    `${file}:2:3 site.fuse_amps: unknown key; did you mean "fuse_a"`,
    `${file}:3:15 http.port: `,
  ])

  const missing = join(dataDir, 'nowhere.yaml')
  const without = yardmaster(t, 'run', '--config', missing, '--data-dir', dataDir, '--port', '0')
  t.equal(await without.ended(), 2)
  t.match(without.stderr.join('\n'), missing)
})

/** Any header, also those that `fetch` keeps to itself. */
async function asked(
  port: number,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const call = request({ host: '127.0.0.1', port, path: '/api/v1/chargers', headers, agent: false })
  const answered = once(call, 'response')
  call.end()
  const [response] = await inTime('an answer', answered)
  return { status: response.statusCode, body: await text(response) }
}
