import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { Command } from 'commander'
import { test, type Test } from 'tap'
import { cpCommand, type CpOptions } from '../../src/cli/cp.js'
import { addCpCommand } from '../../src/cli/cp-arguments.js'
import { decodeCall } from '../../src/ocpp/v16/inbound.js'
import {
  type Behaviour,
  recordingHandler,
  serve,
  untilClosed,
} from '../adapters/charge-point-world.js'
import { recordedIo } from './recorded-io.js'

const OPTIONS = { chargePointId: 'CP_001', action: 'Heartbeat', idTag: 'TEST_TAG', timeoutS: 5 }

async function run(port: number, changed: Partial<CpOptions> = {}) {
  const io = recordedIo()
  const exitCode = await cpCommand({ ...OPTIONS, host: '127.0.0.1', port, ...changed }, io)
  return { exitCode, out: io.stdout, err: io.stderr }
}

/** Runs the command line as typed; `port` is that of the server. */
async function typed(port: number, line: string) {
  const io = recordedIo()
  let exitCode: number | undefined
  const quiet = { writeErr: () => {} }
  const program = new Command().exitOverride().configureOutput(quiet)
  addCpCommand(program, io, (code) => {
    exitCode = code
  })
  program.commands[0]?.exitOverride().configureOutput(quiet)
  await program.parseAsync(['cp', ...line.split(' '), '--port', String(port)], { from: 'user' })
  return { exitCode, out: io.stdout, err: io.stderr }
}

/** Answers each call with `{}`, or as told. */
async function central(t: Test, answer?: (id: string) => string, behaviour: Behaviour = {}) {
  const handler = recordingHandler({
    received(connection, text) {
      const [, id]: [number, string] = JSON.parse(text)
      connection.send(answer?.(id) ?? `[3,"${id}",{}]`)
    },
    ...behaviour,
  })
  return { handler, ...(await serve(t, handler)) }
}

