import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import { Aedes } from 'aedes'
import { mqttUpstream } from '../../src/adapters/mqtt-upstream.js'
import type { MqttSettings } from '../../src/config/settings.js'
import type { Upstream, UpstreamMessage } from '../../src/ports.js'
import { ackMessage } from '../../src/telemetry/ack-message.js'
import { statusMessage, willMessage } from '../../src/telemetry/status-messages.js'
import { siteTopics } from '../../src/telemetry/topics.js'
import { hurriedClock } from './hurried-clock.js'
import { brokerKinds } from './mqtt-brokers.js'
import type { BrokerKind, TestBroker } from './mqtt-brokers.js'
import { mqttObserver } from './mqtt-observer.js'
import type { Observer } from './mqtt-observer.js'
import { tcpProxy } from './tcp-proxy.js'
import { upstreamRecorder } from './upstream-recorder.js'
import type { UpstreamRecorder } from './upstream-recorder.js'

const topics = siteTopics('depot/v1', 'north')
const will = willMessage(topics, 'b1')
const birth = statusMessage(topics, {
  online: true,
  reason: 'start',
  ts: 1,
  boot: 'b1',
  version: '1.0.0',
})
const last = statusMessage(topics, {
  online: false,
  reason: 'stop',
  ts: 2,
  boot: 'b1',
  version: '1.0.0',
})
const event: UpstreamMessage = {
  topic: topics.event('fault'),
  payload: '{"id":"e1"}',
  qos: 1,
  retain: false,
}
const session = { will, subscriptions: [topics.commandFilter] }

function settingsFor(port: number, more: Partial<MqttSettings> = {}): MqttSettings {
  return {
    url: `mqtt://127.0.0.1:${port}`,
    username: undefined,
    password: undefined,
    clientId: 'north-1',
    rootTopic: 'depot/v1',
    commands: 'lower-only',
    ...more,
  }
}

interface Running {
  readonly upstream: Upstream
  readonly recorder: UpstreamRecorder
}

function running(t: Test, settings: MqttSettings, hurry = 20): Running {
  const recorder = upstreamRecorder()
  const upstream = mqttUpstream(settings, {
    clock: hurriedClock(hurry),
    log: recorder.log,
    random: () => 0,
    willDelayS: 0,
  })
  t.teardown(async () => upstream.stop(last))
  upstream.start(session, recorder.handler)
  return { upstream, recorder }
}

async function started(t: Test, kind: BrokerKind): Promise<TestBroker> {
  const broker = await kind.start()
  t.teardown(async () => broker.stop())
  return broker
}

async function watching(t: Test, port: number, version: 4 | 5): Promise<Observer> {
  const observer = await mqttObserver(port, 'depot/#', version)
  t.teardown(async () => observer.close())
  return observer
}

const onStatus = (reason: string) => (message: { topic: string; payload: string }) =>
  message.topic === topics.status && message.payload.includes(`"${reason}"`)

