/**
 * A depot of 11 kW chargers in groups of 20, below one connection that carries 60 % of them: the
 * controller has to share, and every fallback of 6 A fits.
 */
import { chargePointId } from './charge-point.js'

const GROUP_SIZE = 20
const CHARGER_A = 16
const CHARGER_KW = 11
const SHARE = 0.6

export function depotConfig(chargers) {
  const groups = Math.ceil(chargers / GROUP_SIZE)
  return {
    site: { id: 'bench', fuse_a: Math.ceil(chargers * CHARGER_A * SHARE) },
    depot: {
      constraints: [
        { id: 'yard', name: 'Yard', type: 'constraint', max_power_kw: chargers * CHARGER_KW },
        ...Array.from({ length: groups }, (_, group) => ({
          id: `group-${group}`,
          name: `Group ${group}`,
          type: 'charge_group',
          parent_id: 'yard',
          max_power_kw: GROUP_SIZE * CHARGER_KW,
        })),
      ],
      chargers: Array.from({ length: chargers }, (_, index) => ({
        id: `charger-${index}`,
        name: `Charger ${index}`,
        parent_charge_group: `group-${Math.floor(index / GROUP_SIZE)}`,
        ocpp_charge_point_id: chargePointId(index),
        max_power_kw: CHARGER_KW,
        evses: [{ id: 1, max_power_kw: CHARGER_KW, max_current_a: CHARGER_A }],
      })),
    },
  }
}
