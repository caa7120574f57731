/**
 * What is known of a charger's kind, put into how it is told: it begins with the form that suits it
 * instead of walking there by refusals, of which some are answered Accepted.
 */
import type { ChargePoint, Connector } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import { grantForm } from './evse-ledger.js'
import type { EvseLedger } from './evse-ledger.js'
import { beginAt, preferredExpiring, preferredStanding, standingForm } from './profile-form.js'
import type { FormWish } from './profile-form.js'

/** Once a round: a change waits until nothing is in force that the new form would not replace. */
export function preferForms(
  chargePoint: ChargePoint,
  connector: Connector,
  evse: TreeEvse,
  isAlone: boolean,
): void {
  const { ledger } = connector
  if (ledger.inFlight) return
  const wish = wishOf(chargePoint, evse)
  const { fallback, transaction } = ledger.forms
  const isFree = ledger.grant === undefined && ledger.ambiguous.length === 0
  if (isFree) ledger.hasOneLevel = hasOneLevel(chargePoint)

  const standing = preferredStanding(wish, isAlone)
  if (standing !== fallback.preferred) {
    const before = standingForm(fallback).purpose
    // Other forms hold for what expires beside another purpose.
    if (!isFree && standingForm({ ...fallback, index: standing }).purpose !== before) return
    beginAt(fallback, standing)
    ledger.fallbackAtMs = -Infinity
    if (standingForm(fallback).purpose !== before) beginAt(transaction, 0)
  }
  if (!isFree) return
  const expiring = preferredExpiring(wish, standingForm(fallback), ledger.hasOneLevel)
  if (expiring !== transaction.preferred || isAboveOneLevel(ledger)) beginAt(transaction, expiring)
}

/** All its profiles have one level, whatever it says of itself. */
export function hasOneLevel({ quirks, capabilities }: ChargePoint): boolean {
  const { stackLevel } = quirks.values
  return typeof stackLevel === 'number' || capabilities?.maxStackLevel === 0
}

/** There it would take the place of the fallback. */
function isAboveOneLevel(ledger: EvseLedger): boolean {
  const { purpose, stackLevel } = grantForm(ledger)
  return ledger.hasOneLevel && purpose === 'TxDefaultProfile' && stackLevel > 0
}

function wishOf({ quirks, capabilities }: ChargePoint, { evse }: TreeEvse): FormWish {
  const { purposeOrder = [], kind, unit } = quirks.values
  const wanted = unit ?? onlyOf(capabilities?.units)
  const native = evse.currentType === 'DC' ? 'W' : 'A'
  return {
    // Of one list both chains are chosen: a purpose that one of them has not is passed over.
    purposes: purposeOrder,
    kind,
    unit: wanted === undefined ? undefined : wanted === native ? 'native' : 'other',
  }
}

function onlyOf(units: readonly ('A' | 'W')[] | undefined): 'A' | 'W' | undefined {
  return units?.length === 1 ? units[0] : undefined
}
