import type { Settings } from '../config/settings.js'
import type { SiteRules } from '../core/site/rules.js'
import { QUIRK_RECORDS } from '../ocpp/quirks/records.js'

/** The part of the settings that the core works by. */
export function rulesOf(settings: Settings): SiteRules {
  const { site, ocpp, balance, watchdog, authorisation } = settings
  return {
    siteId: site.id,
    siteName: site.name,
    timezone: site.timezone,
    ...(settings.holidays && { holidays: settings.holidays }),
    nominalVoltageV: site.nominalVoltageV,
    ...(authorisation?.mode === 'backend' && {
      authorisation: { cacheMs: authorisation.cacheS * 1000, offline: authorisation.offline },
    }),
    fuseA: site.fuseA,
    contractKw: site.contractKw,
    meters: settings.meters.map(({ id, constraintId, worstBaseLoadA, exports }) => ({
      id,
      constraintId,
      worstBaseLoadA,
      exports,
    })),
    limitSources: settings.limitSources.map(({ id, constraintId, unit, fallback, holdS }) => ({
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
    watchdogAfterMs: watchdog.afterS * 1000,
    quirkRecords: QUIRK_RECORDS,
  }
}
