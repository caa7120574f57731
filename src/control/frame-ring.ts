/**
 * The latest that was said over one connection. The texts are bytes in one block, and the rest are
 * plain numbers: thousands of texts kept one by one would cost the collector of garbage as much time
 * as all else that is done for a frame.
 */
import type { FrameRecord } from '../http/backend.js'

export interface FrameRing {
  add(record: FrameRecord): void
  /** Forgets the oldest until this much is left. */
  trim(most: { readonly records: number; readonly bytes: number }): void
  /** Those after this number, oldest first. */
  after(seq: number): FrameRecord[]
  /** The newest that is no longer there; 0: all are. */
  readonly lostSeq: number
}

/** What an entry costs beside its text. */
const OVERHEAD_BYTES = 64
const FIRST_BYTES = 4_096
const KINDS: readonly FrameRecord['kind'][] = [
  'opened',
  'received',
  'sent',
  'closing',
  'closed',
  'refused',
]
/** Numbers of one entry, in this order. */
const [SEQ, WALL_MS, AT_MS, KIND, START, LENGTH, CUT_FROM] = [0, 1, 2, 3, 4, 5, 6]
const WIDTH = 7
/** So many numbers of forgotten entries are left where they are. */
const COMPACTED_FROM = 256 * WIDTH

const encoder = new TextEncoder()
const decoder = new TextDecoder()
/** Of one text; what is longer is cut. */
const scratch = new Uint8Array(65_536)

export function frameRing(): FrameRing {
  let block = new Uint8Array(FIRST_BYTES)
  /** Bytes ever written; entry texts lie at their place modulo the length of the block. */
  let written = 0
  let entries: number[] = []
  /** Index of the first number of the oldest. */
  let first = 0
  let lostSeq = 0

  const number = (entry: number, which: number): number => entries[entry + which] ?? 0
  const count = (): number => (entries.length - first) / WIDTH
  const liveBytes = (): number => (count() === 0 ? 0 : written - number(first, START))

  const forgetOldest = (): void => {
    lostSeq = number(first, SEQ)
    first += WIDTH
    if (first < entries.length / 2 || first < COMPACTED_FROM) return
    entries = entries.slice(first)
    first = 0
  }

  /** Twice the size: what lay in one piece does so again. */
  const grow = (): void => {
    const larger = new Uint8Array(2 * block.length)
    for (let at = written - liveBytes(); at < written;) {
      const [from, to] = [at % block.length, at % larger.length]
      const run = Math.min(written - at, block.length - from)
      larger.set(block.subarray(from, from + run), to)
      at += run
    }
    block = larger
  }

  /** A text never goes over the end of the block: what is left there is passed over. */
  const placeFor = (length: number): number => {
    const at = written % block.length
    return at + length > block.length ? written + block.length - at : written
  }

  const add: FrameRing['add'] = ({ seq, wallMs, atMs, kind, text, cutFrom = 0 }) => {
    const { written: length } = encoder.encodeInto(text, scratch)
    const isEmpty = count() === 0
    let start = placeFor(length)
    while (start + length - (isEmpty ? start : number(first, START)) > block.length) {
      grow()
      start = placeFor(length)
    }
    block.set(scratch.subarray(0, length), start % block.length)
    written = start + length
    entries.push(seq, wallMs, atMs, KINDS.indexOf(kind), start, length, cutFrom)
  }

  const shrink = (): void => {
    const kept = after(-1)
    block = new Uint8Array(FIRST_BYTES)
    entries = []
    first = 0
    written = 0
    for (const record of kept) add(record)
  }

  const read = (entry: number): FrameRecord => {
    const at = number(entry, START) % block.length
    const cutFrom = number(entry, CUT_FROM)
    return {
      seq: number(entry, SEQ),
      wallMs: number(entry, WALL_MS),
      atMs: number(entry, AT_MS),
      kind: KINDS[number(entry, KIND)] ?? 'received',
      text: decoder.decode(block.subarray(at, at + number(entry, LENGTH))),
      ...(cutFrom > 0 && { cutFrom }),
    }
  }

  const after = (seq: number): FrameRecord[] => {
    const found: FrameRecord[] = []
    for (let entry = entries.length - WIDTH; entry >= first; entry -= WIDTH) {
      if (number(entry, SEQ) <= seq) break
      found.push(read(entry))
    }
    return found.toReversed()
  }

  return {
    add,
    trim({ records, bytes }) {
      while (count() > records || (count() > 0 && liveBytes() + count() * OVERHEAD_BYTES > bytes)) {
        forgetOldest()
      }
      if (block.length > FIRST_BYTES && block.length > 4 * bytes) shrink()
    },
    after,
    get lostSeq() {
      return lostSeq
    },
  }
}
