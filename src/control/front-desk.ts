/** Receives the charge points: who is known, what they say, what they are told when they arrive. */
import type { OcppSettings } from '../config/settings.js'
import type { Instant, JournalEvent, LiveEvent } from '../core/site/events.js'
import type { Charger, Depot, Evse } from '../core/site/depot.js'
import type { DepotEdit } from '../core/site/edit.js'
import type { Site } from '../core/site/state.js'
import type { InboundMessage, SecurityEventNotification } from '../ocpp/v16/messages.js'
import { triggerMessage } from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import { emptyReply, signCertificateReply } from '../ocpp/v16/replies.js'
import type { Reply } from '../ocpp/v16/replies.js'
import type { Log } from '../ports.js'
import { answer } from './answers.js'
import type { DepotDesk } from './depot-desk.js'
import type { Session } from './session.js'
import type { SessionOwner, Sessions } from './sessions.js'

export interface FrontDesk extends SessionOwner {
  /** Set once, when the sessions exist. */
  sessions: Sessions | undefined
  /** Once a second. */
  tick(): void
  /** Closes the sessions of charge points that the depot no longer has. */
  dropUnknown(): void
}

export interface FrontDeskOwner {
  readonly site: Site
  readonly desk: DepotDesk
  now(): Instant
  live(event: LiveEvent): void
  commit(events: readonly JournalEvent[]): Promise<void>
  note(event: JournalEvent): void
  wake(): void
  /** It has booted, or is back without a boot and was never asked what it can do. */
  arrived(session: Session): void
  /** A charge point asks for a certificate, which comes later, if it is taken. */
  signCertificate?(chargePointId: string, csr: string): 'Accepted' | 'Rejected'
  /** The answer that waits for the backend; undefined: what was decided here is the answer. */
  fromBackend?(
    chargePointId: string,
    message: InboundMessage,
    decided: { readonly reply: Reply; readonly durable: Promise<void> | undefined },
  ): Promise<Reply> | undefined
  /** A charge point tells of an event that matters for security. */
  securityEvent?(chargePointId: string, message: SecurityEventNotification): Promise<void>
}

/** Connectors nobody configured, of one charge point. */
const DISCOVERED_MAX = 8
const CONNECTOR_ID_MAX = 100
const STATUS_AFTER_MS = 10_000

export function createFrontDesk(
  owner: FrontDeskOwner,
  settings: OcppSettings,
  log: Log,
): FrontDesk {
  const { site } = owner
  /** Connected since (monotonic ms) and neither booted nor asked for their statuses yet. */
  const arrivals = new Map<Session, number>()
  /** Discoveries that wait for the disk: a connector that repeats itself waits once. */
  const discovering = new Set<string>()

  const ask = (session: Session, call: OutboundCall): void => {
    session.enqueue({
      call,
      timeoutMs: settings.callTimeoutMs,
      ended: (end) => {
        if (end.type === 'answered') return
        log.info('callNotAnswered', {
          chargePoint: session.chargePointId,
          action: call.action,
          end: end.type,
        })
      },
    })
  }

  const discover = (chargePointId: string, connectorId: number): void => {
    const key = `${chargePointId}|${connectorId}`
    if (discovering.has(key) || !discovery(site.depot, chargePointId, connectorId)) return
    discovering.add(key)
    let found: DepotEdit | undefined
    owner.desk
      // An edit that waits before this one may change or delete the charger.
      .change((depot) => (found = discovery(depot, chargePointId, connectorId)))
      .then(
        (outcome) => {
          if (!found) return
          const fields = { chargePoint: chargePointId, connector: connectorId }
          if (outcome.ok) log.warn('connectorDiscovered', fields)
          else log.warn('connectorNotAdded', { ...fields, problem: outcome.problem.message })
        },
        (error: unknown) => log.error('depotNotSaved', { error: String(error) }),
      )
      .finally(() => discovering.delete(key))
  }

  const frontDesk: FrontDesk = {
    sessions: undefined,

    knows: (chargePointId) => site.tree.byChargePoint.has(chargePointId),

    connected(session) {
      const { chargePointId, remoteAddress } = session
      log.info('chargePointConnected', { chargePoint: chargePointId, remoteAddress })
      owner.live({ type: 'connected', chargePointId })
      arrivals.set(session, owner.now().nowMs)
    },

    spoke(session) {
      const { chargePointId } = session
      markFirstContact(owner, chargePointId)
      owner.live({ type: 'spoke', chargePointId })
      owner.wake()
    },

    free: () => owner.wake(),

    disconnected(session) {
      const { chargePointId } = session
      arrivals.delete(session)
      owner.live({ type: 'disconnected', chargePointId })
      owner.note({ type: 'seenNoted', chargePointId, wallMs: owner.now().wallMs })
      owner.wake()
    },

    answer(session, message) {
      const { chargePointId } = session
      const at = owner.now()
      if (!site.tree.byChargePoint.has(chargePointId)) {
        return { reply: emptyReply(), durable: undefined }
      }
      owner.live({ type: 'spoke', chargePointId })
      if (message.type === 'signCertificate') {
        const status = owner.signCertificate?.(chargePointId, message.csr) ?? 'Rejected'
        return { reply: signCertificateReply(status), durable: undefined }
      }
      const said = answer(site, chargePointId, message, at, settings.heartbeatIntervalS)
      for (const event of said.live) owner.live(event)
      for (const event of said.lazy) {
        if (!isNews(site, event)) continue
        owner.note(event)
        if (event.type === 'statusNoted') discover(chargePointId, event.connectorId)
      }
      const durable =
        message.type === 'securityEventNotification'
          ? owner.securityEvent?.(chargePointId, message)
          : said.durable && owner.commit(said.durable)
      if (said.note) {
        log[said.note.level](said.note.event, { chargePoint: chargePointId, ...said.note.fields })
      }
      if (said.booted) {
        arrivals.delete(session)
        // After a boot the charger may have forgotten what was asked of it.
        owner.arrived(session)
      }
      if (said.wake) owner.wake()
      const decided = { reply: said.reply, durable }
      return {
        reply: said.reply,
        durable: owner.fromBackend?.(chargePointId, message, decided) ?? durable,
      }
    },

    tick() {
      const { nowMs } = owner.now()
      for (const [session, connectedAtMs] of arrivals) {
        if (nowMs - connectedAtMs < STATUS_AFTER_MS) continue
        arrivals.delete(session)
        // It came back without a boot: what it last said of its connectors may be old.
        ask(session, triggerMessage('StatusNotification'))
        if (!site.chargePoints.get(session.chargePointId)?.capabilities) owner.arrived(session)
      }
    },

    dropUnknown() {
      for (const session of frontDesk.sessions?.all() ?? []) {
        if (!frontDesk.knows(session.chargePointId)) session.abandon(1008, 'Charger not found')
      }
    },
  }
  return frontDesk
}

