import { test } from 'tap'
import type { LinkAnswer, OpenLink } from '../../src/adapters/modbus-bus.js'
import { modbusSimulator } from '../../src/adapters/modbus-simulator.js'
import { modbusTcp } from '../../src/adapters/modbus-tcp-link.js'
import { ask, busAt, rawDevice, type RawRequest, reply } from './modbus-world.js'

/** A link whose answers are a script. */
function scripted(answer: () => LinkAnswer | Promise<LinkAnswer>): OpenLink {
  return async () => ({ isOpen: () => true, destroy: () => {}, read: async () => answer() })
}

test('holding and input registers are read with the time of the request', async (t) => {
  const simulator = await modbusSimulator({
    registers: (unitId, address) => unitId * 100 + address,
  })
  const { bus, clock } = busAt(modbusTcp('127.0.0.1', simulator.port))
  t.teardown(async () => {
    await bus.close()
    await simulator.close()
  })
  clock.tick(7)
  t.same(await bus.read(ask(5)), { ok: true, words: [105, 106], atMs: 7 })
  clock.tick(1)
  const input = ask(9, { unitId: 2, functionCode: 4, count: 1 })
  t.same(await bus.read(input), { ok: true, words: [209], atMs: 8 })
})

test('an answer that comes after its timeout is never taken for the next one', async (t) => {
  let late: RawRequest | undefined
  const device = await rawDevice(t, (request) => {
    if (!late) {
      late = request
      return
    }
    reply(late, [1, 1])
    reply(request, [2, 2])
  })
  const { bus } = busAt(modbusTcp('127.0.0.1', device.port))
  t.teardown(() => bus.close())
  t.match(await bus.read(ask(0, { timeoutMs: 30 })), { ok: false, failure: { type: 'timeout' } })
  t.match(await bus.read(ask(10)), { ok: true, words: [2, 2] })
  t.equal(device.connections(), 1, 'one lost answer does not cost the connection')
})

test('requests of several units go out one after the other, each to its own unit', async (t) => {
  let inFlight = 0
  let most = 0
  const device = await rawDevice(t, (request) => {
    inFlight += 1
    most = Math.max(most, inFlight)
    setImmediate(() => {
      inFlight -= 1
      reply(request, [request.unitId, request.address])
    })
  })
  const { bus } = busAt(modbusTcp('127.0.0.1', device.port))
  t.teardown(() => bus.close())
  const places = Array.from({ length: 100 }, (_, index) => [(index % 7) + 1, index * 3] as const)
  const answers = await Promise.all(
    places.map(([unitId, address]) => bus.read(ask(address, { unitId }))),
  )
  t.same(
    answers.map((answer) => answer.ok && answer.words),
    places,
  )
  t.equal(most, 1)
  t.equal(device.connections(), 1)
})

test('a connection that breaks while waiting fails the read at once, not after its timeout', async (t) => {
  for (const drop of ['reset', 'end'] as const) {
    let alive = false
    const device = await rawDevice(t, (request) => {
      if (alive) reply(request, [1, 2])
      else if (drop === 'reset') request.socket.resetAndDestroy()
      else request.socket.end()
    })
    const { bus, clock, log } = busAt(modbusTcp('127.0.0.1', device.port))
    t.teardown(() => bus.close())
    // Longer than the test may take.
    const patient = ask(0, { timeoutMs: 600_000 })
    t.match(await bus.read(patient), { ok: false, failure: { type: 'disconnected' } }, drop)
    alive = true
    t.match(await bus.read(patient), {
      ok: false,
      failure: { detail: 'the connection broke; next attempt in 1 s' },
    })
    clock.tick(1000)
    t.match(await bus.read(patient), { ok: true, words: [1, 2] })
    t.same(
      log.lines.map((line) => line.event),
      ['modbusBusLost', 'modbusBusConnected'],
    )
  }
})

test('a device that closes after each answer is read all the same, without a line in the log', async (t) => {
  const device = await rawDevice(t, (request) => {
    reply(request, [1, 2])
    request.socket.end()
  })
  const closed: Promise<void>[] = []
  const open: OpenLink = async (timeoutMs, signal) => {
    const link = await modbusTcp('127.0.0.1', device.port)(timeoutMs, signal)
    return {
      ...link,
      read: async (request) => {
        const answer = await link.read(request)
        closed.push(
          new Promise((resolve) => {
            const check = () => (link.isOpen() ? void setImmediate(check) : resolve())
            check()
          }),
        )
        return answer
      },
    }
  }
  const { bus, log } = busAt(open)
  t.teardown(() => bus.close())
  for (let read = 1; read <= 3; read += 1) {
    t.match(await bus.read(ask(0)), { ok: true })
    await closed.at(-1)
  }
  t.equal(device.connections(), 3)
  t.equal(log.lines.length, 1)
})

