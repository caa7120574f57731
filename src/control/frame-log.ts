/**
 * What charge points and the controller said to each other lately, word for word, for whoever looks
 * for a fault. In memory only: a card that is written with each frame does not live long.
 */
import type { FrameReader, FrameRecord } from '../http/backend.js'
import type { Cancel, ChargePointHandler, Clock, Connection } from '../ports.js'
import { withoutSecrets } from '../ocpp/frame-secrets.js'
import { frameRing } from './frame-ring.js'
import type { FrameRing } from './frame-ring.js'

export interface FrameLog extends FrameReader {
  /** The same handler, with all that passes kept. */
  recording(handler: ChargePointHandler): ChargePointHandler
}

export interface FrameLogLimits {
  /** Of one charge point. */
  readonly records: number
  /** Of one charge point, about; fewer where many share `totalBytes`. */
  readonly bytes: number
  readonly totalBytes: number
  /** A longer frame is cut. */
  readonly frameBytes: number
  /** Charge points that nobody knows but that tried to connect. */
  readonly strangers: number
}

const LIMITS: FrameLogLimits = {
  records: 2000,
  bytes: 256 * 1024,
  totalBytes: 32 * 1024 * 1024,
  frameBytes: 16 * 1024,
  strangers: 64,
}

const IDENTITY_MAX = 255
const STRANGER_RECORDS = 20

interface Ring {
  readonly records: FrameRing
  lastSeq: number
  /** It was connected at least once. */
  isKnown: boolean
}

export function createFrameLog(clock: Clock, limits: FrameLogLimits = LIMITS): FrameLog {
  const rings = new Map<string, Ring>()
  const watchers = new Map<string, Set<() => void>>()
  /** Of one ring. */
  let allowance = limits.bytes

  const ringOf = (identity: string, isKnown: boolean): Ring => {
    let ring = rings.get(identity)
    if (!ring) {
      if (!isKnown) forgetOneStranger()
      ring = { records: frameRing(), lastSeq: 0, isKnown }
      rings.set(identity, ring)
      shareOut()
    }
    ring.isKnown ||= isKnown
    return ring
  }

  const shareOut = (): void => {
    const share = Math.min(limits.bytes, Math.floor(limits.totalBytes / rings.size))
    const isLess = share < allowance
    allowance = share
    if (isLess) for (const ring of rings.values()) trim(ring)
  }

  /** The one that came first. */
  const forgetOneStranger = (): void => {
    const strangers = [...rings].filter(([, ring]) => !ring.isKnown)
    const [oldest] = strangers[0] ?? []
    if (oldest !== undefined && strangers.length >= limits.strangers) rings.delete(oldest)
  }

  const trim = ({ records, isKnown }: Ring): void =>
    records.trim({ records: isKnown ? limits.records : STRANGER_RECORDS, bytes: allowance })

  const note = (identity: string, ring: Ring, kind: FrameRecord['kind'], said: string): void => {
    const wallMs = clock.now()
    // Later than all of the process before, so that a reader that was following goes on.
    const seq = Math.max(ring.lastSeq + 1, Math.floor(wallMs))
    ring.lastSeq = seq
    const clean = withoutSecrets(said)
    const isCut = clean.length > limits.frameBytes
    const text = isCut ? clean.slice(0, limits.frameBytes) : clean
    const cut = isCut ? { cutFrom: clean.length } : undefined
    ring.records.add({ seq, wallMs, atMs: clock.monotonic(), kind, text, ...cut })
    trim(ring)
    if (watchers.size > 0) for (const wake of watchers.get(identity) ?? []) wake()
  }

  const recorded = (connection: Connection, ring: Ring): Connection => ({
    identity: connection.identity,
    remoteAddress: connection.remoteAddress,
    origin: connection.origin,
    send(text) {
      note(connection.identity, ring, 'sent', text)
      connection.send(text)
    },
    ping: () => connection.ping(),
    pause: () => connection.pause(),
    resume: () => connection.resume(),
    bufferedBytes: () => connection.bufferedBytes(),
    close(code, reason) {
      note(connection.identity, ring, 'closing', `${code} ${reason}`)
      connection.close(code, reason)
    },
    terminate: () => connection.terminate(),
  })

  return {
    recording: (handler) => ({
      ...handler,
      admit(request) {
        const admission = handler.admit(request)
        if (admission.type === 'accept' || request.identity.length > IDENTITY_MAX) return admission
        const code = admission.type === 'refuse' ? `HTTP ${admission.status}` : admission.code
        const said = `${code} ${admission.reason}, from ${request.remoteAddress}`
        note(request.identity, ringOf(request.identity, false), 'refused', said)
        return admission
      },
      opened(connection) {
        const { identity } = connection
        const ring = ringOf(identity, true)
        note(identity, ring, 'opened', `from ${connection.remoteAddress}`)
        const session = handler.opened(recorded(connection, ring))
        return {
          received(text) {
            note(identity, ring, 'received', text)
            session.received(text)
          },
          pong: () => session.pong(),
          pinged: () => session.pinged(),
          closed(code, reason) {
            note(identity, ring, 'closed', `${code} ${reason}`)
            session.closed(code, reason)
          },
        }
      },
    }),

    read(identity, afterSeq = 0) {
      const ring = rings.get(identity)
      if (!ring) return undefined
      const { records } = ring
      return {
        records: records.after(afterSeq),
        isGap: afterSeq > 0 && records.lostSeq > afterSeq,
      }
    },

    watch(identity, wake): Cancel {
      const all = watchers.get(identity) ?? new Set()
      watchers.set(identity, all.add(wake))
      return () => {
        all.delete(wake)
        if (all.size === 0) watchers.delete(identity)
      }
    },
  }
}
