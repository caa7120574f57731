/** How the live state of charge points and connectors follows what they report and answer. */
import { learnCap } from '../balance/demand.js'
import { effectiveLimitA, isUnprotected } from '../ledger/evse-ledger.js'
import { accepted, refused, sent, unanswered } from '../ledger/told.js'
import { doubt, forgetRefusals, rebooted, settled, withoutTransaction } from '../ledger/doubted.js'
import type { EvseLedger } from '../ledger/evse-ledger.js'
import { isBound } from '../ledger/profile-form.js'
import { outOfSight } from '../limits/charger-clock.js'
import { noteDraw } from '../limits/base-load.js'
import type { PhaseA, PhaseMask } from '../phases.js'
import { phaseCount } from '../phases.js'
import type { Instant, LiveEvent, StatusNoted } from './events.js'
import type { ChargePoint, Connector, PhaseEvidence, Site, Transaction } from './state.js'
import { readRegister } from './register.js'
import { connectorOf } from './transactions.js'
import { isPlausibleWh, plausibleA, plausibleW } from './plausible.js'
import { mostAgeMs } from './started-at.js'
import type { TreeEvse } from './tree.js'

type Metered = Extract<LiveEvent, { type: 'metered' }>
type ProfileSent = Extract<LiveEvent, { type: 'profileSent' }>
type ProfileAnswered = Extract<LiveEvent, { type: 'profileAnswered' }>

export function applyConnected(site: Site, chargePoint: ChargePoint, at: Instant): void {
  // What a replaced connection had acknowledged is no longer acknowledged on this one.
  if (chargePoint.connected) applyDisconnected(chargePoint, at)
  chargePoint.connected = true
  chargePoint.connectedAtMs = at.nowMs
  outOfSight(chargePoint, at.nowMs)
  for (const connector of chargePoint.connectors.values()) {
    const { ledger } = connector
    // Out of sight another car may have come.
    connector.phases = UNKNOWN_PHASES
    if (forgetsOffline(site, chargePoint.id)) rebooted(ledger, at.nowMs)
    doubt(ledger)
    forgetRefusals(ledger, at.nowMs)
  }
}

function forgetsOffline(site: Site, chargePointId: string): boolean {
  const [evse] = site.tree.byChargePoint.get(chargePointId)?.values() ?? []
  return evse?.charger.probe?.keepsOverReconnect === false
}

export function applySpoke(chargePoint: ChargePoint, at: Instant): void {
  chargePoint.lastSeenWallMs = at.wallMs
  for (const { ledger } of chargePoint.connectors.values()) ledger.seen = true
}

export function applyDisconnected(chargePoint: ChargePoint, at: Instant): void {
  chargePoint.connected = false
  for (const connector of chargePoint.connectors.values()) {
    connector.saysUnavailable = false
    unanswered(connector.ledger, at.nowMs)
  }
}

export function applyRebooted(chargePoint: ChargePoint, at: Instant): void {
  chargePoint.clockSeen = false
  for (const connector of chargePoint.connectors.values()) {
    connector.saysUnavailable = false
    unanswered(connector.ledger, at.nowMs)
    rebooted(connector.ledger, at.nowMs)
  }
}

export function applyStatus(chargePoint: ChargePoint, event: StatusNoted): void {
  if (event.connectorId === 0) {
    chargePoint.status = event.status
    return
  }
  const connector = chargePoint.connectors.get(event.connectorId)
  if (!connector) return
  connector.status = event.status
  connector.saysFree = event.status === 'Available'
  if (BETWEEN.has(event.status)) connector.wasFree = true
  // No car is there, or another one.
  if (!isOccupied(event.status)) connector.phases = UNKNOWN_PHASES
  connector.saysUnavailable = chargePoint.connected && event.status === 'Unavailable'
  connector.errorCode = event.errorCode
}

/** No transaction runs. Its end may wait in a queue, with the start of the next behind it. */
const BETWEEN: ReadonlySet<string> = new Set(['Available', 'Preparing', 'Finishing', 'Reserved'])

