/**
 * Which connection speaks for which charge point. The newest wins: a charger that lost its link
 * redials while the server still holds the dead socket. A late close of the old one changes nothing.
 */
import type { Admission, ChargePointHandler, Clock, Connection, Ids, Log } from '../ports.js'
import type { UnknownChargePoint } from '../config/settings.js'
import { fairTurns } from './fair-turns.js'
import type { PendingChargers } from './pending-chargers.js'
import { createSession } from './session.js'
import type { Session, SessionEvents } from './session.js'

export interface SessionOwner {
  knows(chargePointId: string): boolean
  connected(session: Session): void
  spoke(session: Session): void
  free(): void
  disconnected(session: Session): void
  answer(
    session: Session,
    ...message: Parameters<SessionEvents['answer']>
  ): ReturnType<SessionEvents['answer']>
}

export interface Sessions extends ChargePointHandler {
  get(chargePointId: string): Session | undefined
  all(): Iterable<Session>
  tick(): void
}

/** An old connection that does not answer a ping for this long may be replaced from elsewhere. */
const PROBE_MS = 3_000
const REFUSALS_LOGGED_MAX = 1_000

export function createSessions(
  owner: SessionOwner,
  ports: { readonly clock: Clock; readonly ids: Ids; readonly log: Log },
  settings: { readonly unknownChargePoint: UnknownChargePoint; readonly pingIntervalMs: number },
  /** Receives who is unknown. */
  pending?: Pick<PendingChargers, 'admit' | 'opened'>,
  /** Told of each device that claims an identity which another one has. */
  claimed: (identity: string, remoteAddress: string) => void = () => undefined,
): Sessions {
  const { clock, log } = ports
  const sessionPorts = { turns: fairTurns(clock), ...ports }
  const byId = new Map<string, Session>()
  const probes = new Map<string, number>()
  const refusals = new Map<string, number>()

  const noteRefusal = (identity: string, remoteAddress: string, why: string): void => {
    const count = (refusals.get(identity) ?? 0) + 1
    if (refusals.size > REFUSALS_LOGGED_MAX) refusals.clear()
    refusals.set(identity, count)
    // Chargers redial for ever: one line now, then each hundredth.
    if (count % 100 === 1) log.warn(why, { chargePoint: identity, remoteAddress, count })
  }

  const admit: Sessions['admit'] = ({ identity, remoteAddress }): Admission => {
    if (!owner.knows(identity)) {
      const admission = pending?.admit({ identity, remoteAddress })
      if (admission?.type === 'accept') return admission
      noteRefusal(identity, remoteAddress, 'unknownChargePoint')
      return settings.unknownChargePoint === '404'
        ? { type: 'refuse', status: 404, reason: 'Charger not found' }
        : { type: 'close', code: 1008, reason: 'Charger not found' }
    }
    const current = byId.get(identity)
    if (!current || current.remoteAddress === remoteAddress) return { type: 'accept' }
    return fromElsewhere(current, remoteAddress)
  }

  /** Another address claims a connected id: the old connection is asked, and given 3 s. */
  const fromElsewhere = (current: Session, remoteAddress: string): Admission => {
    const identity = current.chargePointId
    const nowMs = clock.monotonic()
    const probedAtMs = probes.get(identity)
    if (probedAtMs !== undefined && current.lastAliveMs() < probedAtMs) {
      if (nowMs - probedAtMs >= PROBE_MS) return { type: 'accept' }
    } else {
      probes.set(identity, nowMs)
      current.ping()
    }
    noteRefusal(identity, remoteAddress, 'twoDevicesClaimOneIdentity')
    claimed(identity, remoteAddress)
    return { type: 'refuse', status: 409, reason: 'Another device is connected with this identity' }
  }

  const opened = (connection: Connection): Session => {
    const id = connection.identity
    if (pending && settings.unknownChargePoint === 'quarantine' && !owner.knows(id)) {
      return pending.opened(connection, sessionPorts.turns)
    }
    const session: Session = createSession(
      connection,
      {
        answer: (message) => owner.answer(session, message),
        spoke: () => owner.spoke(session),
        free: () => owner.free(),
        closed: () => {
          if (byId.get(id) !== session) return
          byId.delete(id)
          owner.disconnected(session)
        },
      },
      sessionPorts,
      settings,
    )
    const old = byId.get(id)
    byId.set(id, session)
    probes.delete(id)
    refusals.delete(id)
    if (old) {
      log.info('chargePointReplaced', { chargePoint: id, remoteAddress: connection.remoteAddress })
      old.abandon(1000, 'Replaced by a newer connection')
    }
    owner.connected(session)
    return session
  }

  return {
    admit,
    opened,
    get: (id) => byId.get(id),
    all: () => byId.values(),
    tick() {
      for (const session of byId.values()) session.tick()
    },
  }
}
