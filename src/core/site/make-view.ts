/** The site and its last plan, as people and telemetry see them. */
import type { Outlook } from '../energy/outlook.js'
import { prioritiesOf, priorityFor } from '../energy/priority.js'
import { clockText, unknownText, warningText } from '../energy/warning-text.js'
import { effectiveLimitA } from '../ledger/evse-ledger.js'
import { meterAgeMs, meterQuality } from '../limits/base-load.js'
import { overrideAt } from '../limits/in-force.js'
import { isSampleFresh, phasesInUse } from '../limits/draw.js'
import { NO_CURRENT, onPhases, sumPhases } from '../phases.js'
import type { EvsePlan, NodePlan, Plan } from '../plan/plan-types.js'
import type { Reason } from '../reason.js'
import { evseKey, nodeKey } from '../watchdog/watchdog-state.js'
import type { NodeWatch } from '../watchdog/watchdog-state.js'
import type { Charger } from './depot.js'
import { NO_QUIRKS } from './quirks.js'
import { nextTurns } from './next-turns.js'
import type { Site, Transaction } from './state.js'
import type { TreeNode } from './tree.js'
import { vehicleByTag } from './vehicle.js'
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
} from './view.js'

export interface ViewFacts {
  readonly nowMs: number
  readonly wallMs: number
  readonly upstreamConnected: boolean
  readonly upstreamConfigured: boolean
}

const IDLE: Reason = { type: 'idle' }

export function makeView(site: Site, plan: Plan, facts: ViewFacts): View {
  const { nowMs } = facts
  const byCharger = new Map<string, EvseView[]>()
  const turns = waitsUntil(site, plan, facts)
  for (const item of plan.evses) {
    const views = byCharger.get(item.evse.charger.id)
    const view = evseView(site, item, turns.get(item.evse.index), facts)
    if (views) views.push(view)
    else byCharger.set(item.evse.charger.id, [view])
  }
  const chargers = [...site.depot.chargers.values()].map((charger) =>
    chargerView(site, charger, byCharger.get(charger.id) ?? []),
  )
  const sessions = [...site.transactions.values()].map((transaction) =>
    sessionView(site, transaction, chargers, facts),
  )
  return {
    atMs: facts.wallMs,
    siteId: site.rules.siteId,
    siteName: site.rules.siteName,
    timezone: site.rules.timezone,
    site: {
      meters: metersOf(site, nowMs),
      connectedChargers: chargers.filter(({ connected }) => connected).length,
      upstreamConnected: facts.upstreamConnected,
      upstreamConfigured: facts.upstreamConfigured,
      ...nodeView(site, site.tree.nodes[0], plan.nodes[0], facts),
    },
    constraints: constraintViews(site, plan, facts),
    chargers,
    idTags: [...site.depot.idTags.values()],
    vehicles: [...site.depot.vehicles.values()],
    sessions,
    reservations: [...site.operations.reservations.values()],
  }
}

export function sessionView(
  site: Site,
  transaction: Transaction,
  chargers: readonly ChargerView[],
  { nowMs, wallMs }: Pick<ViewFacts, 'nowMs' | 'wallMs'>,
): SessionView {
  const { chargePointId, connectorId, stop } = transaction
  const charger = chargers.find((view) => view.charger.ocppChargePointId === chargePointId)
  const evse = charger?.evses.find((view) => view.evse.id === connectorId)
  const connector = site.chargePoints.get(chargePointId)?.connectors.get(connectorId)
  const isLive = stop === undefined && connector?.transactionId === transaction.id
  const sample =
    isLive && connector && isSampleFresh(connector, site.rules, nowMs)
      ? connector.sample
      : undefined
  const vehicle = vehicleByTag(site.depot.vehicles, transaction.idTag)
  const treeEvse = site.tree.byChargePoint.get(chargePointId)?.get(connectorId)
  const outlook = stop === undefined ? site.outlooks.byTransaction.get(transaction.id) : undefined
  return {
    id: String(transaction.id),
    transactionId: transaction.id,
    chargerId: charger?.charger.id,
    chargePointId,
    evseId: connectorId,
    idTag: transaction.idTag,
    idTagStatus: transaction.idTagStatus,
    startedAtMs: transaction.startedWallMs,
    meterStartWh: transaction.meterStartWh,
    energyWh: transaction.energyWh,
    powerW: sample?.powerW ?? (sample && sumPhases(sample.currentA) * site.rules.nominalVoltageV),
    currentA: sample?.currentA,
    offerA: isLive ? (evse?.offerA ?? 0) : 0,
    reason: isLive ? (evse?.reason ?? IDLE) : IDLE,
    stoppedAtMs: stop?.stoppedWallMs,
    meterStopWh: stop?.meterStopWh,
    stopReason: stop?.reason,
    signedValues: stop?.signedValues,
    vehicle,
    priority:
      stop === undefined && treeEvse ? priorityFor(site, treeEvse, transaction, wallMs) : undefined,
    outlook,
    warning: outlook && warningOf(outlook, charger, wallMs, site.rules.timezone),
  }
}

