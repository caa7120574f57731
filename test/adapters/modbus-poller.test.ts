import { test } from 'tap'
import { modbusFieldDevices } from '../../src/adapters/modbus-field-devices.js'
import { modbusSimulator } from '../../src/adapters/modbus-simulator.js'
import {
  handClock,
  meterAt,
  rawDevice,
  type RawRequest,
  recordingLog,
  register,
  reply,
  started,
} from './modbus-world.js'

test('while a poll is under way its beats are skipped, not queued', async (t) => {
  const held: RawRequest[] = []
  let arrived = () => {}
  const device = await rawDevice(t, (request) => {
    held.push(request)
    arrived()
  })
  const arrival = () =>
    new Promise<void>((resolve) => {
      arrived = resolve
    })
  const first = arrival()
  const { clock, events } = started(t, { meters: [meterAt('main', device)] })
  await first
  for (let beat = 1; beat <= 50; beat += 1) clock.tick(1000)
  const [request] = held
  if (request) reply(request, [1, 2, 3])
  t.match(await events.next(), { reading: { atMs: 0 } }, 'the age counts from the request')
  const second = arrival()
  clock.tick(1000)
  await second
  const [, next] = held
  if (next) reply(next, [1, 2, 3])
  t.match(await events.next(), { reading: { atMs: 51_000 } }, 'no beat was kept for later')
  t.equal(held.length, 2)
})

test('a dead device on a shared bus is asked less often, so that it costs the others little', async (t) => {
  const asked: number[] = []
  const device = await rawDevice(t, (request) => {
    asked.push(request.unitId)
    if (request.unitId === 1) reply(request, [1, 2, 3])
  })
  const { clock, events } = started(t, {
    meters: [meterAt('alive', device), meterAt('dead', { ...device, unitId: 2, timeoutMs: 20 })],
  })
  for (let round = 1; round <= 3; round += 1) {
    t.match(await events.next(), { type: 'meterRead' })
    t.match(await events.next(), { type: 'meterFailed', meterId: 'dead' })
    if (round < 3) clock.tick(1000)
  }
  asked.length = 0
  for (let round = 1; round <= 4; round += 1) {
    clock.tick(1000)
    t.match(await events.next(), { type: 'meterRead' })
  }
  t.same(asked, [1, 1, 1, 1])
  clock.tick(1000)
  t.match(await events.next(), { type: 'meterRead' })
  t.match(await events.next(), { type: 'meterFailed', meterId: 'dead' }, 'but it is asked for ever')
})

test('power that goes missing is logged once and once when it is back', async (t) => {
  let power = 0x8000
  const simulator = await modbusSimulator({
    registers: (_unitId, address) => (address === 3 ? power : 1),
  })
  t.teardown(() => simulator.close())
  const meter = meterAt('main', simulator)
  const registers = { ...meter.registers, powerW: register(3, { type: 'int16', scale: 10 }) }
  const { clock, events, log } = started(t, { meters: [{ ...meter, registers }] })
  for (const [raw, powerW] of [
    [0x8000, undefined],
    [12, 120],
    [12, 120],
  ] as const) {
    const event = await events.next()
    t.equal(event.type === 'meterRead' && event.reading.powerW, powerW)
    power = raw === 0x8000 ? 12 : raw
    clock.tick(1000)
  }
  t.same(
    log.lines.map(({ event }) => event),
    ['modbusBusConnected', 'fieldReadingIncomplete', 'fieldReadingComplete'],
  )
})

test('a sink that throws is logged and does not end the polling', async (t) => {
  const simulator = await modbusSimulator({ registers: () => 1 })
  t.teardown(() => simulator.close())
  const clock = handClock()
  const log = recordingLog()
  const meters = [meterAt('main', simulator)]
  const devices = modbusFieldDevices({ meters, limitSources: [], clock, log })
  t.teardown(() => devices.stop())
  let calls = 0
  const twice = new Promise<void>((resolve) => {
    devices.start(() => {
      calls += 1
      setImmediate(() => clock.tick(1000))
      if (calls === 2) resolve()
      throw new Error('broken sink')
    })
  })
  await twice
  t.match(log.lines, [{ event: 'modbusBusConnected' }, { event: 'fieldPollBroken' }])
})
