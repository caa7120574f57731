import * as fc from 'fast-check'

/** JSON values of fast-check, by a seed: small and large, with odd keys and texts. */
export function jsonPool(seed, count = 2_000) {
  const arbitrary = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  )
  return fc.sample(arbitrary, { seed, numRuns: count })
}
