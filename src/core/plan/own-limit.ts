/**
 * Told in watts a charger lets a car on one phase take all of it there: until the phases are known it
 * counts in full on each, and over all of them more than it can ever be.
 */
import { grantForm } from '../ledger/evse-ledger.js'
import type { Load } from '../load.js'
import { phaseCount } from '../phases.js'
import type { Connector } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'

/**
 * By its number the own limit of a charger with one EVSE that is told in watts, as what is counted
 * there must keep to it: else the least that a car on all phases needs would be too much for many.
 */
export function ownLimits(
  looks: readonly { readonly evse: TreeEvse; readonly connector: Connector | undefined }[],
  limits: readonly { readonly load: Load }[],
): ReadonlyMap<number, Load> {
  const own = new Map<number, Load>()
  for (const { evse, connector } of looks) {
    const [node] = evse.path
    // With several, what one is lowered by and another raised by would be counted differently.
    if (!connector || node === undefined || evse.charger.evses.length > 1) continue
    if (!isCountedOnEach(evse, connector)) continue
    const limit = limits[node]
    if (!limit) continue
    const [l1, l2, l3, sumA] = limit.load
    own.set(node, [l1, l2, l3, sumA * phaseCount(evse.mask)])
  }
  return own
}

function isCountedOnEach({ evse }: TreeEvse, { ledger, phases }: Connector): boolean {
  return evse.currentType === 'AC' && !phases.learned && grantForm(ledger).unit === 'other'
}
