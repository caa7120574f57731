import { once } from 'node:events'
import * as fc from 'fast-check'
import { RPCClient } from 'ocpp-rpc'
import { test } from 'tap'
import type { WebSocket } from 'ws'
import {
  frame,
  recordingHandler,
  serve,
  statusOf,
  untilClosed,
  upgradeText,
} from './charge-point-world.js'

/** Close code and reason, or the HTTP status of a refusal. */
async function fate(socket: WebSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.on('close', (code, reason) => resolve(`${code} ${reason.toString()}`))
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (data: Buffer) => {
        body += data.toString()
      })
      response.on('end', () => resolve(`HTTP ${response.statusCode} ${body.trim()}`))
    })
  })
}

test('both URL forms reach the handler with the decoded id and the plain address', async (t) => {
  const handler = recordingHandler()
  const { client, port } = await serve(t, handler)
  for (const [path, identity] of [
    ['/ocpp/CP_001', 'CP_001'],
    ['/CP%2F2', 'CP/2'],
  ] as const) {
    const socket = client(path, ['ocpp2.0.1', 'ocpp1.6'])
    const { connection } = await handler.next('opened')
    t.equal(connection.identity, identity)
    t.equal(connection.remoteAddress, '127.0.0.1')
    if (socket.readyState !== socket.OPEN) await once(socket, 'open')
    t.equal(socket.protocol, 'ocpp1.6')
    t.equal(socket.extensions, '')
  }
  const from = { remoteAddress: '127.0.0.1', origin: `http://127.0.0.1:${port}` }
  t.same(handler.requests, [
    { identity: 'CP_001', ...from },
    { identity: 'CP/2', ...from },
  ])
})

test('frames pass in order both ways, and pings are answered', async (t) => {
  const handler = recordingHandler()
  const { client } = await serve(t, handler)
  const socket = client('/ocpp/a')
  await once(socket, 'open')
  const { connection } = await handler.next('opened')
  for (let index = 0; index < 200; index += 1) socket.send(`[2,"${index}","Heartbeat",{}]`)
  for (let index = 0; index < 200; index += 1) {
    t.equal((await handler.next('received')).text, `[2,"${index}","Heartbeat",{}]`)
  }
  const answers: string[] = []
  socket.on('message', (data: Buffer, isBinary) => answers.push(`${isBinary} ${data.toString()}`))
  connection.send('[3,"1",{}]')
  connection.send('[3,"2",{"text":"ü"}]')
  connection.ping()
  await handler.next('pong')
  t.same(answers, ['false [3,"1",{}]', 'false [3,"2",{"text":"ü"}]'])
  t.equal(connection.bufferedBytes(), 0)
})

test('a binary frame counts as text when it is UTF-8, and ends its socket when not', async (t) => {
  const handler = recordingHandler()
  const { client } = await serve(t, handler)
  const socket = client('/ocpp/a')
  await once(socket, 'open')
  socket.send(Buffer.from('[2,"ü","Heartbeat",{}]'), { binary: true })
  t.equal((await handler.next('received')).text, '[2,"ü","Heartbeat",{}]')
  socket.send(Buffer.from([0xff, 0xfe]), { binary: true })
  t.match(await fate(socket), /^1007 /)
  t.equal((await handler.next('closed')).code, 1007)
})

test('a text frame that is not UTF-8 ends its socket with 1007', async (t) => {
  const handler = recordingHandler()
  const { raw } = await serve(t, handler)
  const socket = await raw()
  socket.write(upgradeText('/ocpp/a'))
  await handler.next('opened')
  socket.write(frame(1, Buffer.from([0x22, 0xc3, 0x28])))
  await handler.next('closed')
  t.equal(handler.seen.filter(({ type }) => type === 'received').length, 0)
})

test('an id the handler does not know is told so after the handshake', async (t) => {
  const handler = recordingHandler({
    admit: () => ({ type: 'close', code: 1008, reason: 'Charger not found' }),
  })
  const { client } = await serve(t, handler)
  t.equal(await fate(client('/ocpp/nobody')), '1008 Charger not found')
  t.same(handler.seen, [])
})

test('or refused before it, with the status the handler wants', async (t) => {
  const handler = recordingHandler({
    admit: ({ identity }) => ({ type: 'refuse', status: Number(identity), reason: 'not here' }),
  })
  const { client } = await serve(t, handler)
  t.equal(await fate(client('/ocpp/404')), 'HTTP 404 not here')
  t.equal(await fate(client('/ocpp/409')), 'HTTP 409 not here')
  t.equal(await fate(client('/ocpp/7')), 'HTTP 500 not here')
  t.same(handler.seen, [])
})

