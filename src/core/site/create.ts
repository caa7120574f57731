/** A site with nothing live yet, and how it follows its depot objects. */
import { newTurn } from '../balance/turns.js'
import { newOutlooks } from '../energy/outlook.js'
import { fallbacks } from '../ledger/fallbacks.js'
import { followChargePoints, newSecurity } from '../security/security-state.js'
import { newLedger } from '../ledger/evse-ledger.js'
import { forgetOthers, newOperations } from '../operations/operations.js'
import type { Depot } from './depot.js'
import type { SiteRules } from './rules.js'
import { newWatchdog } from '../watchdog/watchdog-state.js'
import type { ChargePoint, Connector, Site } from './state.js'
import { NO_CURRENT } from '../phases.js'
import { quirksInDepot } from './follow-quirks.js'
import { NO_QUIRKS } from './quirks.js'
import { buildTree } from './tree.js'

export function createSite(rules: SiteRules, depot: Depot, nowMs: number): Site {
  const site: Site = {
    rules,
    depot,
    tree: { nodes: [], evses: [], byChargePoint: new Map(), nodeById: new Map() },
    fallbackA: [],
    fallbacksAhead: { lowestA: [], schedules: [], madeAtMs: undefined },
    chargePoints: new Map(),
    transactions: new Map(),
    ended: [],
    orphans: [],
    localList: undefined,
    backendAnswers: new Map(),
    startKeys: new Map(),
    nextTransactionId: 1,
    meters: new Map(
      rules.meters.map(({ id }) => [
        id,
        {
          id,
          currentA: undefined,
          powerW: undefined,
          energyWh: undefined,
          readAtMs: undefined,
          sameSinceMs: nowMs,
          sameDrawsA: new Map(),
          deviatesSinceMs: undefined,
          mostA: undefined,
          rests: [],
          baseA: undefined,
          baseMaxima: [],
          worstUntilMs: -Infinity,
          problem: undefined,
        },
      ]),
    ),
    limitSources: new Map(
      rules.limitSources.map(({ id }) => [
        id,
        { id, limitA: undefined, limitW: undefined, readAtMs: undefined, problem: undefined },
      ]),
    ),
    leases: new Map(),
    overrides: new Map(),
    commandAnswers: new Map(),
    outlooks: newOutlooks(),
    operations: newOperations(),
    clock: { offsetMs: undefined, cautiousUntilMs: -Infinity, oldOffsetMs: 0 },
    watchdog: newWatchdog(),
    security: newSecurity(),
    outbox: [],
    uplinkSeq: 0,
  }
  followDepot(site, depot, nowMs)
  return site
}

/** Takes over changed depot objects; live state stays with the charge point id and connector. */
export function followDepot(site: Site, depot: Depot, nowMs: number): void {
  const before = site.depot
  site.depot = depot
  // Who charges is no matter of the tree.
  const isSameTree = before.constraints === depot.constraints && before.chargers === depot.chargers
  if (isSameTree && site.tree.nodes.length > 0) return
  followTree(site, nowMs)
}

/** What the depot holds has changed, or what is known of its chargers. */
export function followTree(site: Site, nowMs: number): void {
  const { depot } = site
  const quirks = quirksInDepot(site, depot)
  site.tree = buildTree(depot, site.rules, (id) => quirks.get(id) ?? NO_QUIRKS)
  const lowestA = fallbacks(site.tree, site.rules).currentA
  site.fallbackA = lowestA
  site.fallbacksAhead = { lowestA, schedules: [], madeAtMs: undefined }
  for (const id of site.chargePoints.keys()) {
    if (!site.tree.byChargePoint.has(id)) site.chargePoints.delete(id)
  }
  forgetOthers(site.operations, (id) => site.tree.byChargePoint.has(id))
  followChargePoints(site)
  for (const [id, evses] of site.tree.byChargePoint) {
    const chargePoint = site.chargePoints.get(id) ?? newChargePoint(id)
    site.chargePoints.set(id, chargePoint)
    chargePoint.quirks = quirks.get(id) ?? NO_QUIRKS
    for (const connectorId of chargePoint.connectors.keys()) {
      if (!evses.has(connectorId)) chargePoint.connectors.delete(connectorId)
    }
    for (const connectorId of evses.keys()) {
      if (chargePoint.connectors.has(connectorId)) continue
      const connector = newConnector(connectorId, nowMs)
      // A connector added to a charger that is there already counts from its first frame.
      connector.ledger.seen = chargePoint.connected
      connector.transactionId = openTransaction(site, id, connectorId)
      chargePoint.connectors.set(connectorId, connector)
    }
  }
}

/** A transaction that began before anybody knew the connector. */
function openTransaction(
  site: Site,
  chargePointId: string,
  connectorId: number,
): number | undefined {
  let latest: number | undefined
  for (const transaction of site.transactions.values()) {
    if (transaction.chargePointId !== chargePointId) continue
    if (transaction.overtaken === true) continue
    if (transaction.connectorId === connectorId) latest = transaction.id
  }
  return latest
}

function newChargePoint(id: string): ChargePoint {
  return {
    id,
    connected: false,
    lastSeenWallMs: undefined,
    connectedAtMs: undefined,
    bootedAtMs: undefined,
    unprotected: false,
    clockOffsetMs: 0,
    clockSeen: false,
    clockSeenAtMs: -Infinity,
    lateOffsetMs: -Infinity,
    queueSeenAtMs: -Infinity,
    clockRangeMs: [0, 0],
    vendor: undefined,
    model: undefined,
    firmwareVersion: undefined,
    quirks: NO_QUIRKS,
    capabilities: undefined,
    status: undefined,
    connectors: new Map(),
  }
}

function newConnector(id: number, nowMs: number): Connector {
  return {
    id,
    status: undefined,
    errorCode: undefined,
    saysFree: false,
    wasFree: false,
    saysUnavailable: false,
    transactionId: undefined,
    sample: undefined,
    drewBefore: { mostA: NO_CURRENT, leastA: NO_CURRENT, untilMs: nowMs },
    sampleIntervalMs: undefined,
    settledSamples: 0,
    phases: { learned: undefined, candidate: undefined },
    ledger: newLedger(nowMs),
    hold: undefined,
    cutOff: 'none',
    outOfService: false,
    turn: newTurn(nowMs),
    offerReason: { type: 'idle' },
  }
}
