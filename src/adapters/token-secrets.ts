import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Secrets } from '../ports.js'

/**
 * Bearer tokens of 256 random bits, kept as their SHA-256. What is random cannot be guessed, so the
 * slow hash that passwords need would only serve an attacker who wants to keep the machine busy.
 */
export function tokenSecrets(): Secrets {
  return {
    newToken() {
      const token = randomBytes(32).toString('base64url')
      return { token, hash: digest(token).toString('hex') }
    },
    verify(token, hash) {
      // What is no hash compares as zeros, which no token is known to have.
      const expected = Buffer.alloc(32)
      if (/^[0-9a-f]{64}$/.test(hash)) expected.write(hash, 'hex')
      return timingSafeEqual(digest(token), expected)
    },
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
