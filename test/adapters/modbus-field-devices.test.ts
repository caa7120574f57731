import { test } from 'tap'
import { modbusFieldDevices } from '../../src/adapters/modbus-field-devices.js'
import { modbusSimulator, type SimulatorFault } from '../../src/adapters/modbus-simulator.js'
import { registerImage } from '../../src/modbus/register-image.js'
import {
  handClock,
  limitAt,
  meterAt,
  rawDevice,
  type RawRequest,
  recordingLog,
  register,
  reply,
  started,
} from './modbus-world.js'

const float = (address: number) =>
  register(address, { type: 'float32', functionCode: 4, wordOrder: 'little' })

test('meters and limits in A and W arrive from one device as readings', async (t) => {
  const currents = [float(10), float(12), float(14)] as const
  const limitA = register(100, { scale: 0.1 })
  const limitW = register(200, { type: 'int32' })
  const values = new Map([
    [currents[0], 12.5],
    [currents[1], -3.25],
    [currents[2], 0],
    [limitA, 63.5],
    [limitW, 0],
  ])
  const word = registerImage(
    [...values.keys()].map((at) => ({ register: at, value: () => values.get(at) ?? Number.NaN })),
  )
  const simulator = await modbusSimulator({ registers: (_unitId, address) => word(address) })
  t.teardown(() => simulator.close())
  const at = { port: simulator.port }
  const { clock, events } = started(t, {
    meters: [meterAt('main', { ...at, currents })],
    limitSources: [
      limitAt('dso', at, { register: limitA, unit: 'A' }),
      limitAt('ems', { ...at, unitId: 2 }, { register: limitW, unit: 'W' }),
    ],
  })
  const first = [await events.next(), await events.next(), await events.next()]
  t.same(first, [
    { type: 'meterRead', reading: { meterId: 'main', atMs: 0, currentA: [12.5, -3.25, 0] } },
    { type: 'limitRead', reading: { sourceId: 'dso', atMs: 0, limitA: 63.5 } },
    { type: 'limitRead', reading: { sourceId: 'ems', atMs: 0, limitW: 0 } },
  ])
  values.set(limitA, 16)
  clock.tick(1000)
  t.match(await events.next(), { type: 'meterRead', reading: { atMs: 1000 } })
  t.match(await events.next(), { reading: { atMs: 1000, limitA: 16 } })
})

test('words that are no number are failures with host, unit and register, never readings', async (t) => {
  const cases: [number[], RegExp][] = [
    [[0, 0x7fc0], /is not a number$/],
    [[0xffff, 0xffff], /raw 0xFFFF 0xFFFF\) is not a number$/],
    [[0, 0x7f80], /is infinite$/],
    [[0, 0x5000], /outside -100000 to 100000/],
    [[0x4128, 0], /check the word order$/],
  ]
  for (const [words, problem] of cases) {
    const simulator = await modbusSimulator({
      registers: (_unitId, address) => (address < 14 ? words[(address - 10) % 2] : 0),
    })
    t.teardown(() => simulator.close())
    const currents = [float(14), float(12), float(16)] as const
    const at = { port: simulator.port, unitId: 4 }
    const { events } = started(t, {
      meters: [meterAt('main', { ...at, currents })],
      limitSources: [limitAt('dso', at, { register: float(10), unit: 'W' })],
    })
    const [meter, limit] = [await events.next(), await events.next()]
    t.match(meter, { type: 'meterFailed', meterId: 'main', problem })
    t.match(limit, { type: 'limitFailed', sourceId: 'dso' })
    const place = `127.0.0.1:${simulator.port} unit 4, `
    if (!('problem' in meter) || !('problem' in limit)) throw new Error('both must fail')
    t.ok(meter.problem.startsWith(`${place}current L2 (register 12, float32, raw `), meter.problem)
    t.ok(limit.problem.startsWith(`${place}limit (register 10, float32, raw `), limit.problem)
  }
})

test('a limit below 0 is a fault of its source', async (t) => {
  const simulator = await modbusSimulator({ registers: () => 0xfffe })
  t.teardown(() => simulator.close())
  const limitSources = [
    limitAt('dso', simulator, { register: register(7, { type: 'int16' }), unit: 'A' }),
  ]
  const { events } = started(t, { limitSources })
  t.match(await events.next(), { type: 'limitFailed', problem: /is -2 A, outside 0 to 100000/ })
})

test('a device that is not there yet is found when it appears, and the log says each change once', async (t) => {
  const placeholder = await modbusSimulator({ registers: () => 1 })
  const { port } = placeholder
  await placeholder.close()
  const { clock, events, log } = started(t, { meters: [meterAt('main', { port })] })
  t.match(await events.next(), { type: 'meterFailed', problem: /not connected: .*ECONNREFUSED/ })
  for (let poll = 1; poll <= 5; poll += 1) {
    clock.tick(100)
    t.match(await events.next(), { problem: /ECONNREFUSED.*; next attempt in 1 s$/ })
  }
  const simulator = await modbusSimulator({ port, registers: () => 5 })
  t.teardown(() => simulator.close())
  clock.tick(600)
  t.match(await events.next(), { type: 'meterRead', reading: { currentA: [5, 5, 5] } })
  t.same(
    log.lines.map(({ event }) => event),
    ['modbusBusLost', 'fieldDeviceLost', 'modbusBusConnected', 'fieldDeviceReturned'],
  )
  t.match(log.lines[1]?.fields, { device: 'meter', id: 'main', problem: /ECONNREFUSED/ })
})

