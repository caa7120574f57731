/** One look at an EVSE: what it may take, what counts on it, and what its car wants. */
import { demandOf } from '../balance/demand.js'
import type { Demand } from '../balance/demand.js'
import { priorityFor } from '../energy/priority.js'
import { urgencyOf } from '../energy/urgency.js'
import { isRefusing } from '../ledger/evse-ledger.js'
import type { EvseLedger } from '../ledger/evse-ledger.js'
import { exposureOf } from '../ledger/exposure.js'
import type { ExposureFacts } from '../ledger/exposure.js'
import { isMeasured, isMetered, seenA } from '../limits/measured.js'
import { unitLoad } from '../load.js'
import type { Load } from '../load.js'
import type { Connector, Site, Transaction } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import { vehicleByTag } from '../site/vehicle.js'
import type { EvsePlan } from './plan-types.js'

const NOWHERE: readonly number[] = []

/** `isBusy`: the charge point's only call slot is taken. */
export type IsBusy = (chargePointId: string) => boolean

/** What is known of an EVSE before the shares are made. */
export type Look = Omit<EvsePlan, 'targetA' | 'reason' | 'wantsAdmission'> & {
  /** What the plan counts on when the EVSE is not to be decided now. */
  readonly expectedA: number
  /** It refuses a lower limit or takes more than its own: the others plan with what it has. */
  readonly isStubborn: boolean
  readonly priority: number
  readonly demand: Demand | undefined
}

/** A decrease that has just left is expected to be followed; one that is late counts as refused. */
const PROMPT_MS = 2_000

function expectedA({ inFlight }: EvseLedger, committed: number, nowMs: number): number {
  if (inFlight?.purpose !== 'transaction' || nowMs - inFlight.sentAtMs >= PROMPT_MS)
    return committed
  return Math.min(committed, inFlight.limitA)
}

export function look(
  site: Site,
  evse: TreeEvse,
  isBusy: IsBusy,
  { nowMs, wallMs }: { readonly nowMs: number; readonly wallMs: number },
): Look {
  const chargePoint =
    evse.chargePointId === undefined ? undefined : site.chargePoints.get(evse.chargePointId)
  const connector = chargePoint?.connectors.get(evse.evse.id)
  const connected = chargePoint?.connected ?? false
  const unit = unitOf(evse, connector, connected)
  if (!connector || !chargePoint) {
    return {
      evse,
      connector,
      connected,
      unit,
      exposureA: 0,
      committedA: 0,
      permittedA: 0,
      disobeys: false,
      expectedA: 0,
      isStubborn: false,
      priority: evse.priority,
      demand: undefined,
    }
  }
  const { ledger } = connector
  const facts = factsOf(site, evse, connector, connected, nowMs)
  const known = exposureOf(ledger, facts, nowMs)
  const { permittedA, disobeys } = known
  // What becomes of a limit that is left to expire is what the probe is there to find out.
  const reservedA = connector.hold?.refresh === false ? evse.hardwareA : 0
  const exposureA = Math.max(known.exposureA, reservedA)
  const committedA = Math.max(known.committedA, reservedA)
  const expected = expectedA(ledger, committedA, nowMs)
  const { inFlight } = ledger
  const isBlocked = inFlight !== undefined || isBusy(chargePoint.id)
  const isPrompt = inFlight === undefined || nowMs - inFlight.sentAtMs < PROMPT_MS
  const isDecided =
    connected && (!isBlocked || isPrompt) && wantsEnergy(site, evse, connector, nowMs)
  const { notBeforeMs, refusedA } = ledger.retry.transaction
  const isBarred = nowMs < notBeforeMs && refusedA !== undefined
  const refusesLess = isBarred && refusedA < permittedA
  const priority = priorityFor(site, evse, transactionOf(site, connector), wallMs).value
  const demand = isDecided
    ? demandOf(
        evse,
        connector,
        {
          floorA: isBlocked ? expected : 0,
          priority,
          twiceAt: twiceAt(site, evse, connector, permittedA, nowMs),
          deliveredWh: deliveredWh(site, connector),
          need: urgencyOf(site, connector.transactionId, wallMs),
        },
        nowMs,
      )
    : undefined
  return {
    evse,
    connector,
    connected,
    unit,
    exposureA,
    committedA,
    permittedA,
    disobeys,
    expectedA: expected,
    isStubborn: disobeys || refusesLess,
    priority,
    // While a call is under way its place is kept, with what it has.
    // What it refuses to be raised to is no use reserved.
    demand:
      demand &&
      underHold(
        asVehicle(site, isBarred ? atMost(demand, permittedA) : demand, connector),
        connector,
      ),
  }
}

