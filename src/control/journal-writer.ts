/**
 * Writes what must not be lost, in the order in which it happened: one write is at the disk at a
 * time, and what comes meanwhile goes with the next. Lazy records ride along or are flushed within
 * a minute. After a failed write nothing but attempts is dropped: the records go out, still in
 * order, with the next one.
 */
import type { JournalEvent } from '../core/site/events.js'
import type { JournalRecord, Log, Store } from '../ports.js'

export interface JournalWriter {
  /** Resolves when these and all before them are on disk; rejects when the disk refuses. */
  durable(events: readonly JournalEvent[]): Promise<void>
  /** The same, but what the disk refuses is forgotten: for what is decided again soon. */
  attempt(events: readonly JournalEvent[]): Promise<void>
  lazy(event: JournalEvent): void
  /** Writes what is waiting; never rejects. */
  flush(): Promise<void>
  /** Records written since the last fold. */
  written(): number
  /** What `reached` said when the last record came that is on disk with all before it. */
  durableTo(): number
  /** The history holds everything that was written. */
  folded(): void
}

/** Beyond this many waiting records, with a disk that refuses for hours, the oldest lazy ones go. */
const WAITING_MAX = 20_000
/** Beyond this even a durable record is refused: memory is finite. */
const DURABLE_MAX = 100_000
/** Records in one write: the store refuses what is more than it can hold at once. */
const CHUNK_MAX = 1_000

interface Entry {
  readonly seq: number
  /** What had been reached before it. */
  readonly after: number
  readonly record: JournalRecord
  readonly kind: 'durable' | 'attempt' | 'lazy'
}

interface Waiter {
  /** Of the last record that must be on disk. */
  readonly seq: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** `reached`: a number that grows with what the records tell; what is on disk now has reached it. */
export function journalWriter(
  store: Store,
  log: Log,
  reached: () => number = () => 0,
): JournalWriter {
  let reachedBefore = reached()
  let durableTo = reachedBefore
  let waiting: Entry[] = []
  let waiters: Waiter[] = []
  let lastSeq = 0
  let lazyWaiting = 0
  let isWriting = false
  let failing = false
  let dropped = 0
  let written = 0

  const add = (events: readonly JournalEvent[], kind: Entry['kind']): void => {
    for (const event of events) addOne(event, kind)
    reachedBefore = reached()
  }

  const addOne = (event: JournalEvent, kind: Entry['kind']): void => {
    lastSeq += 1
    waiting.push({ seq: lastSeq, after: reachedBefore, record: { ...event }, kind })
    if (kind === 'lazy') lazyWaiting += 1
    if (waiting.length <= WAITING_MAX || lazyWaiting === 0) return
    waiting.splice(waiting.findIndex(isLazy), 1)
    lazyWaiting -= 1
    dropped += 1
  }

  const write = async (): Promise<void> => {
    const chunk = waiting.splice(0, CHUNK_MAX)
    lazyWaiting -= chunk.filter(isLazy).length
    // Who comes while the disk is busy has a write of his own.
    const concerned = waiters.length
    try {
      await store.append(chunk.map(({ record }) => record))
      succeeded(chunk.length)
    } catch (error) {
      failed(chunk, waiters.splice(0, concerned), error)
    }
  }

  const succeeded = (records: number): void => {
    written += records
    durableTo = waiting[0]?.after ?? reachedBefore
    if (failing) log.info('journalRecovered', { records, waiting: waiting.length, dropped })
    failing = false
    dropped = 0
    const savedSeq = (waiting[0]?.seq ?? lastSeq + 1) - 1
    const saved = waiters.filter(({ seq }) => seq <= savedSeq)
    waiters = waiters.filter(({ seq }) => seq > savedSeq)
    for (const { resolve } of saved) resolve()
  }

  const failed = (chunk: readonly Entry[], refused: readonly Waiter[], error: unknown): void => {
    const refusedSeq = refused.at(-1)?.seq ?? 0
    lazyWaiting += chunk.filter(isLazy).length
    waiting = [...chunk, ...waiting].filter(
      ({ kind, seq }) => kind !== 'attempt' || seq > refusedSeq,
    )
    if (!failing) log.error('journalFailed', { error: String(error), waiting: waiting.length })
    failing = true
    for (const { reject } of refused) reject(error)
  }

  const writeAll = async (): Promise<void> => {
    if (isWriting) return
    isWriting = true
    while (waiters.length > 0) await write()
    isWriting = false
  }

  const saved = (events: readonly JournalEvent[], kind: 'durable' | 'attempt'): Promise<void> => {
    if (events.length > 0 && waiting.length + events.length > DURABLE_MAX) {
      return Promise.reject(
        new Error(`${waiting.length} journal records wait for the disk: free it or replace it`),
      )
    }
    add(events, kind)
    return new Promise((resolve, reject) => {
      waiters.push({ seq: lastSeq, resolve, reject })
      writeAll().catch(reject)
    })
  }

  return {
    durable: (events) => saved(events, 'durable'),
    attempt: (events) => saved(events, 'attempt'),
    lazy: (event) => add([event], 'lazy'),
    async flush() {
      if (waiting.length === 0 && !isWriting) return
      // Reported inside; the records stay for the next attempt.
      await saved([], 'durable').catch(() => undefined)
    },
    written: () => written,
    durableTo: () => durableTo,
    folded() {
      written = 0
    },
  }
}

function isLazy({ kind }: Entry): boolean {
  return kind === 'lazy'
}
