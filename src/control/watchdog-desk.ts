/**
 * Carries out what the watchdog wants beyond limits: stops sessions, takes chargers out of service
 * and puts them back, opens relays. Level-triggered: what is not answered is asked again.
 */
import type { CutOffChanged, Instant, JournalEvent } from '../core/site/events.js'
import type { ChargePoint, Connector, Site } from '../core/site/state.js'
import type { Plan } from '../core/plan/plan-types.js'
import { inoperativeWanted } from '../core/watchdog/unprotected.js'
import { relayAbove } from '../core/watchdog/victims.js'
import { watch } from '../core/watchdog/watchdog.js'
import { evseKey } from '../core/watchdog/watchdog-state.js'
import type { CallEnd } from '../ocpp/call-end.js'
import { changeAvailability, remoteStopTransaction } from '../ocpp/v16/outbound.js'
import type { OutboundCall, RawCall } from '../ocpp/v16/outbound-call.js'
import { decodeResult } from '../ocpp/v16/results.js'
import type { Log, Relay } from '../ports.js'
import type { Sessions } from './sessions.js'
import { watchdogLog } from './watchdog-log.js'

export interface WatchdogDeskOwner {
  readonly site: Site
  readonly sessions: Sessions
  readonly relay: Relay | undefined
  readonly timeoutMs: number
  now(): Instant
  /** Reduces at once; resolves when the events are on disk. */
  commit(events: readonly JournalEvent[]): Promise<void>
  wake(): void
}

export interface WatchdogDesk {
  /** Once a second, before control: looks at what is measured, and at who takes no limit. */
  look(lastPlan: Plan): void
  /** Before each round of control, so that its calls go before all others. */
  act(): void
  /** An operator who puts a charger back into service has looked at it. */
  operatorCalled(chargePointId: string, call: OutboundCall | RawCall, end: CallEnd): void
  /** The operator has removed the cause: relays close, chargers below serve again. */
  restore(nodeId: string): void
}

/** What has been answered, so that nothing is asked twice. */
interface Asked {
  stopOf: number | undefined
  outOfService: boolean
  notBeforeMs: number
}

const RETRY_MS = 5_000
const REFUSED_RETRY_MS = 60_000
/** A charger is not taken out of service for a load that comes and goes. */
const NARROW_FOR_MS = 60_000

