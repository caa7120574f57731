import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { cpIdentities } from '../../src/cli/cp-identities.js'
import { cpInteractive } from '../../src/cli/cp-interactive.js'
import type { CommandSource, CpInteractiveOptions } from '../../src/cli/cp-interactive.js'
import { recordingHandler, serve } from '../adapters/charge-point-world.js'
import { recordedIo } from './recorded-io.js'

const OPTIONS = { host: '127.0.0.1', connectors: 1, maxAmps: 32, phases: 3 }
const NOW = '2026-01-05T00:00:00Z'

/** Says yes to everything. */
async function central(t: Test) {
  const handler = recordingHandler({
    received(connection, text) {
      const [type, id, action]: [number, string, string] = JSON.parse(text)
      if (type !== 2) return
      const answers: Record<string, object> = {
        BootNotification: { status: 'Accepted', interval: 300, currentTime: NOW },
        Authorize: { idTagInfo: { status: 'Accepted' } },
        StartTransaction: { transactionId: 7, idTagInfo: { status: 'Accepted' } },
      }
      connection.send(JSON.stringify([3, id, answers[action] ?? {}]))
    },
  })
  return { handler, ...(await serve(t, handler)) }
}

function typed(lines: readonly string[], isTyped = false): CommandSource {
  async function* all() {
    yield* lines
  }
  return { lines: all(), isTyped, close() {} }
}

async function run(
  options: Partial<CpInteractiveOptions> & { readonly port: number },
  source: CommandSource,
) {
  const io = recordedIo()
  const all = { ...OPTIONS, chargePointId: 'CP_001', ...options }
  const exitCode = await cpInteractive(all, io, source)
  return { exitCode, out: io.stdout, err: io.stderr }
}

test('lines of standard input drive a charge point, and their end ends it', async (t) => {
  const { port, handler } = await central(t)
  const { exitCode, out, err } = await run(
    { port },
    typed(['wait-for accepted=yes', 'plug tag=ME', 'wait-for transaction=7']),
  )
  t.same([exitCode, err], [0, []])
  t.ok(out.includes('CP_001 connected'))
  t.ok(out.some((line) => line.startsWith('CP_001: transaction=7 after')))
  t.equal((await handler.next('received')).connection.identity, 'CP_001')
})

test('a script whose condition does not come ends with 1 and says where', async (t) => {
  const { port } = await central(t)
  const script = join(t.testdir(), 'script.txt')
  await writeFile(
    script,
    '# comment\nwait-for accepted=yes\n\nwait-for offer>=6 timeout=0.2\nplug\n',
  )
  const { exitCode, err } = await run({ port, script }, typed([]))
  t.equal(exitCode, 1)
  t.same(err, [
    `${script}:4: wait-for offer>=6 timeout=0.2: CP_001: offer>=6 did not come within 0.2 s, it is 0`,
  ])
})

test('a script with wrong words does not even begin', async (t) => {
  const { port, handler } = await central(t)
  const script = join(t.testdir(), 'script.txt')
  await writeFile(script, 'plug\nplog\nwait-for x\n')
  const { exitCode, err } = await run({ port, script }, typed([]))
  t.equal(exitCode, 2)
  t.match(err, [/script\.txt:2: there is no command plog/, /script\.txt:3: "x" is no condition/])
  t.same(handler.seen, [])
  t.match(await run({ port, script: `${script}.gone` }, typed([])), {
    exitCode: 2,
    err: [/--script .* cannot be read/],
  })
})

test('a mistake of somebody who types ends nothing', async (t) => {
  const { port } = await central(t)
  const { exitCode, err } = await run({ port }, typed(['plog', 'unplug', 'quit', 'plug'], true))
  t.equal(exitCode, 0)
  t.match(err, [/there is no command plog/, /no car is plugged in/])
})

test('many charge points run in one process', async (t) => {
  const { port, handler } = await central(t)
  const { exitCode, out } = await run(
    { port, chargePointId: 'CP_{001..030}', quiet: true },
    typed(['wait-for accepted=yes', '@CP_017 plug tag=A', '@CP_017 wait-for transaction=7']),
  )
  t.equal(exitCode, 0)
  t.equal(out.filter((line) => line.includes('accepted=yes')).length, 30)
  const identities = new Set(
    handler.seen.flatMap((each) => (each.type === 'opened' ? [each.connection.identity] : [])),
  )
  t.equal(identities.size, 30)
})

test('--json answers and tells events in JSON lines', async (t) => {
  const { port } = await central(t)
  const { out } = await run({ port, json: true }, typed(['wait-for accepted=yes', 'plug']))
  const lines = out.map((line): unknown => JSON.parse(line))
  t.match(lines, [{ event: 'connected', charge_point: 'CP_001' }])
  t.ok(out.some((line) => line.includes('"ok":true,"charge_point":"CP_001","text":"plugged')))
})

