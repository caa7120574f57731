/** The ledger's commands as OCPP 1.6 calls. */
import type { ProfileCommand } from '../core/ledger/decide.js'
import type { InFlight } from '../core/ledger/evse-ledger.js'
import { phaseCount } from '../core/phases.js'
import type { Instant } from '../core/site/events.js'
import type { Site } from '../core/site/state.js'
import { fallbackProfile, txProfile } from '../ocpp/v16/charging-profile.js'
import { setChargingProfile } from '../ocpp/v16/outbound.js'
import type { OutboundCall } from '../ocpp/v16/outbound.js'

export function inFlightOf(site: Site, command: ProfileCommand, at: Instant): InFlight {
  const { purpose, limitA, transactionId } = command
  const { profileDurationMs } = site.rules
  // Some count a relative schedule from its receipt: then it lives longer by the transaction's age.
  const durationMs = isRelative(site, command)
    ? profileDurationMs + Math.max(0, at.wallMs - startedWallMs(site, command, at))
    : profileDurationMs
  return { purpose, limitA, transactionId, sentAtMs: at.nowMs, durationMs }
}

/** Absolute times mean something else to a charger whose clock is off by more than this. */
const CLOCK_OFF_MS = 30_000

function isRelative(site: Site, { purpose, chargePointId }: ProfileCommand): boolean {
  const offsetMs = site.chargePoints.get(chargePointId)?.clockOffsetMs ?? 0
  return purpose === 'transaction' && Math.abs(offsetMs) > CLOCK_OFF_MS
}

/** When the transaction began, on our clock. */
function startedWallMs(site: Site, command: ProfileCommand, at: Instant): number {
  const { chargePointId, transactionId } = command
  const transaction = transactionId === undefined ? undefined : site.transactions.get(transactionId)
  if (!transaction) return at.wallMs
  const offsetMs = site.chargePoints.get(chargePointId)?.clockOffsetMs ?? 0
  return Math.min(transaction.receivedWallMs, transaction.startedWallMs - offsetMs)
}

export function profileCall(site: Site, command: ProfileCommand, at: Instant): OutboundCall {
  const { chargePointId, connectorId, limitA, transactionId } = command
  const evse = site.tree.byChargePoint.get(chargePointId)?.get(connectorId)
  const { nominalVoltageV, profileDurationMs } = site.rules
  const limit = {
    limitA,
    // Amperes where the charger has phases to limit, watts where it has a power converter.
    unit: evse?.evse.currentType === 'DC' ? ('W' as const) : ('A' as const),
    phases: evse ? phaseCount(evse.mask) : 3,
    nominalVoltageV,
  }
  if (command.purpose === 'fallback' || transactionId === undefined) {
    return setChargingProfile(connectorId, fallbackProfile({ ...limit, connectorId }))
  }
  return setChargingProfile(
    connectorId,
    txProfile({
      ...limit,
      connectorId,
      transactionId,
      nowMs: at.wallMs,
      durationS: Math.round(profileDurationMs / 1000),
      kind: isRelative(site, command) ? 'Relative' : 'Absolute',
      transactionStartedAtMs: startedWallMs(site, command, at),
      stackLevel: 0,
    }),
  )
}
