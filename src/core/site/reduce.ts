/** The one function that changes the site: an event happened, the state follows. */
import { cleared } from '../ledger/told.js'
import { applyAnswered } from '../authorisation/backend-answers.js'
import { restoreMark } from '../ledger/doubted.js'
import { marked } from '../ledger/marks.js'
import { noteOffset } from '../limits/charger-clock.js'
import {
  applyConnected,
  applyDisconnected,
  applyMetered,
  applyProfileAnswered,
  applyProfileSent,
  applyRebooted,
  applySpoke,
  applyStatus,
} from './charge-points.js'
import { applyAvailability, followStatus } from '../operations/availability.js'
import { applyCertificate } from '../operations/certificates.js'
import { applyConfiguration, applySetting } from '../operations/configuration.js'
import { applyReservation, endReservation } from '../operations/reservations.js'
import { applyTransfer } from '../operations/transfers.js'
import { followDepot, followTree } from './create.js'
import type {
  CapabilitiesNoted,
  EnergyNoted,
  CommandAnswered,
  IdentityNoted,
  Instant,
  JournalEvent,
  LimitCommanded,
  SiteEvent,
} from './events.js'
import { noteQuirks } from './follow-quirks.js'
import { applyLimitRead, applyMeterRead } from './field.js'
import { applyJudged } from './judged.js'
import { leaseUntilMs } from './lease-time.js'
import type { LeaseTime } from './lease-time.js'
import { applyOrphan } from './orphans.js'
import { profileTimes } from './profile-times.js'
import { applyKeys, applyProfile, applySecurityEvent } from '../security/security-state.js'
import type { ChargePoint, LimitLease, Site, Transaction } from './state.js'
import { applyStarted, applyStopped, connectorOf } from './transactions.js'
import { applyCutOff } from './cut-off.js'
import { acknowledge } from './uplink-queue.js'

const ANSWERS_MAX = 256

export function reduce(site: Site, event: SiteEvent, at: Instant): void {
  switch (event.type) {
    case 'depotChanged':
      followDepot(site, event.depot, at.nowMs)
      break
    case 'connected':
      on(site, event, (chargePoint) => applyConnected(site, chargePoint, at))
      break
    case 'spoke':
      on(site, event, (chargePoint) => applySpoke(chargePoint, at))
      break
    case 'disconnected':
      on(site, event, (chargePoint) => applyDisconnected(chargePoint, at))
      break
    case 'clockSeen':
      on(site, event, (chargePoint) => noteOffset(chargePoint, event.offsetMs, at.nowMs))
      break
    case 'rebooted':
      on(site, event, (chargePoint) => {
        applyRebooted(chargePoint, at)
        chargePoint.bootedAtMs = at.nowMs
      })
      break
    case 'identityNoted':
      on(site, event, (chargePoint) => {
        applyIdentity(chargePoint, event)
        if (noteQuirks(site, chargePoint)) followTree(site, at.nowMs)
      })
      break
    case 'capabilitiesNoted':
      on(site, event, (chargePoint) => applyCapabilities(chargePoint, event))
      break
    case 'seenNoted':
      on(site, event, (chargePoint) => {
        chargePoint.lastSeenWallMs = event.wallMs
      })
      break
    case 'statusNoted':
      on(site, event, (chargePoint) => applyStatus(chargePoint, event))
      followStatus(site.operations, event)
      break
    case 'transactionStarted':
      applyStarted(site, event, at)
      break
    case 'transactionStopped':
      applyStopped(site, event, at)
      break
    case 'idTagAnswered':
      applyAnswered(site, event, at)
      break
    case 'idTagJudged': {
      const transaction = site.transactions.get(event.transactionId)
      if (transaction) transaction.idTagStatus = event.idTagStatus
      break
    }
    case 'localListVersioned':
      site.localList = { version: event.version, digest: event.digest }
      break
    case 'orphanNoted':
      applyOrphan(site, event.orphan)
      break
    case 'energyNoted': {
      const transaction = site.transactions.get(event.transactionId)
      if (transaction) applyEnergy(transaction, event)
      break
    }
    case 'sessionPlanned': {
      const transaction = site.transactions.get(event.transactionId)
      if (transaction) transaction.plan = event.plan
      break
    }
    case 'outlookJudged':
      applyJudged(site, event)
      break
    case 'metered':
      applyMetered(site, event, at)
      break
    case 'profileSent':
      applyProfileSent(site, event)
      break
    case 'profileAnswered':
      applyProfileAnswered(site, event, at)
      break
    case 'profileCleared': {
      const connector = connectorOf(site, event)
      if (connector) cleared(connector.ledger, event.what)
      break
    }
    case 'compositeNoted': {
      const connector = connectorOf(site, event)
      if (!connector) break
      const { ledger } = connector
      const askedAtMs = ledger.composite?.askedAtMs ?? at.nowMs
      ledger.composite = { limitA: event.limitA, askedAtMs }
      break
    }
    case 'held': {
      const connector = connectorOf(site, event)
      if (connector) connector.hold = event.hold
      break
    }
    case 'cutOffChanged':
      applyCutOff(site, event, at)
      break
    case 'serviceOrdered': {
      const connector = connectorOf(site, event)
      if (connector) connector.outOfService = event.outOfService
      break
    }
    case 'marked': {
      const connector = connectorOf(site, event)
      if (connector) marked(connector.ledger, event.mark)
      break
    }
    case 'meterRead':
      applyMeterRead(site, event, at.nowMs)
      break
    case 'meterFailed': {
      const meter = site.meters.get(event.meterId)
      if (meter) meter.problem = event.problem
      break
    }
    case 'limitRead':
      applyLimitRead(site, event)
      break
    case 'limitFailed': {
      const source = site.limitSources.get(event.sourceId)
      if (source) source.problem = event.problem
      break
    }
    case 'limitCommanded':
      applyLease(site, event, at)
      break
    case 'overrideSet': {
      const { type: _, ...override } = event
      site.overrides.set(event.nodeId, { ...override, untilMs: leaseUntilMs(event, at) })
      break
    }
    case 'overrideCleared':
      site.overrides.delete(event.nodeId)
      break
    case 'commandAnswered':
      applyAnswer(site, event)
      break
    case 'reservationMade':
      applyReservation(site.operations, event, at)
      break
    case 'reservationEnded':
      endReservation(site.operations, event)
      break
    case 'transferNoted':
      on(site, event, () => applyTransfer(site.operations, event))
      break
    case 'configurationNoted':
      on(site, event, () => applyConfiguration(site.operations, event))
      break
    case 'settingChanged':
      on(site, event, () => applySetting(site.operations, event))
      break
    case 'settingsInForce':
      site.operations.byChargePoint.get(event.chargePointId)?.rebootFor.clear()
      break
    case 'certificateNoted':
      on(site, event, () => applyCertificate(site.operations, event))
      break
    case 'availabilityOrdered':
      on(site, event, () => applyAvailability(site.operations, event))
      break
    case 'keysChanged':
      applyKeys(site, event)
      break
    case 'profileUsed':
      applyProfile(site, event)
      break
    case 'securityEventNoted':
      applySecurityEvent(site, event.noted)
      break
    case 'uplinkAcknowledged':
      acknowledge(site, event.seq)
      break
  }
}

