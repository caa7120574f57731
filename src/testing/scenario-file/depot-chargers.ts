/** The chargers of a configuration as simulated hardware. */
import type { Finding } from '../../config/problem.js'
import type { Settings } from '../../config/settings.js'
import type { SiteCharger } from '../simulated-site.js'

/** Chargers without an OCPP id never connect and are left out. */
export function depotChargers({ depot }: Settings): {
  readonly chargers: readonly SiteCharger[]
  readonly findings: readonly Finding[]
} {
  const findings: Finding[] = []
  const chargers: SiteCharger[] = []
  for (const [index, charger] of [...(depot?.chargers.values() ?? [])].entries()) {
    const { ocppChargePointId: identity } = charger
    if (identity === undefined) continue
    const evses = charger.evses.toSorted((a, b) => a.id - b.id)
    const gap = evses.findIndex(({ id }, position) => id !== position + 1)
    if (gap >= 0 || evses.length === 0) {
      const message = `a simulated charger has EVSEs 1, 2, ...: "${charger.id}" has no EVSE ${Math.max(gap, 0) + 1}`
      findings.push({ path: ['settings', 'depot', 'chargers', index, 'evses'], message })
    }
    chargers.push({
      identity,
      connectors: evses.map(({ maxCurrentA, phases, phaseRotation }) => ({
        maxCurrentA,
        phases,
        phaseRotation,
      })),
    })
  }
  if (chargers.length === 0 && findings.length === 0) {
    const message = 'no charger has an ocpp_charge_point_id: nobody would connect'
    findings.push({ path: ['settings', 'depot'], message })
  }
  return { chargers, findings }
}
