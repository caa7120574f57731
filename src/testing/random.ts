/** A reproducible source of numbers. */
export interface Random {
  /** From 0, below 1. */
  next(): number
  /** Whole, both ends included. */
  integer(min: number, max: number): number
  /** From `min`, below `max`. */
  between(min: number, max: number): number
  chance(probability: number): boolean
  /** Throws when there is nothing to pick from. */
  pick<Item>(items: readonly Item[]): Item
  /**
   * An independent source for one component, given by the seed and the label alone: draws made here
   * or in other forks do not change it. The same label gives the same numbers again.
   */
  fork(label: string): Random
}

export function seededRandom(seed: number | string): Random {
  const next = smallFastCounter(String(seed))
  const between = (min: number, max: number): number => min + next() * (max - min)
  const integer = (min: number, max: number): number => Math.floor(between(min, max + 1))
  return {
    next,
    integer,
    between,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[integer(0, items.length - 1)]
      if (item === undefined) throw new Error('there is nothing to pick from')
      return item
    },
    fork: (label) => seededRandom(`${seed}/${label}`),
  }
}

/** Chris Doty-Humphrey's sfc32: 128 bits of state, all operations on 32-bit integers. */
function smallFastCounter(seed: string): () => number {
  let a = hash(seed, 0x9e3779b9)
  let b = hash(seed, 0x243f6a88)
  let c = hash(seed, 0xb7e15162)
  let counter = 1

  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  // Similar seeds start in similar states; a few rounds part them.
  for (let round = 0; round < 12; round += 1) next()
  return next
}

/** FNV-1a with a start of its own, so that one text gives several words. */
function hash(text: string, start: number): number {
  let word = start
  for (let index = 0; index < text.length; index += 1) {
    word = Math.imul(word ^ text.charCodeAt(index), 0x01000193)
  }
  return word
}
