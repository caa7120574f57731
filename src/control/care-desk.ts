/**
 * What some chargers need beyond limits: to be asked for samples, to be told to start, to be rid of
 * the limits that another central system left. Once a second, after control.
 */
import type { OcppSettings } from '../config/settings.js'
import { standingForm } from '../core/ledger/profile-form.js'
import { authorise, ownIdTag } from '../core/site/authorise.js'
import type { Instant } from '../core/site/events.js'
import type { ChargePoint, Connector, Site } from '../core/site/state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import {
  clearChargingProfile,
  remoteStartTransaction,
  triggerMessage,
} from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { Log } from '../ports.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'

export interface CareDesk {
  tick(): void
}

export interface CareDeskOwner {
  readonly site: Site
  readonly sessions: Sessions
  now(): Instant
}

/** Who says nothing of a running session is asked; it may have its own idea of an interval. */
const SILENT_INTERVALS = 3
const SILENT_LEAST_MS = 60_000
const START_AGAIN_MS = 30_000
const STARTS_MAX = 3
/** Some plug in and show a card at once. */
const START_AFTER_MS = 3_000
const REFUSALS_MAX = 3

/** Of one connection. */
interface Care {
  isCleared: boolean
  isBeingAsked: boolean
  pollRefusals: number
  readonly connectors: Map<number, ConnectorCare>
}

interface ConnectorCare {
  polledAtMs: number
  preparingSinceMs: number | undefined
  starts: number
  startedAtMs: number
}

export function createCareDesk(owner: CareDeskOwner, settings: OcppSettings, log: Log): CareDesk {
  const { site, sessions } = owner
  const cares = new WeakMap<Session, Care>()

  const careOf = (session: Session): Care => {
    const known = cares.get(session) ?? {
      isCleared: false,
      isBeingAsked: false,
      pollRefusals: 0,
      connectors: new Map(),
    }
    cares.set(session, known)
    return known
  }

  const ask = (session: Session, call: OutboundCall, ended: (end: CallEnd) => void): void => {
    const care = careOf(session)
    care.isBeingAsked = session.enqueue({
      call,
      timeoutMs: settings.callTimeoutMs,
      ended: (end) => {
        care.isBeingAsked = false
        if (!('late' in end && end.late)) ended(end)
      },
    })
  }

  const clear = (session: Session, chargePoint: ChargePoint): boolean => {
    const care = careOf(session)
    if (care.isCleared || chargePoint.quirks.values.clearOnConnect !== true) return false
    if (!mayClear(chargePoint, owner.now().nowMs)) return false
    care.isCleared = true
    // Ours are of other purposes: nothing that is counted on goes.
    ask(session, clearChargingProfile({ purpose: 'ChargePointMaxProfile' }), () => undefined)
    return true
  }

  const poll = (session: Session, chargePoint: ChargePoint, connector: Connector): boolean => {
    const care = careOf(session)
    if (care.pollRefusals >= REFUSALS_MAX) return false
    const own = connectorCare(care, connector.id)
    const { nowMs } = owner.now()
    const everyMs = pollEveryMs(site, chargePoint)
    if (everyMs === undefined || connector.transactionId === undefined) return false
    const transaction = site.transactions.get(connector.transactionId)
    const lastMs = Math.max(connector.sample?.atMs ?? -Infinity, transaction?.liveFromMs ?? 0)
    if (nowMs - Math.max(lastMs, own.polledAtMs) < everyMs) return false
    own.polledAtMs = nowMs
    ask(session, triggerMessage('MeterValues', connector.id), (end) => {
      const decoded = end.type === 'answered' && decodeResult('TriggerMessage', end.payload)
      const isTaken = decoded !== false && decoded.ok && decoded.result.status === 'Accepted'
      care.pollRefusals = isTaken ? 0 : care.pollRefusals + 1
    })
    return true
  }

  const start = (session: Session, chargePoint: ChargePoint, connector: Connector): boolean => {
    const own = connectorCare(careOf(session), connector.id)
    if (connector.status !== 'Preparing' || connector.transactionId !== undefined) {
      own.preparingSinceMs = undefined
      own.starts = 0
      return false
    }
    const { nowMs } = owner.now()
    own.preparingSinceMs ??= nowMs
    if (chargePoint.quirks.values.autoRemoteStart !== true || own.starts >= STARTS_MAX) return false
    const waitMs = own.starts === 0 ? START_AFTER_MS : START_AGAIN_MS
    const sinceMs = own.starts === 0 ? own.preparingSinceMs : own.startedAtMs
    const idTag = tagToStart(site, chargePoint, connector, owner.now())
    if (nowMs - sinceMs < waitMs || idTag === undefined) return false
    own.starts += 1
    own.startedAtMs = nowMs
    const call = remoteStartTransaction({ idTag, connectorId: connector.id })
    ask(session, call, (end) => {
      const fields = { chargePoint: chargePoint.id, connector: connector.id, end: end.type }
      log.info('remoteStarted', fields)
    })
    return true
  }

  const careFor = (session: Session, chargePoint: ChargePoint): void => {
    const care = careOf(session)
    if (care.isBeingAsked || session.isBusy() || clear(session, chargePoint)) return
    for (const connector of chargePoint.connectors.values()) {
      if (start(session, chargePoint, connector) || poll(session, chargePoint, connector)) return
    }
  }

  return {
    tick() {
      for (const session of sessions.all()) {
        const chargePoint = site.chargePoints.get(session.chargePointId)
        if (chargePoint) careFor(session, chargePoint)
      }
    },
  }
}

