import * as fc from 'fast-check'
import { test } from 'tap'
import type { RegisterSettings } from '../../src/config/settings.js'
import { registerImage } from '../../src/modbus/register-image.js'
import {
  decodeRegister,
  encodeRegister,
  REFUSAL_TEXT,
  wordsText,
} from '../../src/modbus/registers.js'

type Type = RegisterSettings['type']
type Order = RegisterSettings['wordOrder']

function register(type: Type, wordOrder: Order = 'big', scale = 1, address = 0): RegisterSettings {
  return { address, functionCode: 3, type, wordOrder, scale }
}

test('the words of each type and word order give the value the device means', async (t) => {
  const cases: [Type, Order, number, number[], number][] = [
    ['uint16', 'big', 1, [0x1234], 0x1234],
    ['uint16', 'little', 0.01, [0xfffe], 655.34],
    ['int16', 'big', 0.1, [0xffff], -0.1],
    ['uint32', 'big', 0.001, [0x0000, 0x3039], 12.345],
    ['uint32', 'little', 1, [0x0001, 0x8000], 0x8000_0001],
    ['int32', 'big', 1, [0xffff, 0xfffe], -2],
    ['int32', 'little', 0.001, [0xcfc7, 0xffff], -12.345],
    ['float32', 'big', 1, [0x4128, 0x0000], 10.5],
    ['float32', 'little', 1, [0x0000, 0x4128], 10.5],
    ['float32', 'big', 0.001, [0x4640, 0xe400], 12.345],
    ['uint64', 'big', 10, [0, 0, 1, 2], 655_380],
    ['uint64', 'little', 1, [2, 1, 0, 0], 65_538],
    ['int64', 'big', 1, [0xffff, 0xffff, 0xffff, 0xfffd], -3],
    ['int64', 'little', 1, [0xfffd, 0xffff, 0xffff, 0xffff], -3],
    ['float64', 'big', 1, [0x4025, 0, 0, 0], 10.5],
    ['float64', 'little', 1, [0, 0, 0, 0x4025], 10.5],
    ['float32', 'big', 1, [0, 0], 0],
    ['float32', 'big', 1, [0x8000, 0], 0],
    ['int16', 'big', -1, [0], 0],
  ]
  for (const [type, order, scale, words, value] of cases) {
    const decoded = decodeRegister(words, register(type, order, scale))
    const name = `${type} ${order} ${wordsText(words)} x ${scale}`
    if (!decoded.ok) t.fail(`${name}: ${decoded.refusal}`)
    else t.ok(Math.abs(decoded.value - value) <= 1e-9 * Math.abs(value), name)
    if (value === 0) t.ok(decoded.ok && Object.is(decoded.value, 0), `${name} is plain 0`)
  }
})

test('patterns for "no value" are refused where the type makes them so, and never become 0', async (t) => {
  const refusals: [Type, number[], string][] = [
    ['uint16', [0xffff], 'notAvailable'],
    ['int16', [0x8000], 'notAvailable'],
    ['int16', [0x7fff], 'notAvailable'],
    ['uint32', [0xffff, 0xffff], 'notAvailable'],
    ['int32', [0x8000, 0], 'notAvailable'],
    ['int32', [0x7fff, 0xffff], 'notAvailable'],
    ['uint64', [0xffff, 0xffff, 0xffff, 0xffff], 'notAvailable'],
    ['int64', [0x7fff, 0xffff, 0xffff, 0xffff], 'notAvailable'],
    ['int64', [0x8000, 0, 0, 0], 'notAvailable'],
    ['float32', [0x7fc0, 0], 'notANumber'],
    ['float32', [0xffff, 0xffff], 'notANumber'],
    ['float32', [0x7fff, 0xffff], 'notANumber'],
    ['float64', [0x7ff8, 0, 0, 0], 'notANumber'],
    ['float32', [0x7f80, 0], 'infinite'],
    ['float32', [0xff80, 0], 'infinite'],
    ['float64', [0x7ff0, 0, 0, 0], 'infinite'],
    ['float32', [0, 0x4128], 'tooSmall'],
  ]
  for (const [type, words, refusal] of refusals) {
    t.same(decodeRegister(words, register(type)), { ok: false, refusal }, wordsText(words))
    if (type.startsWith('float')) continue
    const swapped = decodeRegister(words.toReversed(), register(type, 'little'))
    t.same(swapped, { ok: false, refusal }, `${wordsText(words)} in little order`)
  }
  for (const [type, words, value] of [
    ['uint16', [0x8000], 0x8000],
    ['uint16', [0x7fff], 0x7fff],
    ['int16', [0xffff], -1],
    ['uint32', [0x8000, 0], 0x8000_0000],
    ['int32', [0xffff, 0xffff], -1],
  ] as const) {
    t.same(decodeRegister(words, register(type)), { ok: true, value }, `${type} ${value} is one`)
  }
  const tooLarge = decodeRegister([0x7fef, 0xffff, 0xffff, 0xffff], register('float64', 'big', 10))
  t.same(tooLarge, { ok: false, refusal: 'infinite' }, 'a value that scaling makes infinite')
})