test('whatever a device does, it is a failure within the timeout, and readings resume', async (t) => {
  const faults: [SimulatorFault, RegExp][] = [
    [{ type: 'silent' }, /no answer within 40 ms$/],
    [{ type: 'delayed', delayMs: 5000 }, /no answer within 40 ms$/],
    [{ type: 'exception', code: 4 }, /exception 4 \(device failure\)$/],
    [{ type: 'exception', code: 11 }, /exception 11 .*check unit id and wiring/],
    [{ type: 'drop' }, /not connected: the connection broke before the answer$/],
  ]
  const simulator = await modbusSimulator({ registers: (_unitId, address) => address })
  t.teardown(() => simulator.close())
  const meters = [meterAt('main', { ...simulator, unitId: 3, timeoutMs: 40 })]
  const { clock, events } = started(t, { meters })
  for (const [fault, problem] of faults) {
    t.match(await events.next(), { type: 'meterRead', reading: { currentA: [0, 1, 2] } })
    simulator.fault(fault)
    clock.tick(1000)
    t.match(await events.next(), { type: 'meterFailed', problem })
    simulator.fault({ type: 'none' })
    clock.tick(1000)
  }
  t.match(await events.next(), { type: 'meterRead' })
})

test('a bus that vanishes for good is reported for ever, and comes back', async (t) => {
  const simulator = await modbusSimulator({ registers: () => 1 })
  const { port } = simulator
  const { clock, events } = started(t, { meters: [meterAt('main', simulator)] })
  t.match(await events.next(), { type: 'meterRead' })
  await simulator.close()
  for (let poll = 1; poll <= 100; poll += 1) {
    clock.tick(1000)
    t.match(await events.next(), { type: 'meterFailed' })
  }
  const again = await modbusSimulator({ port, registers: () => 2 })
  t.teardown(() => again.close())
  clock.tick(30_000)
  t.match(await events.next(), { type: 'meterRead', reading: { atMs: 130_000 } })
})

test('devices of one bus share a connection and never have two requests in flight', async (t) => {
  let inFlight = 0
  const overlaps: RawRequest[] = []
  const device = await rawDevice(t, (request) => {
    inFlight += 1
    if (inFlight > 1) overlaps.push(request)
    setImmediate(() => {
      inFlight -= 1
      reply(request, Array(request.count).fill(request.unitId * 10))
    })
  })
  const meters = [1, 2, 3].map((unitId) => meterAt(`unit-${unitId}`, { ...device, unitId }))
  const limitSources = [
    limitAt('dso', { ...device, unitId: 4 }, { register: register(50), unit: 'A' }),
  ]
  const { clock, events } = started(t, { meters, limitSources })
  for (let round = 1; round <= 20; round += 1) {
    for (const unitId of [1, 2, 3]) {
      const reading = { meterId: `unit-${unitId}`, currentA: Array(3).fill(unitId * 10) }
      t.match(await events.next(), { type: 'meterRead', reading })
    }
    t.match(await events.next(), { reading: { sourceId: 'dso', limitA: 40 } })
    clock.tick(1000)
  }
  t.same(overlaps, [])
  t.equal(device.connections(), 1)
})

test('one bus that is silent does not hold up another', async (t) => {
  const silent = await rawDevice(t, () => {})
  const simulator = await modbusSimulator({ registers: () => 1 })
  t.teardown(() => simulator.close())
  const meters = [meterAt('silent', { ...silent, timeoutMs: 600_000 }), meterAt('good', simulator)]
  const { clock, events } = started(t, { meters })
  for (let round = 1; round <= 3; round += 1) {
    t.match(await events.next(), { type: 'meterRead', reading: { meterId: 'good' } })
    clock.tick(1000)
  }
})

test('stop returns at once whatever the device does, and nothing arrives after it', async (t) => {
  const silent = await rawDevice(t, () => {})
  const { events, devices, clock, log } = started(t, {
    meters: [1, 2, 3].map((unitId) =>
      meterAt(`m${unitId}`, { ...silent, unitId, timeoutMs: 600_000 }),
    ),
  })
  await devices.stop()
  clock.tick(1000)
  await devices.stop()
  t.same(events.all, [])
  t.same(log.lines, [])
  t.throws(() => devices.start(events.sink), { message: 'the field devices were started already' })
})

test('devices that were never started stop all the same', async (t) => {
  const options = { meters: [], limitSources: [], clock: handClock(), log: recordingLog() }
  await t.resolves(modbusFieldDevices(options).stop())
})