function warningOf(
  { warning, unknown, need }: Outlook,
  charger: ChargerView | undefined,
  wallMs: number,
  zone: string,
): string | undefined {
  if (warning) return warningText(warning, wallMs, zone)
  const who = need.vehicle?.name ?? charger?.charger.name ?? 'the car'
  return unknown && unknownText(unknown, who)
}

/** Called only where somebody waits. */
function waitsUntil(site: Site, plan: Plan, facts: ViewFacts): ReadonlyMap<number, number> {
  if (plan.evses.every(({ reason }) => reason.type !== 'waiting')) return NOBODY
  const priorities = prioritiesOf(site, plan.evses, facts.wallMs)
  return nextTurns(site, plan, priorities, facts)
}

const NOBODY: ReadonlyMap<number, number> = new Map()
const MINUTE_MS = 60_000

/** Rounded up to the minute. */
function withTurn(
  reason: Reason,
  turnMs: number | undefined,
  { nowMs, wallMs }: ViewFacts,
  zone: string,
): Reason {
  if (reason.type !== 'waiting' || turnMs === undefined) return reason
  const atMs = Math.ceil((turnMs - nowMs + wallMs) / MINUTE_MS) * MINUTE_MS
  return { ...reason, nextAt: clockText(atMs, wallMs, zone) }
}

function evseView(
  site: Site,
  item: EvsePlan,
  turnMs: number | undefined,
  facts: ViewFacts,
): EvseView {
  const { nowMs } = facts
  const id = item.connector?.transactionId
  const transaction = id === undefined ? undefined : site.transactions.get(id)
  const { evse, connector } = item
  const mask = phasesInUse(evse, connector)
  // Whoever was never connected has been offered nothing.
  const isSeen = connector?.ledger.seen === true
  const offerA = isSeen ? (effectiveLimitA(connector.ledger, nowMs) ?? evse.hardwareA) : 0
  const fresh = connector !== undefined && isSampleFresh(connector, site.rules, nowMs)
  const orders = site.operations.byChargePoint.get(evse.chargePointId ?? '')?.availability
  return {
    availability: orders?.get(evse.evse.id) ?? orders?.get(0),
    // As configured, without what its quirks make of it.
    evse: evse.charger.evses.find((own) => own.id === evse.evse.id) ?? evse.evse,
    status: connector?.status ?? evse.evse.status,
    errorCode: connector?.errorCode,
    offerA,
    exposureA: onPhases(item.exposureA, mask),
    drawA: fresh ? connector.sample?.currentA : undefined,
    fallbackA: site.fallbackA[evse.index] ?? 0,
    reason:
      watchdogReason(site, item) ??
      withTurn(shownReason(item, offerA), turnMs, facts, site.rules.timezone),
    transactionId: connector?.transactionId,
    vehicle: transaction && vehicleByTag(site.depot.vehicles, transaction.idTag),
  }
}

function watchdogReason(site: Site, { evse, connector }: EvsePlan): Reason | undefined {
  const { chargePointId = '' } = evse
  if (!connector) return undefined
  const { cutOff: step, id: connectorId } = connector
  if (step !== 'none') {
    const { cause } = site.watchdog.evses.get(evseKey({ chargePointId, connectorId })) ?? {}
    return { type: 'cutOff', step, nodeName: cause?.nodeName ?? '', overA: cause?.overA ?? 0 }
  }
  const noRoom = site.watchdog.noRoom.get(chargePointId)
  if (!noRoom) return undefined
  const { nodeName, needsA, roomA } = noRoom
  return { type: 'unprotected', nodeName, needsA, roomA }
}

/** A target that is not in effect yet is said so. */
function shownReason({ targetA, reason, connector }: EvsePlan, offerA: number): Reason {
  if (targetA === undefined || !connector || reason.type === 'unresponsive') return reason
  return targetA > offerA + 0.05 ? { type: 'pending', targetA } : reason
}