test('another program gives commands over a WebSocket', async (t) => {
  const { port } = await central(t)
  const io = recordedIo()
  const options = { ...OPTIONS, chargePointId: 'CP_{1..2}', port, commandPort: 0 }
  const ended = cpInteractive(options, io, typed([]))
  const address = await until(
    () => /ws:\/\/127\.0\.0\.1:\d+$/.exec(io.stdout.join('\n').split('\n')[0] ?? '')?.[0],
  )
  const client = await commands(address)
  t.match(await client.ask('wait-for accepted=yes'), { ok: true, results: [{}, {}] })
  t.match(await client.ask('{"id": 5, "charge_point": "CP_2", "command": "plug tag=A"}'), {
    id: 5,
    ok: true,
    charge_point: 'CP_2',
    connector: 1,
  })
  t.match(await client.ask('@CP_2 status json'), {
    ok: true,
    charge_point: 'CP_2',
    connectors: [{ status: String }],
  })
  t.match(await client.ask('@CP_1 unplug'), { ok: false, error: 'failed', problem: /no car/ })
  t.match(await client.ask('plog'), { ok: false, error: 'usage', problem: /there is no command/ })
  t.match(await client.ask('{"id": 5'), { ok: false, problem: /neither a command nor JSON/ })
  t.match(await client.ask('{"x": 5}'), { ok: false, problem: /needs "command"/ })
  t.match(await client.ask('events on'), { ok: true })
  await client.tell('@CP_1 plug')
  const event = '{"event":"status","charge_point":"CP_1","connector":1,"status":"Preparing"}'
  let seen = ''
  while (!seen.includes(event)) seen += JSON.stringify(await client.next())
  await client.tell('quit')
  t.equal(await ended, 0)
})

test('the command port is closed to pages of a browser', async (t) => {
  const { port } = await central(t)
  const io = recordedIo()
  const ended = cpInteractive(
    { ...OPTIONS, chargePointId: 'CP', port, commandPort: 0 },
    io,
    typed([]),
  )
  const address = await until(() => /ws:\S+$/.exec(io.stdout[0] ?? '')?.[0])
  const page = new WebSocket(address, { headers: { origin: 'http://localhost' } })
  const refused = await new Promise<string>((resolve) => {
    page.on('error', (error) => resolve(error.message))
    page.on('open', () => resolve('open'))
  })
  t.match(refused, /401/)
  const client = await commands(address)
  await client.ask('quit')
  t.equal(await ended, 0)
})

test('a port that is taken is said', async (t) => {
  const { port } = await central(t)
  const { exitCode, err } = await run({ port, commandPort: port }, typed([]))
  t.equal(exitCode, 1)
  t.match(err, [/--command-port \d+: .*EADDRINUSE.*: choose another port, or 0/])
})

for (const { pattern, count, identities, problem } of [
  { pattern: 'CP', identities: ['CP'] },
  { pattern: 'CP_{001..003}', identities: ['CP_001', 'CP_002', 'CP_003'] },
  { pattern: 'CP_{001..100}', count: 2, identities: ['CP_001', 'CP_002'] },
  { pattern: '{9}-x', count: 3, identities: ['9-x', '10-x', '11-x'] },
  { pattern: 'CP', count: 2, problem: /such as CP_\{001\}/ },
  { pattern: 'CP_{1..2}', count: 3, problem: /has 2 ids, --count wants 3/ },
  { pattern: 'CP_{x}', problem: /is no pattern/ },
  { pattern: 'CP_{3..1}', problem: /ends before it begins/ },
  { pattern: 'CP_{1..99999}', problem: /at most 5000/ },
  { pattern: ' ', problem: /must not be empty/ },
]) {
  test(`--charge-point-id ${pattern}, --count ${count ?? 'not given'}`, async (t) => {
    const named = cpIdentities(pattern, count)
    if (named.ok) t.same(named.identities, identities)
    else t.match(named.problem, problem ?? 'none')
  })
}

async function until<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it did not come')
}

/** A client of the command port. */
async function commands(address: string) {
  const socket = new WebSocket(address)
  const lines: unknown[] = []
  const waiting: ((line: unknown) => void)[] = []
  socket.on('message', (data: Buffer) => {
    const line: unknown = JSON.parse(data.toString())
    const next = waiting.shift()
    if (next) next(line)
    else lines.push(line)
  })
  await new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  const next = async (): Promise<unknown> =>
    lines.length > 0 ? lines.shift() : new Promise((resolve) => waiting.push(resolve))
  return {
    next,
    async tell(line: string) {
      socket.send(line)
    },
    async ask(line: string) {
      socket.send(line)
      return next()
    },
  }
}
