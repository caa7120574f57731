import { test } from 'tap'
import type { Fields } from './fake-controller.js'
import { fakeController } from './fake-controller.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { memoryNetwork } from '../../src/testing/memory-network.js'
import type { Frame } from '../../src/testing/memory-network.js'
import { plugChargePoint } from '../../src/testing/plug-charge-point.js'
import { seededRandom } from '../../src/testing/random.js'

/** A peer that notes what happens to it, and can talk. */
function somePeer() {
  const events: string[] = []
  let send: (text: string) => void = () => {}
  let close: () => void = () => {}
  return {
    events,
    send: (text: string) => send(text),
    close: () => close(),
    opened(link: { send(text: string): void; close(): void }) {
      events.push('opened')
      send = (text) => link.send(text)
      close = () => link.close()
    },
    received: (text: string) => void events.push(text),
    closed: (code: number) => void events.push(`closed ${code}`),
    refused: (status: number) => void events.push(`refused ${status}`),
  }
}

async function aNetwork(latencyMs: readonly [number, number] = [10, 100]) {
  const clock = manualClock()
  const frames: Frame[] = []
  const network = memoryNetwork({
    clock,
    random: seededRandom('network'),
    latencyMs,
    observe: (frame) => frames.push(frame),
  })
  const controller = await fakeController(network.chargePoints, clock)
  return { clock, network, controller, frames }
}

const heartbeat = (id: number): string => JSON.stringify([2, String(id), 'Heartbeat', {}])
const count = (id: number): Fields => ({ key: [String(id)] })

test('frames arrive in order both ways, after a latency that varies', async (t) => {
  const { clock, network, controller, frames } = await aNetwork()
  const peer = somePeer()
  network.connect('CP1', peer)
  await clock.advance(500)
  for (let id = 0; id < 50; id += 1) {
    peer.send(heartbeat(id))
    void controller.call('CP1', 'GetConfiguration', count(id))
    await clock.advance(3)
  }
  await clock.advance(2000)
  const idOf = (text: string): unknown => JSON.parse(text)[1]
  const toServer = frames.filter(({ to }) => to === 'server').map(({ text }) => idOf(text))
  t.same(
    toServer,
    Array.from({ length: 50 }, (_, id) => String(id)),
  )
  const toPeer = frames
    .filter(({ to, text }) => to === 'chargePoint' && text.includes('GetConfiguration'))
    .map(({ text }) => JSON.parse(text)[3].key[0])
  t.same(
    toPeer,
    Array.from({ length: 50 }, (_, id) => String(id)),
  )
  t.equal(controller.connection('CP1').bufferedBytes(), 0)
})

test('the controller decides who gets in', async (t) => {
  const { clock, network, controller } = await aNetwork()
  for (const [admission, expected] of [
    [{ type: 'accept' }, ['opened']],
    [{ type: 'close', code: 1008, reason: 'Charger not found' }, ['opened', 'closed 1008']],
    [{ type: 'refuse', status: 401, reason: 'wrong key' }, ['refused 401']],
  ] as const) {
    controller.admitWith(admission)
    const peer = somePeer()
    network.connect('CP1', peer, { remoteAddress: '192.168.1.9' })
    await clock.advance(1000)
    t.same(peer.events, expected)
  }
  t.same(controller.events, ['opened CP1'], 'only the accepted one became a connection')
  t.match(controller.requests[0], { identity: 'CP1', remoteAddress: '192.168.1.9' })
})

