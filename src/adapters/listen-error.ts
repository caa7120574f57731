export type ListenErrorCode =
  /** Another process has the port. */
  | 'inUse'
  /** The port is reserved for the superuser. */
  | 'forbidden'
  /** The machine does not have this address. */
  | 'noSuchAddress'
  | 'other'

/** Why a listener could not be opened; the message names it and the remedy. */
export class ListenError extends Error {
  readonly code: ListenErrorCode

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const systemCode = cause.code ?? cause.message
    const { code, remedy } = FAILURES[systemCode] ?? {
      code: 'other',
      remedy: 'check the host and port of this listener',
    }
    super(`cannot listen on ${host}:${port} (${systemCode}): ${remedy}`, { cause })
    this.name = 'ListenError'
    this.code = code
  }
}

const FAILURES: Readonly<
  Record<string, { readonly code: ListenErrorCode; readonly remedy: string }>
> = {
  EADDRINUSE: {
    code: 'inUse',
    remedy: 'another process uses this port: stop it, or choose another with --port',
  },
  EACCES: { code: 'forbidden', remedy: 'choose a port from 1024 on, for example 8000' },
  EADDRNOTAVAIL: {
    code: 'noSuchAddress',
    remedy: 'this machine does not have that address: use 0.0.0.0 for all of its addresses',
  },
  ENOTFOUND: {
    code: 'noSuchAddress',
    remedy: 'this host name has no address: use 0.0.0.0 for all addresses of this machine',
  },
}
