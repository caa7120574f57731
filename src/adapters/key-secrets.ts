import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import type { KeySecrets } from '../ports.js'

/** Without characters that are taken for another, or that forms and shells treat as their own. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
const KEY_LENGTH = 20
const SALT_BYTES = 16
const HASH = /^[0-9a-f]{64}$/

/**
 * Keys of 20 random characters (116 bits), kept as their salted SHA-256. Nobody guesses what is
 * random, so a fast hash keeps it as well as a slow one, and checking one costs some microseconds:
 * neither 200 chargers that come back at once nor a flood of wrong logins takes time from control.
 */
export function keySecrets(): KeySecrets {
  return {
    newKey: () =>
      Buffer.from(
        Array.from({ length: KEY_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
      ),
    hash(key) {
      const salt = randomBytes(SALT_BYTES).toString('hex')
      return { salt, hash: digest(salt, key).toString('hex') }
    },
    matches(key, { salt, hash }) {
      // What is no hash compares as zeros, which no key is known to have.
      const expected = Buffer.alloc(32)
      if (HASH.test(hash)) expected.write(hash, 'hex')
      return timingSafeEqual(digest(salt, key), expected)
    },
  }
}

function digest(salt: string, key: Uint8Array): Buffer {
  return createHash('sha256').update(salt).update(key).digest()
}