async function listeningPort(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

test('one call goes out, its answer comes back, and both are printed', async (t) => {
  const { port, handler } = await central(t, (id) => `[3,"${id}",{"currentTime":"now"}]`)
  const { exitCode, out, err } = await run(port)
  const { connection, text } = await handler.next('received')
  t.equal(connection.identity, 'CP_001')
  const [type, id, action, payload]: unknown[] = JSON.parse(text)
  t.same([type, action, payload], [2, 'Heartbeat', {}])
  t.same(out, [`> ${text}`, `< [3,"${String(id)}",{"currentTime":"now"}]`])
  t.same(err, [])
  t.equal(exitCode, 0)
  t.equal((await handler.next('closed')).code, 1000)
})

// The commands of the manual, as one types them.
for (const [line, expected] of [
  ['--action BootNotification', { chargePointVendor: String, chargePointModel: String }],
  ['--action Heartbeat', {}],
  [
    '--action StatusNotification --connector-id 1 --status Charging',
    { connectorId: 1, status: 'Charging', errorCode: 'NoError', timestamp: /^\d{4}-.*Z$/ },
  ],
  ['--action StatusNotification --connector-id 0', { connectorId: 0, status: 'Available' }],
  ['--action Authorize', { idTag: 'TEST_TAG' }],
  [
    '--action StartTransaction --connector-id 1 --id-tag OTHER',
    { connectorId: 1, idTag: 'OTHER', meterStart: 0, timestamp: /Z$/ },
  ],
  [
    '--action StopTransaction --transaction-id 123456789 --id-tag TEST_TAG',
    { transactionId: 123_456_789, idTag: 'TEST_TAG', meterStop: Number, timestamp: /Z$/ },
  ],
  [
    '--action MeterValues --connector-id 1 --transaction-id 123456789',
    { connectorId: 1, transactionId: 123_456_789, meterValue: [{ sampledValue: [{}] }] },
  ],
  ['--action MeterValues --transaction-id 7', { connectorId: 1, transactionId: 7 }],
  ['--action DataTransfer', { vendorId: String }],
  ['--action FirmwareStatusNotification', { status: 'Idle' }],
  ['--action DiagnosticsStatusNotification --status Uploading', { status: 'Uploading' }],
  [
    '--action StopTransaction --payload {"transactionId":-1,"reason":"PowerLoss"}',
    { transactionId: -1, reason: 'PowerLoss', meterStop: Number },
  ],
] as const) {
  test(`cp ${line} sends a valid call`, async (t) => {
    const { port, handler } = await central(t)
    const { exitCode, err } = await typed(port, `--charge-point-id CP_001 ${line}`)
    t.same([exitCode, err], [0, []])
    const call: [number, string, string, object] = JSON.parse((await handler.next('received')).text)
    t.match(call[3], expected)
    const decoded = decodeCall(call[2], call[3])
    t.same(decoded.ok && decoded.lenient, [], 'as the schema wants it')
    t.equal(handler.seen.filter(({ type }) => type === 'received').length, 1)
  })
}

test('localhost reaches a server that listens on 127.0.0.1 only', async (t) => {
  const { port } = await central(t)
  const { exitCode, err } = await typed(port, '--charge-point-id CP_001 --action Heartbeat')
  t.same([exitCode, err], [0, []])
})

test('an id with every kind of character arrives as it is', async (t) => {
  const { port, handler } = await central(t)
  t.equal((await run(port, { chargePointId: 'CP 1/ü%+?#' })).exitCode, 0)
  t.equal((await handler.next('opened')).connection.identity, 'CP 1/ü%+?#')
})

test('an unknown charge point is told what to create', async (t) => {
  const { port } = await central(t, undefined, {
    admit: () => ({ type: 'close', code: 1008, reason: 'Charger not found' }),
  })
  const { exitCode, err } = await run(port)
  t.equal(exitCode, 1)
  t.same(err, [
    'closed with 1008 Charger not found: create a charger with this ocpp_charge_point_id (CP_001)',
  ])
})

test('a refusal before the handshake is told with its status and reason', async (t) => {
  const { port } = await central(t, undefined, {
    admit: () => ({ type: 'refuse', status: 409, reason: 'this id is connected from elsewhere' }),
  })
  const { exitCode, err } = await run(port)
  t.equal(exitCode, 1)
  t.same(err, ['refused with HTTP 409: this id is connected from elsewhere'])
})

test('a CALLERROR is printed and told in words', async (t) => {
  const { port } = await central(t, (id) => `[4,"${id}","NotImplemented","unknown action",{}]`)
  const { exitCode, out, err } = await run(port, { action: 'Dance' })
  t.equal(exitCode, 1)
  t.match(out, [/^> \[2,"[^"]+","Dance",\{\}\]$/, /^< \[4,/])
  t.same(err, ['answered with NotImplemented: unknown action'])
})

test('a connection that ends before the answer says with which code', async (t) => {
  const { port } = await central(t, undefined, {
    received: (connection) => connection.close(1012, 'restarting'),
  })
  const { exitCode, err } = await run(port)
  t.equal(exitCode, 1)
  t.same(err, ['closed with 1012 restarting before the answer came'])
})

test('a server that breaks the protocol is not called unreachable', async (t) => {
  const server = createHttpServer()
  server.on('upgrade', (request, socket) => {
    const key = String(request.headers['sec-websocket-key'])
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    socket.on('error', () => {})
    socket.write(
      `HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n`,
    )
    // Reserved bits and an opcode that does not exist.
    socket.end(Buffer.of(0xff, 0x00))
  })
  t.teardown(() => server.close())
  const { exitCode, err } = await run(await listeningPort(server))
  t.equal(exitCode, 1)
  t.match(err, [/^closed with 1006 before the answer came$/])
})

test('calls of the server and answers to somebody else are not taken for the answer', async (t) => {
  const { port } = await central(t, undefined, {
    received(connection, text) {
      const [, id]: [number, string] = JSON.parse(text)
      connection.send(`[2,"${id}","Reset",{"type":"Soft"}]`)
      connection.send('[3,"other",{}]')
      connection.send('nonsense')
      connection.send(`[3,"${id}",{"right":true}]`)
    },
  })
  const { exitCode, out } = await run(port)
  t.equal(exitCode, 0)
  t.match(out, [/^> /, /^< .*"right":true/])
  t.equal(out.length, 2)
})

test('silence ends with the timeout, before and after the handshake', async (t) => {
  const { port, handler } = await central(t, undefined, { received() {} })
  const late = await run(port, { timeoutS: 0.2 })
  t.equal(late.exitCode, 1)
  t.same(late.err, [`no answer from 127.0.0.1:${port} within 0.2 s`])
  t.equal((await handler.next('closed')).code, 1000)

  const mute = createServer((socket) => {
    socket.on('error', () => {})
    untilClosed(socket).catch(() => {})
  })
  t.teardown(() => mute.close())
  const mutePort = await listeningPort(mute)
  const never = await run(mutePort, { timeoutS: 0.2 })
  t.equal(never.exitCode, 1)
  t.same(never.err, [`no connection from 127.0.0.1:${mutePort} within 0.2 s`])
})

test('nobody there is told with the address and the question to ask', async (t) => {
  const { port, http } = await central(t)
  await http.close()
  for (const host of ['127.0.0.1', 'localhost']) {
    const { exitCode, err, out } = await run(port, { host })
    t.equal(exitCode, 1)
    t.same(out, [])
    t.match(err, [/^cannot connect to ws:\/\/.*ECONNREFUSED.*is the server running there\?$/])
  }
})

test('what cannot be sent is bad usage: exit code 2, nothing on the wire', async (t) => {
  const { port, handler } = await central(t)
  for (const [changed, problem] of [
    [{ action: 'StatusNotification' }, 'StatusNotification needs --connector-id'],
    [{ action: 'StartTransaction' }, 'StartTransaction needs --connector-id'],
    [{ action: 'StopTransaction' }, 'StopTransaction needs --transaction-id'],
    [{ chargePointId: ' ' }, '--charge-point-id must not be empty'],
  ] as const) {
    const { exitCode, err } = await run(port, changed)
    t.same([exitCode, err], [2, [problem]])
  }
  t.same(handler.requests, [])
})

for (const line of [
  '--action Heartbeat',
  '--charge-point-id a --action Heartbeat --connector-id -1',
  '--charge-point-id a --action Heartbeat --connector-id 1.5',
  '--charge-point-id a --action Heartbeat --transaction-id abc',
  '--charge-point-id a --action Heartbeat --payload [1]',
  '--charge-point-id a --action Heartbeat --payload {',
  '--charge-point-id a --action Heartbeat --timeout-s 0',
  '--charge-point-id a --action Heartbeat --nonsense',
  '--charge-point-id a --connector-id 1',
]) {
  test(`cp ${line} is refused before anything is sent`, async (t) => {
    await t.rejects(typed(1, line), { name: 'CommanderError', exitCode: 1 })
  })
}

test('a port out of range is refused', async (t) => {
  await t.rejects(typed(65_536, '--charge-point-id a --action Heartbeat'), /from 1 to 65535/)
})