for (const kind of brokerKinds) {
  const options = kind.missing === undefined ? {} : { skip: kind.missing }

  test(`${kind.name}: birth is retained, and a graceful stop replaces it`, options, async (t) => {
    const broker = await started(t, kind)
    const { upstream, recorder } = running(t, settingsFor(broker.port))
    await recorder.next('connected')
    const { fields } = await recorder.next('logged', 'upstreamConnected')
    t.equal(fields['protocolVersion'], kind.protocolVersion)
    await upstream.publish(birth)
    const observer = await watching(t, broker.port, kind.protocolVersion)
    const online = await observer.next(onStatus('start'))
    t.equal(online.retained, true, 'a late subscriber sees it')

    await Promise.all([upstream.stop(last), upstream.stop(last)])
    await observer.next(onStatus('stop'))
    const late = await watching(t, broker.port, kind.protocolVersion)
    t.equal((await late.next((message) => message.retained)).payload, last.payload)
    t.notOk(observer.seen.some(onStatus('lost')), 'no will after a stop')
    await t.rejects(upstream.publish(event), { code: 'stopped' })
  })

  test(
    `${kind.name}: a cut connection publishes the will, and is made again`,
    options,
    async (t) => {
      const broker = await started(t, kind)
      const proxy = await tcpProxy(broker.port)
      t.teardown(async () => proxy.close())
      const { upstream, recorder } = running(t, settingsFor(proxy.port))
      await recorder.next('connected')
      await upstream.publish(birth)
      const observer = await watching(t, broker.port, kind.protocolVersion)
      proxy.cut()
      await recorder.next('disconnected')
      t.equal((await observer.next(onStatus('lost'))).payload, will.payload)
      await recorder.next('connected')
      await upstream.publish(birth)
      await observer.next((message) => !message.retained && onStatus('start')(message))
      t.equal(recorder.happened.filter(({ type }) => type === 'disconnected').length, 1)
    },
  )

  test(`${kind.name}: publishing fails at once while the broker is away`, options, async (t) => {
    const broker = await started(t, kind)
    const { upstream, recorder } = running(t, settingsFor(broker.port))
    await t.rejects(upstream.publish(event), { code: 'offline' }, 'not connected yet')
    await recorder.next('connected')
    await broker.stop()
    await recorder.next('disconnected')
    await t.rejects(upstream.publish(event), { code: 'offline' })
    await broker.start()
    await recorder.next('connected')
    const observer = await watching(t, broker.port, kind.protocolVersion)
    await upstream.publish(event)
    await observer.next(({ topic }) => topic === event.topic)
    t.equal(observer.seen.filter(({ topic }) => topic === event.topic).length, 1, 'nothing queued')
  })

  test(`${kind.name}: a command arrives and is answered where it asks`, options, async (t) => {
    const broker = await started(t, kind)
    const { upstream, recorder } = running(t, settingsFor(broker.port))
    await recorder.next('connected')
    const observer = await watching(t, broker.port, kind.protocolVersion)
    const payload = '{"id":"c1","ts":1,"args":{"limitA":10}}'
    await observer.client.publishAsync(`${topics.base}/cmd/limit`, payload, {
      qos: 1,
      properties: {
        responseTopic: `${topics.base}/ack/limit`,
        correlationData: Buffer.from('c-1'),
      },
    })
    const { request } = await recorder.next('received')
    t.match(request, { topic: `${topics.base}/cmd/limit`, payload, retained: false })
    const { responseTopic, correlationData } = request
    const answer = { topics, name: 'limit', id: 'c1', status: 'done', ts: 2 } as const
    await upstream.publish(ackMessage({ ...answer, responseTopic, correlationData }))
    const ack = await observer.next(({ topic }) => topic === topics.ack('limit'))
    t.match(JSON.parse(ack.payload), { id: 'c1', status: 'done' })
    if (kind.protocolVersion === 5) {
      t.same(ack.packet.properties?.correlationData, Buffer.from('c-1'))
      t.equal(ack.packet.properties?.contentType, 'application/json')
    }
  })

  test(`${kind.name}: commands sent during an outage come after it`, options, async (t) => {
    const broker = await started(t, kind)
    const proxy = await tcpProxy(broker.port)
    t.teardown(async () => proxy.close())
    const { recorder } = running(t, settingsFor(proxy.port), 5)
    await recorder.next('connected')
    const observer = await watching(t, broker.port, kind.protocolVersion)
    proxy.cut()
    await observer.next(onStatus('lost'))
    await observer.client.publishAsync(`${topics.base}/cmd/limit`, '{"id":"c2"}', { qos: 1 })
    const { request } = await recorder.next('received')
    t.equal(request.payload, '{"id":"c2"}')
    const order = recorder.happened.map(({ type }) => type).filter((type) => type !== 'logged')
    t.same(order, ['connected', 'disconnected', 'connected', 'received'])
  })

  test(`${kind.name}: 60 publishes at once arrive in order`, options, async (t) => {
    const broker = await started(t, kind)
    const { upstream, recorder } = running(t, settingsFor(broker.port))
    await recorder.next('connected')
    const observer = await watching(t, broker.port, kind.protocolVersion)
    const payloads = Array.from({ length: 60 }, (_, index) => `${index}`)
    await Promise.all(payloads.map(async (payload) => upstream.publish({ ...event, payload })))
    await observer.next(({ payload }) => payload === '59')
    t.same(
      observer.seen.map(({ payload }) => payload),
      payloads,
    )
    t.notOk(recorder.happened.some(({ type }) => type === 'disconnected'))
  })

  test(`${kind.name}: a message of more than 64 KB is dropped`, options, async (t) => {
    const broker = await started(t, kind)
    const { recorder } = running(t, settingsFor(broker.port))
    await recorder.next('connected')
    const observer = await watching(t, broker.port, kind.protocolVersion)
    const topic = `${topics.base}/cmd/limit`
    await observer.client.publishAsync(topic, 'x'.repeat(66_000), { qos: 1 })
    await observer.client.publishAsync(topic, 'small', { qos: 1 })
    t.match(await recorder.next('received'), { request: { payload: 'small' } })
  })
}

