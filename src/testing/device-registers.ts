/** The registers of a simulated device, as a master finds them: words in blocks, sound or not. */
import type { RegisterSettings } from '../config/settings.js'
import type { Block, BlockWords } from '../modbus/blocks.js'
import { encodeRegister, WORD_COUNT } from '../modbus/registers.js'

/** What is wrong with the words, whatever their value. */
export type Garbling = 'none' | 'notANumber' | 'wordsSwapped'

export interface DevicePoint {
  readonly garbling: Garbling
  readonly register: RegisterSettings
  /** In the unit of the register. */
  readonly value: number
}

/** What the device answers to each request; what lies between its points is 0. */
export function answered(
  blocks: readonly Block[],
  points: readonly DevicePoint[],
): readonly BlockWords[] {
  return blocks.map(({ functionCode, address, count }) => {
    const words: number[] = []
    while (words.length < count) words.push(0)
    for (const point of points) {
      const { register } = point
      const first = register.address - address
      if (register.functionCode !== functionCode || first < 0 || first >= count) continue
      shownWords(point).forEach((word, index) => {
        words[first + index] = word
      })
    }
    return { functionCode, address, count, words }
  })
}

export function shownWords({ garbling, register, value }: DevicePoint): readonly number[] {
  switch (garbling) {
    case 'none':
      return wordsOfValue(value, register)
    case 'notANumber':
      return wordsOfNothing(register)
    case 'wordsSwapped': {
      const words = wordsOfValue(value, register)
      // Of one word the bytes.
      return words.length > 1
        ? words.toReversed()
        : words.map((word) => ((word & 0xff) << 8) | (word >> 8))
    }
  }
}

/** An integer that does not fit wraps around, as it does in cheap meters. */
function wordsOfValue(value: number, register: RegisterSettings): readonly number[] {
  const { type, scale } = register
  if (isFloat(type)) return encodeRegister(value, register)
  const bits = 16 * WORD_COUNT[type]
  const raw = BigInt(Math.round(value / scale))
  const fitting = type.startsWith('u') ? BigInt.asUintN(bits, raw) : BigInt.asIntN(bits, raw)
  return encodeRegister(Number(fitting), { ...register, scale: 1 })
}

/** NaN, or the pattern that says so in an integer. */
function wordsOfNothing(register: RegisterSettings): readonly number[] {
  const { type, wordOrder } = register
  if (isFloat(type)) return encodeRegister(NaN, register)
  const [first, others] = type.startsWith('u') ? [0xffff, 0xffff] : [0x8000, 0]
  const words = Array.from({ length: WORD_COUNT[type] }, (_, index) => (index > 0 ? others : first))
  return wordOrder === 'big' ? words : words.toReversed()
}

function isFloat(type: RegisterSettings['type']): boolean {
  return type === 'float32' || type === 'float64'
}