/** Seen for the first time: from now on it counts with its hardware maximum, also after a crash. */
function markFirstContact(owner: FrontDeskOwner, chargePointId: string): void {
  const events: JournalEvent[] = []
  for (const [connectorId, evse] of owner.site.tree.byChargePoint.get(chargePointId) ?? []) {
    const ledger = owner.site.chargePoints.get(chargePointId)?.connectors.get(connectorId)?.ledger
    if (!ledger || ledger.seen) continue
    const mark = { markA: evse.hardwareA, fallbackA: undefined }
    events.push({ type: 'marked', chargePointId, connectorId, mark })
  }
  // Nothing waits for it. What the disk refuses the journal reports, and writes later.
  if (events.length > 0) owner.commit(events).catch(() => undefined)
}

/** Repeats of a status or an identity are not worth a write. */
function isNews(site: Site, event: JournalEvent): boolean {
  if (event.type === 'identityNoted') {
    const known = site.chargePoints.get(event.chargePointId)
    return (
      known?.vendor !== event.vendor ||
      known.model !== event.model ||
      known.firmwareVersion !== event.firmwareVersion
    )
  }
  if (event.type !== 'statusNoted') return true
  const chargePoint = site.chargePoints.get(event.chargePointId)
  if (event.connectorId === 0) return chargePoint?.status !== event.status
  const connector = chargePoint?.connectors.get(event.connectorId)
  if (
    connector?.transactionId !== undefined &&
    event.status === 'Available' &&
    !connector.saysFree
  ) {
    return true
  }
  if (event.status === 'Unavailable' && connector?.saysUnavailable === false) return true
  return connector?.status !== event.status || connector.errorCode !== event.errorCode
}

/** The charger with a connector that it has and the depot does not; undefined: nothing to add. */
function discovery(
  depot: Depot,
  chargePointId: string,
  connectorId: number,
): DepotEdit | undefined {
  const charger = [...depot.chargers.values()].find(
    ({ ocppChargePointId }) => ocppChargePointId === chargePointId,
  )
  if (!charger || connectorId < 1 || connectorId > CONNECTOR_ID_MAX) return undefined
  if (charger.evses.some(({ id }) => id === connectorId)) return undefined
  const discovered = charger.evses.filter((evse) => evse.discovered === true).length
  if (discovered >= DISCOVERED_MAX) return undefined
  const evses = [...charger.evses, discoveredEvse(charger, connectorId)]
  return { type: 'putCharger', charger: { ...charger, evses } }
}

function discoveredEvse(charger: Charger, id: number): Evse {
  const maxCurrentA = Math.max(32, ...charger.evses.map((evse) => evse.maxCurrentA))
  return {
    id,
    maxPowerKw: charger.maxPowerKw,
    currentType: 'AC',
    phases: 3,
    phaseRotation: 'RST',
    minCurrentA: 6,
    maxCurrentA,
    fallbackCurrentA: 0,
    status: 'Available',
    discovered: true,
  }
}
