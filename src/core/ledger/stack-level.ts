/** On which stack level a profile goes: from 0 up where nothing else is known of the charger. */
import type { ChargePoint, Connector } from '../site/state.js'
import type { ProfileForm } from './profile-form.js'

/** Within what the charger said is its highest (OCPP 1.6 ChargeProfileMaxStackLevel, counted from 0). */
export function stackLevelOf(
  { quirks, capabilities }: ChargePoint,
  { ledger }: Connector,
  { stackLevel }: ProfileForm,
): number {
  const { stackLevel: known } = quirks.values
  const highest = capabilities?.maxStackLevel
  if (typeof known === 'number') return Math.min(known, highest ?? known)
  if (ledger.hasOneLevel) return 0
  // Two levels are in use.
  const base = known === 'max' ? Math.max(0, (highest ?? 1) - 1) : 0
  return base + stackLevel
}
