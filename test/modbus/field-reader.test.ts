import { test } from 'tap'
import type {
  LimitSourceSettings,
  MeterSettings,
  RegisterSettings,
} from '../../src/config/settings.js'
import { limitReader, meterReader } from '../../src/modbus/field-reader.js'
import type { ReadAnswer, ReadRequest, RegisterBus } from '../../src/modbus/register-bus.js'

function register(address: number): RegisterSettings {
  return { address, functionCode: 4, type: 'uint16', wordOrder: 'big', scale: 1 }
}

const modbusTcp = { host: '10.0.0.7', port: 502, unitId: 3, intervalMs: 1000, timeoutMs: 800 }

const meter: MeterSettings = {
  id: 'main',
  constraintId: undefined,
  modbusTcp,
  registers: {
    currentA: [register(10), register(12), register(14)],
    powerW: register(20),
    energyWh: register(900),
  },
  worstBaseLoadA: [0, 0, 0],
}

const source: LimitSourceSettings = {
  id: 'dso',
  constraintId: undefined,
  modbusTcp,
  register: register(7),
  unit: 'A',
  fallback: 0,
  holdS: 60,
}

/** Words are their addresses; `answer` decides otherwise. Each request takes 1 ms of `atMs`. */
function fakeBus(answer: (request: ReadRequest) => ReadAnswer | undefined) {
  const requests: [number, number][] = []
  const bus: RegisterBus = {
    name: '10.0.0.7:502',
    read: async (request) => {
      requests.push([request.address, request.count])
      const words = Array.from({ length: request.count }, (_, i) => request.address + i)
      return answer(request) ?? { ok: true, words, atMs: requests.length }
    },
    close: async () => {},
  }
  return { bus, requests }
}

function exception(code: number): ReadAnswer {
  return { ok: false, failure: { type: 'exception', code } }
}

const timeout: ReadAnswer = { ok: false, failure: { type: 'timeout' } }

test('a reading carries the time of the request that brought the currents', async (t) => {
  const { bus, requests } = fakeBus(() => undefined)
  t.same(await meterReader(meter, bus)(), {
    ok: true,
    event: {
      type: 'meterRead',
      reading: { meterId: 'main', atMs: 1, currentA: [10, 12, 14], powerW: 20, energyWh: 900 },
    },
    missing: [],
  })
  t.same(requests, [
    [10, 11],
    [900, 1],
  ])
})

test('the currents are read first, wherever they lie', async (t) => {
  const { bus, requests } = fakeBus(() => undefined)
  const registers = { ...meter.registers, powerW: register(0), energyWh: undefined }
  const currentA = [register(500), register(501), register(502)] as const
  await meterReader({ ...meter, registers: { ...registers, currentA } }, bus)()
  t.same(requests, [
    [500, 3],
    [0, 1],
  ])
})

test('a device that refuses long ranges is read register by register from then on', async (t) => {
  for (const code of [2, 3]) {
    const { bus, requests } = fakeBus(({ count }) => (count > 1 ? exception(code) : undefined))
    const read = meterReader(meter, bus)
    t.match(await read(), { ok: false, problem: /unit 3, input registers 10 to 20: exception/ })
    requests.length = 0
    const second = await read()
    t.match(second, { ok: true, event: { reading: { currentA: [10, 12, 14] } }, missing: [] })
    t.same(
      requests.map(([address]) => address),
      [10, 12, 14, 20, 900],
    )
    t.match(await read(), { ok: true })
  }
})

test('a device that stays silent on ranges is tried register by register, too', async (t) => {
  const { bus } = fakeBus(({ count }) => (count > 1 ? timeout : undefined))
  const read = meterReader(meter, bus)
  for (let poll = 1; poll <= 3; poll += 1) t.match(await read(), { ok: false, silent: true })
  t.match(await read(), { ok: true })
})

test('a meter that was replaced by one with another dislike is found again', async (t) => {
  let refuses = (count: number) => count > 1
  const { bus } = fakeBus(({ count }) => (refuses(count) ? exception(2) : undefined))
  const read = meterReader(meter, bus)
  await read()
  t.match(await read(), { ok: true })
  refuses = (count) => count === 1
  t.match(await read(), { ok: false })
  t.match(await read(), { ok: true, event: { reading: { currentA: [10, 12, 14] } } })
})

test('power or energy that cannot be read leaves the currents in force', async (t) => {
  const { bus } = fakeBus(({ address }) => (address === 900 ? exception(2) : undefined))
  const poll = await meterReader(meter, bus)()
  t.match(poll, { ok: true, event: { reading: { currentA: [10, 12, 14], powerW: 20 } } })
  t.match(poll, {
    missing: [
      '10.0.0.7:502 unit 3, input register 900: exception 2 (illegal data address: check the register address)',
      'energy (register 900) was not read',
    ],
  })
})

test('power and energy refused in one request are read one by one from then on', async (t) => {
  const { bus } = fakeBus(({ address, count }) =>
    address === 400 && count > 1 ? exception(2) : undefined,
  )
  const registers = { ...meter.registers, powerW: register(400), energyWh: register(405) }
  const read = meterReader({ ...meter, registers }, bus)
  t.match(await read(), { ok: true, event: { reading: { powerW: undefined } } })
  t.match(await read(), {
    ok: true,
    event: { reading: { powerW: 400, energyWh: 405 } },
    missing: [],
  })
})

test('after a silent extra register the rest of the extras is not asked for', async (t) => {
  const { bus, requests } = fakeBus(({ address }) => (address === 400 ? timeout : undefined))
  const registers = { ...meter.registers, powerW: register(400) }
  t.match(await meterReader({ ...meter, registers }, bus)(), { ok: true })
  t.same(
    requests.map(([address]) => address),
    [10, 400],
  )
})

test('each failure of the bus is told with bus, unit and register', async (t) => {
  const cases: [ReadAnswer, string][] = [
    [timeout, 'no answer within 800 ms'],
    [exception(11), 'exception 11 (the device behind the gateway does not answer'],
    [exception(99), 'exception 99 (unknown to Modbus)'],
    [{ ok: false, failure: { type: 'disconnected', detail: 'gone' } }, 'not connected: gone'],
    [{ ok: false, failure: { type: 'malformed', detail: 'odd' } }, 'not an answer'],
    [{ ok: false, failure: { type: 'overloaded' } }, 'too many requests'],
    [{ ok: false, failure: { type: 'closed' } }, 'the bus is closed'],
  ]
  for (const [answer, text] of cases) {
    const { bus } = fakeBus(() => answer)
    const poll = await limitReader(source, bus)()
    if (poll.ok) t.fail(`${text} must fail`)
    else
      t.ok(poll.problem.startsWith(`10.0.0.7:502 unit 3, input register 7: ${text}`), poll.problem)
    t.match(await meterReader(meter, bus)(), { ok: false })
  }
})

test('a limit source gives a limit in its unit, 0 included', async (t) => {
  let word = 63
  const { bus } = fakeBus(() => ({ ok: true, words: [word], atMs: 5 }))
  t.same(await limitReader(source, bus)(), {
    ok: true,
    event: { type: 'limitRead', reading: { sourceId: 'dso', atMs: 5, limitA: 63 } },
    missing: [],
  })
  word = 0
  t.match(await limitReader({ ...source, unit: 'W' }, bus)(), {
    event: { reading: { limitW: 0 } },
  })
  word = 0xffff
  t.match(await limitReader(source, bus)(), {
    ok: false,
    silent: false,
    problem: /^10\.0\.0\.7:502 unit 3, limit \(register 7, uint16, raw 0xFFFF\) is marked/,
  })
})
