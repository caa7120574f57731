/** Bodies that are too large for memory: handed on as they come, and never waited for. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { test, type Test } from 'tap'
import { httpServer } from '../../src/adapters/http-server.js'
import { statusOf, untilClosed } from './charge-point-world.js'
import { recordingLog } from './modbus-world.js'

async function start(t: Test): Promise<{ port: number; url: string; handled: string[] }> {
  const handled: string[] = []
  const server = httpServer({
    host: '127.0.0.1',
    port: 0,
    log: recordingLog(),
    closeGraceMs: 50,
    maxBodyBytes: 1_000,
    headersTimeoutMs: 100,
    requestTimeoutMs: 200,
    isStreamed: (_method, path) => path.startsWith('/in/'),
    async handle(request) {
      const { pathname } = new URL(request.url)
      handled.push(pathname)
      if (pathname === '/in/unread') return new Response('no\n', { status: 404 })
      return new Response(String((await request.arrayBuffer()).byteLength))
    },
  })
  t.teardown(() => server.close())
  const { port } = await server.start()
  return { port, url: `http://127.0.0.1:${port}`, handled }
}

const mebibytes = (count: number): Uint8Array => new Uint8Array(count * 1024 * 1024)

test('a file of any size is handed on, other bodies are bounded as before', async (t) => {
  const { url, handled } = await start(t)
  const sent = await fetch(`${url}/in/file`, { method: 'PUT', body: mebibytes(8) })
  t.equal(await sent.text(), String(8 * 1024 * 1024))
  const refused = await fetch(`${url}/api`, { method: 'PUT', body: 'x'.repeat(1_001) })
  t.equal(refused.status, 413)
  t.same(handled, ['/in/file'])
})

test('the answer does not wait for a file that nobody wants', async (t) => {
  const { port } = await start(t)
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write('PUT /in/unread HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\nx')
  t.equal(statusOf(await untilClosed(socket)), 404)
})

test('where files may take long, other bodies may not', async (t) => {
  const { port, handled } = await start(t)
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write('POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx')
  t.equal(statusOf(await untilClosed(socket)), 408)
  t.same(handled, [])
})
