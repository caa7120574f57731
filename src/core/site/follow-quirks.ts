/** What is known of a charge point's kind, by what it says of itself and what is stated of it. */
import type { Charger, Depot } from './depot.js'
import { isSameQuirks, NO_QUIRKS, quirksOf } from './quirks.js'
import type { EffectiveQuirks } from './quirks.js'
import type { SiteRules } from './rules.js'
import type { ChargePoint, Site } from './state.js'

/** True: something is known that was not, or the other way round. */
export function noteQuirks(site: Site, chargePoint: ChargePoint): boolean {
  const [evse] = site.tree.byChargePoint.get(chargePoint.id)?.values() ?? []
  const quirks = effective(site.rules, chargePoint, evse?.charger)
  if (isSameQuirks(quirks, chargePoint.quirks)) return false
  chargePoint.quirks = quirks
  return true
}

/** By charge point id, with what a changed depot states. */
export function quirksInDepot(site: Site, depot: Depot): ReadonlyMap<string, EffectiveQuirks> {
  const quirks = new Map<string, EffectiveQuirks>()
  for (const charger of depot.chargers.values()) {
    const id = charger.ocppChargePointId
    if (id === undefined) continue
    const found = effective(site.rules, site.chargePoints.get(id), charger)
    if (found !== NO_QUIRKS) quirks.set(id, found)
  }
  return quirks
}

const NOBODY = { vendor: undefined, model: undefined, firmwareVersion: undefined }

function effective(
  { quirkRecords = [] }: SiteRules,
  chargePoint: ChargePoint | undefined,
  charger: Charger | undefined,
): EffectiveQuirks {
  // Before it has booted nothing is known of its kind.
  const known = chargePoint?.vendor === undefined ? [] : quirkRecords
  return quirksOf(known, chargePoint ?? NOBODY, charger?.quirks)
}
