import { getEventListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import { test } from 'tap'
import { modbusSimulator } from '../../src/adapters/modbus-simulator.js'
import { modbusTcp } from '../../src/adapters/modbus-tcp-link.js'
import { ask, busAt, rawDevice, type RawRequest, reply } from './modbus-world.js'

test('an answer from another unit or of another length is refused, and the connection replaced', async (t) => {
  const wrong: ((request: RawRequest) => void)[] = [
    (request) => reply(request, [1, 2], { unitId: 9 }),
    (request) => reply(request, [1]),
    (request) => reply(request, [1, 2, 3]),
    (request) => reply(request, [1, 2], { byteCount: 2 }),
    (request) => reply(request, [1, 2], { byteCount: 200 }),
    (request) => reply({ ...request, functionCode: 4 }, [1, 2]),
  ]
  for (const answer of wrong) {
    let requests = 0
    const device = await rawDevice(t, (request) => {
      requests += 1
      if (requests === 1) answer(request)
      else reply(request, [7, 8])
    })
    const { bus, clock } = busAt(modbusTcp('127.0.0.1', device.port))
    t.teardown(() => bus.close())
    t.match(await bus.read(ask(0)), { ok: false, failure: { type: 'malformed' } })
    clock.tick(1000)
    t.match(await bus.read(ask(0)), { ok: true, words: [7, 8] })
    t.equal(device.connections(), 2)
  }
})

/** A listener that never accepts: once its backlog is full, further attempts stay without an answer. */
const DEAF = `
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:worker_threads').parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })`

test('a connection that is not made in time is given up', async (t) => {
  const worker = new Worker(DEAF, { eval: true })
  t.teardown(() => worker.terminate())
  const port = await new Promise<number>((resolve) => {
    worker.once('message', resolve)
  })
  const { signal } = new AbortController()
  const attempts = Array.from({ length: 6 }, () => modbusTcp('127.0.0.1', port)(200, signal))
  const outcomes = await Promise.allSettled(attempts)
  const problems = outcomes.flatMap((outcome) => {
    if (outcome.status === 'rejected') return [String(outcome.reason)]
    outcome.value.destroy()
    return []
  })
  t.ok(problems.length > 0)
  t.same(new Set(problems), new Set(['Error: no connection within 200 ms']))
})

test('an attempt that failed and a link that is gone leave no listener behind', async (t) => {
  const signal = new AbortController().signal
  const simulator = await modbusSimulator({ registers: () => 1 })
  const open = modbusTcp('127.0.0.1', simulator.port)
  const link = await open(5000, signal)
  t.equal(getEventListeners(signal, 'abort').length, 1)
  await simulator.close()
  t.match(await link.read(ask(0)), { failure: { type: 'disconnected' } })
  for (let attempt = 1; attempt <= 3; attempt += 1) await t.rejects(open(5000, signal))
  t.equal(getEventListeners(signal, 'abort').length, 0)
  await t.rejects(open(5000, AbortSignal.abort()))
})

test('a request that Modbus cannot carry is a failed read, not an exception', async (t) => {
  const simulator = await modbusSimulator({ registers: () => 1 })
  const { bus } = busAt(modbusTcp('127.0.0.1', simulator.port))
  t.teardown(async () => {
    await bus.close()
    await simulator.close()
  })
  t.match(await bus.read(ask(0, { unitId: 300 })), { failure: { type: 'malformed' } })
  t.match(await bus.read(ask(70_000)), { ok: false })
})
