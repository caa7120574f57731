import { test } from 'tap'
import { denied } from '../../src/http/access.js'
import { rateLimit } from '../../src/http/rate-limit.js'
import { testApi, TOKEN } from './a-backend.js'

type Headers = Readonly<Record<string, string>>
type Row = readonly [address: string, headers: Headers, status: 401 | 403 | undefined]

const HERE = '127.0.0.1'
const LOCAL = { host: 'localhost:8000' }
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })

const ROWS: readonly Row[] = [
  // This machine itself, by any of its names.
  [HERE, LOCAL, undefined],
  ['127.8.9.1', { host: '127.0.0.1' }, undefined],
  ['::1', { host: '[::1]:8000' }, undefined],
  ['::ffff:127.0.0.1', { host: 'LOCALHOST' }, undefined],
  [HERE, { ...LOCAL, origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' }, undefined],
  [HERE, { ...LOCAL, 'sec-fetch-site': 'none' }, undefined],
  // Another machine, or one that says it speaks for another.
  ['192.168.1.5', LOCAL, 401],
  ['::ffff:192.168.1.5', LOCAL, 401],
  ['128.0.0.1', LOCAL, 401],
  ['fe80::1', LOCAL, 401],
  ['', LOCAL, 401],
  [HERE, { ...LOCAL, forwarded: 'for=1.2.3.4' }, 401],
  [HERE, { ...LOCAL, 'X-Forwarded-For': '127.0.0.1' }, 401],
  [HERE, { ...LOCAL, 'x-forwarded-proto': 'https' }, 401],
  [HERE, { ...LOCAL, 'x-real-ip': '1.2.3.4' }, 401],
  [HERE, { ...LOCAL, via: '1.1 proxy' }, 401],
  // A name made to point here.
  [HERE, { host: 'yard.example' }, 403],
  [HERE, { host: 'localhost.evil.example' }, 403],
  [HERE, { host: 'evil.example@localhost' }, 403],
  [HERE, { host: 'localhost, evil.example' }, 403],
  [HERE, { host: '127.0.0.1.nip.io:8000' }, 403],
  [HERE, { host: '' }, 403],
  // Another page in the browser of this machine.
  [HERE, { ...LOCAL, origin: 'https://evil.example' }, 403],
  [HERE, { ...LOCAL, origin: 'null' }, 403],
  [HERE, { ...LOCAL, origin: 'http://localhost:3000' }, 403],
  [HERE, { ...LOCAL, origin: 'http://evil@localhost:8000' }, 403],
  [HERE, { ...LOCAL, 'sec-fetch-site': 'cross-site' }, 403],
  [HERE, { ...LOCAL, 'sec-fetch-site': 'same-site' }, 403],
  // The token opens from everywhere; a wrong one closes even here.
  ['192.168.1.5', { host: 'yard.example', ...bearer(TOKEN) }, undefined],
  ['192.168.1.5', { ...LOCAL, authorization: `bearer  ${TOKEN} ` }, undefined],
  [HERE, { ...LOCAL, forwarded: 'for=1.2.3.4', ...bearer(TOKEN) }, undefined],
  [HERE, { ...LOCAL, ...bearer('guess') }, 401],
  [HERE, { ...LOCAL, ...bearer('') }, 401],
  [HERE, { ...LOCAL, authorization: `Basic ${TOKEN}` }, 401],
  [HERE, { ...LOCAL, authorization: TOKEN }, 401],
  ['192.168.1.5', { ...LOCAL, authorization: `Bearer ${TOKEN}, Bearer x` }, 401],
]

test('who comes in without a token, who with one, and who not at all', async (t) => {
  const rules = { loopbackTrust: true, verify: (token: string) => token === TOKEN }
  for (const [address, headers, status] of ROWS) {
    const request = new Request('http://localhost:8000/api/v1/site', { headers })
    const response = denied(request, address, rules)
    t.equal(response?.status, status, `${address} ${JSON.stringify(headers)}`)
    if (status === 401) t.match(response?.headers.get('www-authenticate'), /^Bearer realm=/)
  }
})

test('a request to another host by its URL is no local one either', async (t) => {
  const rules = { loopbackTrust: true, verify: () => false }
  const headers = { host: 'localhost' }
  t.equal(denied(new Request('http://evil.example/', { headers }), HERE, rules)?.status, 403)
  t.equal(denied(new Request('http://evil.example/'), HERE, rules)?.status, 403)
})

test('without trust in loopback, even this machine needs the token', async (t) => {
  const rules = { loopbackTrust: false, verify: (token: string) => token === TOKEN }
  const request = (headers: Headers) => new Request('http://localhost/api/v1/site', { headers })
  t.equal(denied(request({}), HERE, rules)?.status, 401)
  t.equal(denied(request(bearer(TOKEN)), HERE, rules), undefined)
})

test('everything asks for the token but /healthz', async (t) => {
  const api = testApi()
  const from = (path: string, method = 'GET') =>
    api.send(new Request(`http://yard.example${path}`, { method }), '10.0.0.9')
  for (const path of [
    '/api/v1/chargers',
    '/api/v1/openapi.json',
    '/api/v1/none',
    '/',
    '/healthz/',
    '/healthz/x',
    '//healthz',
    '/api/v1/chargers?x=/healthz',
    '/healthz%2f../api/v1/chargers',
  ]) {
    t.match(await from(path), { status: 401, body: { error: 'unauthorized' } }, path)
  }
  t.equal((await from('/api/v1/chargers', 'OPTIONS')).status, 401)
  t.match(await from('/healthz'), { status: 200, body: { status: 'ok' } })
  t.match(await from('/healthz?probe=1'), { status: 200 })
})

test('an address has 50 requests a second, and 200 at once', async (t) => {
  const api = testApi()
  const ask = (address: string) => api.send(new Request('http://localhost/healthz'), address)
  const statuses: number[] = []
  for (let at = 0; at < 201; at += 1) statuses.push((await ask('10.0.0.9')).status)
  t.equal(statuses.indexOf(429), 200)
  const refused = await ask('10.0.0.9')
  t.match(refused, { status: 429, body: { error: 'too_many_requests' } })
  t.equal(refused.headers.get('retry-after'), '1')
  t.equal((await ask('10.0.0.8')).status, 200, 'another address is not held up')
  api.advance(100)
  const after = []
  for (let at = 0; at < 6; at += 1) after.push((await ask('10.0.0.9')).status)
  t.same(after, [200, 200, 200, 200, 200, 429])
})

test('strangers use up nothing of what those with the token may ask from the same address', async (t) => {
  const api = testApi()
  const ask = async (headers: Record<string, string>, path = '/api/v1/site'): Promise<number> =>
    (await api.send(new Request(`http://yard.example${path}`, { headers }), '10.0.0.7')).status
  const strangers = []
  for (let n = 0; n < 300; n++) strangers.push(await ask({}))
  t.same([strangers[199], strangers[200]], [401, 429])
  t.equal(await ask({}, '/healthz'), 429, 'nobody proves himself by asking how we are')
  t.equal(await ask({ authorization: `Bearer ${TOKEN}` }), 200)
})

test('the rate limit remembers the latest addresses, no more', async (t) => {
  const limit = rateLimit({ perSecond: 1, burst: 1, maxAddresses: 2 })
  t.equal(limit.take('a', 0), undefined)
  t.equal(limit.take('b', 0), undefined)
  t.equal(limit.take('a', 0), 1, 'a is known')
  t.equal(limit.take('c', 0), undefined)
  t.equal(limit.take('a', 0), 1, 'a is known still')
  t.equal(limit.take('b', 0), undefined, 'b was forgotten')
  t.equal(limit.take('a', 60_000), undefined)
  t.equal(limit.take('a', 60_500), 1, 'time that passes fills no more than the burst')
  t.equal(limit.take('a', 0), 1, 'a clock that steps back gives nothing')
})