test('either side can end a connection, and each is told once', async (t) => {
  const { clock, network, controller } = await aNetwork()
  for (const [how, end, peerSaw, controllerSaw] of [
    ['peer closes', 'peer', 'closed 1000', 'closed CP1 1000'],
    ['controller closes', 'close', 'closed 4001', 'closed CP1 4001'],
    ['controller terminates', 'terminate', 'closed 1006', 'closed CP1 1006'],
    ['connection resets', 'reset', 'closed 1006', 'closed CP1 1006'],
  ] as const) {
    const peer = somePeer()
    network.connect('CP1', peer)
    await clock.advance(500)
    controller.forgetEvents()
    const connection = controller.connection('CP1')
    if (end === 'peer') peer.close()
    else if (end === 'close') connection.close(4001, 'bye')
    else if (end === 'terminate') connection.terminate()
    else network.reset('CP1')
    t.same(controller.events, [], 'nobody is told inside the call')
    connection.send('too late')
    await clock.advance(5000)
    t.same(peer.events, ['opened', peerSaw], how)
    t.same(controller.events, [controllerSaw], how)
    t.equal(network.connections('CP1'), 0)
  }
})

test('after a cut both know at once and nobody gets through until it heals', async (t) => {
  const { clock, network, controller } = await aNetwork()
  const peer = somePeer()
  network.connect('CP1', peer)
  await clock.advance(500)
  network.cut('CP1')
  await clock.advance(2)
  t.same(peer.events, ['opened', 'closed 1006'])
  t.equal(controller.events.at(-1), 'closed CP1 1006')
  network.connect('CP1', peer)
  await clock.advance(5000)
  t.equal(peer.events.at(-1), 'refused 0')
  network.heal('CP1')
  network.connect('CP1', peer)
  await clock.advance(500)
  t.equal(peer.events.at(-1), 'opened')
})

test('a half-open connection tells nobody until pings are missed', async (t) => {
  const { clock, network, controller } = await aNetwork()
  const peer = somePeer()
  network.connect('CP1', peer)
  await clock.advance(500)
  controller.connection('CP1').ping()
  await clock.advance(500)
  t.equal(controller.events.at(-1), 'pong CP1')
  controller.forgetEvents()
  network.cut('CP1', { halfOpen: true })
  controller.connection('CP1').ping()
  controller.connection('CP1').send('[2,"x","Lost",{}]')
  await clock.advance(30_000)
  t.same(controller.events, [])
  t.same(peer.events, ['opened'])
  t.ok(controller.connection('CP1').bufferedBytes() > 0)
  await clock.advance(31_000)
  t.same(peer.events, ['opened', 'closed 1006'], 'the charge point notices after a minute')
  controller.connection('CP1').terminate()
  await clock.advance(10)
  t.same(controller.events, ['closed CP1 1006'])
})

test('a half-open connection that heals in time delivers what it held, in order', async (t) => {
  const { clock, network, controller, frames } = await aNetwork()
  const peer = somePeer()
  network.connect('CP1', peer)
  await clock.advance(500)
  network.cut('CP1', { halfOpen: true })
  for (let id = 0; id < 20; id += 1) {
    peer.send(heartbeat(id))
    await clock.advance(50)
  }
  t.equal(controller.calls.length, 0)
  network.heal('CP1')
  await clock.advance(3000)
  const order = frames.filter(({ to }) => to === 'server').map(({ text }) => JSON.parse(text)[1])
  t.same(
    order,
    Array.from({ length: 20 }, (_, id) => String(id)),
  )
})

test('when the controller gave up meanwhile, healing tells the charge point', async (t) => {
  const { clock, network, controller } = await aNetwork()
  const peer = somePeer()
  network.connect('CP1', peer)
  await clock.advance(500)
  network.cut('CP1', { halfOpen: true })
  controller.connection('CP1').terminate()
  await clock.advance(1000)
  t.same(peer.events, ['opened'])
  network.heal('CP1')
  await clock.advance(500)
  t.same(peer.events, ['opened', 'closed 1006'])
})

