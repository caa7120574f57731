import { test } from 'tap'
import { staticPage } from '../../src/http/static-page.js'

const FILES = [
  { name: 'index.html', bytes: new TextEncoder().encode('<!doctype html>'), hash: 'h1' },
  { name: 'main.js', bytes: new TextEncoder().encode('export {}'), hash: 'h2' },
]
const PEER = { remoteAddress: '10.0.0.9' }

function ask(path: string, init: RequestInit = {}) {
  const page = staticPage(FILES, () => 0)
  return page(new Request(`http://depot.example${path}`, init), PEER)
}

test('the page is at / and its parts below /page', async (t) => {
  const index = ask('/')
  t.equal(index?.status, 200)
  t.equal(index?.headers.get('content-type'), 'text/html; charset=utf-8')
  t.equal(await index?.text(), '<!doctype html>')
  t.match(ask('/page/main.js')?.headers.get('content-type'), 'text/javascript')
  for (const other of ['/page/', '/page/index.html', '/page/../main.js', '/api/v1/site', '/x']) {
    t.equal(ask(other), undefined, other)
  }
})

test('nothing inline, nothing from elsewhere, in no frame', async (t) => {
  for (const path of ['/', '/page/main.js']) {
    const headers = ask(path)?.headers
    const policy = headers?.get('content-security-policy') ?? ''
    t.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/)
    t.match(policy, /frame-ancestors 'none'/)
    t.match(policy, /require-trusted-types-for 'script'/)
    t.notMatch(policy, /unsafe|http|\*/)
    t.equal(headers?.get('x-content-type-options'), 'nosniff')
  }
})

test('what the browser has is not sent again, until it changes', async (t) => {
  const etag = ask('/page/main.js')?.headers.get('etag') ?? ''
  t.equal(etag, '"h2"')
  const again = ask('/page/main.js', { headers: { 'if-none-match': `"old", ${etag}` } })
  t.equal(again?.status, 304)
  t.equal(await again?.text(), '')
  t.equal(ask('/page/main.js', { headers: { 'if-none-match': '"old"' } })?.status, 200)
  t.equal(ask('/page/main.js')?.headers.get('cache-control'), 'no-cache')
})

test('only reading is possible, and not without end', async (t) => {
  t.equal(ask('/', { method: 'POST' })?.status, 405)
  const head = ask('/', { method: 'HEAD' })
  t.equal(head?.headers.get('content-length'), '15')
  t.equal(await head?.text(), '')
  const page = staticPage(FILES, () => 0)
  const statuses = Array.from(
    { length: 401 },
    () => page(new Request('http://depot.example/'), PEER)?.status,
  )
  t.same([statuses[399], statuses[400]], [200, 429])
})
