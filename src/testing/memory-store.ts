import { MAX_PENDING_RECORDS } from '../adapters/journal.js'
import { serialise, StoreError } from '../adapters/store-error.js'
import type { Clock, Document, JournalRecord, Store, StoredState } from '../ports.js'
import { memoryDisk } from './memory-disk.js'
import type { MemoryDisk } from './memory-disk.js'

export interface MemoryStoreOptions {
  /** Needed with `delayMs`. */
  readonly clock?: Clock
  /** How long each write to the disk takes, ms. Default 0: the next microtask. */
  readonly delayMs?: number
  /** What an earlier run left. */
  readonly initial?: Partial<Pick<StoredState, 'depot' | 'history' | 'journal'>>
}

/** A Store without a disk that keeps the promises of the one on disk, and can break. */
export interface MemoryStore extends Store {
  /**
   * Power cut: a new store with what is on disk at this instant. Calls that wait are rejected, and so
   * are later ones on this store. Without `random` (0 to below 1) what was not confirmed is lost; with
   * it some of that may have reached the disk: records in order up to any one, also in the middle of
   * an append, and documents replaced or not.
   */
  crash(random?: () => number): MemoryStore
  /** The next `operations` calls of saveDepot, append and fold reject. */
  failNext(operations: number): void
  /** The next `operations` calls wait until the function returned is called. */
  hangNext(operations: number): () => void
}

export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { clock, delayMs = 0, initial = {} } = options
  const text = (document: Document | undefined, what: string): string | undefined =>
    document === undefined ? undefined : serialise(document, what)
  return openStore(memoryDisk({ clock, delayMs }), {
    depot: text(initial.depot, 'initial depot'),
    history: text(initial.history, 'initial history'),
    epoch: 0,
    records: (initial.journal ?? []).map((record) => ({
      epoch: 0,
      text: serialise(record, 'an initial record'),
    })),
  })
}

/** What survives: JSON text, so that nobody shares an object with the store. */
interface Durable {
  depot: string | undefined
  history: string | undefined
  /** Records of earlier epochs are contained in the history. */
  epoch: number
  records: Line[]
}

interface Line {
  readonly epoch: number
  readonly text: string
}

function openStore(disk: MemoryDisk, durable: Durable): MemoryStore {
  let phase: 'new' | 'open' | 'closed' = 'new'
  let epoch = Math.max(durable.epoch, ...durable.records.slice(-1).map((line) => line.epoch))
  const depots = disk.lane<string>((depot) => {
    durable.depot = depot
  })
  const histories = disk.lane<{ readonly text: string; readonly epoch: number }>((fold) => {
    durable.history = fold.text
    durable.epoch = fold.epoch
    durable.records = durable.records.filter((line) => line.epoch >= fold.epoch)
  })
  // Later records may build on earlier ones: when those fail, what waits behind them fails too.
  const lines = disk.chainedLane<readonly Line[]>((added) => {
    durable.records.push(...added.filter((line) => line.epoch >= durable.epoch))
  })

  return {
    async load() {
      if (phase === 'closed') throw closedError()
      phase = 'open'
      return {
        depot: parsed(durable.depot),
        history: parsed(durable.history),
        journal: durable.records.map((line): JournalRecord => JSON.parse(line.text)),
        recovered: [],
      }
    },

    async saveDepot(depot) {
      assertOpen()
      await depots.submit(serialise(depot, 'the depot'))
    },

    async append(records) {
      assertOpen()
      const added = records.map((record) => ({
        epoch,
        text: serialise(record, `a journal record ${record.type}`),
      }))
      const waiting = lines.pending().reduce((sum, entry) => sum + Math.max(1, entry.length), 0)
      if (waiting + Math.max(1, added.length) > MAX_PENDING_RECORDS)
        throw new StoreError('full', `${waiting} journal records wait for the disk`)
      await lines.submit(added)
    },

    async fold(history) {
      assertOpen()
      const text = serialise(history, 'the history')
      epoch += 1
      await histories.submit({ text, epoch })
    },

    async close() {
      if (phase === 'closed') return
      phase = 'closed'
      for (const lane of [depots, histories, lines]) lane.finish(closedError())
    },

    crash(random = () => 0) {
      phase = 'closed'
      const upTo = <T>(pending: readonly T[]): readonly T[] =>
        pending.slice(0, Math.floor(random() * (pending.length + 1)))
      const history = upTo(histories.pending()).at(-1)
      const survived: Durable = {
        depot: upTo(depots.pending()).at(-1) ?? durable.depot,
        history: history?.text ?? durable.history,
        epoch: history?.epoch ?? durable.epoch,
        records: [...durable.records, ...upTo(lines.pending().flat())],
      }
      survived.records = survived.records.filter((line) => line.epoch >= survived.epoch)
      for (const lane of [depots, histories, lines]) lane.abandon(closedError())
      return openStore(disk, survived)
    },

    failNext: (operations) => disk.failNext(operations),
    hangNext: (operations) => disk.hangNext(operations),
  }

  function assertOpen(): void {
    if (phase === 'closed') throw closedError()
    if (phase === 'new')
      throw new StoreError('notLoaded', 'the store must be loaded before it is written')
  }
}

function parsed(text: string | undefined): Document | undefined {
  return text === undefined ? undefined : JSON.parse(text)
}

function closedError(): StoreError {
  return new StoreError('closed', 'the store is closed')
}
