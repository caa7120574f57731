/** Who wants to charge, at least and at most how much, as the balancer sees it. */
import { unitLoad } from '../load.js'
import type { Load } from '../load.js'
import { effectiveLimitA, grantForm } from '../ledger/evse-ledger.js'
import { phaseCount } from '../phases.js'
import { measuredA } from '../limits/draw.js'
import type { SiteRules } from '../site/rules.js'
import type { Connector } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'

export interface Demand {
  readonly evse: TreeEvse
  /** One ampere per phase in use, in all dimensions. */
  readonly unit: Load
  /** It has this much and cannot be told otherwise now: its call slot is taken. */
  readonly floorA: number
  readonly minA: number
  readonly capA: number
  /** The cap is the vehicle's, not the hardware's. */
  readonly cappedByVehicle: boolean
  readonly priority: number
  readonly isOn: boolean
  /** Since when it is on or off, monotonic ms. */
  readonly sinceMs: number
  /** This turn came after too long a wait and lasts its time. */
  readonly guaranteed: boolean
  /** It takes what it is offered; a full or sleeping car does not. */
  readonly hungry: boolean
  /**
   * Nodes at which its minimum must fit twice before it can begin: what it takes comes back there as
   * base load.
   */
  readonly twiceAt: readonly number[]
}

/** Below the offer by more than this, the car is not limited by us. */
const UNDER_DRAW_A = 1
const CAP_AFTER_MS = 60_000
/** Offered beyond what it takes, so that a car that wants more can show it. */
const PROBE_A = 2
const SLEEPING_A = 1
const SLEEPING_AFTER_MS = 180_000

export function demandOf(
  rules: SiteRules,
  evse: TreeEvse,
  connector: Connector,
  { floorA, priority, twiceAt }: Pick<Demand, 'floorA' | 'priority' | 'twiceAt'>,
  nowMs: number,
): Demand {
  const { turn } = connector
  const minA = minimumA(evse, connector)
  const underDrawMs = turn.underDrawSinceMs === undefined ? 0 : nowMs - turn.underDrawSinceMs
  const sampleA = measuredA(connector, rules, nowMs)
  const isOn = turn.targetA > 0
  const hungry = !(
    isOn &&
    underDrawMs >= SLEEPING_AFTER_MS &&
    sampleA !== undefined &&
    sampleA < SLEEPING_A
  )
  const learnedA = hungry ? turn.capA : minA
  // Counted on one phase, the minimum of three may be more than the hardware carries on one.
  const mostA = minA > evse.evse.minCurrentA ? Math.max(minA, evse.capA) : evse.capA
  return {
    evse,
    unit: connector.phases.learned ? unitLoad(connector.phases.learned) : evse.unit,
    floorA,
    minA,
    capA: Math.min(mostA, Math.max(minA, learnedA ?? Infinity)),
    cappedByVehicle: learnedA !== undefined && learnedA < evse.capA,
    priority,
    isOn,
    sinceMs: turn.sinceMs,
    guaranteed: turn.guaranteed,
    hungry,
    twiceAt,
  }
}

/**
 * Told in watts, a three-phase charger lets a car on one phase draw three times as much as one on
 * three: until the phases are known the minimum is that of three on each.
 */
function minimumA({ evse, mask }: TreeEvse, { ledger, phases }: Connector): number {
  const { minCurrentA, currentType } = evse
  const isInWatts = currentType === 'AC' && grantForm(ledger).unit === 'other'
  return isInWatts && !phases.learned ? minCurrentA * phaseCount(mask) : minCurrentA
}

/**
 * Learns what the car takes from a new sample: a car that stays below its offer for a minute is
 * offered what it takes plus a probe; as soon as it takes its offer the cap is gone.
 */
export function learnCap(connector: Connector, rules: SiteRules, nowMs: number): void {
  const { turn, ledger } = connector
  const offerA = effectiveLimitA(ledger, nowMs)
  const takenA = measuredA(connector, rules, nowMs)
  if (takenA === undefined || offerA === undefined || turn.targetA === 0) return
  if (takenA >= offerA - UNDER_DRAW_A) {
    turn.underDrawSinceMs = undefined
    turn.capA = undefined
    return
  }
  turn.underDrawSinceMs ??= nowMs
  if (nowMs - turn.underDrawSinceMs >= CAP_AFTER_MS) turn.capA = Math.ceil(takenA) + PROBE_A
}
