/** A queue of numbers, the one with the lowest key first; equal keys by the lower number. */

export interface Heap {
  push(key: number, value: number): void
  peek(): Entry | undefined
  pop(): Entry | undefined
}

interface Entry {
  readonly key: number
  readonly value: number
}

export function createHeap(): Heap {
  const entries: Entry[] = []

  const isBefore = (a: number, b: number): boolean => {
    const one = entries[a]
    const other = entries[b]
    if (!one || !other) return one !== undefined
    return one.key < other.key || (one.key === other.key && one.value < other.value)
  }
  const swap = (a: number, b: number): void => {
    const one = entries[a]
    const other = entries[b]
    if (!one || !other) return
    entries[a] = other
    entries[b] = one
  }

  return {
    push(key, value) {
      let at = entries.push({ key, value }) - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!isBefore(at, parent)) return
        swap(at, parent)
        at = parent
      }
    },

    peek: () => entries[0],

    pop() {
      const first = entries[0]
      const last = entries.pop()
      if (!last || entries.length === 0) return first
      entries[0] = last
      let at = 0
      while (true) {
        const left = 2 * at + 1
        const least = isBefore(left + 1, left) ? left + 1 : left
        if (!isBefore(least, at)) return first
        swap(at, least)
        at = least
      }
    },
  }
}
