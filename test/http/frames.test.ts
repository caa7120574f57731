import { test } from 'tap'
import { createFrameLog } from '../../src/control/frame-log.js'
import { restApi } from '../../src/http/app.js'
import type { Connection } from '../../src/ports.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { testApi } from './a-backend.js'

const CONNECTION: Connection = {
  identity: 'CP_001',
  remoteAddress: '10.0.0.7',
  send() {},
  ping() {},
  pause() {},
  resume() {},
  bufferedBytes: () => 0,
  close() {},
  terminate() {},
}

/** A charger that is known, and its connection. */
async function aCharger({ records = 1000 }: { readonly records?: number } = {}) {
  const clock = manualClock({ startMs: 1_772_366_400_000 })
  const limits = { records, bytes: 1e6, totalBytes: 1e7, frameBytes: 1e5, strangers: 3 }
  const log = createFrameLog(clock, limits)
  const { backend } = testApi()
  const api = restApi(
    { ...backend, frames: log },
    { loopbackTrust: true, verify: () => false, monotonic: () => 0 },
  )
  const handler = log.recording({
    admit: () => ({ type: 'close', code: 1008, reason: 'Charger not found' }),
    opened: () => ({ received() {}, pong() {}, pinged() {}, closed() {} }),
  })
  const get = async (path: string): Promise<Response> =>
    api(new Request(`http://localhost/api/v1${path}`), { remoteAddress: '127.0.0.1' })
  return { clock, handler, get, end: handler.opened(CONNECTION) }
}

async function lines(response: Response): Promise<readonly Record<string, unknown>[]> {
  const text = await response.text()
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
}

/** The next lines of an answer that goes on. */
function reader(response: Response) {
  const stream = response.body?.getReader()
  if (!stream) throw new Error('the answer has no body')
  return {
    async next(): Promise<string> {
      const { value, done } = await stream.read()
      return done ? 'end' : new TextDecoder().decode(value)
    },
    leave: async () => stream.cancel(),
  }
}

test('frames come as JSON lines with a name to keep them under', async (t) => {
  const { get, end, clock } = await aCharger()
  await clock.advance(1500)
  end.received('[2,"1","Heartbeat",{}]')
  const response = await get('/chargers/CP_001/frames')
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-type'), 'application/x-ndjson; charset=utf-8')
  t.match(response.headers.get('content-disposition'), /filename="CP_001\.frames\.jsonl"/)
  t.match(await lines(response), [
    { charge_point: 'CP_001', kind: 'opened', text: 'from 10.0.0.7' },
    {
      charge_point: 'CP_001',
      kind: 'received',
      text: '[2,"1","Heartbeat",{}]',
      time: '2026-03-01T12:00:01.500Z',
      seq: Number,
      ms: Number,
    },
  ])
})

test('limit, since and id_tags choose what comes', async (t) => {
  const { get, end, clock } = await aCharger()
  for (const tag of ['A', 'B', 'A']) {
    await clock.advance(1000)
    end.received(`[2,"1","Authorize",{"idTag":"${tag}"}]`)
  }
  const newest = await lines(await get('/chargers/CP_001/frames?limit=2&id_tags=hide'))
  t.same(
    newest.map(({ text }) => text),
    ['[2,"1","Authorize",{"idTag":"tag-1"}]', '[2,"1","Authorize",{"idTag":"tag-2"}]'],
  )
  const since = (value: unknown): string =>
    `/chargers/CP_001/frames?since=${encodeURIComponent(String(value))}`
  t.equal((await lines(await get(since(newest[0]?.['seq'])))).length, 1)
  t.equal((await lines(await get(since('2026-03-01T12:00:01Z')))).length, 2)
  t.equal((await lines(await get(since('2030-01-01T00:00:00Z')))).length, 0)
  for (const wrong of ['limit=0', 'limit=x', 'since=yesterday', 'follow=yes', 'id_tags=no']) {
    t.equal((await get(`/chargers/CP_001/frames?${wrong}`)).status, 422, wrong)
  }
})

test('who follows is told as it happens, and what he was too late for', async (t) => {
  const { get, end } = await aCharger({ records: 50 })
  const follower = reader(await get('/chargers/CP_001/frames?follow=true&limit=1'))
  t.match(await follower.next(), /"kind":"opened"/)
  const waiting = follower.next()
  end.received('one')
  t.match(await waiting, /"text":"one"/)
  for (let count = 0; count < 500; count += 1) end.received(`many ${count}`)
  let seen = ''
  while (!seen.includes('many 499')) seen += await follower.next()
  t.match(seen, /"kind":"gap","text":"lines are missing here"/)
  t.notMatch(seen, /"many 100"/)
  await follower.leave()
})

test('sixteen may follow, and who leaves makes room', async (t) => {
  const { get } = await aCharger()
  const followers = []
  for (let count = 0; count < 16; count += 1) {
    followers.push(reader(await get('/chargers/CP_001/frames?follow=true')))
  }
  t.equal((await get('/chargers/CP_001/frames?follow=true')).status, 503)
  await followers[0]?.leave()
  const again = await get('/chargers/CP_001/frames?follow=true')
  t.equal(again.status, 200)
  await again.body?.cancel()
  for (const follower of followers.slice(1)) await follower.leave()
})

test('the attempts of one that nobody knows are there under its own id', async (t) => {
  const { get, handler } = await aCharger()
  t.equal((await get('/chargers/GHOST/frames')).status, 404)
  handler.admit({ identity: 'GHOST', remoteAddress: '10.0.0.9' })
  t.match(await lines(await get('/chargers/GHOST/frames')), [
    { kind: 'refused', text: '1008 Charger not found, from 10.0.0.9' },
  ])
})