const UNKNOWN_PHASES: PhaseEvidence = { learned: undefined, candidate: undefined }

function isOccupied(status: string): boolean {
  return status === 'Charging' || status.startsWith('Suspended')
}

export function applyProfileSent(site: Site, event: ProfileSent): void {
  const connector = connectorOf(site, event)
  if (connector) sent(connector.ledger, event.inFlight)
}

export function applyProfileAnswered(site: Site, event: ProfileAnswered, at: Instant): void {
  const connector = connectorOf(site, event)
  if (!connector) return
  const { ledger } = connector
  const { inFlight } = ledger
  const isOfThePast =
    inFlight?.purpose === 'transaction' &&
    isBound(inFlight.form) &&
    inFlight.transactionId !== connector.transactionId
  switch (event.answer) {
    case 'accepted': {
      const evse = site.tree.byChargePoint.get(event.chargePointId)?.get(event.connectorId)
      const mayCharge = connector.transactionId !== undefined || connector.status === 'Charging'
      const unknownA = mayCharge ? (evse?.hardwareA ?? 0) : 0
      accepted(ledger, { settleMs: site.rules.settleMs, unknownA }, at.nowMs)
      connector.settledSamples = 0
      break
    }
    case 'refused':
      // A profile for a transaction that is over is refused with right.
      if (isOfThePast) ledger.inFlight = undefined
      else refused(ledger, isAlone(site, event.chargePointId), at.nowMs)
      break
    case 'none':
      unanswered(ledger, at.nowMs)
      break
  }
  noteProtection(site, event.chargePointId)
  // Bound to a transaction that is over: it is in force no more, whatever was answered.
  if (isOfThePast || connector.transactionId === undefined) endGrants(ledger, at.nowMs)
}

function noteProtection(site: Site, chargePointId: string): void {
  const chargePoint = site.chargePoints.get(chargePointId)
  if (!chargePoint) return
  const connectors = [...chargePoint.connectors.values()]
  chargePoint.unprotected = connectors.some(({ ledger }) => isUnprotected(ledger))
}

function isAlone(site: Site, chargePointId: string): boolean {
  return site.tree.byChargePoint.get(chargePointId)?.size === 1
}

function endGrants(ledger: EvseLedger, nowMs: number): void {
  // What settles was permitted until now all the same.
  const { settling } = ledger
  withoutTransaction(ledger, nowMs)
  ledger.settling = settling
}

export function applyMetered(site: Site, event: Metered, at: Instant): void {
  const connector = connectorOf(site, event)
  const evse = site.tree.byChargePoint.get(event.chargePointId)?.get(event.connectorId)
  if (!connector || !evse) return
  noteEnergy(site, event, evse, connector, at)
  if (!event.isCurrent) return
  const powerW = plausibleW(evse, event.powerW, site.rules)
  // A DC charger reports the battery's side: what it takes of the grid follows from its power.
  const isDirect = evse.evse.currentType === 'DC' && powerW !== undefined
  const derivedA = derivedCurrent(site, evse, powerW)
  const currentA = isDirect ? derivedA : (plausibleA(evse, event.currentA) ?? derivedA)
  if (!currentA) return
  if (connector.sample) noteInterval(connector, at.nowMs - connector.sample.atMs)
  const onSiteA = toSitePhases(evse, currentA)
  const sample = { currentA: onSiteA, powerW, atMs: at.nowMs }
  noteDraw(site, evse, connector, sample, at.nowMs)
  if (connector.transactionId === undefined) return
  learnPhases(connector, onSiteA)
  learnCap(connector, site.rules, at.nowMs)
  noteSettled(connector, Math.max(...onSiteA), at.nowMs)
}

/** A gap, as while the link was down, is no interval: it grows by twice at most. */
function noteInterval(connector: Connector, elapsedMs: number): void {
  const { sampleIntervalMs = elapsedMs } = connector
  connector.sampleIntervalMs = Math.min(elapsedMs, 2 * sampleIntervalMs)
}

