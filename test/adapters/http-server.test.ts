import { once } from 'node:events'
import { Agent, get, request as httpRequest } from 'node:http'
import { connect, Socket } from 'node:net'
import { test, type Test } from 'tap'
import { connectionCap } from '../../src/adapters/connection-cap.js'
import { httpServer, type HttpServerOptions } from '../../src/adapters/http-server.js'
import { ListenError } from '../../src/adapters/listen-error.js'
import {
  recordingHandler,
  serve,
  statusOf,
  untilClosed,
  upgradeText,
} from './charge-point-world.js'
import { recordingLog } from './modbus-world.js'

async function start(t: Test, options: Partial<HttpServerOptions> = {}) {
  const log = recordingLog()
  const server = httpServer({
    host: '127.0.0.1',
    port: 0,
    handle: async () => new Response('hello\n'),
    log,
    closeGraceMs: 50,
    ...options,
  })
  t.teardown(() => server.close())
  const { host, port } = await server.start()
  return { server, log, host, port, url: `http://127.0.0.1:${port}` }
}

/** Sends bytes and returns all that comes back until the server closes. */
async function send(port: number, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(text)
  return untilClosed(socket)
}

test('a request reaches the handler whole, and the answer the caller', async (t) => {
  const { url, host, port } = await start(t, {
    async handle(request, peer) {
      const body = await request.text()
      const headers = new Headers({
        'content-type': 'application/json',
        'x-method': request.method,
      })
      headers.append('set-cookie', 'a=1')
      headers.append('set-cookie', 'b=2')
      const path = new URL(request.url).pathname
      return Response.json(
        { body, path, peer, header: request.headers.get('x-sent') },
        { status: 201, headers },
      )
    },
  })
  t.equal(host, '127.0.0.1')
  const response = await fetch(`${url}/api/v1/x%20y?z=1`, {
    method: 'PUT',
    headers: { 'x-sent': 'yes' },
    body: '{"ü":1}',
  })
  t.equal(response.status, 201)
  t.equal(response.headers.get('x-method'), 'PUT')
  t.same(response.headers.getSetCookie(), ['a=1', 'b=2'])
  t.same(await response.json(), {
    body: '{"ü":1}',
    path: '/api/v1/x%20y',
    peer: { remoteAddress: '127.0.0.1' },
    header: 'yes',
  })
  t.equal((await fetch(url, { method: 'HEAD' })).status, 201)
  t.equal(port > 0, true)
})

test('answers without a body, and bodies that come piece by piece', async (t) => {
  let push: ReadableStreamDefaultController<Uint8Array> | undefined
  let cancelled: (() => void) | undefined
  const left = new Promise<void>((resolve) => {
    cancelled = resolve
  })
  const { url } = await start(t, {
    async handle(request) {
      if (request.method === 'DELETE') return new Response(null, { status: 204 })
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          push = controller
        },
        cancel: () => cancelled?.(),
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  const empty = await fetch(url, { method: 'DELETE' })
  t.equal(empty.status, 204)
  t.equal(await empty.text(), '')

  const abort = new AbortController()
  // The head comes although the stream has said nothing yet.
  const response = await fetch(url, { signal: abort.signal })
  const reader = response.body?.getReader()
  push?.enqueue(Buffer.from('data: 1\n\n'))
  t.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'data: 1\n\n')
  abort.abort()
  await left
  t.pass('the stream learns that its reader left')
})

test('a handler that fails gives 500 without a word about why, and the log has it', async (t) => {
  const { url, log } = await start(t, {
    async handle() {
      throw new Error('secret detail')
    },
  })
  const response = await fetch(`${url}/api/v1/chargers`)
  t.equal(response.status, 500)
  t.equal(await response.text(), 'internal error\n')
  t.match(log.lines, [
    { event: 'requestFailed', fields: { method: 'GET', path: '/api/v1/chargers', error: Error } },
  ])
})

test('an answer that breaks half-way ends its connection and nothing else', async (t) => {
  let broken = true
  const { url, log } = await start(t, {
    async handle() {
      if (!broken) return new Response('fine')
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.error(new Error('secret detail'))
        },
      })
      return new Response(body)
    },
  })
  await t.rejects(fetch(url).then((response) => response.text()))
  broken = false
  t.equal(await (await fetch(url)).text(), 'fine')
  t.match(log.lines, [{ event: 'responseBroken' }])
})