test('a wrong number of words and a value that does not fit are programming errors', async (t) => {
  t.throws(() => decodeRegister([1], register('uint32')), {
    message: 'uint32 takes 2 words, got 1',
  })
  t.throws(() => encodeRegister(70_000, register('uint16')), {
    message: '70000 at scale 1 does not fit into uint16',
  })
  t.throws(() => encodeRegister(-1, register('uint64')), RangeError)
  t.throws(() => encodeRegister(Number.NaN, register('int32')), RangeError)
})

/** Without the patterns for "no value"; 64-bit integers as far as a double is exact. */
const RANGES: [Type, number, number][] = [
  ['uint16', 0, 0xfffe],
  ['int16', -0x7fff, 0x7ffe],
  ['uint32', 0, 0xffff_fffe],
  ['int32', -0x7fff_ffff, 0x7fff_fffe],
  ['uint64', 0, Number.MAX_SAFE_INTEGER],
  ['int64', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
]

test('what is encoded decodes to the same number, in every type and order', async () => {
  const order = fc.constantFrom<Order[]>('big', 'little')
  const integer = fc
    .constantFrom(...RANGES)
    .chain(([type, min, max]) =>
      fc.record({ type: fc.constant(type), raw: fc.integer({ min, max }) }),
    )
  const float = fc.oneof(
    fc.record({
      type: fc.constant<Type>('float32'),
      raw: fc.float({ noNaN: true, noDefaultInfinity: true }),
    }),
    fc.record({
      type: fc.constant<Type>('float64'),
      raw: fc.double({ noNaN: true, noDefaultInfinity: true }),
    }),
  )
  const usual = float.filter(({ raw }) => raw === 0 || Math.abs(raw) > 1e-20)
  fc.assert(
    fc.property(fc.oneof(integer, usual), order, ({ type, raw }, wordOrder) => {
      const as = register(type, wordOrder)
      const words = encodeRegister(raw, as)
      const decoded = decodeRegister(words, as)
      return (
        decoded.ok &&
        decoded.value === raw + 0 &&
        words.every((word) => Number.isInteger(word) && word >= 0 && word <= 0xffff)
      )
    }),
  )
})

test('whatever words arrive, the result is a finite number or a refusal', async () => {
  const types = fc.constantFrom<[Type, number][]>(
    ['uint16', 1],
    ['int16', 1],
    ['uint32', 2],
    ['int32', 2],
    ['float32', 2],
    ['uint64', 4],
    ['int64', 4],
    ['float64', 4],
  )
  const word = fc.oneof(fc.constantFrom(0, 0x7fff, 0x8000, 0xffff, 0x7f80), fc.nat(0xffff))
  fc.assert(
    fc.property(types, fc.array(word, { minLength: 4, maxLength: 4 }), ([type, count], words) => {
      const decoded = decodeRegister(words.slice(0, count), register(type))
      return decoded.ok ? Number.isFinite(decoded.value) : decoded.refusal in REFUSAL_TEXT
    }),
  )
})

test('an image shows the words of its quantities, and nothing elsewhere', async (t) => {
  let limitA = 40
  const wordAt = registerImage([
    { register: { address: 5, type: 'uint16', wordOrder: 'big', scale: 0.1 }, value: () => limitA },
    { register: { address: 6, type: 'float32', wordOrder: 'little', scale: 1 }, value: () => 10.5 },
  ])
  t.same([4, 5, 6, 7, 8].map(wordAt), [undefined, 400, 0, 0x4128, undefined])
  limitA = 16
  t.equal(wordAt(5), 160)
})
