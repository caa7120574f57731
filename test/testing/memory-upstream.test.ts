import { test } from 'tap'
import type { UpstreamMessage, UpstreamRequest } from '../../src/ports.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import type { ManualClock } from '../../src/testing/manual-clock.js'
import { memoryUpstream } from '../../src/testing/memory-upstream.js'
import type { MemoryUpstream } from '../../src/testing/memory-upstream.js'

const will: UpstreamMessage = message('state/online', 'false', { retain: true })

function message(
  topic: string,
  payload: string,
  options: Partial<UpstreamMessage> = {},
): UpstreamMessage {
  return { topic, payload, qos: 1, retain: false, ...options }
}

function started(reachable = true): {
  clock: ManualClock
  upstream: MemoryUpstream
  events: string[]
  requests: UpstreamRequest[]
} {
  const clock = manualClock()
  const upstream = memoryUpstream({ clock, reachable })
  const events: string[] = []
  const requests: UpstreamRequest[] = []
  upstream.start(
    { will, subscriptions: ['cmd/+/limit', 'all/#'] },
    {
      connected: () => void events.push('connected'),
      disconnected: (reason) => void events.push(`disconnected: ${reason}`),
      received: (request) => void requests.push(request),
    },
  )
  return { clock, upstream, events, requests }
}

/** What became of a publish once some time has passed. */
async function published(
  { clock, upstream }: ReturnType<typeof started>,
  sent: UpstreamMessage,
): Promise<string> {
  let outcome = 'waiting'
  const settled = upstream.publish(sent).then(
    () => (outcome = 'acknowledged'),
    (error: unknown) => (outcome = String(error)),
  )
  await clock.advance(100)
  await settled
  return outcome
}

test('it connects by itself, once the broker can be reached', async (t) => {
  const world = started(false)
  await world.clock.advance(60_000)
  t.same(world.events, [])
  t.match(await published(world, message('a', '1')), /not connected/)
  world.upstream.connect()
  world.upstream.connect()
  await world.clock.advance(10)
  t.same(world.events, ['connected'])
  t.equal(await published(world, message('a', '1')), 'acknowledged')
  t.same(
    world.upstream.published().map(({ topic }) => topic),
    ['a'],
  )
})

test('retained messages are kept by topic until an empty one clears them', async (t) => {
  const world = started()
  await world.clock.advance(10)
  await published(world, message('a', '1', { retain: true }))
  await published(world, message('a', '2', { retain: true }))
  await published(world, message('a', '3'))
  t.equal(world.upstream.retained('a')?.payload, '2')
  await published(world, message('a', '', { retain: true }))
  t.equal(world.upstream.retained('a'), undefined)
})

test('a broken session publishes the will and loses what was not acknowledged', async (t) => {
  const world = started()
  const { clock, upstream, events } = world
  await clock.advance(10)
  const lost = upstream.publish(message('a', '1'))
  upstream.disconnect('keepalive timeout')
  await Promise.all([t.rejects(lost, /was lost/), clock.advance(100)])
  t.same(events, ['connected', 'disconnected: keepalive timeout'])
  t.equal(upstream.retained('state/online')?.payload, 'false')
  t.equal(upstream.isConnected(), false)
  upstream.connect()
  await clock.advance(10)
  t.same(events.slice(2), ['connected'])
})

test('a lost acknowledgement leaves the message published', async (t) => {
  const world = started()
  await world.clock.advance(10)
  world.upstream.loseAcknowledgements(1)
  t.match(await published(world, message('a', '1')), /did not acknowledge/)
  t.equal(await published(world, message('a', '1')), 'acknowledged')
  t.equal(world.upstream.published().length, 2, 'at least once')
})

test('requests reach subscriptions only, retained ones again with each session', async (t) => {
  const { clock, upstream, requests } = started()
  t.equal(upstream.request('cmd/g1/limit', 'early'), false, 'no session yet')
  await clock.advance(10)
  t.equal(upstream.request('cmd/g1/limit', '1', { responseTopic: 'answers' }), true)
  t.equal(upstream.request('cmd/g1/limit/deeper', '2'), false)
  t.equal(upstream.request('cmd/limit', '3'), false)
  t.equal(upstream.request('all/that/follows', '4', { retained: true }), true)
  upstream.disconnect()
  t.equal(upstream.request('cmd/g1/limit', 'late'), false)
  upstream.connect()
  await clock.advance(10)
  t.same(
    requests.map(({ payload, retained }) => [payload, retained]),
    [
      ['1', false],
      ['4', false],
      ['4', true],
    ],
  )
  t.equal(requests[0]?.responseTopic, 'answers')
})

test('a new start takes the session over, as after a crash', async (t) => {
  const { clock, upstream, events } = started()
  await clock.advance(10)
  const successor: string[] = []
  upstream.start(
    { will, subscriptions: [] },
    {
      connected: () => void successor.push('connected'),
      disconnected: () => {},
      received: () => {},
    },
  )
  await clock.advance(10)
  t.same(successor, ['connected'])
  t.same(events, ['connected'], 'the old one hears nothing more')
  t.equal(upstream.retained('state/online')?.payload, 'false', 'its will was published')
})

test('stopping publishes the last message and not the will', async (t) => {
  const { clock, upstream, events } = started()
  await clock.advance(10)
  await upstream.stop(message('state/online', 'stopped', { retain: true }))
  await upstream.stop(message('state/online', 'again'))
  upstream.disconnect()
  await clock.advance(1000)
  t.same(events, ['connected'])
  t.same(
    upstream.published().map(({ payload }) => payload),
    ['stopped'],
  )
})
