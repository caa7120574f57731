/** A fingerprint of everything that happened: 53 bits, the same for the same texts in order. */
export interface TraceHash {
  add(text: string): void
  digest(): string
}

/** Two interleaved multiplicative hashes (after cyrb53); not for secrets. */
export function traceHash(): TraceHash {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  return {
    add(text) {
      for (let index = 0; index < text.length; index += 1) {
        const code = text.charCodeAt(index)
        high = Math.imul(high ^ code, 2654435761)
        low = Math.imul(low ^ code, 1597334677)
      }
      // Where one text ends and the next begins counts too.
      high = Math.imul(high ^ 0x10000, 2654435761)
      low = Math.imul(low ^ 0x10001, 1597334677)
    },
    digest() {
      const mixedHigh =
        Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
      const mixedLow =
        Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
      const number = 4294967296 * (mixedLow & 0x1fffff) + (mixedHigh >>> 0)
      return number.toString(16).padStart(14, '0')
    },
  }
}