function chargerView(site: Site, charger: Charger, evses: readonly EvseView[]): ChargerView {
  const chargePoint =
    charger.ocppChargePointId === undefined
      ? undefined
      : site.chargePoints.get(charger.ocppChargePointId)
  const busy = evses.filter(({ transactionId }) => transactionId !== undefined)
  const told = busy[0] ?? evses[0]
  const upkeep = site.operations.byChargePoint.get(chargePoint?.id ?? '')
  return {
    charger,
    firmware: upkeep?.transfers.get('firmware'),
    log: upkeep?.transfers.get('log'),
    certificate: upkeep?.certificate,
    rebootFor: [...(upkeep?.rebootFor ?? [])],
    status: chargePoint?.status ?? charger.status,
    connected: chargePoint?.connected ?? false,
    lastSeenMs: chargePoint?.lastSeenWallMs,
    vendor: chargePoint?.vendor,
    model: chargePoint?.model,
    firmwareVersion: chargePoint?.firmwareVersion,
    quirks: chargePoint?.quirks ?? NO_QUIRKS,
    capabilities: chargePoint?.capabilities,
    offerA: busy.reduce((sum, { offerA }) => sum + offerA, 0),
    reason: told?.reason ?? IDLE,
    evses,
  }
}

function constraintViews(site: Site, plan: Plan, facts: ViewFacts): readonly ConstraintView[] {
  return site.tree.nodes.flatMap((node, index): ConstraintView[] => {
    const constraint = node.kind === 'constraint' ? site.depot.constraints.get(node.id) : undefined
    if (!constraint) return []
    const { priority } = node
    return [{ constraint, priority, ...nodeView(site, node, plan.nodes[index], facts) }]
  })
}

function nodeView(
  site: Site,
  node: TreeNode | undefined,
  nodePlan: NodePlan | undefined,
  facts: ViewFacts,
): NodeView {
  const [l1, l2, l3] = nodePlan?.exposure ?? [0, 0, 0]
  const watch = node && site.watchdog.nodes.get(nodeKey(node))
  return {
    id: node?.id ?? '',
    name: node?.name ?? '',
    override: node && overrideView(site, node, facts),
    limit: nodePlan && limitView(site, nodePlan),
    exposureA: [l1, l2, l3],
    drawA: nodePlan?.drawA ?? NO_CURRENT,
    baseLoadA: nodePlan?.base.upperA ?? NO_CURRENT,
    withinLimit: nodePlan?.within ?? true,
    failsafe: nodePlan?.base.failsafe ?? false,
    measuredBy: watch?.measuredBy ?? 'nothing',
    overLimitAs: watch?.totalAs ?? 0,
    alarm: watch?.alarm === true ? alarmView(watch) : undefined,
  }
}

function overrideView(site: Site, node: TreeNode, { nowMs }: ViewFacts): OverrideView | undefined {
  const override = overrideAt(site, node, nowMs)
  if (!override) return undefined
  const { limitA, limitKw, ignoresSchedule, reason, by, via, setWallMs, untilWallMs } = override
  return {
    limitA,
    limitKw,
    ignoresSchedule,
    reason,
    by,
    via,
    setMs: setWallMs,
    untilMs: untilWallMs,
  }
}

function alarmView(watch: NodeWatch): AlarmView {
  const { overA, dimension, worstA, excessAs } = watch
  return {
    overA,
    dimension,
    sinceMs: watch.sinceWallMs,
    worstA,
    worstAtMs: watch.worstAtWallMs,
    overLimitAs: excessAs,
  }
}

/** Per phase the lower of the current limit and what the power limit would allow on one phase. */
function limitView(site: Site, { limit }: NodePlan): LimitView | undefined {
  const { load, sources } = limit
  const [l1, l2, l3, sumA] = load
  const source = sources[0] ?? sources[1] ?? sources[2] ?? sources[3]
  if (source === undefined) return undefined
  const hasPower = Number.isFinite(sumA)
  return {
    currentA: [Math.min(l1, sumA), Math.min(l2, sumA), Math.min(l3, sumA)],
    currentSource: source,
    powerW: hasPower ? sumA * site.rules.nominalVoltageV : undefined,
    powerSource: hasPower ? sources[3] : undefined,
  }
}

function metersOf(site: Site, nowMs: number): readonly MeterView[] {
  return site.tree.nodes.flatMap((node): MeterView[] => {
    const meter = node.meter && site.meters.get(node.meter.id)
    if (!meter) return []
    const ageMs = meterAgeMs(meter, nowMs)
    return [
      {
        id: meter.id,
        nodeId: node.id,
        currentA: meter.currentA,
        powerW: meter.powerW,
        energyWh: meter.energyWh,
        ageMs: Number.isFinite(ageMs) ? ageMs : undefined,
        quality: meterQuality(ageMs),
        problem: meter.problem,
      },
    ]
  })
}
