export type StoreErrorCode =
  /** The file system refused; `cause` holds its error. */
  | 'io'
  /** A file was written by a newer release. */
  | 'futureVersion'
  /** The value cannot be written as JSON. */
  | 'notSerialisable'
  /** Too much waits for the disk. */
  | 'full'
  /** Written to before `load` succeeded: that could replace what is on disk with nothing. */
  | 'notLoaded'
  | 'closed'

export class StoreError extends Error {
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StoreError'
    this.code = code
  }
}

/** An error of the file system, told with what was attempted, on which path and what helps. */
export function ioError(action: string, path: string, cause: unknown): StoreError {
  const code = errorCode(cause) ?? String(cause)
  const remedy = REMEDIES[code] ?? 'check the storage medium and the data folder'
  return new StoreError('io', `cannot ${action} ${path} (${code}): ${remedy}`, cause)
}

/** The code of a system error (`ENOENT`, …), also through the `cause` of a StoreError. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof StoreError) return errorCode(error.cause)
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** JSON text of a value; a StoreError `notSerialisable` where there is none. */
export function serialise(value: unknown, what: string): string {
  try {
    const text: unknown = JSON.stringify(value)
    if (typeof text === 'string') return text
  } catch (error) {
    throw new StoreError(
      'notSerialisable',
      `${what} cannot be written as JSON: ${String(error)}`,
      error,
    )
  }
  throw new StoreError('notSerialisable', `${what} cannot be written as JSON: no value`)
}

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'give the user of this service read and write access to the data folder',
  EPERM: 'give the user of this service read and write access to the data folder',
  ENOSPC: 'the disk is full: free space',
  EDQUOT: 'the disk quota is used up: free space',
  EROFS: 'the file system is read-only: remount it writable, replace a worn card',
  EIO: 'the storage medium fails: back up the data folder and replace the medium',
  ENOENT: 'the data folder is gone: mount or create it',
  ENOTDIR: 'the data folder must be a folder',
  EISDIR: 'a folder stands where a file belongs: move it away',
  EMFILE: 'too many open files: raise the limit of the service',
}
