import type { SiteRules } from '../core/site/rules.js'
import type { Settings } from './settings.js'

/** The part of the settings the core works by. */
export function siteRules({ site, ocpp, balance, meters, limitSources }: Settings): SiteRules {
  return {
    siteId: site.id,
    siteName: site.name,
    timezone: site.timezone,
    nominalVoltageV: site.nominalVoltageV,
    fuseA: site.fuseA,
    contractKw: site.contractKw,
    meters: meters.map(({ id, constraintId, worstBaseLoadA }) => ({
      id,
      constraintId,
      worstBaseLoadA,
    })),
    limitSources: limitSources.map(({ id, constraintId, unit, fallback, holdS }) => ({
      id,
      constraintId,
      unit,
      fallback,
      holdMs: holdS * 1000,
    })),
    profileDurationMs: ocpp.profileDurationS * 1000,
    profileTimeoutMs: ocpp.profileTimeoutMs,
    meterValueIntervalMs: ocpp.meterValueIntervalS * 1000,
    settleMs: balance.settleS * 1000,
    minOnMs: balance.minOnS * 1000,
    maxWaitMs: balance.maxWaitS * 1000,
  }
}
