/**
 * Charge points that nobody has given a place yet: listed, so that an operator can do so, and with
 * `quarantine` also connected. They are told to wait and to charge nothing; they count nowhere, since
 * nobody knows where they are. Who is accepted dials again and begins like any first connection.
 */
import type { UnknownChargePoint } from '../config/settings.js'
import type { PendingCharger, PendingState } from '../core/site/pending.js'
import type { InboundMessage } from '../ocpp/v16/messages.js'
import { getConfiguration, setChargingProfile } from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import { standingProfile } from '../ocpp/v16/charging-profile.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { Admission, Clock, Connection, ConnectionRequest, Ids, Log } from '../ports.js'
import type { FairTurns } from './fair-turns.js'
import { pendingReply } from './pending-reply.js'
import { createSession } from './session.js'
import type { Session } from './session.js'

export interface PendingChargers {
  /** Somebody unknown is at the door. Notes it, and says what becomes of him. */
  admit(request: Pick<ConnectionRequest, 'identity' | 'remoteAddress'>): Admission
  opened(connection: Connection, turns: FairTurns): Session
  /** Those that came last first. */
  list(): readonly PendingCharger[]
  /** Those that the depot has now dial again. */
  dropKnown(isKnown: (chargePointId: string) => boolean): void
  /** It is turned away until it is forgotten or let in again; false: there is none. */
  reject(chargePointId: string, isRejected: boolean): boolean
  forget(chargePointId: string): boolean
  /** Once a second. */
  tick(): void
}

export interface PendingOwner {
  /** A transaction id that nobody else ever gets. */
  newTransactionId(): number
}

export interface PendingSettings {
  readonly unknownChargePoint: UnknownChargePoint
  readonly pingIntervalMs: number
  readonly callTimeoutMs: number
  readonly nominalVoltageV: number
}

const LISTED_MAX = 64
const CONNECTORS_MAX = 8
const TOO_MANY = { type: 'refuse', status: 503, reason: 'Too many unknown charge points' } as const