test('a body beyond the limit is refused, announced or not', async (t) => {
  let handled = 0
  const { url, port } = await start(t, {
    maxBodyBytes: 1000,
    async handle(request) {
      handled += 1
      return new Response(String((await request.arrayBuffer()).byteLength))
    },
  })
  const put = (body: string) => fetch(url, { method: 'PUT', body })
  t.equal(await (await put('x'.repeat(1000))).text(), '1000')
  t.equal((await put('x'.repeat(1001))).status, 413)
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
  const answer = await send(
    port,
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`,
  )
  t.equal(statusOf(answer), 413)
  t.equal(handled, 1)
})

test('what is no HTTP is answered in kind and the server goes on', async (t) => {
  const { port, url } = await start(t)
  for (const [sent, status] of [
    ['nonsense\r\n\r\n', 400],
    ['\x16\x03\x01\x02\x00\x01', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.0\r\n\r\n', 400],
    ['GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: localhost/x\r\nConnection: close\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: me@localhost\r\nConnection: close\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n', 200],
    ['GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
    ['OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    ['TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [`GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${'X: 1\r\n'.repeat(2000)}\r\n`, 200],
    ['GET //[]/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 200],
    ['GET /%E0%A4%A HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 200],
  ] as const) {
    t.equal(statusOf(await send(port, sent)), status, JSON.stringify(sent.slice(0, 60)))
  }
  t.equal(await (await fetch(url)).text(), 'hello\n')
})

test('who dribbles its headers or its body is cut off', async (t) => {
  let handled = 0
  const { port } = await start(t, {
    headersTimeoutMs: 100,
    requestTimeoutMs: 200,
    handle: async () => {
      handled += 1
      return new Response()
    },
  })
  const slowHead = send(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ')
  const slowBody = send(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx')
  t.equal(statusOf(await slowHead), 408)
  t.equal(statusOf(await slowBody), 408)
  t.equal(handled, 0)
})

test('one address cannot take the sockets of all, and charge points do not count', async (t) => {
  const handler = recordingHandler()
  const { raw, client } = await serve(
    t,
    handler,
    {},
    { maxSocketsPerAddress: 2, exempt: () => false },
  )
  for (const path of ['/ocpp/a', '/ocpp/b', '/ocpp/c']) {
    client(path)
    await handler.next('opened')
  }
  const first = await raw()
  await raw()
  t.equal(await untilClosed(await raw()), '')
  first.destroy()
  // The room is free once the server has seen the end of the first.
  for (let status = -1; status !== 101;) {
    const late = await raw()
    late.write(upgradeText('/ocpp/late'))
    const [data] = await Promise.race([once(late, 'data'), once(late, 'close').then(() => [''])])
    status = statusOf(String(data))
  }
  t.equal((await handler.next('opened')).connection.identity, 'late')
})

test('the cap counts per address and in all, and forgets sockets that ended', async (t) => {
  const from = (address: string) => {
    const socket = new Socket()
    Object.defineProperty(socket, 'remoteAddress', { value: address })
    return socket
  }
  const exempt = (address: string) => address === '127.0.0.1'
  const cap = connectionCap({ maxPerAddress: 2, maxTotal: 3, exempt })
  const first = from('10.0.0.1')
  t.ok(cap.admit(first))
  t.ok(cap.admit(from('::ffff:10.0.0.1')))
  t.notOk(cap.admit(from('10.0.0.1')), 'the third of one address')
  t.ok(cap.admit(from('10.0.0.2')))
  t.notOk(cap.admit(from('10.0.0.3')), 'the fourth in all')
  t.ok(cap.admit(from('127.0.0.1')), 'this machine')
  cap.release(first)
  cap.release(first)
  t.ok(cap.admit(from('10.0.0.1')))
  const last = from('10.0.0.9')
  t.notOk(cap.admit(last))
})

test('closing drops idle, busy and upgraded sockets, in bounded time and more than once', async (t) => {
  const handler = recordingHandler()
  const held = new Promise<Response>(() => {})
  const { http, port, client } = await serve(
    t,
    handler,
    {},
    {
      handle: (request) =>
        request.url.endsWith('/held') ? held : Promise.resolve(new Response('hello\n')),
    },
  )
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const idle = get({ port, host: '127.0.0.1', agent })
  const [answer] = await once(idle, 'response')
  answer.resume()
  await once(answer, 'end')
  const busy = httpRequest({ port, host: '127.0.0.1', path: '/held' })
  busy.on('error', () => {})
  const busyEnds = new Promise((resolve) => busy.on('close', resolve))
  busy.end()
  client('/ocpp/a')
  await handler.next('opened')
  await Promise.all([http.close(), http.close()])
  await http.close()
  await busyEnds
  t.equal((await handler.next('closed')).code, 1006)
  await t.rejects(fetch(`http://127.0.0.1:${port}/`))
})

test('closing a server that never started ends too', async () => {
  const log = recordingLog()
  await httpServer({ host: '127.0.0.1', port: 0, handle: async () => new Response(), log }).close()
})

test('a port that is taken is named, with what to do', async (t) => {
  const { port } = await start(t)
  const second = httpServer({
    host: '127.0.0.1',
    port,
    handle: async () => new Response(),
    log: recordingLog(),
  })
  t.teardown(() => second.close())
  const error: unknown = await second.start().catch((failure: unknown) => failure)
  t.ok(error instanceof ListenError)
  t.match(error, {
    code: 'inUse',
    message: `cannot listen on 127.0.0.1:${port} (EADDRINUSE): another process uses this port: stop it, or choose another with --port`,
  })
  await t.rejects(start(t, { host: '192.0.2.1' }), { code: 'noSuchAddress' })
})