function noteEnergy(
  site: Site,
  event: Metered,
  evse: TreeEvse,
  connector: Connector,
  at: Instant,
): void {
  const id = event.transactionId ?? connector.transactionId
  const transaction = id === undefined ? undefined : site.transactions.get(id)
  // A charger can never touch another's transaction.
  if (!transaction || transaction.chargePointId !== event.chargePointId) return
  if (event.transactionId === transaction.id) transaction.idSeen = true
  if (event.isCurrent && transaction.overtaken !== true) {
    transaction.liveFromMs = Math.min(transaction.liveFromMs, at.nowMs)
  }
  noteRegister(event, site, evse, transaction, at)
  if (event.soc !== undefined && event.isCurrent) {
    transaction.soc = { soc: event.soc, energyWh: transaction.energyWh }
  }
}

function noteRegister(
  { registerWh, isCurrent }: Metered,
  site: Site,
  evse: TreeEvse,
  transaction: Transaction,
  at: Instant,
): void {
  if (registerWh === undefined) return
  // What the monotonic clock cannot tell, of a machine that started anew or of a long queue, is here
  // counted by the wall clock: true energy must not be passed over.
  const sinceWallMs = Math.min(transaction.startedWallMs, transaction.receivedWallMs)
  const ageMs = Math.max(mostAgeMs(transaction, at), at.wallMs - sinceWallMs)
  const { meterStartWh, energyWh } = transaction
  const register = transaction.register ?? {
    baseWh: meterStartWh,
    lastWh: meterStartWh + energyWh,
  }
  // What comes out of a queue is lower because it is older.
  if (!isCurrent && registerWh < register.lastWh) return
  const counted = readRegister({ register, energyWh }, registerWh, (wh) =>
    isPlausibleWh(evse, wh, ageMs, site.rules),
  )
  transaction.register = counted.register
  transaction.energyWh = counted.energyWh
}

function derivedCurrent(
  site: Site,
  evse: TreeEvse,
  powerW: number | undefined,
): PhaseA | undefined {
  if (powerW === undefined) return undefined
  const phases = phaseCount(evse.mask)
  const perPhaseA = powerW / (site.rules.nominalVoltageV * Math.max(1, phases))
  return [perPhaseA, phases > 1 ? perPhaseA : 0, phases > 2 ? perPhaseA : 0]
}

function toSitePhases({ wiring }: TreeEvse, currentA: PhaseA): PhaseA {
  const onSite: [number, number, number] = [0, 0, 0]
  wiring.forEach((phase, own) => {
    onSite[phase] = currentA[own] ?? 0
  })
  return onSite
}

const IN_USE_A = 3
const UNUSED_A = 1

/** Two samples in a row that agree teach the phases; one that contradicts makes them unknown. */
function learnPhases(connector: Connector, currentA: PhaseA): void {
  const { learned, candidate } = connector.phases
  if (learned && currentA.some((phaseA, phase) => phaseA > UNUSED_A && !learned[phase])) {
    connector.phases = { learned: undefined, candidate: undefined }
    return
  }
  const isClear = currentA.every((phaseA) => phaseA >= IN_USE_A || phaseA <= UNUSED_A)
  if (!isClear || Math.max(...currentA) < IN_USE_A) return
  const [l1, l2, l3] = currentA
  const mask: PhaseMask = [l1 >= IN_USE_A, l2 >= IN_USE_A, l3 >= IN_USE_A]
  const confirmed = candidate?.every((phase, index) => phase === mask[index]) === true
  connector.phases = { learned: confirmed ? mask : learned, candidate: mask }
}

function noteSettled(connector: Connector, measuredA: number, nowMs: number): void {
  const limitA = effectiveLimitA(connector.ledger, nowMs)
  if (limitA === undefined || measuredA > limitA + 1) {
    connector.settledSamples = 0
    return
  }
  connector.settledSamples += 1
  if (connector.settledSamples >= 2) settled(connector.ledger)
}