test('the subprotocol is needed, unless the server is told to assume it', async (t) => {
  const strict = await serve(t, recordingHandler())
  t.match(await fate(strict.client('/ocpp/a', [])), /^HTTP 400 .*ocpp1\.6/)
  t.match(await fate(strict.client('/ocpp/a', ['ocpp2.0.1'])), /^HTTP 400 .*ocpp1\.6/)
  const handler = recordingHandler()
  const lenient = await serve(t, handler, { assumeSubprotocol: true })
  lenient.client('/ocpp/a', [])
  t.equal((await handler.next('opened')).connection.identity, 'a')
})

test('a wrong WebSocket version is answered with the one that works', async (t) => {
  const { raw } = await serve(t, recordingHandler())
  const socket = await raw()
  socket.write(upgradeText('/ocpp/a', { 'Sec-WebSocket-Version': '7' }))
  const answer = await untilClosed(socket)
  t.equal(statusOf(answer), 426)
  t.match(answer, 'Sec-WebSocket-Version: 13')
})

test('no request target stops the server', async (t) => {
  const handler = recordingHandler({
    admit: () => ({ type: 'refuse', status: 404, reason: 'no' }),
  })
  const { raw, client } = await serve(t, handler)
  const targets = fc.sample(
    fc.oneof(
      fc.webPath(),
      fc.webUrl(),
      fc.string({ unit: fc.constantFrom(...Array.from('/%.[]{}aA0:?#@\\~"<>^|')) }),
      fc.constantFrom('/ocpp/%E0%A4%A', '//[]/', '*', `/ocpp/${'a'.repeat(8000)}`, '/../..'),
    ),
    { numRuns: 150, seed: 1 },
  )
  for (const target of targets) {
    const socket = await raw()
    socket.write(upgradeText(target || '/'))
    const status = statusOf(await untilClosed(socket))
    t.ok(status === 400 || status === 404, `${JSON.stringify(target)} got ${status}`)
  }
  t.match(await fate(client('/ocpp/a')), /^HTTP 404 no/)
})

test('a message that is too large costs its sender the connection, and nobody else', async (t) => {
  const handler = recordingHandler()
  const { client } = await serve(t, handler)
  const good = client('/ocpp/good')
  await once(good, 'open')
  const bad = client('/ocpp/bad')
  await once(bad, 'open')
  good.send('x'.repeat(256 * 1024))
  t.equal((await handler.next('received')).text.length, 256 * 1024)
  bad.send('x'.repeat(256 * 1024 + 1))
  t.match(await fate(bad), /^1009/)
  const closed = await handler.next('closed')
  t.equal(closed.connection.identity, 'bad')
  good.send('still here')
  t.equal((await handler.next('received')).text, 'still here')
})

