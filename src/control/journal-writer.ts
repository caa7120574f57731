/**
 * Writes what must not be lost. Durable records resolve once on disk; lazy ones ride along with the
 * next write or are flushed within a minute. After a failed write nothing is dropped: the records
 * go out, in order, with the next one.
 */
import type { JournalEvent } from '../core/site/events.js'
import type { JournalRecord, Log, Store } from '../ports.js'

export interface JournalWriter {
  /** Resolves when these and all before them are on disk; rejects when the disk refuses. */
  durable(events: readonly JournalEvent[]): Promise<void>
  lazy(event: JournalEvent): void
  /** Writes what is waiting; never rejects. */
  flush(): Promise<void>
  /** Records written since the last fold. */
  written(): number
  /** The history holds everything that was written. */
  folded(): void
}

/** Beyond this, with a disk that refuses for hours, the oldest lazy records go. */
const WAITING_MAX = 20_000

export function journalWriter(store: Store, log: Log): JournalWriter {
  let unsaved: JournalRecord[] = []
  let failing = false
  let written = 0

  const write = async (): Promise<void> => {
    const batch = unsaved
    unsaved = []
    try {
      await store.append(batch)
      written += batch.length
      if (failing) log.info('journalRecovered', { records: batch.length })
      failing = false
    } catch (error) {
      unsaved = [...batch, ...unsaved].slice(-WAITING_MAX)
      if (!failing) log.error('journalFailed', { error: String(error), waiting: unsaved.length })
      failing = true
      throw error
    }
  }

  return {
    durable(events) {
      for (const event of events) unsaved.push({ ...event })
      return write()
    },
    lazy(event) {
      unsaved.push({ ...event })
    },
    async flush() {
      if (unsaved.length === 0) return
      // Reported inside; the records stay for the next attempt.
      await write().catch(() => undefined)
    },
    written: () => written,
    folded() {
      written = 0
    },
  }
}
