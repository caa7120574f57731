/** What a grid-limit register says. 0 is a limit; a negative or absurd one is a fault of the source. */
import type { LimitSourceSettings } from '../config/settings.js'
import type { LimitReading } from '../ports.js'
import { decodeQuantity } from './quantity.js'

export type DecodedLimit =
  | { readonly ok: true; readonly values: Omit<LimitReading, 'sourceId' | 'atMs'> }
  | { readonly ok: false; readonly problem: string }

/** Throws RangeError when `words` are not as many as the register's type takes. */
export function decodeLimit(
  { register, unit }: Pick<LimitSourceSettings, 'register' | 'unit'>,
  words: readonly number[],
): DecodedLimit {
  const quantity = { name: 'limit', unit, minimum: 0, maximum: MAX_LIMIT[unit] }
  const decoded = decodeQuantity(quantity, register, words)
  if (!decoded.ok) return decoded
  const { value } = decoded
  return { ok: true, values: unit === 'A' ? { limitA: value } : { limitW: value } }
}

/** No depot has more: the register, type or word order is wrong. */
const MAX_LIMIT = { A: 100_000, W: 100e6 } as const
