import * as fc from 'fast-check'
import { test } from 'tap'
import { readUpgradeRequest } from '../../src/adapters/upgrade-request.js'

const HANDSHAKE = {
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'ocpp1.6',
}

function read(url: string | undefined, headers = {}, assumeSubprotocol = false, method = 'GET') {
  const request = {
    method,
    headers: { ...HANDSHAKE, ...headers },
    ...(url !== undefined && { url }),
  }
  return readUpgradeRequest(request, { assumeSubprotocol })
}

for (const [url, identity] of [
  ['/ocpp/CP_001', 'CP_001'],
  ['/CP_001', 'CP_001'],
  ['/ocpp/CP_001/', 'CP_001'],
  ['/CP_001/', 'CP_001'],
  ['/ocpp/cp_001', 'cp_001'],
  ['/ocpp/CP_001?token=1', 'CP_001'],
  ['/ocpp/CP%20%2F%2B1', 'CP /+1'],
  ['/ocpp/a+b', 'a+b'],
  ['/ocpp/%C3%BC', 'ü'],
  ['/ocpp/api', 'api'],
  ['/ocpp/ocpp', 'ocpp'],
  ['/ocpp/__proto__', '__proto__'],
  ['/ocpp/CP_001/CP_001', 'CP_001'],
] as const) {
  test(`${url} is charge point ${identity}`, async (t) => {
    t.same(read(url), { type: 'valid', identity })
  })
}

for (const [url, status] of [
  ['/', 400],
  ['', 400],
  [undefined, 400],
  ['*', 400],
  ['http://127.0.0.1/ocpp/CP_001', 400],
  ['ocpp/CP_001', 400],
  ['/ocpp', 404],
  ['/ocpp/', 404],
  ['//', 400],
  ['/ocpp//', 400],
  ['/ocpp/%20', 400],
  ['/ocpp/%E0%A4%A', 400],
  ['/%', 400],
  ['/ocpp/%00', 400],
  ['/ocpp/a%0Ab', 400],
  [`/ocpp/${'x'.repeat(129)}`, 400],
  ['/ocpp/a/b', 404],
  ['/ocpp/a/a/a', 404],
  ['/a/b', 404],
  ['/api', 404],
  ['/api/v1/chargers', 404],
  ['//[]/', 404],
] as const) {
  test(`${url} is no charge point: ${status}`, async (t) => {
    t.match(read(url), { type: 'invalid', status })
  })
}

for (const [offered, assume, accepted] of [
  ['ocpp1.6', false, true],
  ['ocpp2.0.1, ocpp1.6', false, true],
  ['ocpp2.0.1,ocpp1.6,x', false, true],
  ['ocpp1.60', false, false],
  ['OCPP1.6', false, false],
  ['ocpp2.0.1', false, false],
  ['ocpp2.0.1', true, false],
  ['', false, false],
  [undefined, false, false],
  [undefined, true, true],
] as const) {
  test(`offering ${offered} ${assume ? 'to the lenient' : ''} is ${accepted}`, async (t) => {
    const answer = read('/ocpp/a', { 'sec-websocket-protocol': offered }, assume)
    t.match(answer, accepted ? { type: 'valid' } : { type: 'invalid', status: 400 })
  })
}

test('what is no WebSocket handshake is refused before anything else', async (t) => {
  t.match(read('/ocpp/a', {}, false, 'POST'), { status: 405 })
  t.match(read('/ocpp/a', { upgrade: 'h2c' }), { status: 400 })
  t.match(read('/ocpp/a', { upgrade: 'WebSocket' }), { type: 'valid' })
  t.match(read('/ocpp/a', { 'sec-websocket-version': '8' }), { status: 426 })
  t.match(read('/ocpp/a', { 'sec-websocket-key': 'short' }), { status: 400 })
  t.match(read('/ocpp/a', { 'sec-websocket-key': undefined }), { status: 400 })
})

test('no request target makes it throw, and every id survives its encoding', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webPath(), fc.webUrl()), (url) => {
      const answer = read(url)
      return answer.type === 'valid' || answer.status === 400 || answer.status === 404
    }),
  )
  fc.assert(
    fc.property(
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
        .filter((id) => id.trim() !== '' && !/\p{Cc}/u.test(id)),
      (id) => {
        const answer = read(`/ocpp/${encodeURIComponent(id)}`)
        return answer.type === 'valid' && answer.identity === id
      },
    ),
  )
})
