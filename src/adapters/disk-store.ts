import { Low } from 'lowdb'
import type { Adapter } from 'lowdb'
import type { Document, Log, Store } from '../ports.js'
import { durableJson } from './durable-json.js'
import { nodeFileSystem } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { lockFolder } from './folder-lock.js'
import type { FolderLock } from './folder-lock.js'
import { journal } from './journal.js'
import type { Journal } from './journal.js'
import { cutOff, readSegments, removeSegmentsBefore } from './journal-files.js'
import { replayJournal } from './journal-replay.js'
import { StoreError } from './store-error.js'

export interface DiskStoreOptions {
  readonly log?: Log
  readonly fileSystem?: FileSystem
  readonly lock?: (folder: string) => Promise<FolderLock>
  /** Wall time, ms: names the files of damaged state. */
  readonly now?: () => number
  /** How long `close` waits for a stalled disk, ms. */
  readonly closeWithinMs?: number
}

/** The history with the number of the first journal segment that is not contained in it. */
interface FoldedHistory {
  readonly firstSegment: number
  readonly history: Document
}

/**
 * Keeps the state in a folder: `depot.json`, `history.json`, each with its `.prev`, and the journal.
 * `load` takes the folder's lock (FolderLockedError when another process has it), `close` gives it
 * back. Everything else rejects with a StoreError; before the first successful `load` nothing is
 * written. The segments that `history.json.prev` needs are kept, so falling back to it loses nothing.
 */
export function diskStore(folder: string, options: DiskStoreOptions = {}): Store {
  const { log, fileSystem: fs = nodeFileSystem, lock = lockFolder } = options
  const { now = Date.now, closeWithinMs = 5_000 } = options
  const depot = durableJson<Document | null>({
    fs,
    folder,
    name: 'depot.json',
    now,
    accepts: isDocument,
  })
  const history = durableJson<FoldedHistory | null>({
    fs,
    folder,
    name: 'history.json',
    now,
    accepts: isFoldedHistory,
    written: (data) => historyWritten(data?.firstSegment ?? 0),
  })
  const depotDb = new Low(depot, null)
  const historyDb = new Low(history, null)
  /** First segment that the history on disk does not contain. */
  let firstSegment = 0
  let appends: Journal | undefined
  let held: FolderLock | undefined
  let loading: Promise<unknown> = Promise.resolve()
  let cleaning: Promise<void> = Promise.resolve()
  let closing: Promise<void> | undefined

  return {
    load() {
      const loaded = loading.then(read)
      loading = loaded.catch(() => undefined)
      return loaded
    },

    async saveDepot(document) {
      opened()
      depotDb.data = document
      await depotDb.write()
    },

    async append(records) {
      await opened().append(records)
    },

    async fold(document) {
      historyDb.data = { firstSegment: opened().rotate(), history: document }
      await historyDb.write()
      await cleaning
    },

    close() {
      closing ??= shut()
      return closing
    },
  }

  async function read(): ReturnType<Store['load']> {
    if (closing !== undefined) throw new StoreError('closed', `the store in ${folder} is closed`)
    await fs.createFolder(folder)
    held ??= await lock(folder)
    await Promise.allSettled([appends?.append([]), depot.idle(), history.idle()])
    const depotFound = await current(depot)
    const historyFound = await current(history)
    const first = historyFound?.firstSegment
    const segments = await readSegments(fs, folder)
    const { records, end, notes, damage } = replayJournal(segments, first)
    const recovered = [...depot.recovered(), ...history.recovered()]
    // Once open, the end of the journal is only incomplete while it is being written.
    if (appends === undefined) {
      recovered.push(...notes)
      if (damage !== undefined) recovered.push(await cutOff(fs, folder, damage, now()))
      firstSegment = first ?? 0
      const next = Math.max(first ?? 1, (segments.at(-1)?.number ?? 0) + 1)
      appends = journal({ fs, folder, start: { end, next }, log })
    }
    for (const note of recovered) log?.warn('storeRecovered', { folder, note })
    return {
      depot: depotFound ?? undefined,
      history: historyFound?.history,
      journal: records,
      recovered,
    }
  }

  function opened(): Journal {
    if (closing !== undefined) throw new StoreError('closed', `the store in ${folder} is closed`)
    if (appends === undefined)
      throw new StoreError(
        'notLoaded',
        `the store in ${folder} must be loaded before it is written`,
      )
    return appends
  }

  /** The generation before this one is now `.prev`: what neither of them needs can go. */
  function historyWritten(first: number): void {
    const unneeded = firstSegment
    firstSegment = first
    cleaning = cleaning
      .then(() => removeSegmentsBefore(fs, folder, unneeded))
      .catch((error: unknown) => log?.warn('journalSegmentsLeft', { folder, error: String(error) }))
  }

  async function shut(): Promise<void> {
    const pending = Promise.all([
      loading.then(() => appends?.close()),
      depot.idle(),
      history.idle().then(() => cleaning),
    ])
    if (await settlesWithin(pending, closeWithinMs)) await held?.release()
    else log?.error('storeStalled', { folder, waitedMs: closeWithinMs })
  }
}

async function current<T>(adapter: Adapter<T | null>): Promise<T | null> {
  const db = new Low<T | null>(adapter, null)
  await db.read()
  return db.data
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isFoldedHistory(value: unknown): value is FoldedHistory {
  return (
    isDocument(value) && isDocument(value['history']) && Number.isInteger(value['firstSegment'])
  )
}

/** A write that hangs keeps the folder's lock; it ends with the process. */
async function settlesWithin(pending: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs)
  })
  const inTime = await Promise.race([pending.then(() => true), late])
  clearTimeout(timer)
  return inTime
}
