import { randomBytes } from 'node:crypto'
import type { Ids } from '../ports.js'

/** 25 characters of `0-9a-z` carry 128 bit, and a double click selects all of them. */
const LENGTH = 25

/** Ids that nobody can guess and that need no coordination: 128 random bits. */
export function randomIds(): Ids {
  return {
    next: () =>
      BigInt(`0x${randomBytes(16).toString('hex')}`)
        .toString(36)
        .padStart(LENGTH, '0'),
  }
}
