/** The register map a simulated device shows: quantities in their units, as words at addresses. */
import type { RegisterSettings } from '../config/settings.js'
import { encodeRegister, WORD_COUNT } from './registers.js'

export interface ImagePoint {
  readonly register: Pick<RegisterSettings, 'address' | 'type' | 'wordOrder' | 'scale'>
  /** In the register's unit, asked at each read. */
  readonly value: () => number
}

/**
 * The word at an address, or undefined where nothing is. Holding and input registers show the same.
 * Throws RangeError while a value does not fit into its register.
 */
export function registerImage(
  points: readonly ImagePoint[],
): (address: number) => number | undefined {
  return (address) => {
    for (const { register, value } of points) {
      const offset = address - register.address
      if (offset < 0 || offset >= WORD_COUNT[register.type]) continue
      return encodeRegister(value(), { ...register, functionCode: 3 })[offset]
    }
    return undefined
  }
}