test('a message in many fragments, and a frame that dribbles in, end their sockets', async (t) => {
  const handler = recordingHandler()
  const { raw } = await serve(t, handler, { maxFragments: 16, maxBufferedChunks: 64 })

  const fragments = await raw()
  fragments.write(upgradeText('/ocpp/fragments'))
  await handler.next('opened')
  fragments.write(frame(1, Buffer.from('x'), false))
  for (let index = 0; index < 14; index += 1) fragments.write(frame(0, Buffer.from('x'), false))
  fragments.write(frame(0, Buffer.from('x')))
  t.equal((await handler.next('received')).text.length, 16)
  fragments.write(frame(1, Buffer.from('x'), false))
  for (let index = 0; index < 16; index += 1) fragments.write(frame(0, Buffer.from('x'), false))
  t.equal((await handler.next('closed')).connection.identity, 'fragments')

  const dribble = await raw()
  dribble.setNoDelay(true)
  dribble.write(upgradeText('/ocpp/dribble'))
  await handler.next('opened')
  for (const byte of frame(1, Buffer.alloc(1000, 'x'))) {
    if (dribble.destroyed) break
    dribble.write(Buffer.of(byte))
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal((await handler.next('closed')).connection.identity, 'dribble')
  t.equal(handler.seen.filter(({ type }) => type === 'received').length, 1)
})

test('firmware that sends 100 kB in fragments of 1 KiB is understood by default', async (t) => {
  const handler = recordingHandler()
  const { raw } = await serve(t, handler)
  const socket = await raw()
  socket.write(upgradeText('/ocpp/a'))
  await handler.next('opened')
  const piece = Buffer.alloc(1024, 'x')
  socket.write(frame(1, piece, false))
  for (let index = 0; index < 98; index += 1) socket.write(frame(0, piece, false))
  socket.write(frame(0, piece))
  t.equal((await handler.next('received')).text.length, 100 * 1024)
})

test('a peer that never reads is dropped before much waits for it', async (t) => {
  const handler = recordingHandler()
  const { raw, log } = await serve(t, handler)
  const socket = await raw()
  socket.pause()
  socket.write(upgradeText('/ocpp/deaf'))
  const { connection } = await handler.next('opened')
  const text = 'x'.repeat(100_000)
  let largest = 0
  // The kernel takes some megabytes before anything waits here.
  for (let index = 0; index < 1000; index += 1) {
    connection.send(text)
    largest = Math.max(largest, connection.bufferedBytes())
    await new Promise((resolve) => setImmediate(resolve))
    if (handler.seen.some(({ type }) => type === 'closed')) break
  }
  const closed = await handler.next('closed')
  t.equal(closed.connection, connection)
  t.ok(largest < 1024 * 1024 + 200_000, `${largest} bytes waited`)
  t.match(log.lines, [{ event: 'chargePointNotReading', fields: { chargePoint: 'deaf' } }])
  connection.send('after the end')
  connection.ping()
  connection.close(1000, 'again')
  connection.terminate()
})

test('two connections of one id are two, each with its own end', async (t) => {
  const handler = recordingHandler()
  const { client } = await serve(t, handler)
  client('/ocpp/a')
  const old = (await handler.next('opened')).connection
  const newer = client('/ocpp/a')
  const current = (await handler.next('opened')).connection
  t.not(old, current)
  old.close(1000, 'replaced by a newer connection')
  const closed = await handler.next('closed')
  t.equal(closed.connection, old)
  newer.send('hello')
  t.equal((await handler.next('received')).connection, current)
})

// The time limit stands for the close timeout, which the library would set to 30 s.
test('the end is reported once, whoever brings it about', { timeout: 20_000 }, async (t) => {
  const handler = recordingHandler()
  const { client, raw, chargePoints } = await serve(t, handler)
  const ends: Readonly<Record<string, (socket: WebSocket) => Promise<void> | void>> = {
    'the peer closes': (socket) => socket.close(3001, 'good bye'),
    'the peer vanishes': (socket) => socket.terminate(),
    'terminated here': async () => (await handler.next('opened')).connection.terminate(),
    'closed here': async () => {
      const { connection } = await handler.next('opened')
      connection.close(4000, 'é'.repeat(100))
      connection.close(1000, 'twice')
      connection.terminate()
    },
    'closed here with a code that must not be sent': async () =>
      (await handler.next('opened')).connection.close(1006, 'no such code on the wire'),
  }
  for (const [name, end] of Object.entries(ends)) {
    const before = handler.seen.filter(({ type }) => type === 'closed').length
    const socket = client('/ocpp/a')
    await once(socket, 'open')
    await end(socket)
    const { connection } = await handler.next('closed')
    if (!name.includes('here')) await handler.next('opened')
    const closings = handler.seen.filter(({ type }) => type === 'closed')
    t.equal(closings.length, before + 1, name)
    t.equal(closings.filter((what) => what.connection === connection).length, 1, name)
  }

  // A peer that does not answer the close frame is dropped after the close timeout.
  const silent = await raw()
  silent.write(upgradeText('/ocpp/silent'))
  const { connection } = await handler.next('opened')
  connection.close(1000, 'leave')
  t.equal((await handler.next('closed')).connection, connection)
  await chargePoints.close()
  const closed = handler.seen.filter(({ type }) => type === 'closed')
  t.equal(new Set(closed.map((what) => what.connection)).size, closed.length)
})

test('long reasons are cut to what a close frame holds, between characters', async (t) => {
  const handler = recordingHandler({
    admit: () => ({ type: 'close', code: 1008, reason: `a${'é'.repeat(100)}` }),
  })
  const { client } = await serve(t, handler)
  t.match(await fate(client('/ocpp/a')), /^1008 aé{59}$/)
})

test('a handler that throws costs the connection it threw for, and the log says whose', async (t) => {
  const handler = recordingHandler({
    admit({ identity }) {
      if (identity === 'admit') throw new Error('admit failed')
      return { type: 'accept' }
    },
    opened({ identity }) {
      if (identity === 'opened') throw new Error('opened failed')
    },
    received(_connection, text) {
      if (text === 'boom') throw new Error('received failed')
    },
  })
  const { client, log } = await serve(t, handler)
  const witness = client('/ocpp/witness')
  await once(witness, 'open')
  t.match(await fate(client('/ocpp/admit')), /^HTTP 500/)
  t.match(await fate(client('/ocpp/opened')), /^1011 /)
  const victim = client('/ocpp/victim')
  await once(victim, 'open')
  victim.send('boom')
  victim.send('never seen')
  t.match(await fate(victim), /^1011 /)
  t.equal((await handler.next('closed')).connection.identity, 'victim')
  witness.send('fine')
  t.equal((await handler.next('received')).text, 'boom')
  t.equal((await handler.next('received')).text, 'fine')
  t.match(
    log.lines.filter(({ event }) => event === 'chargePointHandlerFailed'),
    [
      { fields: { chargePoint: 'admit', step: 'admit', error: Error } },
      { fields: { chargePoint: 'opened', step: 'opened', error: Error } },
      { fields: { chargePoint: 'victim', step: 'received', error: Error } },
    ],
  )
})

test('connections beyond the limit are turned away until one leaves', async (t) => {
  const handler = recordingHandler()
  const { client } = await serve(t, handler, { maxSockets: 2 })
  const first = client('/ocpp/a')
  await handler.next('opened')
  client('/ocpp/b')
  await handler.next('opened')
  t.match(await fate(client('/ocpp/c')), /^HTTP 503/)
  first.close()
  await handler.next('closed')
  client('/ocpp/c')
  t.equal((await handler.next('opened')).connection.identity, 'c')
})

test(
  'peers that cling to a connection they are told to leave are few',
  { timeout: 20_000 },
  async (t) => {
    const handler = recordingHandler({
      admit: () => ({ type: 'close', code: 1008, reason: 'Charger not found' }),
    })
    const { raw } = await serve(t, handler, { maxRefusals: 1, closeTimeoutMs: 200 })
    const clinging = await raw()
    clinging.write(upgradeText('/ocpp/a'))
    await once(clinging, 'data')
    const second = await raw()
    second.write(upgradeText('/ocpp/b'))
    t.equal(statusOf(await untilClosed(second)), 503)
    await untilClosed(clinging)
    const third = await raw()
    third.write(upgradeText('/ocpp/c'))
    t.equal(statusOf(await untilClosed(third)), 101)
  },
)

test('before it listens and after it closes it asks to try again later', async (t) => {
  const handler = recordingHandler()
  const { client, chargePoints } = await serve(t, handler)
  const socket = client('/ocpp/a')
  await once(socket, 'open')
  const [end] = await Promise.all([fate(socket), chargePoints.close(), chargePoints.close()])
  t.match(end, /^1001 /)
  t.equal((await handler.next('closed')).code, 1001)
  t.match(await fate(client('/ocpp/a')), /^HTTP 503/)
  await t.rejects(chargePoints.listen(handler), /closed/)
})

test('a strict OCPP client connects and gets its answer', async (t) => {
  const handler = recordingHandler({
    received(connection, text) {
      const [, id]: [number, string] = JSON.parse(text)
      const answer = { currentTime: '2026-01-05T00:00:00.000Z', interval: 300, status: 'Accepted' }
      connection.send(JSON.stringify([3, id, answer]))
    },
  })
  const { port } = await serve(t, handler)
  const client = new RPCClient({
    endpoint: `ws://127.0.0.1:${port}/ocpp`,
    identity: 'CP 1/ü',
    protocols: ['ocpp1.6'],
    strictMode: true,
    reconnect: false,
    // Its types demand what has a default.
    callTimeoutMs: 60_000,
    pingIntervalMs: 30_000,
    deferPingsOnActivity: false,
    respondWithDetailedErrors: false,
    callConcurrency: 1,
    strictModeValidators: [],
    maxBadMessages: Infinity,
    password: null,
    wsOpts: {},
    headers: {},
    maxReconnects: 0,
    backoff: { initialDelay: 1000, maxDelay: 10_000, factor: 2, randomisationFactor: 0.25 },
  })
  await client.connect()
  t.match(
    await client.call('BootNotification', { chargePointVendor: 'v', chargePointModel: 'm' }),
    { status: 'Accepted', interval: 300 },
  )
  t.equal((await handler.next('opened')).connection.identity, 'CP 1/ü')
  await client.close()
  t.equal((await handler.next('closed')).code, 1000)
})