function connectorCare({ connectors }: Care, id: number): ConnectorCare {
  const known = connectors.get(id) ?? {
    polledAtMs: -Infinity,
    preparingSinceMs: undefined,
    starts: 0,
    startedAtMs: -Infinity,
  }
  connectors.set(id, known)
  return known
}

/** Undefined: it is not asked. */
function pollEveryMs(site: Site, { quirks, capabilities }: ChargePoint): number | undefined {
  const { pollMeterValues, meterIntervalMinS = 0 } = quirks.values
  const askedMs = (capabilities?.meterIntervalS ?? 0) * 1000
  const intervalMs = Math.max(site.rules.meterValueIntervalMs, askedMs, meterIntervalMinS * 1000)
  if (pollMeterValues === true) return intervalMs
  const isTriggerable = capabilities?.featureProfiles?.includes('RemoteTrigger') === true
  return isTriggerable ? Math.max(SILENT_LEAST_MS, SILENT_INTERVALS * intervalMs) : undefined
}

/** No car can be there that would find more than before, and all that is ours is acknowledged. */
function mayClear({ connectors }: ChargePoint, nowMs: number): boolean {
  return [...connectors.values()].every(
    ({ transactionId, cutOff, ledger }) =>
      transactionId === undefined &&
      cutOff === 'none' &&
      nowMs >= ledger.cutOffUntilMs &&
      ledger.fallbackA !== undefined &&
      ledger.inFlight === undefined &&
      standingForm(ledger.forms.fallback).purpose !== 'ChargePointMaxProfile',
  )
}

/** The tag that stands for the charger, where it may charge; undefined: nothing is to be started. */
function tagToStart(
  site: Site,
  { id: chargePointId }: ChargePoint,
  { id, cutOff }: Connector,
  at: Instant,
): string | undefined {
  const evse = site.tree.byChargePoint.get(chargePointId)?.get(id)
  if (!evse || !evse.charger.isActive || evse.evse.discovered === true || cutOff !== 'none') {
    return undefined
  }
  const idTag = ownIdTag(evse.charger)
  return authorise(site, { chargePointId, idTag }, at).status === 'Accepted' ? idTag : undefined
}
