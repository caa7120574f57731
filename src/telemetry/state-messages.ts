import type { Outlook, SessionForecast } from '../core/energy/outlook.js'
import type { Transfer } from '../core/operations/transfers.js'
import type { PhaseA } from '../core/phases.js'
import type { LimitSource, Reason } from '../core/reason.js'
import type {
  AlarmView,
  ChargerView,
  ConstraintView,
  EvseView,
  LimitView,
  MeterView,
  NodeView,
  OverrideView,
  SessionView,
  View,
} from '../core/site/view.js'
import type { UpstreamMessage } from '../ports.js'
import { reasonText } from '../core/reason-text.js'
import type { Topics } from './topics.js'

/** One retained state topic and what it says, before it is written as JSON. */
export interface StateDocument {
  readonly topic: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly qos: 0 | 1
  readonly expiryS?: number
}

/** The site's figures are repeated every 30 s: older than this they mislead. */
const SITE_EXPIRY_S = 120

/** Every state topic of the site: the site first, then groups, then chargers with an OCPP id. */
export function stateDocuments(topics: Topics, view: View): StateDocument[] {
  const documents: StateDocument[] = [siteDocument(topics, view)]
  for (const constraint of view.constraints) {
    documents.push(groupDocument(topics, view.atMs, constraint))
  }
  const sessions = sessionsByTransaction(view.sessions)
  for (const charger of view.chargers) {
    const chargePointId = charger.charger.ocppChargePointId
    if (chargePointId === undefined) continue
    documents.push({
      topic: topics.charger(chargePointId),
      payload: chargerPayload(view.atMs, chargePointId, charger, sessions),
      qos: 1,
    })
  }
  return documents
}

export function stateMessages(topics: Topics, view: View): UpstreamMessage[] {
  return stateDocuments(topics, view).map(stateMessage)
}

/** Fields that are undefined (unknown) are left out of the JSON. */
export function stateMessage({ topic, payload, qos, expiryS }: StateDocument): UpstreamMessage {
  const message = { topic, payload: JSON.stringify(payload), qos, retain: true }
  return expiryS === undefined ? message : { expiryS, ...message }
}

function siteDocument(topics: Topics, view: View): StateDocument {
  const payload = {
    ts: view.atMs,
    name: view.siteName,
    ...nodePayload(view.site),
    meters: view.site.meters.map(meterPayload),
    chargers: view.chargers.length,
    connectedChargers: view.site.connectedChargers,
  }
  return { topic: topics.site, payload, qos: 0, expiryS: SITE_EXPIRY_S }
}

function groupDocument(topics: Topics, ts: number, view: ConstraintView): StateDocument {
  const { constraint } = view
  const payload = {
    ts,
    id: constraint.id,
    name: constraint.name,
    type: constraint.type,
    parentId: constraint.parentId,
    priority: view.priority,
    ...nodePayload(view),
  }
  return { topic: topics.group(constraint.id), payload, qos: 1 }
}

function nodePayload(node: NodeView): Record<string, unknown> {
  const limit = maybe(node.limit, limitPayload)
  return {
    limitA: limit?.limitA,
    limitASource: limit?.limitASource,
    limitW: limit?.limitW,
    limitWSource: limit?.limitWSource,
    exposureA: phases(node.exposureA),
    drawA: phases(node.drawA),
    baseLoadA: phases(node.baseLoadA),
    withinLimit: node.withinLimit,
    failsafe: node.failsafe,
    measuredBy: node.measuredBy,
    overLimitAs: Math.round(node.overLimitAs),
    alarm: maybe(node.alarm, alarmPayload),
    override: maybe(node.override, overridePayload),
  }
}

function overridePayload(override: OverrideView): Record<string, unknown> {
  return {
    limitA: maybe(override.limitA, phases),
    limitKw: override.limitKw,
    ignoreSchedule: override.ignoresSchedule,
    reason: override.reason,
    by: override.by,
    via: override.via,
    setTs: override.setMs,
    untilTs: override.untilMs,
  }
}

function alarmPayload(alarm: AlarmView): Record<string, unknown> {
  return {
    overA: amperes(alarm.overA),
    dimension: alarm.dimension,
    sinceTs: alarm.sinceMs,
    worstA: amperes(alarm.worstA),
    worstTs: alarm.worstAtMs,
    overLimitAs: Math.round(alarm.overLimitAs),
  }
}

interface LimitPayload {
  readonly limitA: PhaseA | undefined
  readonly limitASource: LimitSource | undefined
  readonly limitW: number | undefined
  readonly limitWSource: LimitSource | undefined
}

/** A node limited in power alone has no limit in amperes: its phases are infinite. */
function limitPayload(limit: LimitView): LimitPayload {
  const perPhase = limit.currentA.some(Number.isFinite)
  return {
    limitA: perPhase ? phases(limit.currentA) : undefined,
    limitASource: perPhase ? limit.currentSource : undefined,
    limitW: maybe(limit.powerW, watts),
    limitWSource: limit.powerSource,
  }
}