test('a message too large to read past does not come again after the reconnect', async (t) => {
  const port = await aedesWith(t, {})
  const { recorder } = running(t, settingsFor(port))
  await recorder.next('connected')
  const observer = await watching(t, port, 4)
  const topic = `${topics.base}/cmd/limit`
  await observer.client.publishAsync(topic, 'x'.repeat(1_000_000), { qos: 1 })
  t.match(await recorder.next('disconnected'), { reason: /packet of more than/ })
  await recorder.next('connected')
  await observer.client.publishAsync(topic, 'small', { qos: 1 })
  t.match(await recorder.next('received'), { request: { payload: 'small' } })
  t.equal(recorder.happened.filter(({ type }) => type === 'connected').length, 2)
})

test('where commands are forbidden, the rest works', async (t) => {
  const port = await aedesWith(t, {
    authorizeSubscribe: (_client, _subscription, done) => done(null, null),
  })
  const { upstream, recorder } = running(t, settingsFor(port))
  await recorder.next('logged', 'upstreamSubscriptionRefused')
  await recorder.next('connected')
  await upstream.publish(birth)
})

test('stopping before or while connecting ends at once, and nothing starts after it', async (t) => {
  const recorder = upstreamRecorder()
  const [kind] = brokerKinds
  if (!kind) return
  const broker = await started(t, kind)
  const options = { clock: hurriedClock(1), log: recorder.log }
  const idle = mqttUpstream(settingsFor(broker.port), options)
  await idle.stop(last)
  idle.start(session, recorder.handler)
  const connecting = mqttUpstream(settingsFor(broker.port), options)
  connecting.start(session, recorder.handler)
  await connecting.stop(last)
  const other = running(t, settingsFor(broker.port))
  await other.recorder.next('connected')
  t.same(recorder.happened, [])
})

test('a frozen broker delays a stop for at most its bound', async (t) => {
  const [kind] = brokerKinds
  if (!kind) return
  const broker = await started(t, kind)
  const proxy = await tcpProxy(broker.port)
  t.teardown(async () => proxy.close())
  const { upstream, recorder } = running(t, settingsFor(proxy.port))
  await recorder.next('connected')
  proxy.freeze()
  const unanswered = upstream.publish(event)
  const stopped = upstream.stop(last)
  await t.rejects(unanswered, { code: 'stopped' })
  await stopped
  t.ok(
    recorder.happened.every(({ type }) => type !== 'disconnected'),
    'a stop is no loss',
  )
})

