/** Files of charge points in a folder: content and a description beside it, both or neither. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FileOutcome, Files, Log, StoredFile } from '../ports.js'
import { ioError } from './store-error.js'

export interface FileShelfLimits {
  readonly maxBytes: number
  /** Beyond, the oldest logs go; firmware is never dropped, it is refused. */
  readonly maxTotalBytes: number
}

export const FILE_LIMITS: Readonly<Record<StoredFile['kind'], FileShelfLimits>> = {
  log: { maxBytes: 50_000_000, maxTotalBytes: 500_000_000 },
  firmware: { maxBytes: 500_000_000, maxTotalBytes: 1_000_000_000 },
}

/** Ids are ours; still nothing else ever becomes part of a path. */
const ID = /^[\w-]{1,64}$/

export function fileShelf(options: {
  readonly folder: string
  readonly log: Log
  readonly limits?: typeof FILE_LIMITS
}): Files {
  const { folder, log, limits = FILE_LIMITS } = options
  let files: readonly StoredFile[] = []
  const content = (id: string): string => join(folder, `${id}.data`)
  const description = (id: string): string => join(folder, `${id}.json`)

  const used = (kind: StoredFile['kind']): number =>
    files.reduce((sum, file) => sum + (file.kind === kind ? file.bytes : 0), 0)

  const remove = async (id: string): Promise<boolean> => {
    if (!files.some((file) => file.id === id)) return false
    files = files.filter((file) => file.id !== id)
    // Without its description the content is nothing, and dropped at the next start.
    await rm(description(id), { force: true })
    await rm(content(id), { force: true })
    return true
  }

  const makeRoom = async (kind: StoredFile['kind']): Promise<void> => {
    while (used(kind) > limits[kind].maxTotalBytes) {
      const oldest = files.find((file) => file.kind === kind)
      if (!oldest) return
      log.info('fileDropped', {
        id: oldest.id,
        name: oldest.name,
        chargePoint: oldest.chargePointId,
      })
      await remove(oldest.id)
    }
  }

  return {
    list: () => files,

    async open() {
      await attempt('create', folder, () => mkdir(folder, { recursive: true, mode: 0o700 }))
      const names = await attempt('list', folder, () => readdir(folder))
      const found: StoredFile[] = []
      const whole = new Set<string>()
      for (const name of names.filter((one) => one.endsWith('.json'))) {
        const file = described(await readFile(join(folder, name), 'utf8').catch(() => ''))
        if (!file || `${file.id}.json` !== name || !names.includes(`${file.id}.data`)) continue
        found.push(file)
        whole.add(`${file.id}.json`)
        whole.add(`${file.id}.data`)
      }
      for (const name of names) {
        if (!whole.has(name) && /\.(json|data|part)$/.test(name)) await rm(join(folder, name))
      }
      files = found.toSorted((a, b) => a.wallMs - b.wallMs)
    },

    async put(given, body): Promise<FileOutcome> {
      const { id, kind } = given
      if (!ID.test(id)) throw new Error(`no file may be called ${JSON.stringify(id)}`)
      const { maxBytes, maxTotalBytes } = limits[kind]
      const room = kind === 'firmware' ? maxTotalBytes - used(kind) : Infinity
      const part = join(folder, `${id}.part`)
      const handle = await attempt('create', part, () => open(part, 'wx', 0o600))
      const hash = createHash('sha256')
      let bytes = 0
      let why: 'tooLarge' | 'noRoom' | 'brokenOff' | undefined
      try {
        for await (const chunk of sentBy(body, () => (why = 'brokenOff'))) {
          bytes += chunk.byteLength
          if (bytes > maxBytes) why = 'tooLarge'
          else if (bytes > room) why = 'noRoom'
          if (why !== undefined) break
          hash.update(chunk)
          await attempt('write', part, () => handle.writeFile(chunk))
        }
        await handle.datasync()
      } finally {
        await handle.close()
        if (why !== undefined) await rm(part, { force: true })
      }
      if (why !== undefined) return { ok: false, why }
      const file: StoredFile = { ...given, bytes, sha256: hash.digest('hex') }
      await attempt('rename', part, () => rename(part, content(id)))
      const beside = join(folder, `${id}.json.part`)
      const told = await attempt('create', beside, () => open(beside, 'w', 0o600))
      await told.writeFile(JSON.stringify(file))
      await told.datasync()
      await told.close()
      await attempt('rename', beside, () => rename(beside, description(id)))
      files = [...files, file]
      if (kind === 'log') await makeRoom(kind)
      return { ok: true, file }
    },

    async read(id, from) {
      if (!files.some((file) => file.id === id)) return undefined
      const handle = await attempt('read', content(id), () => open(content(id), 'r'))
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Node's type says less than it gives
      return Readable.toWeb(
        createReadStream('', { fd: handle, start: from }),
      ) as ReadableStream<Uint8Array>
    },

    remove,
  }
}

/** What the sender does wrong is his; what the disk does is not caught here. */
async function* sentBy(
  body: AsyncIterable<Uint8Array>,
  broken: () => void,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  for (;;) {
    let next: IteratorResult<Uint8Array, unknown>
    try {
      next = await chunks.next()
    } catch {
      broken()
      return
    }
    if (next.done === true) return
    yield next.value
  }
}

function described(text: string): StoredFile | undefined {
  try {
    const file: unknown = JSON.parse(text)
    return isStoredFile(file) ? file : undefined
  } catch {
    return undefined
  }
}

function isStoredFile(value: unknown): value is StoredFile {
  if (typeof value !== 'object' || value === null) return false
  if (!('id' in value && 'kind' in value && 'name' in value && 'bytes' in value)) return false
  const isKind = value.kind === 'log' || value.kind === 'firmware'
  return isKind && typeof value.id === 'string' && ID.test(value.id)
}

async function attempt<T>(what: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw ioError(what, path, error)
  }
}