test('one identity may be connected twice; the connections are separate', async (t) => {
  const { clock, network, controller } = await aNetwork()
  const [first, second] = [somePeer(), somePeer()]
  network.connect('CP1', first)
  await clock.advance(500)
  const firstConnection = controller.connection('CP1')
  network.connect('CP1', second, { remoteAddress: '10.9.9.9' })
  await clock.advance(500)
  t.equal(network.connections('CP1'), 2)
  firstConnection.terminate()
  controller.connection('CP1').send('hello')
  await clock.advance(500)
  t.same(first.events, ['opened', 'closed 1006'])
  t.same(second.events, ['opened', 'hello'])
})

test('only the frames that match are lost, and only as many as asked', async (t) => {
  const { clock, network, controller } = await aNetwork([10, 10])
  const peer = somePeer()
  network.connect('CP1', peer)
  await clock.advance(500)
  const matches = (text: string): boolean => text.includes('Heartbeat')
  network.loseNext('CP1', { to: 'server', count: 2, matches })
  for (let id = 0; id < 3; id += 1) peer.send(heartbeat(id))
  peer.send(JSON.stringify([2, 'a', 'Authorize', {}]))
  await clock.advance(500)
  t.same(
    controller.calls.map(({ action }) => action),
    ['Heartbeat', 'Authorize'],
  )
})

test('without a listener nobody gets in, and closing drops everybody', async (t) => {
  const { clock, network } = await aNetwork()
  const peer = somePeer()
  network.connect('CP1', peer)
  await clock.advance(500)
  await network.chargePoints.close()
  await network.chargePoints.close()
  await clock.advance(500)
  t.same(peer.events, ['opened', 'closed 1006'])
  network.connect('CP1', peer)
  await clock.advance(5000)
  t.equal(peer.events.at(-1), 'refused 0')
})

test('a controller that dies is told nothing, and its successor gets the peers', async (t) => {
  const { clock, network, controller } = await aNetwork()
  const peer = somePeer()
  network.connect('CP1', peer)
  await clock.advance(500)
  peer.send(heartbeat(1))
  network.killServer()
  await clock.advance(500)
  t.same(peer.events, ['opened', 'closed 1006'])
  t.same(controller.events, ['opened CP1'])
  t.same(controller.calls, [])
  const successor = await fakeController(network.chargePoints, clock)
  network.connect('CP1', peer)
  await clock.advance(500)
  t.same(successor.events, ['opened CP1'])
})

test('a plugged charge point dials again with growing pauses until it gets through', async (t) => {
  const { clock, network } = await aNetwork()
  const startMs = clock.monotonic()
  const dialledAtMs: number[] = []
  let isUp = true
  const events: string[] = []
  const dialler = {
    identity: 'CP1',
    isUp: () => isUp,
    connect: () => void events.push('connected'),
    received: () => {},
    disconnected: () => void events.push('disconnected'),
  }
  const watched = {
    connect(...call: Parameters<typeof network.connect>) {
      dialledAtMs.push(clock.monotonic() - startMs)
      network.connect(...call)
    },
  }
  network.cut('CP1')
  const plug = plugChargePoint(watched, dialler, {
    clock,
    random: seededRandom('plug'),
    backOffMs: [1000, 8000],
  })
  await clock.advance(60_000)
  const pausesMs = dialledAtMs.map((at, index) => at - (dialledAtMs[index - 1] ?? 0)).slice(1)
  t.ok((pausesMs[0] ?? 0) < 3000 + 1000 * 1.25 + 100, 'the first pause is short')
  t.ok((pausesMs.at(-1) ?? 0) > 3000 + 8000 * 0.75, 'later ones are long')
  network.heal('CP1')
  await clock.advance(20_000)
  t.same(events, ['connected'])
  isUp = false
  network.reset('CP1')
  await clock.advance(60_000)
  t.same(events, ['connected', 'disconnected'], 'switched off it does not dial')
  isUp = true
  await clock.advance(20_000)
  t.same(events, ['connected', 'disconnected', 'connected'])
  plug.pull()
  await clock.advance(60_000)
  t.same(events.slice(3), ['disconnected'])
  t.equal(network.connections('CP1'), 0)
})