export function createWatchdogDesk(owner: WatchdogDeskOwner, log: Log): WatchdogDesk {
  const { site, sessions, relay } = owner
  const told = watchdogLog(log)
  const asked = new Map<string, Asked>()
  /** Relays that are open, or being opened. */
  const opened = new Set<string>()
  /** Charge points that take no limit and do not fit, since when (monotonic). */
  const narrowSince = new Map<string, number>()

  const save = (events: readonly JournalEvent[]): void => {
    if (events.length === 0) return
    // In force at once: a disk that refuses must not hold up what protects the fuse.
    owner.commit(events).catch((error: unknown) => {
      log.error('cutOffNotSaved', { error: String(error) })
    })
  }

  const askedOf = (chargePointId: string, connectorId: number): Asked => {
    const key = evseKey({ chargePointId, connectorId })
    const known = asked.get(key) ?? {
      stopOf: undefined,
      outOfService: false,
      notBeforeMs: -Infinity,
    }
    asked.set(key, known)
    return known
  }

  const call = (
    chargePointId: string,
    connectorId: number,
    what: OutboundCall<'RemoteStopTransaction' | 'ChangeAvailability'>,
    answered: (status: string) => void,
  ): void => {
    const state = askedOf(chargePointId, connectorId)
    const session = sessions.get(chargePointId)
    if (!session || owner.now().nowMs < state.notBeforeMs) return
    const ended = (end: CallEnd): void => {
      const status = statusOf(what.action, end)
      log.warn('watchdogCallEnded', {
        chargePoint: chargePointId,
        connector: connectorId,
        action: what.action,
        ...what.payload,
        end: status ?? end.type,
      })
      if (status !== undefined) answered(status)
      else state.notBeforeMs = owner.now().nowMs + RETRY_MS
      owner.wake()
    }
    session.call({ call: what, timeoutMs: owner.timeoutMs, ended })
  }

  const takeOut = (chargePointId: string, connector: Connector): void => {
    const { id: connectorId } = connector
    // Who does not take that only loses time by it.
    if (site.chargePoints.get(chargePointId)?.quirks.values.noChangeAvailability === true) return
    if (!connector.outOfService) {
      save([{ type: 'serviceOrdered', chargePointId, connectorId, outOfService: true }])
    }
    call(chargePointId, connectorId, changeAvailability(connectorId, 'Inoperative'), () => {
      askedOf(chargePointId, connectorId).outOfService = true
    })
  }

  const putBack = (chargePointId: string, { id: connectorId }: Connector): void => {
    call(chargePointId, connectorId, changeAvailability(connectorId, 'Operative'), (status) => {
      const state = askedOf(chargePointId, connectorId)
      if (status === 'Rejected') state.notBeforeMs = owner.now().nowMs + REFUSED_RETRY_MS
      else save([{ type: 'serviceOrdered', chargePointId, connectorId, outOfService: false }])
    })
  }

  const actOn = (chargePoint: ChargePoint, connector: Connector): void => {
    const wantsOut = isWantedOut(site, chargePoint, connector)
    const isQuiet = connector.cutOff === 'none' && !wantsOut && !connector.outOfService
    if (isQuiet) {
      if (asked.size > 0) {
        asked.delete(evseKey({ chargePointId: chargePoint.id, connectorId: connector.id }))
      }
      return
    }
    const state = askedOf(chargePoint.id, connector.id)
    if (!wantsOut) state.outOfService = false
    if (wantsOut && !state.outOfService) takeOut(chargePoint.id, connector)
    else if (!wantsOut && connector.outOfService) putBack(chargePoint.id, connector)
    const stop = transactionToStop(site, chargePoint, connector)
    if (stop === undefined || state.stopOf === stop) return
    call(chargePoint.id, connector.id, remoteStopTransaction(stop), () => {
      state.stopOf = stop
    })
  }

  const openRelay = (id: string): void => {
    if (opened.has(id)) return
    opened.add(id)
    if (!relay) {
      log.error('cutOffRelayMissing', { relay: id, remedy: 'switch it off by hand' })
      return
    }
    log.error('cutOffRelayOpened', { relay: id })
    relay.open(id).catch((error: unknown) => {
      log.error('cutOffRelayFailed', { relay: id, error: String(error) })
      opened.delete(id)
    })
  }

  const closeRelay = (id: string): void => {
    opened.delete(id)
    log.warn('cutOffRelayClosed', { relay: id })
    relay?.close(id).catch((error: unknown) => {
      log.error('cutOffRelayFailed', { relay: id, error: String(error) })
    })
  }

  const lookAtUnprotected = (lastPlan: Plan, nowMs: number): void => {
    const { noRoom } = site.watchdog
    const wanted = inoperativeWanted(site, lastPlan)
    for (const [id, room] of wanted) {
      const sinceMs = narrowSince.get(id) ?? nowMs
      narrowSince.set(id, sinceMs)
      if (nowMs - sinceMs < NARROW_FOR_MS || noRoom.has(id)) continue
      noRoom.set(id, room)
      told.noRoom(id, room)
    }
    for (const id of narrowSince.keys()) if (!wanted.has(id)) narrowSince.delete(id)
    for (const id of noRoom.keys()) {
      const chargePoint = site.chargePoints.get(id)
      if (!chargePoint || isProtected(chargePoint)) noRoom.delete(id)
    }
  }

  return {
    look(lastPlan) {
      const at = owner.now()
      const changes = watch(site, at)
      save(changes)
      for (const change of changes) told.changed(change)
      told.looked(site)
      lookAtUnprotected(lastPlan, at.nowMs)
    },

    act() {
      let isAnyAtRelay = false
      for (const chargePoint of site.chargePoints.values()) {
        for (const connector of chargePoint.connectors.values()) {
          actOn(chargePoint, connector)
          isAnyAtRelay ||= connector.cutOff === 'relay'
        }
      }
      if (isAnyAtRelay) for (const id of relaysToOpen(site)) openRelay(id)
    },

    operatorCalled(chargePointId, { action, payload }, end) {
      if (action !== 'ChangeAvailability' || payload['type'] !== 'Operative') return
      const status = statusOf(action, end)
      if (status === undefined || status === 'Rejected') return
      const { wallMs } = owner.now()
      const connectors = site.chargePoints.get(chargePointId)?.connectors.values() ?? []
      const events: JournalEvent[] = []
      for (const { id: connectorId, cutOff, outOfService } of connectors) {
        if (payload['connectorId'] !== 0 && payload['connectorId'] !== connectorId) continue
        const at = { chargePointId, connectorId }
        if (cutOff === 'inoperative') events.push(letGo(at, wallMs))
        if (outOfService) events.push({ type: 'serviceOrdered', ...at, outOfService: false })
      }
      save(events)
    },

    restore(nodeId) {
      const { wallMs } = owner.now()
      const relays = new Set<string>()
      const events: CutOffChanged[] = []
      for (const { evse, chargePointId, path } of site.tree.evses) {
        const isBelow = path.some((index) => site.tree.nodes[index]?.id === nodeId)
        const connector = site.chargePoints.get(chargePointId ?? '')?.connectors.get(evse.id)
        if (!isBelow || chargePointId === undefined || !connector) continue
        if (connector.cutOff !== 'inoperative' && connector.cutOff !== 'relay') continue
        const id = connector.cutOff === 'relay' ? relayAbove(site, path) : undefined
        if (id !== undefined) relays.add(id)
        events.push(letGo({ chargePointId, connectorId: evse.id }, wallMs))
      }
      save(events)
      // One that others still need open stays so.
      const needed = relaysToOpen(site)
      for (const id of relays) if (!needed.has(id)) closeRelay(id)
      owner.wake()
    },
  }
}

