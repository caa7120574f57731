import type { Ids } from '../ports.js'

/** `id-1`, `id-2`, ...: the same ids in each run. */
export function countingIds(prefix = 'id'): Ids {
  let count = 0
  return {
    next() {
      count += 1
      return `${prefix}-${count}`
    },
  }
}
