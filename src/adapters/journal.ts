import { join } from 'node:path'
import type { JournalRecord, Log } from '../ports.js'
import type { FileSystem, NewFile } from './file-system.js'
import { segmentHeader, segmentLine, segmentName } from './journal-segment.js'
import type { JournalEnd } from './journal-segment.js'
import { serialise, StoreError } from './store-error.js'

/** Where a journal that was replayed goes on. */
export interface JournalStart {
  readonly end: JournalEnd
  /** Number of the next segment: higher than any there is. */
  readonly next: number
}

/** Appends to segment files. Records that wait while the disk syncs share the next sync. */
export interface Journal {
  /**
   * Takes the records as they are now. Resolves once they and all before them are on disk. When a
   * write fails, all that wait are refused, and the next append begins a new file: what a failed sync
   * left in the page cache cannot be trusted again.
   */
  append(records: readonly JournalRecord[]): Promise<void>
  /**
   * Begins a new segment for all later records. Returns the lowest number it may get: what was
   * appended before goes to lower ones.
   */
  rotate(): number
  /** Resolves when all that was appended is written or refused and the file is closed. */
  close(): Promise<void>
}

export interface JournalOptions {
  readonly fs: FileSystem
  readonly folder: string
  readonly start: JournalStart
  readonly log?: Log | undefined
}

/** What may wait for a stalled disk. An empty append counts as one record. */
export const MAX_PENDING_RECORDS = 10_000
const MAX_PENDING_BYTES = 64 * 1024 * 1024

type Entry =
  | {
      readonly type: 'append'
      readonly lines: Buffer
      readonly count: number
      resolve(): void
      reject(error: unknown): void
    }
  | { readonly type: 'rotate'; readonly first: number; left(): void }

type Append = Extract<Entry, { type: 'append' }>

export function journal({ fs, folder, start, log }: JournalOptions): Journal {
  let { end, next } = start
  /** Highest number promised by `rotate`. */
  let promised = 0
  let open: { readonly file: NewFile; readonly number: number; bytes: number } | undefined
  let queue: Entry[] = []
  let pendingRecords = 0
  let pendingBytes = 0
  let work: Promise<void> = Promise.resolve()

  return {
    async append(records) {
      const lines = Buffer.concat(
        records.map((record) => segmentLine(serialise(record, `a journal record ${record.type}`))),
      )
      const count = Math.max(1, records.length)
      if (
        pendingRecords + count > MAX_PENDING_RECORDS ||
        pendingBytes + lines.length > MAX_PENDING_BYTES
      )
        throw new StoreError(
          'full',
          `${pendingRecords} journal records (${pendingBytes} bytes) wait for the disk of ${folder}`,
        )
      pendingRecords += count
      pendingBytes += lines.length
      try {
        await new Promise<void>((resolve, reject) => {
          enqueue({ type: 'append', lines, count, resolve, reject })
        })
      } finally {
        pendingRecords -= count
        pendingBytes -= lines.length
      }
    },

    rotate() {
      // What waits before an earlier rotation opens at most one more segment: when that fails, all
      // that waits is refused. So one number higher than the last promise is always free.
      const first = Math.max(next, promised) + 1
      promised = first
      enqueue({ type: 'rotate', first, left: () => undefined })
      return first
    },

    async close() {
      await new Promise<void>((resolve) => {
        enqueue({ type: 'rotate', first: next, left: resolve })
      })
    },
  }

  function enqueue(entry: Entry): void {
    queue.push(entry)
    if (queue.length === 1) work = work.then(drain)
  }

  async function drain(): Promise<void> {
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      if (first.type === 'rotate') {
        queue.shift()
        await leaveSegment()
        next = Math.max(next, first.first)
        first.left()
      } else {
        await commit(takeAppends())
      }
    }
  }

  function takeAppends(): readonly Append[] {
    const boundary = queue.findIndex((entry) => entry.type === 'rotate')
    const taken = queue.splice(0, boundary < 0 ? queue.length : boundary)
    return taken.filter((entry) => entry.type === 'append')
  }

  async function commit(batch: readonly Append[]): Promise<void> {
    try {
      const lines = Buffer.concat(batch.map((entry) => entry.lines))
      if (lines.length > 0) await write(lines)
      for (const entry of batch) entry.resolve()
    } catch (error) {
      // Later records may build on refused ones, so what waits behind them is refused as well.
      const refused = queue.filter((entry) => entry.type === 'append')
      queue = queue.filter((entry) => entry.type === 'rotate')
      for (const entry of [...batch, ...refused]) entry.reject(error)
      await leaveSegment()
    }
  }

  async function write(lines: Buffer): Promise<void> {
    const isNew = open === undefined
    if (open === undefined) {
      const number = next++
      const file = await fs.create(join(folder, segmentName(number)))
      open = { file, number, bytes: 0 }
    }
    const bytes = isNew ? Buffer.concat([segmentHeader(open.number, end), lines]) : lines
    await open.file.write(bytes)
    await open.file.sync()
    if (isNew) await fs.syncFolder(folder)
    open.bytes += bytes.length
    end = { segment: open.number, bytes: open.bytes }
  }

  async function leaveSegment(): Promise<void> {
    const left = open
    open = undefined
    if (left === undefined) return
    try {
      await left.file.close()
      // Nothing in it was ever confirmed: without this a full disk would fill with beginnings.
      if (end.segment !== left.number) await fs.remove(join(folder, segmentName(left.number)))
    } catch (error) {
      log?.warn('journalSegmentLeft', { segment: left.number, error: String(error) })
    }
  }
}