test('three requests in a row without an answer replace the connection', async (t) => {
  let silent = true
  const device = await rawDevice(t, (request) => {
    if (!silent) reply(request, [1, 2])
  })
  const { bus, clock } = busAt(modbusTcp('127.0.0.1', device.port))
  t.teardown(() => bus.close())
  for (let read = 1; read <= 3; read += 1) {
    t.match(await bus.read(ask(0, { timeoutMs: 20 })), { failure: { type: 'timeout' } })
  }
  silent = false
  clock.tick(1000)
  t.match(await bus.read(ask(0)), { ok: true })
  t.equal(device.connections(), 2)
})

test('a link that never settles a read cannot hold up close', async (t) => {
  const device = await rawDevice(t, () => {})
  const { bus } = busAt(modbusTcp('127.0.0.1', device.port))
  const reads = [1, 2, 3].map((address) => bus.read(ask(address, { timeoutMs: 600_000 })))
  await bus.close()
  for (const answer of await Promise.all(reads)) t.match(answer, { failure: { type: 'closed' } })
  t.match(await bus.read(ask(0)), { failure: { type: 'closed' } })
  await bus.close()
})

test('close does not wait for a connection that is being made', async (t) => {
  const open: OpenLink = (_timeoutMs, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
    })
  const { bus, log } = busAt(open)
  const read = bus.read(ask(0))
  await bus.close()
  t.match(await read, { failure: { type: 'closed' } })
  t.same(log.lines, [])
})

test('a link that opens while the bus closes is not left behind', async (t) => {
  let opened: ((link: Awaited<ReturnType<OpenLink>>) => void) | undefined
  const open: OpenLink = () =>
    new Promise((resolve) => {
      opened = resolve
    })
  const { bus } = busAt(open)
  const read = bus.read(ask(0))
  await Promise.resolve()
  const closing = bus.close()
  let destroyed = false
  opened?.({
    isOpen: () => true,
    read: () => Promise.reject(new Error('must not be read')),
    destroy: () => {
      destroyed = true
    },
  })
  t.match(await read, { failure: { type: 'closed' } })
  await closing
  t.ok(destroyed)
})

test('reconnects wait 1, 2, 4 ... 30 s, and up to a quarter more', async (t) => {
  for (const [random, expected] of [
    [() => 0, [1, 2, 4, 8, 16, 30, 30, 30]],
    [() => 1, [1.25, 2.5, 5, 10, 20, 37.5, 37.5, 37.5]],
  ] as const) {
    const attempts: number[] = []
    const { bus, clock } = busAt(async () => {
      attempts.push(clock.monotonic())
      throw new Error('connect ECONNREFUSED')
    }, random)
    while (attempts.length <= expected.length) {
      await bus.read(ask(0))
      clock.tick(250)
    }
    const gaps = attempts.slice(1).map((atMs, index) => (atMs - (attempts[index] ?? 0)) / 1000)
    t.same(gaps, expected)
    await bus.close()
  }
})

test('a good read makes the next reconnect immediate again', async (t) => {
  const simulator = await modbusSimulator({ registers: () => 1 })
  const { bus, clock } = busAt(modbusTcp('127.0.0.1', simulator.port))
  t.teardown(async () => {
    await bus.close()
    await simulator.close()
  })
  t.match(await bus.read(ask(0)), { ok: true })
  simulator.fault({ type: 'drop' })
  t.match(await bus.read(ask(0)), { failure: { type: 'disconnected' } })
  simulator.fault({ type: 'none' })
  clock.tick(1)
  t.match(await bus.read(ask(0)), { ok: true })
})

test('a busy device is asked once more; other exceptions come through as they are', async (t) => {
  const answers: LinkAnswer[] = []
  const { bus } = busAt(scripted(() => answers.shift() ?? { ok: true, words: [1, 2] }))
  t.teardown(() => bus.close())
  const exception = (code: number): LinkAnswer => ({
    ok: false,
    failure: { type: 'exception', code },
  })
  answers.push(exception(6))
  t.match(await bus.read(ask(0)), { ok: true, words: [1, 2] })
  answers.push(exception(6), exception(6))
  t.match(await bus.read(ask(0)), { failure: { code: 6 } })
  t.equal(answers.length, 0)
  answers.push(exception(2))
  t.match(await bus.read(ask(0)), { failure: { code: 2 } })
})

test('the queue has an end: what does not fit is refused at once', async (t) => {
  const { bus } = busAt(modbusTcp('127.0.0.1', (await rawDevice(t, () => {})).port))
  const waiting = Array.from({ length: 256 }, () => bus.read(ask(0, { timeoutMs: 600_000 })))
  t.match(await bus.read(ask(0)), { failure: { type: 'overloaded' } })
  await bus.close()
  await Promise.all(waiting)
})
