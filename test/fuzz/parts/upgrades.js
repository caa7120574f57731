/** What arrives at the listening port before and after the handshake: requests, and bytes of frames. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { chargePointServer } from '../../../dist/adapters/charge-point-server.js'
import { httpServer } from '../../../dist/adapters/http-server.js'
import { readUpgradeRequest } from '../../../dist/adapters/upgrade-request.js'
import { mutateBytes, mutateText } from '../mutate.js'

/** One in so many goes over a socket: that costs as much as hundreds of the others. */
const SOCKET_EACH = 16
const AT_ONCE = 32
const TARGETS = [
  '/ocpp/CP001',
  '/CP001',
  '/ocpp/CP001/CP001',
  '/ocpp/CP%2F1',
  '/',
  '/api/v1/site',
  '//',
  'http://x/ocpp/CP001',
  '/ocpp/%E0%A4%A',
]
const HEADERS = [
  ['Host', '127.0.0.1'],
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['Sec-WebSocket-Protocol', 'ocpp1.6'],
]
const MORE = [
  ['Authorization', 'Basic Q1AwMDE6c2VjcmV0'],
  ['Authorization', 'Bearer token'],
  ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
  ['Content-Length', '5'],
  ['Content-Length', '99999999999999'],
  ['Transfer-Encoding', 'chunked'],
  ['Forwarded', 'for=1.2.3.4'],
  ['Expect', '100-continue'],
  ['Origin', 'http://evil.example'],
]

export async function upgrades() {
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (event, fields) => errors.push([event, fields]),
  }
  const errors = []
  const http = httpServer({
    host: '127.0.0.1',
    port: 0,
    handle: async () => new Response('ok\n'),
    log,
    headersTimeoutMs: 500,
    requestTimeoutMs: 500,
    closeGraceMs: 50,
  })
  const connections = new Set()
  const server = chargePointServer({ server: http, log, closeTimeoutMs: 100 })
  await server.listen({
    admit: ({ identity }) =>
      identity.length % 7 === 3 ? { type: 'close', code: 1008, reason: 'no' } : { type: 'accept' },
    opened(connection) {
      connections.add(connection)
      return {
        received: (text) => connection.send(text.slice(0, 200)),
        pong() {},
        pinged() {},
        closed() {
          connections.delete(connection)
        },
      }
    },
  })
  const { port } = await http.start()
  const underWay = new Set()
  let given

  return {
    async each(random, index) {
      if (index % SOCKET_EACH !== 0) {
        given = request(random)
        const read = readUpgradeRequest(given, { assumeSubprotocol: random.chance(0.5) })
        if (read.type === 'invalid' && !(read.status >= 400 && read.status < 500))
          throw new Error(`status ${read.status}`)
        if (read.type === 'valid' && read.identity.length > 128) throw new Error('a long identity')
        return
      }
      given = bytes(random)
      const attempt = throughSocket(port, given, random)
      underWay.add(attempt)
      attempt.finally(() => underWay.delete(attempt)).catch(() => {})
      if (underWay.size >= AT_ONCE) await Promise.race(underWay)
    },
    input: () => (Buffer.isBuffer(given) ? given.toString('latin1') : given),
    async look() {
      await Promise.all(underWay)
      if (errors.length > 0) return `logged ${JSON.stringify(errors[0])}`
      const response = await fetch(`http://127.0.0.1:${port}/`)
      if ((await response.text()) !== 'ok\n') return 'an honest request is not answered'
      for (let waitedMs = 0; waitedMs < 5_000 && connections.size > 0; waitedMs += 20) {
        await delay(20)
      }
      if (connections.size > 0) return 'connections are still there when all clients have gone'
      return undefined
    },
    lookEvery: 4_096,
    growthMiB: 16,
    async stop() {
      await server.close()
      await http.close()
    },
  }
}

function request(random) {
  const headers = Object.fromEntries(
    [...HEADERS, ...(random.chance(0.3) ? [random.pick(MORE)] : [])]
      .filter(() => !random.chance(0.05))
      .map(([name, value]) => [
        name.toLowerCase(),
        random.chance(0.3) ? mutateText(value, random) : value,
      ]),
  )
  const target = random.pick(TARGETS)
  return {
    method: random.chance(0.9) ? 'GET' : random.pick(['POST', '', 'get']),
    url: random.chance(0.6) ? mutateText(target, random) : target,
    headers,
  }
}

function bytes(random) {
  const lines = [...HEADERS, ...(random.chance(0.2) ? [random.pick(MORE)] : [])]
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const head = `GET ${random.pick(TARGETS)} HTTP/1.1\r\n${lines}\r\n`
  const frames = Buffer.concat(Array.from({ length: random.below(6) }, () => frame(random)))
  if (random.chance(0.5)) return Buffer.concat([Buffer.from(head), mutateBytes(frames, random)])
  return Buffer.concat([Buffer.from(mutateText(head, random), 'latin1'), frames])
}

/** As a client sends it, masked with zeros. */
function frame(random) {
  const opcode = random.pick([0, 1, 1, 1, 2, 3, 8, 9, 10, 15])
  const first = (random.chance(0.8) ? 0x80 : 0) | (random.chance(0.05) ? 0x40 : 0) | opcode
  const length = random.chance(0.8) ? random.below(126) : random.below(70_000)
  const payload = Buffer.alloc(
    length,
    random.pick(['[2,"1","Heartbeat",{}]', '\xff', '\x03\xe8bye']),
  )
  const mask = random.chance(0.95) ? 0x80 : 0
  const size = length < 126 ? [mask | length] : [mask | 126, (length >> 8) & 255, length & 255]
  return Buffer.concat([
    Buffer.from([first, ...(length > 65_535 ? [mask | 126, 255, 255] : size), 0, 0, 0, 0]),
    payload,
  ])
}

async function throughSocket(port, what, random) {
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => {})
  socket.on('data', () => {})
  const closed = once(socket, 'close').catch(() => {})
  socket.write(what.subarray(0, what.length >> 1))
  if (random.chance(0.3)) await delay(1)
  socket.write(what.subarray(what.length >> 1))
  if (random.chance(0.5)) socket.end()
  await Promise.race([closed, delay(random.chance(0.05) ? 50 : 4)])
  socket.destroy()
  await closed
}
