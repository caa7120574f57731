/**
 * Register words to a number and back. Bytes inside a word are big-endian (Modbus Application
 * Protocol 4.2); the order of the words is the device's choice and part of the settings.
 */
import type { RegisterSettings } from '../config/settings.js'

/** Why the words of a register are no number. A refused register is unknown, never 0. */
export type Refusal = 'notANumber' | 'infinite' | 'notAvailable' | 'tooSmall'

export type Decoded =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly refusal: Refusal }

type RegisterType = RegisterSettings['type']

export const REFUSAL_TEXT: Readonly<Record<Refusal, string>> = {
  notANumber: 'not a number',
  infinite: 'infinite',
  notAvailable: 'marked "not available" by the device',
  tooSmall: 'too small for a measurement: check the word order',
}

/** Registers of 16 bits that a value of this type takes. */
export const WORD_COUNT: Readonly<Record<RegisterType, 1 | 2 | 4>> = {
  uint16: 1,
  int16: 1,
  uint32: 2,
  int32: 2,
  float32: 2,
  uint64: 4,
  int64: 4,
  float64: 4,
}

/** Patterns that mean "no value": SunSpec, ABB, Carlo Gavazzi (overflow). Floats use NaN. */
const NOT_AVAILABLE: Readonly<Record<RegisterType, readonly bigint[]>> = {
  uint16: [0xffffn],
  int16: [0x8000n, 0x7fffn],
  uint32: [0xffff_ffffn],
  int32: [0x8000_0000n, 0x7fff_ffffn],
  float32: [],
  uint64: [0xffff_ffff_ffff_ffffn],
  int64: [0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
  float64: [],
}

/** A float with swapped words often reads like 2e-41, which would pass for 0 A. No meter is so fine. */
const SMALLEST_FLOAT = 1e-20

/** Written before it is read in each call, and kept by none: a buffer each would cost more than the rest. */
const SCRATCH = new DataView(new ArrayBuffer(8))

/** The value of a register in the unit of its quantity. Throws RangeError on a wrong word count. */
export function decodeRegister(words: readonly number[], register: RegisterSettings): Decoded {
  const { type, wordOrder, scale } = register
  if (words.length !== WORD_COUNT[type]) {
    throw new RangeError(`${type} takes ${WORD_COUNT[type]} words, got ${words.length}`)
  }
  const view = SCRATCH
  const ordered = wordOrder === 'big' ? words : words.toReversed()
  ordered.forEach((word, index) => view.setUint16(index * 2, word))
  const marks = NOT_AVAILABLE[type]
  if (marks.length > 0 && marks.includes(unsigned(view, type))) return refused('notAvailable')
  const raw = read(view, type)
  if (Number.isNaN(raw)) return refused('notANumber')
  if (isFloat(type) && raw !== 0 && Math.abs(raw) < SMALLEST_FLOAT) return refused('tooSmall')
  const value = raw * scale
  if (!Number.isFinite(value)) return refused('infinite')
  // + 0 turns -0 into 0.
  return { ok: true, value: value + 0 }
}

/**
 * The words a device would show for `value`, rounded to what the type can hold. Throws RangeError if
 * the value does not fit into the type.
 */
export function encodeRegister(value: number, register: RegisterSettings): readonly number[] {
  const { type, wordOrder, scale } = register
  const view = SCRATCH
  const scaled = value / scale
  write(view, type, isFloat(type) ? scaled : Math.round(scaled))
  if (!isFloat(type) && read(view, type) !== Math.round(scaled) + 0) {
    throw new RangeError(`${value} at scale ${scale} does not fit into ${type}`)
  }
  const words: number[] = []
  for (let index = 0; index < WORD_COUNT[type]; index += 1) words.push(view.getUint16(index * 2))
  return wordOrder === 'big' ? words : words.toReversed()
}

/** Words as an operator finds them in a manual: `0x7FC0 0x0000`. */
export function wordsText(words: readonly number[]): string {
  return words.map((word) => `0x${word.toString(16).toUpperCase().padStart(4, '0')}`).join(' ')
}

function refused(refusal: Refusal): Decoded {
  return { ok: false, refusal }
}

function isFloat(type: RegisterType): boolean {
  return type === 'float32' || type === 'float64'
}

function unsigned(view: DataView, type: RegisterType): bigint {
  switch (WORD_COUNT[type]) {
    case 1:
      return BigInt(view.getUint16(0))
    case 2:
      return BigInt(view.getUint32(0))
    case 4:
      return view.getBigUint64(0)
  }
}

/** 64-bit integers beyond 2^53 are rounded to the nearest double. */
function read(view: DataView, type: RegisterType): number {
  switch (type) {
    case 'uint16':
      return view.getUint16(0)
    case 'int16':
      return view.getInt16(0)
    case 'uint32':
      return view.getUint32(0)
    case 'int32':
      return view.getInt32(0)
    case 'float32':
      return view.getFloat32(0)
    case 'uint64':
      return Number(view.getBigUint64(0))
    case 'int64':
      return Number(view.getBigInt64(0))
    case 'float64':
      return view.getFloat64(0)
  }
}

function write(view: DataView, type: RegisterType, raw: number): void {
  switch (type) {
    case 'uint16':
      return view.setUint16(0, raw)
    case 'int16':
      return view.setInt16(0, raw)
    case 'uint32':
      return view.setUint32(0, raw)
    case 'int32':
      return view.setInt32(0, raw)
    case 'float32':
      return view.setFloat32(0, raw)
    case 'uint64':
      return view.setBigUint64(0, BigInt(raw))
    case 'int64':
      return view.setBigInt64(0, BigInt(raw))
    case 'float64':
      return view.setFloat64(0, raw)
  }
}
