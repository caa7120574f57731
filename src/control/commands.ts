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
  return { purpose, limitA, transactionId, sentAtMs: at.nowMs, durationMs: profileDurationMs }
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
  const transaction = site.transactions.get(transactionId)
  return setChargingProfile(
    connectorId,
    txProfile({
      ...limit,
      connectorId,
      transactionId,
      nowMs: at.wallMs,
      durationS: Math.round(profileDurationMs / 1000),
      kind: 'Absolute',
      transactionStartedAtMs: transaction?.startedWallMs ?? at.wallMs,
      stackLevel: 0,
    }),
  )
}
