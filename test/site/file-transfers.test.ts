/** Charge points that send logs to the gateway and fetch firmware from it. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

type Fields = Readonly<Record<string, unknown>>

const PUBLIC = 'http: { public_url: "http://10.0.0.1:8000" }'
const STEP_MS = 2_000

async function aDepot(settings = PUBLIC): Promise<Story> {
  const site = await aStory({ count: 2, maxA: 40, settings })
  await site.seconds(10)
  return site
}

async function call(site: Story, body: Fields): Promise<{ status: number; body: Fields }> {
  let done: { status: number; body: unknown } | undefined
  site.rest('POST', '/chargers/cp001/calls', body).then(
    (answer) => (done = answer),
    () => (done = { status: 0, body: {} }),
  )
  await site.clock.advanceUntil(() => done !== undefined, 60_000)
  return { status: done?.status ?? 0, body: fields(done?.body ?? {}) }
}

/** The place that the charge point was told by the last call of this action. */
function place(site: Story, action: string): string {
  const frame = site.wire.callsTo('CP001', action).at(-1)?.payload
  const told = fields(frame?.['log'] ?? frame?.['firmware'] ?? frame ?? {})
  return String(told['remoteLocation'] ?? told['location'])
}

const send = (
  site: Story,
  url: string,
  init: { method: string; body?: string; headers?: Record<string, string> },
): Promise<Response> =>
  site.controller().handle(new Request(url, init), { remoteAddress: '10.0.0.7' })

const log = async (site: Story): Promise<unknown> =>
  fields((await site.rest('GET', '/chargers/cp001')).body)['log']

test('a log comes to the place its charge point was told, once', async (t) => {
  const site = await aDepot()
  t.match(await call(site, { action: 'GetDiagnostics' }), { status: 200 })
  const url = place(site, 'GetDiagnostics')
  t.match(url, /^http:\/\/10\.0\.0\.1:8000\/files\/in\/[\w-]+\/$/)
  const sent = await send(site, `${url}today.txt`, { method: 'PUT', body: 'all is well' })
  t.equal(sent.status, 201)
  const { body: files } = await site.rest('GET', '/files')
  t.match(files, [{ kind: 'log', name: 'today.txt', bytes: 11, charger_id: 'cp001' }])
  const [file] = Array.isArray(files) ? files : []
  const { id } = fields(file)
  t.match(await log(site), { state: 'done', file_id: id })
  const again = await send(site, `${url}today.txt`, { method: 'PUT', body: 'again' })
  t.equal(again.status, 404, 'the place is used up')
  const headers = { host: 'localhost' }
  const request = new Request(`http://localhost/api/v1/files/${String(id)}`, { headers })
  const got = await site.controller().handle(request, { remoteAddress: '127.0.0.1' })
  t.equal(await got.text(), 'all is well')
  const stranger = await site.controller().handle(request, { remoteAddress: '10.0.0.7' })
  t.equal(stranger.status, 401, 'logs are for those with the token')
  t.equal((await site.rest('DELETE', `/files/${String(id)}`)).status, 204)
  t.same((await site.rest('GET', '/files')).body, [])
  await site.stop()
})

test('a place outlives a restart, but not its time, and nobody sees it over REST', async (t) => {
  const site = await aDepot()
  await call(site, { action: 'GetLog' })
  const url = place(site, 'GetLog')
  const [, secret = ''] = /in\/([\w-]+)\//.exec(url) ?? []
  const { body } = await site.rest('GET', '/chargers/cp001')
  t.notMatch(JSON.stringify(body), new RegExp(`"${secret}|/${secret}`))
  await site.restart()
  const form = [
    '--xyz\r\nContent-Disposition: form-data; name="file"; filename="../../log.gz"\r\n',
    'Content-Type: application/gzip\r\n\r\nline 1\r\n--xy\r\nline 2\r\n--xyz--\r\n',
  ].join('')
  const headers = { 'content-type': 'multipart/form-data; boundary=xyz' }
  t.equal((await send(site, url, { method: 'POST', body: form, headers })).status, 201)
  const { body: files } = await site.rest('GET', '/files')
  t.match(files, [{ name: '_.._log.gz', bytes: 'line 1\r\n--xy\r\nline 2'.length }])

  await site.seconds(10)
  await call(site, { action: 'GetDiagnostics' })
  const late = place(site, 'GetDiagnostics')
  await site.clock.advance(4 * 3600_000 + STEP_MS)
  t.equal((await send(site, late, { method: 'PUT', body: 'late' })).status, 404)
  for (const [method, path, status] of [
    ['PUT', '/files/in/', 404],
    ['PUT', '/files/in/guess/x', 404],
    ['GET', '/files/in/guess/x', 405],
    ['GET', '/files/out/guess/x', 404],
    ['PUT', '/files/out/guess/x', 405],
  ] as const) {
    const answer = await send(site, `http://10.0.0.1:8000${path}`, {
      method,
      ...(method === 'PUT' && { body: 'x' }),
    })
    t.equal(answer.status, status, `${method} ${path}`)
  }
  await site.stop()
})

test('firmware is kept, told to the charge point, and fetched in parts without a token', async (t) => {
  const site = await aDepot()
  const headers = { host: 'localhost' }
  const put = new Request('http://localhost/api/v1/firmware/acme-1.3.bin', {
    method: 'PUT',
    headers,
    body: '0123456789',
  })
  const stored = await site.controller().handle(put, { remoteAddress: '127.0.0.1' })
  t.equal(stored.status, 201)
  const { id } = fields(await stored.json())
  t.match(await call(site, { action: 'UpdateFirmware', file: String(id) }), { status: 200 })
  const url = place(site, 'UpdateFirmware')
  t.match(url, /^http:\/\/10\.0\.0\.1:8000\/files\/out\/[\w-]+\/acme-1\.3\.bin$/)
  t.equal(await (await send(site, url, { method: 'GET' })).text(), '0123456789')
  const rest = await send(site, url, { method: 'GET', headers: { range: 'bytes=4-' } })
  t.equal(rest.status, 206)
  t.equal(rest.headers.get('content-range'), 'bytes 4-9/10')
  t.equal(await rest.text(), '456789')
  const head = await send(site, url, { method: 'HEAD' })
  t.equal(head.headers.get('content-length'), '10')
  t.match(fields((await site.rest('GET', '/chargers/cp001')).body)['firmware'], {
    location: null,
    file_id: id,
  })
  t.equal((await site.rest('DELETE', `/files/${String(id)}`)).status, 204)
  t.equal((await send(site, url, { method: 'GET' })).status, 404)
  t.match(await call(site, { action: 'UpdateFirmware', file: String(id) }), {
    status: 409,
    body: { message: /no firmware has the id/ },
  })
  await site.stop()
})

test('without a public address a charge point is told the one that it dialled itself', async (t) => {
  const site = await aDepot('')
  t.match(await call(site, { action: 'GetDiagnostics' }), { status: 200 })
  t.match(place(site, 'GetDiagnostics'), /^http:\/\/gateway\.test:8000\/files\/in\//)
  await site.stop()
})
