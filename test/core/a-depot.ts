/** Small depots for tests of the core. */
import type { Charger, Constraint, Depot, Evse } from '../../src/core/site/depot.js'
import type { SiteRules } from '../../src/core/site/rules.js'

export const RULES: SiteRules = {
  siteId: 'depot',
  siteName: 'Depot',
  timezone: 'Europe/Berlin',
  nominalVoltageV: 230,
  fuseA: undefined,
  contractKw: undefined,
  meters: [],
  limitSources: [],
  profileDurationMs: 150_000,
  profileTimeoutMs: 15_000,
  meterValueIntervalMs: 10_000,
  settleMs: 15_000,
  minOnMs: 900_000,
  maxWaitMs: 3_600_000,
  watchdogAfterMs: 20_000,
}

export function aConstraint(
  id: string,
  maxCurrentA: number,
  more: Partial<Constraint> = {},
): Constraint {
  return {
    id,
    name: id,
    type: 'constraint',
    priority: 1,
    maxPowerKw: 10_000,
    maxCurrentA: [maxCurrentA, maxCurrentA, maxCurrentA],
    baseLoadA: 0,
    schedule: [],
    ...more,
  }
}

export function anEvse(id = 1, more: Partial<Evse> = {}): Evse {
  return {
    id,
    maxPowerKw: 22.08,
    currentType: 'AC',
    phases: 3,
    phaseRotation: 'RST',
    minCurrentA: 6,
    maxCurrentA: 32,
    fallbackCurrentA: 'auto',
    status: 'Available',
    ...more,
  }
}

export function aCharger(id: string, group: string, more: Partial<Charger> = {}): Charger {
  return {
    id,
    name: id,
    maxPowerKw: 10_000,
    parentChargeGroup: group,
    isActive: true,
    status: 'Available',
    ocppChargePointId: `CP_${id}`,
    isolated: false,
    expiryVerified: false,
    evses: [anEvse()],
    ...more,
  }
}

export function aDepot(constraints: readonly Constraint[], chargers: readonly Charger[]): Depot {
  return {
    constraints: new Map(constraints.map((constraint) => [constraint.id, constraint])),
    chargers: new Map(chargers.map((charger) => [charger.id, charger])),
    idTags: new Map(),
    vehicles: new Map(),
  }
}

/** One group with a limit per phase and so many one-EVSE chargers c0, c1, ... */
export function oneGroup(limitA: number, count: number, more: Partial<Charger> = {}): Depot {
  const chargers = Array.from({ length: count }, (_, index) => aCharger(`c${index}`, 'group', more))
  return aDepot([aConstraint('group', limitA, { type: 'charge_group' })], chargers)
}
