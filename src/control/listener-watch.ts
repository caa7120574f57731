/** Server certificates that will expire: said once a day in the log and as an event, shown always. */
import type { Instant } from '../core/site/events.js'
import type { ListenerState, Log } from '../ports.js'
import type { SecurityDesk } from './security-desk.js'

export interface ListenerWatch {
  tick(): void
  warnings(): readonly string[]
}

export interface ListenerWatchOwner {
  readonly security: SecurityDesk
  listeners(): readonly ListenerState[]
  now(): Instant
}

const WARN_DAYS = 30
const DAY_MS = 86_400_000

export function createListenerWatch(owner: ListenerWatchOwner, log: Log): ListenerWatch {
  let saidAtMs = -Infinity

  const expiring = (): readonly { readonly file: string; readonly days: number }[] => {
    const { wallMs } = owner.now()
    const byFile = new Map<string, number>()
    for (const { certificates } of owner.listeners()) {
      for (const { file, notAfterMs } of certificates) {
        const days = Math.floor((notAfterMs - wallMs) / DAY_MS)
        if (days < WARN_DAYS) byFile.set(file, days)
      }
    }
    return [...byFile].map(([file, days]) => ({ file, days }))
  }

  return {
    tick() {
      const { nowMs } = owner.now()
      if (nowMs - saidAtMs < DAY_MS) return
      saidAtMs = nowMs
      for (const { file, days } of expiring()) {
        log.warn('serverCertificateExpires', { file, days })
        owner.security
          .note({ event: 'ServerCertificateExpires', text: expiryText(file, days) })
          .catch(() => undefined)
      }
    },
    warnings: () => [
      ...expiring().map(({ file, days }) => expiryText(file, days)),
      ...owner
        .listeners()
        .flatMap(({ port, problem }) =>
          problem === undefined ? [] : [`port ${port} serves its old certificates: ${problem}`],
        ),
    ],
  }
}

function expiryText(file: string, days: number): string {
  const when = days < 0 ? 'has expired' : `expires in ${days} ${days === 1 ? 'day' : 'days'}`
  return `${file} ${when}: renew it, the file is read again without a restart`
}
