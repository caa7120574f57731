/** One measured or given quantity: its register decoded and checked against what can be true. */
import type { RegisterSettings } from '../config/settings.js'
import { decodeRegister, REFUSAL_TEXT, wordsText } from './registers.js'

export interface Quantity {
  readonly name: string
  readonly unit: 'A' | 'W' | 'Wh'
  /** Bounds in `unit`; `minimum` defaults to `-maximum`. */
  readonly maximum: number
  readonly minimum?: number
}

/** The value in the quantity's unit, or the problem in words with register and raw words. */
export function decodeQuantity(
  quantity: Quantity,
  register: RegisterSettings,
  words: readonly number[],
):
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly problem: string } {
  const { name, unit, maximum, minimum = -maximum } = quantity
  const decoded = decodeRegister(words, register)
  const where = (): string =>
    `${name} (register ${register.address}, ${register.type}, raw ${wordsText(words)})`
  if (!decoded.ok) return { ok: false, problem: `${where()} is ${REFUSAL_TEXT[decoded.refusal]}` }
  const { value } = decoded
  if (value >= minimum && value <= maximum) return { ok: true, value }
  return {
    ok: false,
    problem: `${where()} is ${value} ${unit}, outside ${minimum} to ${maximum}: check register, type, word order and scale`,
  }
}