function atMost(demand: Demand, mostA: number): Demand {
  return { ...demand, capA: Math.min(demand.capA, mostA) }
}

/** A probe holds it at a current of its own; the watchdog has cut it off. */
function underHold(demand: Demand, { hold, cutOff }: Connector): Demand {
  if (cutOff !== 'none') return atMost(demand, 0)
  return hold ? atMost(demand, hold.maxA) : demand
}

/** Out of sight another car may have come, on other phases. */
function unitOf(evse: TreeEvse, connector: Connector | undefined, connected: boolean): Load {
  const learned = connected ? connector?.phases.learned : undefined
  return learned ? unitLoad(learned) : evse.unit
}

function factsOf(
  site: Site,
  evse: TreeEvse,
  connector: Connector,
  connected: boolean,
  nowMs: number,
): ExposureFacts {
  return {
    hardwareA: evse.hardwareA,
    connected,
    measuredA: showsObedience(connector) ? seenA(site, evse, connector, nowMs) : undefined,
    expiryVerified: evse.charger.expiryVerified,
    isolated: evse.charger.isolated,
    outOfService: connector.saysUnavailable && connector.transactionId === undefined,
    wasFree: connector.wasFree,
    forgetsOffline: evse.charger.probe?.keepsOverReconnect === false,
  }
}

/** A sample from before a decrease could be followed says nothing about obedience. */
const REACTS_MS = 5_000

function showsObedience({ sample, ledger }: Connector): boolean {
  return sample !== undefined && sample.atMs >= ledger.loweredAtMs + REACTS_MS
}

function transactionOf(site: Site, { transactionId }: Connector): Transaction | undefined {
  return transactionId === undefined ? undefined : site.transactions.get(transactionId)
}

/** No more than its vehicle is stated to take, and no less than any car does. */
function asVehicle(site: Site, demand: Demand, connector: Connector): Demand {
  const transaction = transactionOf(site, connector)
  const vehicle = transaction && vehicleByTag(site.depot.vehicles, transaction.idTag)
  const mostA = Math.max(demand.minA, vehicle?.maxCurrentA ?? Infinity)
  return mostA >= demand.capA ? demand : { ...demand, capA: mostA, cappedByVehicle: true }
}

function deliveredWh(site: Site, { transactionId }: Connector): number {
  return transactionId === undefined ? 0 : (site.transactions.get(transactionId)?.energyWh ?? 0)
}

/** What an unmeasured car takes when it begins is counted as its own and as base load. */
function twiceAt(
  site: Site,
  evse: TreeEvse,
  connector: Connector,
  permittedA: number,
  nowMs: number,
): readonly number[] {
  if (permittedA >= evse.evse.minCurrentA || isMeasured(site, connector, nowMs)) return NOWHERE
  return evse.path.filter((node) => isMetered(site, node))
}

/** A transaction of ours that is allowed to charge and is not history. */
function wantsEnergy(site: Site, evse: TreeEvse, connector: Connector, nowMs: number): boolean {
  if (connector.transactionId === undefined || !evse.charger.isActive) return false
  if (evse.evse.discovered === true || connector.saysFree) return false
  const transaction = site.transactions.get(connector.transactionId)
  return transaction?.idTagStatus === 'Accepted' && nowMs >= transaction.liveFromMs
}

export function isIdle({ connector, connected }: Look): boolean {
  return connected && connector !== undefined && connector.transactionId === undefined
}

/** So long after it would have been asked again a refusal is over. */
const FORGIVEN_MS = 120_000

/** What it refused long ago, and was not asked since, is nobody's business any more. */
export function isFollowing({ isStubborn, connector }: Look, nowMs: number): boolean {
  if (isStubborn || !connector) return false
  const { retry } = connector.ledger
  const triedUntilMs = Math.max(retry.fallback.notBeforeMs, retry.transaction.notBeforeMs)
  return !isRefusing(connector.ledger) || nowMs - triedUntilMs > FORGIVEN_MS
}

/** A running transaction that may not charge is held at 0 A. */
export function zeroTarget(
  site: Site,
  { connector, connected, evse }: Omit<Look, 'demand'>,
): 0 | undefined {
  if (!connector || !connected || connector.transactionId === undefined) return undefined
  const transaction = site.transactions.get(connector.transactionId)
  const barred = transaction?.idTagStatus !== 'Accepted' || !evse.charger.isActive
  return barred || connector.saysFree || evse.evse.discovered === true ? 0 : undefined
}