test('a frozen broker holds each publish until its deadline, and few of them', async (t) => {
  const [kind] = brokerKinds
  if (!kind) return
  const broker = await started(t, kind)
  const proxy = await tcpProxy(broker.port)
  t.teardown(async () => proxy.close())
  const { upstream, recorder } = running(t, settingsFor(proxy.port), 100)
  await recorder.next('connected')
  proxy.freeze()
  const publishes = Array.from({ length: 70 }, async () =>
    upstream.publish(event).then(
      () => 'done',
      (error: { readonly code: string }) => error.code,
    ),
  )
  const outcomes = await Promise.all(publishes)
  t.equal(outcomes.filter((outcome) => outcome === 'busy').length, 6, '64 may wait')
  t.ok(outcomes.every((outcome) => ['busy', 'timeout', 'lost'].includes(outcome)))
  t.match(await recorder.next('disconnected'), { reason: /unacknowledged/ })
})

test('a wrong password is tried again, slowly and loudly, until it is right', async (t) => {
  let accepted = false
  let attempts = 0
  const port = await aedesWith(t, {
    authenticate: (_client, username, password, done) => {
      attempts += 1
      done(null, accepted && username === 'gw' && password?.toString() === 'secret')
    },
  })
  const settings = settingsFor(port, { username: 'gw', password: 'secret' })
  const { recorder } = running(t, settings, 100)
  for (const delayMs of [5000, 5000, 5000, 8000]) {
    const { fields } = await recorder.next('logged', 'upstreamLoginRefused')
    t.equal(fields['retryMs'], delayMs)
    t.notMatch(JSON.stringify(fields), /secret/)
  }
  accepted = true
  await recorder.next('connected')
  t.ok(attempts >= 5)
})

test('a broker that refuses MQTT 5 in words or by hanging up is spoken to in 3.1.1', async (t) => {
  const inWords = await aedesWith(t, {})
  const byHangingUp = await aedesWith(t, {
    preConnect: (client, packet, done) => {
      if (packet.protocolVersion === 5) client.conn.destroy()
      else done(null, true)
    },
  })
  for (const port of [inWords, byHangingUp]) {
    const { recorder } = running(t, settingsFor(port))
    await recorder.next('connected')
    const { fields } = await recorder.next('logged', 'upstreamConnected')
    t.equal(fields['protocolVersion'], 4)
  }
})

for (const kind of brokerKinds) {
  const options = kind.missing === undefined ? {} : { skip: kind.missing }
  test(
    `${kind.name}: losing the client id again and again ends in a long rest`,
    options,
    async (t) => {
      const broker = await started(t, kind)
      const { recorder } = running(t, settingsFor(broker.port), 50)
      for (let round = 0; round < 6; round += 1) {
        await recorder.next('connected')
        const rival = await mqttObserver(broker.port, 'x', kind.protocolVersion, 'north-1')
        await recorder.next('disconnected')
        await rival.close()
      }
      const { fields } = await recorder.next('logged', 'upstreamClientIdTaken')
      t.equal(fields['clientId'], 'north-1')
      const losses = recorder.happened.filter(
        (what) => what.type === 'logged' && what.event === 'upstreamLost',
      )
      t.match(losses.at(-1), { fields: { retryMs: 600_000 } })
    },
  )
}

test('a broker that sends nonsense or endless packets is left, and tried again', async (t) => {
  const openings = [
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00, 0x00]),
    // CONNACK, then a PUBLISH that announces 200 MB.
    Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00, 0x30, 0xff, 0xff, 0xff, 0x5f]),
  ]
  let connections = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => {
      const opening = openings[connections % openings.length] ?? Buffer.alloc(0)
      connections += 1
      socket.write(opening)
      const flood = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 1))) continue
      }
      socket.on('drain', flood)
      flood()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { recorder } = running(t, settingsFor(port), 100)
  const reasons: unknown[] = []
  for (let round = 0; round < 6; round += 1) {
    reasons.push((await recorder.next('logged', 'upstreamLost')).fields['reason'])
  }
  t.match(reasons.join(), /packet of more than/)
})

async function aedesWith(
  t: Test,
  options: Parameters<typeof Aedes.createBroker>[0],
): Promise<number> {
  const broker = await Aedes.createBroker(options)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    broker.handle(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    broker.close()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}
