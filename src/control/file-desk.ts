/**
 * Files that charge points send and fetch. A place to send one to is good for one file and one charge
 * point, until a time; firmware is fetched by its id. Both are as hard to guess as a token.
 */
import type { Transfer } from '../core/operations/transfers.js'
import type { Instant, JournalEvent } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import type { FileBackend } from '../http/file-backend.js'
import type { Files, Ids, Log } from '../ports.js'
import type { Places } from './transfer-calls.js'

export interface FileDesk {
  readonly places: Places
  readonly backend: FileBackend
}

export interface FileDeskOwner {
  readonly site: Site
  readonly files: Files | undefined
  readonly ids: Ids
  now(): Instant
  /** Where charge points find this gateway; undefined: this one has not dialled us. */
  originFor(chargePointId: string): string | undefined
  note(event: JournalEvent): void
}

/** A charge point may be busy, and try several times. */
const UPLOAD_VALID_MS = 4 * 3600_000
export const UPLOAD_PATH = '/files/in'
export const DOWNLOAD_PATH = '/files/out'

export function createFileDesk(owner: FileDeskOwner, log: Log): FileDesk {
  const { site, files, ids } = owner
  const receiving = new Set<string>()

  const ticketOf = (secret: string): { chargePointId: string; transfer: Transfer } | undefined => {
    if (secret === '') return undefined
    for (const [chargePointId, { transfers }] of site.operations.byChargePoint) {
      const transfer = transfers.get('log')
      if (transfer?.upload?.secret !== secret) continue
      return owner.now().wallMs < transfer.upload.untilWallMs
        ? { chargePointId, transfer }
        : undefined
    }
    return undefined
  }

  /** It is there: what its own notifications said of it meanwhile stays. */
  const arrived = (chargePointId: string, secret: string, fileId: string): void => {
    const current = site.operations.byChargePoint.get(chargePointId)?.transfers.get('log')
    if (current?.upload?.secret !== secret) return
    const { wallMs } = owner.now()
    const transfer: Transfer = {
      ...current,
      upload: undefined,
      fileId,
      state: 'done',
      sinceWallMs: wallMs,
    }
    owner.note({ type: 'transferNoted', chargePointId, kind: 'log', transfer })
  }

  const placed = (chargePointId: string, path: string): string | undefined => {
    const origin = owner.originFor(chargePointId)
    return origin && `${origin.replace(/\/+$/, '')}${path}`
  }
  const NOWHERE =
    'it is not known where the charge point finds this gateway: set http.public_url, or state a location'

  return {
    places: {
      upload(chargePointId) {
        if (!files) return 'this gateway takes no files: state a location'
        const secret = ids.next()
        const location = placed(chargePointId, `${UPLOAD_PATH}/${secret}/`)
        if (location === undefined) return NOWHERE
        return { location, secret, untilWallMs: owner.now().wallMs + UPLOAD_VALID_MS }
      },
      firmware(chargePointId, fileId) {
        const file = files?.list().find(({ id, kind }) => id === fileId && kind === 'firmware')
        if (!file) return `no firmware has the id "${fileId}"`
        const path = `${DOWNLOAD_PATH}/${file.id}/${encodeURIComponent(file.name)}`
        const location = placed(chargePointId, path)
        return location === undefined ? NOWHERE : { location }
      },
    },

    backend: {
      list: () => files?.list() ?? [],
      read: async (id, from) => files?.read(id, from),
      remove: async (id) => (await files?.remove(id)) ?? false,

      async store(name, body) {
        if (!files) return 'none'
        const { wallMs } = owner.now()
        const about = { kind: 'firmware', name: plainName(name), wallMs } as const
        const outcome = await files.put(
          { id: ids.next(), chargePointId: undefined, ...about },
          body,
        )
        if (outcome.ok) log.info('firmwareStored', { name: about.name, bytes: outcome.file.bytes })
        return outcome
      },

      async receive(secret, name, body) {
        const ticket = files && ticketOf(secret)
        if (!files || !ticket) return 'unknown'
        // Who tries again while the first attempt still hangs waits for its end.
        if (receiving.has(secret)) return 'busy'
        receiving.add(secret)
        const { chargePointId, transfer } = ticket
        const { wallMs } = owner.now()
        const called = plainName(name ?? transfer.fileName ?? 'log')
        try {
          const about = {
            id: ids.next(),
            kind: 'log',
            name: called,
            wallMs,
            chargePointId,
          } as const
          const outcome = await files.put(about, body)
          if (outcome.ok) arrived(chargePointId, secret, about.id)
          log.info('fileReceived', {
            chargePoint: chargePointId,
            name: called,
            ...(outcome.ok ? { bytes: outcome.file.bytes } : { refused: outcome.why }),
          })
          return outcome
        } finally {
          receiving.delete(secret)
        }
      },
    },
  }
}

/** A name that means nothing to any file system. */
function plainName(name: string): string {
  const plain = name.replaceAll(/[^\w.-]+/g, '_').replace(/^\.+/, '')
  return plain.slice(-100) || 'file'
}
