/** Who wants to charge, at least and at most how much, as the balancer sees it. */
import { effectiveLimitA, grantForm } from '../ledger/evse-ledger.js'
import { measuredA } from '../limits/draw.js'
import { unitLoad } from '../load.js'
import type { Load } from '../load.js'
import { phaseCount } from '../phases.js'
import type { SiteRules } from '../site/rules.js'
import type { Connector } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import { isResting, learnFrom, mayWake, takesOf } from './car.js'
import { patienceMs } from './value.js'

export interface Demand {
  readonly evse: TreeEvse
  /** One ampere per phase in use, in all dimensions. */
  readonly unit: Load
  /** It has this much and cannot be told otherwise now: its call slot is taken. */
  readonly floorA: number
  readonly minA: number
  readonly capA: number
  readonly stepsPerA: number
  /** The cap is the vehicle's, not the hardware's. */
  readonly cappedByVehicle: boolean
  readonly priority: number
  readonly isOn: boolean
  /** Last target. */
  readonly lastA: number
  /** Since when it is on or off, monotonic ms. */
  readonly sinceMs: number
  /** This turn came after too long a wait and lasts its time. */
  readonly guaranteed: boolean
  /** It takes what it is offered; a full or sleeping car does not. */
  readonly hungry: boolean
  /** It is not hungry since a short time only, and may begin yet. */
  readonly mayWake: boolean
  /** The share of its minimum that it takes: less than 1 where it tapers off. */
  readonly takes: number
  /** What this session has been given so far. */
  readonly deliveredWh: number
  /** Undefined: nobody has said. */
  readonly need: Need | undefined
  /**
   * Nodes at which its minimum must fit twice before it can begin: what it takes comes back there as
   * base load.
   */
  readonly twiceAt: readonly number[]
}

/** What is said of a car's departure and energy, from now on. */
export interface Need {
  /** `known`: by who plans its trips. `guessed`: by a driver; that is off by hours. */
  readonly trust: 'known' | 'guessed'
  /** What it would take on average until it leaves, A per phase. */
  readonly currentA: number
  /** So long it could wait and still be full in time. */
  readonly slackMs: number
}

type Given = Pick<Demand, 'floorA' | 'priority' | 'twiceAt' | 'deliveredWh' | 'need'>

export function demandOf(
  evse: TreeEvse,
  connector: Connector,
  given: Given,
  nowMs: number,
): Demand {
  const { turn } = connector
  const minA = minimumA(evse, connector)
  const hungry = !isResting(turn, nowMs)
  const learnedA = hungry ? turn.capA : minA
  // Counted on one phase, the minimum of three may be more than the hardware carries on one.
  const mostA = minA > evse.evse.minCurrentA ? Math.max(minA, evse.capA) : evse.capA
  const { floorA, priority, twiceAt, deliveredWh, need } = given
  return {
    evse,
    unit: connector.phases.learned ? unitLoad(connector.phases.learned) : evse.unit,
    floorA,
    minA,
    capA: Math.min(mostA, Math.max(minA, learnedA ?? Infinity)),
    stepsPerA: evse.stepsPerA,
    cappedByVehicle: learnedA !== undefined && learnedA < evse.capA,
    priority,
    isOn: turn.targetA > 0,
    lastA: turn.targetA,
    sinceMs: turn.sinceMs,
    guaranteed: turn.guaranteed,
    hungry,
    mayWake: mayWake(turn, nowMs),
    takes: takesOf(turn, minA, nowMs),
    deliveredWh,
    need,
    twiceAt,
  }
}

/** How long it may wait for a turn, of whom nothing else than this is asked. */
export function longestWaitMs(
  evse: TreeEvse,
  connector: Connector,
  need: Demand['need'],
  maxWaitMs: number,
  nowMs: number,
): number {
  const takes = takesOf(connector.turn, minimumA(evse, connector), nowMs)
  return patienceMs({ need, takes }, maxWaitMs)
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

/** What a new sample tells of the car. */
export function learnCap(connector: Connector, rules: SiteRules, nowMs: number): void {
  const offerA = effectiveLimitA(connector.ledger, nowMs)
  const takenA = measuredA(connector, rules, nowMs)
  if (takenA !== undefined && offerA !== undefined) {
    learnFrom(connector.turn, { offerA, takenA }, nowMs)
  }
}
