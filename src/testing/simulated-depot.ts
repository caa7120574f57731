import type { Charger, Depot, Evse } from '../core/site/depot.js'
import { NOMINAL_VOLTAGE_V } from './charging-profiles.js'
import type { SimulatedChargePoint } from './simulated-charge-point.js'

/** The configuration that fits these charge points: one charge group that holds them all. */
export function simulatedDepot(
  chargePoints: readonly Pick<SimulatedChargePoint, 'identity' | 'connectors'>[],
  options: {
    /** Of the group, id `yard`. Default: as much as all chargers together. */
    readonly maxPowerKw?: number
    /** Beside what is derived, for every charger. */
    readonly charger?: Partial<Charger>
    readonly evse?: Partial<Evse>
  } = {},
): Depot {
  const chargers = chargePoints.map((chargePoint) => chargerOf(chargePoint, options))
  const sumKw = chargers.reduce((sum, { maxPowerKw }) => sum + maxPowerKw, 0)
  return {
    constraints: new Map([
      [
        GROUP_ID,
        {
          id: GROUP_ID,
          name: 'Yard',
          type: 'charge_group',
          priority: 0,
          maxPowerKw: options.maxPowerKw ?? sumKw,
          baseLoadA: 0,
          schedule: [],
        },
      ],
    ]),
    chargers: new Map(chargers.map((charger) => [charger.id, charger])),
    idTags: new Map(),
    vehicles: new Map(),
  }
}

const GROUP_ID = 'yard'

function chargerOf(
  { identity, connectors }: Pick<SimulatedChargePoint, 'identity' | 'connectors'>,
  options: { readonly charger?: Partial<Charger>; readonly evse?: Partial<Evse> },
): Charger {
  const evses = connectors.map(({ maxCurrentA, phases, phaseRotation = 'RST' }, index): Evse => ({
    id: index + 1,
    maxPowerKw: (maxCurrentA * phases * NOMINAL_VOLTAGE_V) / 1000,
    currentType: 'AC',
    phases,
    phaseRotation,
    minCurrentA: 6,
    maxCurrentA,
    fallbackCurrentA: 'auto',
    status: 'Available',
    ...options.evse,
  }))
  return {
    id: identity.toLowerCase(),
    name: identity,
    maxPowerKw: evses.reduce((sum, { maxPowerKw }) => sum + maxPowerKw, 0),
    parentChargeGroup: GROUP_ID,
    isActive: true,
    status: 'Available',
    ocppChargePointId: identity,
    isolated: false,
    expiryVerified: true,
    evses,
    ...options.charger,
  }
}
