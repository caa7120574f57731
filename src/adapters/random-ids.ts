import { randomBytes } from 'node:crypto'
import type { Ids } from '../ports.js'

/** 25 characters of `0-9a-z` carry 128 bit, and a double click selects all of them. */
const LENGTH = 25
const ID_BYTES = 16
/** A system call for each id would be a fifth of what a call to a charge point costs. */
const IDS_DRAWN_AT_ONCE = 128

/** Ids that nobody can guess and that need no coordination: 128 random bits. */
export function randomIds(): Ids {
  let drawn = Buffer.alloc(0)
  let used = 0
  return {
    next() {
      if (used === drawn.length) {
        drawn = randomBytes(ID_BYTES * IDS_DRAWN_AT_ONCE)
        used = 0
      }
      const bits = drawn.toString('hex', used, used + ID_BYTES)
      used += ID_BYTES
      return BigInt(`0x${bits}`).toString(36).padStart(LENGTH, '0')
    },
  }
}
