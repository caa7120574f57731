/**
 * One process for a data folder. The lock file names its owner by process id, boot and start time, so
 * that a lock left by a crash is taken over even when its process id is in use again. Containers that
 * share a folder cannot see each other's processes: they must not.
 */
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, ioError } from './store-error.js'

export interface FolderLock {
  /** Idempotent. */
  release(): Promise<void>
}

export class FolderLockedError extends Error {
  readonly folder: string
  readonly pid: number

  constructor(folder: string, pid: number) {
    super(
      `the data folder ${folder} is in use by process ${pid}: stop that one or use another --data-dir`,
    )
    this.name = 'FolderLockedError'
    this.folder = folder
    this.pid = pid
  }
}

/** Rejects with a FolderLockedError while a living process holds it, else with a StoreError `io`. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, 'lock')
  const id = randomUUID()
  const { pid: me, boot, started } = await ownerOf(process.pid)
  const mine = JSON.stringify({ pid: me, boot, started, id })
  // The name is taken in one step with its content, so nobody ever reads half a lock.
  const draft = `${path}.${id}.tmp`
  try {
    await writeFile(draft, mine, { mode: 0o600, flag: 'wx' })
    while (!(await claim(draft, path))) {
      const held = await contentOf(path)
      if (held === undefined) continue
      const pid = await livingOwner(held)
      if (pid !== undefined) throw new FolderLockedError(folder, pid)
      await removeStale(path, held, `${path}.${id}.stale`)
    }
  } catch (error) {
    throw error instanceof FolderLockedError ? error : ioError('lock', path, error)
  } finally {
    await rm(draft, { force: true })
  }
  return {
    async release() {
      if ((await contentOf(path)) === mine) await rm(path, { force: true })
    },
  }
}

interface Owner {
  readonly pid: number
  /** Undefined where /proc does not tell; then the process id alone decides. */
  readonly boot: string | undefined
  readonly started: string | undefined
}

async function claim(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** The process id of the lock's owner if that very process lives; one that is only unreaped does not. */
async function livingOwner(content: string): Promise<number | undefined> {
  const owner = parseOwner(content)
  if (owner === undefined || !isAlive(owner.pid)) return undefined
  const now = await ownerOf(owner.pid)
  if (now.isGone) return undefined
  return differs(now.boot, owner.boot) || differs(now.started, owner.started)
    ? undefined
    : owner.pid
}

/** What cannot be told counts as the same: better to refuse than to share. */
function differs(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}

/** Two that find the same stale lock: one renames it, the other must not rename the winner's. */
async function removeStale(path: string, stale: string, aside: string): Promise<void> {
  try {
    await rename(path, aside)
    if ((await contentOf(aside)) !== stale) await claim(aside, path)
    await rm(aside, { force: true })
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

async function ownerOf(pid: number): Promise<Owner & { readonly isGone: boolean }> {
  const boot = await contentOf('/proc/sys/kernel/random/boot_id')
  const stat = await contentOf(`/proc/${pid}/stat`)
  // proc(5): the name in parentheses may hold anything; the start time is field 22, 20th after it.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { pid, boot: boot?.trim(), started: fields?.[19], isGone: fields?.[0] === 'Z' }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

function parseOwner(content: string): Owner | undefined {
  try {
    const { pid, boot, started }: Readonly<Record<string, unknown>> = Object(JSON.parse(content))
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return undefined
    return {
      pid,
      boot: typeof boot === 'string' ? boot : undefined,
      started: typeof started === 'string' ? started : undefined,
    }
  } catch {
    return undefined
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return undefined
    throw error
  }
}