function letGo(
  at: { readonly chargePointId: string; readonly connectorId: number },
  wallMs: number,
): CutOffChanged {
  return { type: 'cutOffChanged', ...at, cutOff: 'none', wallMs }
}

function isProtected({ unprotected, connectors }: ChargePoint): boolean {
  const hasLimit = ({ ledger }: Connector): boolean => ledger.fallbackA !== undefined
  return !unprotected && [...connectors.values()].every(hasLimit)
}

function isWantedOut(site: Site, { id }: ChargePoint, connector: Connector): boolean {
  const { cutOff, outOfService, ledger } = connector
  if (cutOff === 'inoperative' || cutOff === 'relay' || site.watchdog.noRoom.has(id)) return true
  // Once out of service it serves again with a limit that it has taken.
  return outOfService && ledger.fallbackA === undefined
}

function transactionToStop(
  site: Site,
  { id: chargePointId }: ChargePoint,
  { id: connectorId, cutOff, transactionId }: Connector,
): number | undefined {
  if (cutOff === 'inoperative' || cutOff === 'relay') return transactionId
  if (cutOff !== 'remoteStop') return undefined
  const known = site.watchdog.evses.get(evseKey({ chargePointId, connectorId }))
  return known?.transactionId === transactionId ? transactionId : undefined
}

function relaysToOpen(site: Site): ReadonlySet<string> {
  const relays = new Set<string>()
  for (const { chargePointId, evse, path } of site.tree.evses) {
    const connector = site.chargePoints.get(chargePointId ?? '')?.connectors.get(evse.id)
    const id = connector?.cutOff === 'relay' ? relayAbove(site, path) : undefined
    if (id !== undefined) relays.add(id)
  }
  return relays
}

/** Undefined: no answer, it is asked again. A refusal by an error is an answer. */
function statusOf(
  action: 'RemoteStopTransaction' | 'ChangeAvailability',
  end: CallEnd,
): string | undefined {
  switch (end.type) {
    case 'answered': {
      const decoded = decodeResult(action, end.payload)
      return decoded.ok ? decoded.result.status : 'Rejected'
    }
    case 'refused':
      return 'Rejected'
    case 'timedOut':
    case 'disconnected':
    case 'notSent':
      return undefined
  }
}