/** Replays what the journal kept: like `reduce`, but a mark restores the worst it may stand for. */
export function replay(site: Site, event: JournalEvent, at: Instant): void {
  if (event.type !== 'marked') {
    reduce(site, event, at)
    return
  }
  const connector = connectorOf(site, event)
  if (!connector) return
  const { durationMs } = profileTimes(site, event.chargePointId)
  restoreMark(connector.ledger, event.mark, at.nowMs, durationMs)
}

function on(
  site: Site,
  event: { readonly chargePointId: string },
  apply: (chargePoint: ChargePoint) => void,
): void {
  const chargePoint = site.chargePoints.get(event.chargePointId)
  if (chargePoint) apply(chargePoint)
}

function applyIdentity(chargePoint: ChargePoint, event: IdentityNoted): void {
  chargePoint.vendor = event.vendor
  chargePoint.model = event.model
  chargePoint.firmwareVersion = event.firmwareVersion
}

function applyEnergy(
  transaction: Transaction,
  { energyWh: notedWh, registerBaseWh: baseWh }: EnergyNoted,
): void {
  const energyWh = Math.max(transaction.energyWh, notedWh)
  transaction.energyWh = energyWh
  // Of a journal: the register has begun anew since the transaction did.
  if (baseWh === undefined || transaction.register?.baseWh === baseWh) return
  const { meterStartWh } = transaction
  const before = { baseWh: meterStartWh, lastWh: meterStartWh + energyWh }
  transaction.register = { baseWh, lastWh: baseWh + energyWh, before }
}

function applyCapabilities(chargePoint: ChargePoint, { capabilities }: CapabilitiesNoted): void {
  const isNew = chargePoint.capabilities?.maxPeriods !== capabilities.maxPeriods
  chargePoint.capabilities = capabilities
  if (!isNew) return
  // What it refused was perhaps only too long for it.
  for (const { ledger } of chargePoint.connectors.values()) ledger.schedulesFromMs = -Infinity
}

function applyLease(site: Site, event: LimitCommanded, at: Instant): void {
  const { commandId, nodeId, limitA, limitKw, untilWallMs, validForMs } = event
  if (limitA === undefined && limitKw === undefined) {
    site.leases.delete(nodeId)
    return
  }
  const untilMs = leaseUntilMs(event, at)
  const lease: LimitLease & LeaseTime = {
    commandId,
    nodeId,
    limitA,
    limitKw,
    untilMs,
    untilWallMs,
    validForMs,
  }
  site.leases.set(nodeId, lease)
}

function applyAnswer(site: Site, { commandId, status, reason }: CommandAnswered): void {
  site.commandAnswers.set(commandId, { status, reason })
  if (site.commandAnswers.size <= ANSWERS_MAX) return
  const oldest = site.commandAnswers.keys().next()
  if (!oldest.done) site.commandAnswers.delete(oldest.value)
}