interface Entry {
  readonly charger: Known
  session: Session | undefined
  isRejected: boolean
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Known = Writable<Omit<PendingCharger, 'state' | 'connected'>>

export function createPendingChargers(
  owner: PendingOwner,
  ports: { readonly clock: Clock; readonly ids: Ids; readonly log: Log },
  settings: PendingSettings,
): PendingChargers {
  const { clock, log } = ports
  /** By charge point id, the one that came longest ago first. */
  const known = new Map<string, Entry>()

  const turnedAway = (): Admission =>
    settings.unknownChargePoint === 'close'
      ? { type: 'close', code: 1008, reason: 'Charger not found' }
      : { type: 'refuse', status: 404, reason: 'Charger not found' }

  /** Undefined: all places are taken by those who are connected. */
  const entryOf = (identity: string, remoteAddress: string): Entry | undefined => {
    const before = known.get(identity)
    if (before) {
      before.charger.remoteAddress = remoteAddress
      known.delete(identity)
      known.set(identity, before)
      return before
    }
    if (known.size >= LISTED_MAX) {
      const oldest = [...known].find(([, { session, isRejected }]) => !session && !isRejected)
      if (!oldest) return undefined
      known.delete(oldest[0])
    }
    const entry: Entry = {
      charger: newcomer(identity, remoteAddress, clock.now()),
      session: undefined,
      isRejected: false,
    }
    known.set(identity, entry)
    return entry
  }

  const state = ({ session, isRejected }: Entry): PendingState => {
    if (isRejected) return 'rejected'
    return session ? 'pending' : 'turned-away'
  }

  const ask = (
    session: Session,
    call: OutboundCall,
    answered: (payload: unknown) => void,
  ): void => {
    session.enqueue({
      call,
      timeoutMs: settings.callTimeoutMs,
      ended(end) {
        if (end.type === 'answered') answered(end.payload)
        session.pump()
      },
    })
  }

  /** By the id of the profile that it gets when it is accepted: that one then takes its place. */
  const holdAtZero = (session: Session, connectorId: number): void => {
    const place = { connectorId, purpose: 'TxDefaultProfile', stackLevel: 0 } as const
    const limit = { limitA: 0, unit: 'A', phases: 3 } as const
    const { nominalVoltageV } = settings
    const profile = standingProfile({ kind: 'Absolute', ...place, ...limit, nominalVoltageV })
    ask(session, setChargingProfile(connectorId, profile), (payload) => {
      const decoded = decodeResult('SetChargingProfile', payload)
      const entry = known.get(session.chargePointId)
      if (entry && decoded.ok && decoded.result.status === 'Accepted')
        entry.charger.heldAtZero = true
    })
  }

  const spoke = (entry: Entry, session: Session): void => {
    const key = 'NumberOfConnectors'
    ask(session, getConfiguration([key]), (payload) => {
      const decoded = decodeResult('GetConfiguration', payload)
      const said = Number(
        decoded.ok ? decoded.result.keys.find((one) => one.key === key)?.value : 1,
      )
      const connectors = Number.isSafeInteger(said)
        ? Math.min(Math.max(said, 1), CONNECTORS_MAX)
        : 1
      entry.charger.connectors = Math.max(entry.charger.connectors, connectors)
      for (let id = 2; id <= connectors; id++) holdAtZero(session, id)
    })
    holdAtZero(session, 1)
  }

  const answer = (entry: Entry, session: Session, message: InboundMessage) => {
    const { charger } = entry
    charger.lastSeenMs = clock.now()
    noteSaid(charger, message)
    if (message.type === 'startTransaction' || message.type === 'stopTransaction') {
      log.warn('pendingChargerTransaction', {
        chargePoint: session.chargePointId,
        what: message.type,
      })
    }
    const newTransactionId = (): number => owner.newTransactionId()
    return {
      reply: pendingReply(message, { wallMs: clock.now(), newTransactionId }),
      durable: undefined,
    }
  }

  const opened: PendingChargers['opened'] = (connection, turns) => {
    const { identity, remoteAddress } = connection
    const entry = entryOf(identity, remoteAddress)
    const session: Session = createSession(
      connection,
      {
        answer: (message) => answer(entry ?? lost, session, message),
        spoke: () => entry && spoke(entry, session),
        free: () => session.pump(),
        closed() {
          if (entry?.session === session) entry.session = undefined
        },
      },
      { turns, ...ports },
      settings,
    )
    const lost: Entry = {
      charger: newcomer(identity, remoteAddress, clock.now()),
      session,
      isRejected: false,
    }
    const old = entry?.session
    if (entry) entry.session = session
    old?.abandon(1000, 'Replaced by a newer connection')
    log.warn('pendingChargerConnected', { chargePoint: identity, remoteAddress })
    return session
  }

  const part = (chargePointId: string, reason: string): boolean => {
    const entry = known.get(chargePointId)
    entry?.session?.abandon(1008, reason)
    return entry !== undefined
  }

  const shown = (entry: Entry): PendingCharger => ({
    state: state(entry),
    connected: entry.session !== undefined,
    ...entry.charger,
  })

  return {
    admit({ identity, remoteAddress }) {
      const entry = entryOf(identity, remoteAddress)
      if (!entry) return settings.unknownChargePoint === 'quarantine' ? TOO_MANY : turnedAway()
      entry.charger.lastSeenMs = clock.now()
      entry.charger.attempts += 1
      const mayWait = settings.unknownChargePoint === 'quarantine' && state(entry) !== 'rejected'
      return mayWait ? { type: 'accept' } : turnedAway()
    },
    opened,
    list: () => [...known.values()].map(shown).toReversed(),
    dropKnown(isKnown) {
      for (const id of known.keys()) {
        if (!isKnown(id)) continue
        part(id, 'Accepted: connect again')
        known.delete(id)
      }
    },
    reject(chargePointId, isRejected) {
      const entry = known.get(chargePointId)
      if (entry) entry.isRejected = isRejected
      return isRejected ? part(chargePointId, 'Rejected') : entry !== undefined
    },
    forget(chargePointId) {
      return part(chargePointId, 'Forgotten') && known.delete(chargePointId)
    },
    tick() {
      for (const { session } of known.values()) {
        session?.tick()
        session?.pump()
      }
    },
  }
}

function newcomer(chargePointId: string, remoteAddress: string, wallMs: number): Known {
  return {
    chargePointId,
    remoteAddress,
    attempts: 0,
    firstSeenMs: wallMs,
    lastSeenMs: wallMs,
    vendor: undefined,
    model: undefined,
    serialNumber: undefined,
    firmwareVersion: undefined,
    connectors: 0,
    heldAtZero: false,
    starts: 0,
    powerW: undefined,
  }
}

function noteSaid(charger: Known, message: InboundMessage): void {
  const { type } = message
  if (type === 'bootNotification') {
    charger.vendor = message.vendor
    charger.model = message.model
    charger.serialNumber = message.serialNumber ?? message.chargeBoxSerialNumber
    charger.firmwareVersion = message.firmwareVersion
  } else if (type === 'statusNotification') {
    charger.connectors = Math.max(charger.connectors, Math.min(message.connectorId, 100))
  } else if (type === 'startTransaction') charger.starts += 1
  else if (type === 'meterValues') charger.powerW = message.sample.powerW
}
