import { join } from 'node:path'
import type { Adapter } from 'lowdb'
import { decodeEnvelope, encodeEnvelope } from './document-envelope.js'
import { writeNew } from './file-system.js'
import type { FileSystem } from './file-system.js'
import { setAside } from './set-aside.js'
import { serialise, StoreError } from './store-error.js'

/** A lowdb adapter whose `write` means: on disk, and the generation before it still there. */
export interface DurableJson<T> extends Adapter<T> {
  /**
   * The newest intact generation, or null. A damaged file is moved aside, never overwritten.
   * Rejects with a StoreError when the disk cannot be read or a newer release wrote the file.
   */
  read(): Promise<T | null>
  /**
   * Takes the value as it is now. Resolves once it or a later one is on disk, rejects when the write
   * it was part of failed. Values that wait for the disk are replaced by the latest.
   */
  write(data: T): Promise<void>
  /** What the last `read` had to recover, in words for the operator. */
  recovered(): readonly string[]
  /** Resolves when nothing is being written. */
  idle(): Promise<void>
}

export interface DurableJsonOptions<T> {
  readonly fs: FileSystem
  readonly folder: string
  /** File name of the document, like `depot.json`. */
  readonly name: string
  /** Wall time, ms: names damaged files. */
  readonly now: () => number
  /** Whether the content of an intact file is such a value. */
  readonly accepts: (data: unknown) => data is T
  /** Called for each generation that is on disk. */
  readonly written?: (data: T) => void
}

/** Callers of `write` that may wait for a stalled disk. */
const MAX_WAITING = 10_000

interface Job<T> {
  data: T
  body: string
  readonly waiters: { resolve(): void; reject(error: unknown): void }[]
}

export function durableJson<T>({
  fs,
  folder,
  name,
  now,
  accepts,
  written,
}: DurableJsonOptions<T>): DurableJson<T> {
  const path = join(folder, name)
  const previousPath = `${path}.prev`
  let notes: string[] = []
  let generation = 0
  let attempts = 0
  let main: 'good' | 'absent' | 'bad' = 'absent'
  /** True between keeping the current file as `.prev` and replacing it. */
  let kept = false
  let next: Job<T> | undefined
  let work: Promise<void> = Promise.resolve()

  return {
    async read() {
      notes = []
      if (attempts === 0) await removeLeftovers()
      const current = await readGood(path, name)
      if (current.type === 'good') {
        main = 'good'
        return current.data
      }
      main = 'absent'
      if (current.type === 'bad') main = await moveAside(name, current.problem)
      const previous = await readGood(previousPath, `${name}.prev`)
      if (previous.type === 'good') {
        notes.push(
          `${name} ${current.type === 'bad' ? 'is damaged' : 'is missing'}: ` +
            `its previous copy, generation ${previous.generation}, is used`,
        )
        return previous.data
      }
      if (previous.type === 'bad') await moveAside(`${name}.prev`, previous.problem)
      if (notes.length > 0) notes.push(`${name} is lost: restore a backup`)
      return null
    },

    async write(data) {
      const body = serialise(data, name)
      if (next !== undefined && next.waiters.length >= MAX_WAITING)
        throw new StoreError('full', `${MAX_WAITING} writes of ${path} wait for the disk`)
      const { promise, ...waiter } = deferred()
      if (next === undefined) {
        next = { data, body, waiters: [waiter] }
        work = work.then(writeNext)
      } else {
        Object.assign(next, { data, body })
        next.waiters.push(waiter)
      }
      return promise
    },

    recovered: () => notes,
    idle: () => work,
  }

  async function writeNext(): Promise<void> {
    const job = next
    if (job === undefined) return
    next = undefined
    try {
      await replace(job.body)
      written?.(job.data)
      for (const waiter of job.waiters) waiter.resolve()
    } catch (error) {
      for (const waiter of job.waiters) waiter.reject(error)
    }
  }

  async function replace(body: string): Promise<void> {
    generation += 1
    attempts += 1
    if (main === 'bad') {
      await setAside(fs, folder, name, now())
      main = 'absent'
    }
    const temporary = `${path}.${process.pid}-${attempts}.tmp`
    const spare = `${path}.${process.pid}-${attempts}.prev.tmp`
    try {
      await writeNew(fs, temporary, encodeEnvelope(name, generation, body))
      if (main === 'good' && !kept) {
        // Through a second name, so that neither file is ever missing.
        await fs.duplicate(path, spare)
        await fs.rename(spare, previousPath)
        kept = true
      }
      await fs.rename(temporary, path)
      main = 'good'
      kept = false
      await fs.syncFolder(folder)
    } catch (error) {
      await Promise.allSettled([fs.remove(temporary), fs.remove(spare)])
      throw error
    }
  }

  type Found = { readonly type: 'good'; readonly data: T; readonly generation: number }

  async function readGood(
    file: string,
    label: string,
  ): Promise<Found | { type: 'bad'; problem: string } | { type: 'absent' }> {
    const bytes = await fs.read(file)
    if (bytes === undefined) return { type: 'absent' }
    const envelope = decodeEnvelope(name, file, bytes)
    if (envelope.type === 'bad') return { type: 'bad', problem: `${label}: ${envelope.problem}` }
    const { data } = envelope
    if (!accepts(data)) return { type: 'bad', problem: `${label}: its content is of another kind` }
    generation = Math.max(generation, envelope.generation)
    return { type: 'good', data, generation: envelope.generation }
  }

  async function moveAside(file: string, problem: string): Promise<'absent' | 'bad'> {
    try {
      const aside = await setAside(fs, folder, file, now())
      notes.push(`${problem}; the damaged file is kept as ${aside}`)
      return 'absent'
    } catch (error) {
      notes.push(`${problem}; it could not be moved aside: ${String(error)}`)
      return 'bad'
    }
  }

  /** What a crash left behind; the folder lock says that no other process is writing here. */
  async function removeLeftovers(): Promise<void> {
    const leftovers = (await fs.list(folder)).filter(
      (file) => file.startsWith(`${name}.`) && file.endsWith('.tmp'),
    )
    await Promise.allSettled(leftovers.map((file) => fs.remove(join(folder, file))))
  }
}

function deferred(): {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
} {
  let resolve: () => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<void>((resolved, rejected) => {
    resolve = resolved
    reject = rejected
  })
  return { promise, resolve, reject }
}
