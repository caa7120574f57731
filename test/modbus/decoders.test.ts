import { test } from 'tap'
import type { RegisterSettings } from '../../src/config/settings.js'
import { decodeLimit } from '../../src/modbus/limit-decoder.js'
import { decodeMeter } from '../../src/modbus/meter-decoder.js'

function register(
  type: RegisterSettings['type'],
  wordOrder: RegisterSettings['wordOrder'] = 'big',
  scale = 1,
  address = 0,
): RegisterSettings {
  return { address, functionCode: 3, type, wordOrder, scale }
}

const currentA = [
  register('int32', 'little', 0.001, 12),
  register('int32', 'little', 0.001, 14),
  register('int32', 'little', 0.001, 16),
] as const

function answered(...values: (readonly number[])[]) {
  return [{ functionCode: 3 as const, address: 12, count: 8, words: values.flat() }]
}

test('a meter gives its currents by phase with the sign of import, power and energy', async (t) => {
  const powerW = register('int16', 'big', 10, 18)
  const energyWh = register('uint16', 'big', 100, 19)
  const decoded = decodeMeter(
    { currentA, powerW, energyWh },
    answered([1000, 0], [0, 0], [0xfc18, 0xffff], [0xff9c], [7]),
  )
  t.same(decoded, {
    ok: true,
    values: { currentA: [1, 0, -1], powerW: -1000, energyWh: 700 },
    missing: [],
  })
})

test('a meter without all three plausible currents gives no reading, and says which and why', async (t) => {
  const registers = { currentA, powerW: undefined, energyWh: undefined }
  const lacking = decodeMeter(registers, answered([1000, 0], [0, 0x8000], [1, 0], [0, 0]))
  t.same(lacking, {
    ok: false,
    problem:
      'current L2 (register 14, int32, raw 0x0000 0x8000) is marked "not available" by the device',
  })
  const absurd = decodeMeter(registers, answered([0, 0x7ff0], [0, 0], [0, 0], [0, 0]))
  t.match(absurd, { ok: false, problem: /^current L1 \(register 12.*is 2146435.* A, outside/ })
  const unread = decodeMeter(registers, [])
  t.match(unread, { ok: false, problem: /current L3 \(register 16\) was not read/ })
})

test('a meter whose power or energy is not available still gives its currents', async (t) => {
  const powerW = register('int16', 'big', 1, 18)
  const energyWh = register('uint32', 'big', 1, 900)
  const decoded = decodeMeter(
    { currentA, powerW, energyWh },
    answered([1000, 0], [0, 0], [0, 0], [0x8000], [0]),
  )
  t.same(decoded, {
    ok: true,
    values: { currentA: [1, 0, 0] },
    missing: [
      'power (register 18, int16, raw 0x8000) is marked "not available" by the device',
      'energy (register 900) was not read',
    ],
  })
})

test('a limit is 0 or more, in the unit of its register; anything else is a fault', async (t) => {
  const amps = { register: register('uint16', 'big', 0.1), unit: 'A' } as const
  const watts = { register: register('float32', 'little'), unit: 'W' } as const
  t.same(decodeLimit(amps, [630]), { ok: true, values: { limitA: 63 } })
  t.same(decodeLimit(amps, [0]), { ok: true, values: { limitA: 0 } })
  t.same(decodeLimit(watts, [0x5000, 0x4743]), { ok: true, values: { limitW: 50_000 } })
  t.match(decodeLimit(amps, [0xffff]), { ok: false, problem: /not available/ })
  t.match(decodeLimit(watts, [0, 0x7fc0]), { ok: false, problem: /raw 0x0000 0x7FC0\) is not a n/ })
  t.match(decodeLimit(watts, [0, 0xbf80]), { ok: false, problem: /is -1 W, outside 0 to/ })
  t.match(decodeLimit(watts, [0, 0x5000]), { ok: false, problem: /W, outside 0 to/ })
})
