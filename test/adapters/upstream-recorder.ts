import type { Log, LogFields, UpstreamHandler, UpstreamRequest } from '../../src/ports.js'

export type Happened =
  | { readonly type: 'connected' }
  | { readonly type: 'disconnected'; readonly reason: string }
  | { readonly type: 'received'; readonly request: UpstreamRequest }
  | { readonly type: 'logged'; readonly event: string; readonly fields: LogFields }

/** What an upstream tells its handler and its log, to be waited for. */
export interface UpstreamRecorder {
  readonly handler: UpstreamHandler
  readonly log: Log
  readonly happened: readonly Happened[]
  /** The next thing of this type (and, for logs, of this event); each is handed out once. */
  next<T extends Happened['type']>(
    type: T,
    event?: string,
  ): Promise<Extract<Happened, { readonly type: T }>>
}

export function upstreamRecorder(): UpstreamRecorder {
  const happened: Happened[] = []
  const taken = new Set<Happened>()
  const waiting = new Set<() => void>()
  const note = (what: Happened): void => {
    happened.push(what)
    for (const check of waiting) check()
  }
  const logger = (event: string, fields: LogFields = {}): void =>
    note({ type: 'logged', event, fields })
  return {
    happened,
    handler: {
      connected: () => note({ type: 'connected' }),
      disconnected: (reason) => note({ type: 'disconnected', reason }),
      received: (request) => note({ type: 'received', request }),
    },
    log: { debug: logger, info: logger, warn: logger, error: logger },
    next(type, event) {
      const fits = (what: Happened): what is Extract<Happened, { readonly type: typeof type }> =>
        what.type === type &&
        (event === undefined || (what.type === 'logged' && what.event === event))
      return new Promise((resolve) => {
        const check = (): void => {
          for (const what of happened) {
            if (taken.has(what) || !fits(what)) continue
            taken.add(what)
            waiting.delete(check)
            return resolve(what)
          }
        }
        waiting.add(check)
        check()
      })
    },
  }
}