function meterPayload(meter: MeterView): Record<string, unknown> {
  return {
    id: meter.id,
    nodeId: meter.nodeId,
    currentA: maybe(meter.currentA, phases),
    powerW: maybe(meter.powerW, watts),
    energyWh: maybe(meter.energyWh, wattHours),
    ageMs: maybe(meter.ageMs, Math.round),
    quality: meter.quality,
    problem: meter.problem,
  }
}

function chargerPayload(
  ts: number,
  chargePointId: string,
  view: ChargerView,
  sessions: ReadonlyMap<number, SessionView>,
): Record<string, unknown> {
  const { charger } = view
  const evses = view.evses.map((evse) => evsePayload(evse, sessions))
  // As a rule the reason of one of them.
  const told = view.evses.findIndex(({ reason }) => reason === view.reason)
  return {
    ts,
    id: charger.id,
    chargePointId,
    name: charger.name,
    groupId: charger.parentChargeGroup,
    active: charger.isActive,
    connected: view.connected,
    // While connected every frame moves it; `connected` says enough.
    lastSeenTs: view.connected ? undefined : view.lastSeenMs,
    status: view.status,
    vendor: view.vendor,
    model: view.model,
    firmwareVersion: view.firmwareVersion,
    firmware: maybe(view.firmware, transferPayload),
    log: maybe(view.log, transferPayload),
    rebootRequired: view.rebootFor?.length ? view.rebootFor : undefined,
    offerA: amperes(view.offerA),
    reason: evses[told]?.['reason'] ?? reasonPayload(view.reason),
    evses,
  }
}

/** Without where it goes: that may be a secret. */
function transferPayload(transfer: Transfer): Record<string, unknown> {
  const { order, state, status, sinceWallMs, requestId, fileName } = transfer
  return { action: order, state, status, sinceTs: sinceWallMs, requestId, fileName }
}

function evsePayload(
  view: EvseView,
  sessions: ReadonlyMap<number, SessionView>,
): Record<string, unknown> {
  const session = view.transactionId === undefined ? undefined : sessions.get(view.transactionId)
  return {
    id: view.evse.id,
    status: view.status,
    errorCode: view.errorCode,
    availability: maybe(view.availability, ({ type, state }) => ({ type, state })),
    offerA: amperes(view.offerA),
    exposureA: phases(view.exposureA),
    drawA: maybe(view.drawA, phases),
    fallbackA: amperes(view.fallbackA),
    reason: reasonPayload(view.reason, view.vehicle?.name),
    session: maybe(session, sessionPayload),
  }
}

/**
 * Without the id tag: who charges is personal data and has no place in a retained topic. What is said
 * of a vehicle's departure names the vehicle.
 */
function sessionPayload(session: SessionView): Record<string, unknown> {
  return {
    id: session.id,
    transactionId: session.transactionId,
    startedTs: session.startedAtMs,
    energyWh: wattHours(session.energyWh),
    powerW: maybe(session.powerW, watts),
    vehicleId: session.vehicle?.id,
    priority: session.priority?.value,
    ...maybe(session.outlook, outlookPayload),
    warning: session.warning,
  }
}

function outlookPayload({ need, forecast }: Outlook): Record<string, unknown> {
  const { target, departure, soc, wantedWh } = need
  return {
    departureTs: departure?.atMs,
    targetWh: target?.type === 'energy' ? target.energyWh : undefined,
    targetSoc: target?.type === 'soc' ? target.soc : undefined,
    soc: maybe(soc, percent),
    wantedWh: maybe(wantedWh, wattHours),
    forecast: maybe(forecast, forecastPayload),
  }
}

function forecastPayload(told: SessionForecast): Record<string, unknown> {
  return {
    state: told.state,
    requiredA: Number.isFinite(told.requiredA) ? amperes(told.requiredA) : undefined,
    givenA: amperes(told.givenA),
    bestA: amperes(told.bestA),
    expectedWh: wattHours(told.expectedWh),
    possibleWh: wattHours(told.possibleWh),
    expectedSoc: maybe(told.expectedSoc, percent),
  }
}

function reasonPayload(reason: Reason, car?: string): Record<string, unknown> {
  const payload: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(reason)) {
    payload[key] = key.endsWith('A') && typeof value === 'number' ? amperes(value) : value
  }
  payload['text'] = reasonText(reason, car)
  return payload
}

function sessionsByTransaction(sessions: readonly SessionView[]): Map<number, SessionView> {
  return new Map(sessions.map((session) => [session.transactionId, session]))
}

function maybe<T, U>(value: T | undefined, map: (value: T) => U): U | undefined {
  return value === undefined ? undefined : map(value)
}

function phases([l1, l2, l3]: PhaseA): PhaseA {
  return [amperes(l1), amperes(l2), amperes(l3)]
}

/** To 0.1 A. Infinity becomes null in JSON: that phase has no limit. */
function amperes(currentA: number): number {
  return Math.round(currentA * 10) / 10
}

function watts(powerW: number): number {
  return Math.round(powerW / 10) * 10
}

function percent(share: number): number {
  return Math.round(share * 10) / 10
}

function wattHours(energyWh: number): number {
  return Math.round(energyWh)
}
