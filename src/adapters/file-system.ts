/** The few file operations the store is built from, so that tests can make each of them fail. */
import { copyFile, link, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode, ioError } from './store-error.js'

/** Every rejection is a StoreError `io` naming the path. */
export interface FileSystem {
  /** Undefined when there is no such file. */
  read(path: string): Promise<Buffer | undefined>
  /** Names in a folder. */
  list(folder: string): Promise<readonly string[]>
  /** A new file, mode 0600; rejects when the name is taken. */
  create(path: string): Promise<NewFile>
  /** A second name for (or, where there are no hard links, a durable copy of) a file. */
  duplicate(path: string, name: string): Promise<void>
  /** Replaces `to` in one step. */
  rename(from: string, to: string): Promise<void>
  /** Does nothing when there is no such file. */
  remove(path: string): Promise<void>
  /** Durable when it resolves. */
  truncate(path: string, bytes: number): Promise<void>
  /** Creates the folder and its parents, mode 0700, unless it exists. */
  createFolder(folder: string): Promise<void>
  /** Makes created, renamed and removed names durable. */
  syncFolder(folder: string): Promise<void>
}

export interface NewFile {
  /** Appends all of `bytes`. */
  write(bytes: Uint8Array): Promise<void>
  /** Makes what was written durable. */
  sync(): Promise<void>
  close(): Promise<void>
}

export const nodeFileSystem: FileSystem = {
  async read(path) {
    try {
      return await readFile(path)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined
      throw ioError('read', path, error)
    }
  },

  list: (folder) => attempt('list', folder, () => readdir(folder)),

  async create(path) {
    const handle = await attempt('create', path, () => open(path, 'ax', 0o600))
    return {
      write: (bytes) => attempt('write', path, () => handle.writeFile(bytes)),
      // fdatasync includes the length, which is all a new file needs beside its bytes.
      sync: () => attempt('sync', path, () => handle.datasync()),
      close: () => attempt('close', path, () => handle.close()),
    }
  },

  async duplicate(path, name) {
    try {
      await link(path, name)
    } catch (error) {
      // FAT and some network file systems have no hard links.
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errorCode(error) ?? ''))
        throw ioError('link', name, error)
      await attempt('copy', name, () => copyFile(path, name))
      await change(name, (handle) => handle.sync())
    }
  },

  rename: (from, to) => attempt('rename', to, () => rename(from, to)),
  remove: (path) => attempt('remove', path, () => rm(path, { force: true })),

  truncate: (path, bytes) =>
    change(path, async (handle) => {
      await handle.truncate(bytes)
      await handle.sync()
    }),

  async createFolder(folder) {
    const created = await attempt('create', folder, () =>
      mkdir(folder, { recursive: true, mode: 0o700 }),
    )
    if (created !== undefined) await nodeFileSystem.syncFolder(dirname(created))
  },

  async syncFolder(folder) {
    const handle = await attempt('open', folder, () => open(folder, 'r'))
    try {
      await attempt('sync', folder, () => handle.sync())
    } finally {
      await handle.close()
    }
  },
}

/** Writes a new file that is durable when this resolves, but for its name (see `syncFolder`). */
export async function writeNew(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const file = await fs.create(path)
  try {
    await file.write(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function change(path: string, edit: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await attempt('open', path, () => open(path, 'r+'))
  try {
    await attempt('write', path, () => edit(handle))
  } finally {
    await handle.close()
  }
}

async function attempt<T>(action: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw ioError(action, path, error)
  }
}
