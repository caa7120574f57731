/**
 * A disk in memory that forgets like a real one: bytes count only after `sync`, names only after
 * `syncFolder`. Each operation can fail or be the last before the power goes.
 */
import { basename } from 'node:path'
import type { FileSystem } from '../../src/adapters/file-system.js'
import { ioError } from '../../src/adapters/store-error.js'

export interface PowerCutDisk extends FileSystem {
  /** Operations so far. */
  operations(): number
  /** The n-th operation from now fails, a write half done; `then` says what the later ones do. */
  failAt(operation: number, then: 'work' | 'fail'): void
  /** The n-th operation from now never returns, nor does any later one. */
  cutAt(operation: number): void
  /** Resolves when the power went. */
  readonly cut: Promise<void>
  /** The disk after the power returned: of what was not synced, as much as `random` decides. */
  survivor(random: () => number): PowerCutDisk
  files(): ReadonlyMap<string, Buffer>
}

interface File {
  bytes: Buffer
  syncedBytes: number
}

type Names = Map<string, File>
type Change = (names: Names) => void

export function powerCutDisk(initial: ReadonlyMap<string, Buffer> = new Map()): PowerCutDisk {
  const fileOf = (bytes: Buffer): File => ({ bytes, syncedBytes: bytes.length })
  const names: Names = new Map([...initial].map(([name, bytes]) => [name, fileOf(bytes)]))
  const durable: Names = new Map(names)
  /** Changes of names since the last syncFolder, in order. */
  let unsynced: Change[] = []
  let operations = 0
  let failing = { from: Infinity, to: Infinity }
  let cutting = Infinity
  let gone = (): void => {}
  const cut = new Promise<void>((resolve) => {
    gone = resolve
  })

  async function operation(path: string, half?: () => void): Promise<void> {
    operations += 1
    await Promise.resolve()
    if (operations >= cutting) {
      half?.()
      gone()
      await new Promise(() => {})
    }
    if (operations < failing.from || operations > failing.to) return
    half?.()
    throw ioError('simulate', path, Object.assign(new Error('EIO'), { code: 'EIO' }))
  }

  function change(edit: Change): void {
    edit(names)
    unsynced.push(edit)
  }

  function existing(path: string): File {
    const file = names.get(basename(path))
    if (file === undefined) throw ioError('find', path, 'ENOENT')
    return file
  }

  return {
    async read(path) {
      await operation(path)
      const file = names.get(basename(path))
      return file === undefined ? undefined : Buffer.from(file.bytes)
    },
    async list(folder) {
      await operation(folder)
      return [...names.keys()]
    },
    async create(path) {
      await operation(path)
      const name = basename(path)
      if (names.has(name)) throw ioError('create', path, 'EEXIST')
      const file: File = { bytes: Buffer.alloc(0), syncedBytes: 0 }
      change((all) => all.set(name, file))
      const add = (bytes: Uint8Array): void => {
        file.bytes = Buffer.concat([file.bytes, bytes])
      }
      return {
        async write(bytes) {
          const written = Buffer.from(bytes)
          await operation(path, () => add(written.subarray(0, written.length / 2)))
          add(written)
        },
        async sync() {
          await operation(path)
          file.syncedBytes = file.bytes.length
        },
        close: () => operation(path),
      }
    },
    async duplicate(path, name) {
      await operation(path)
      const file = existing(path)
      change((all) => all.set(basename(name), file))
    },
    async rename(from, to) {
      await operation(from)
      const file = existing(from)
      change((all) => {
        // POSIX: two names of one file stay both.
        if (all.get(basename(to)) === file) return
        all.delete(basename(from))
        all.set(basename(to), file)
      })
    },
    async remove(path) {
      await operation(path)
      change((all) => all.delete(basename(path)))
    },
    async truncate(path, bytes) {
      await operation(path)
      const file = existing(path)
      file.bytes = file.bytes.subarray(0, bytes)
      file.syncedBytes = Math.min(file.syncedBytes, bytes)
    },
    createFolder: (folder) => operation(folder),
    async syncFolder(folder) {
      await operation(folder)
      for (const edit of unsynced) edit(durable)
      unsynced = []
    },

    operations: () => operations,
    failAt(number, then) {
      const from = operations + number
      failing = { from, to: then === 'work' ? from : Infinity }
    },
    cutAt(number) {
      cutting = operations + number
    },
    cut,
    survivor(random) {
      const kept = new Map(durable)
      const edits = Math.floor(random() * (unsynced.length + 1))
      for (const edit of unsynced.slice(0, edits)) edit(kept)
      return powerCutDisk(
        new Map([...kept].map(([name, file]) => [name, torn(file, random)] as const)),
      )
    },
    files: () => new Map([...names].map(([name, { bytes }]) => [name, bytes])),
  }
}

/** Of the unsynced end: some of it, nothing, or zeros of its length. */
function torn({ bytes, syncedBytes }: File, random: () => number): Buffer {
  const extra = Math.floor(random() * (bytes.length - syncedBytes + 1))
  const kept = Buffer.from(bytes.subarray(0, syncedBytes + extra))
  return random() < 0.3 ? kept.fill(0, syncedBytes) : kept
}
