/** A depot of 11 kW chargers in groups of 20, each group and the connection too small for all. */
import { chargePointId } from './charge-point.js'

const GROUP_SIZE = 20
const CHARGER_A = 16
const CHARGER_KW = 11
/** The controller has to share, and every fallback of 6 A fits. */
const SHARE = 0.6

/** No two groups have the same limit; the smallest still carries its fallbacks. */
const GROUP_SHARE_MIN = 0.45
const GROUP_SHARE_SPREAD = 0.3

/** `groupShare`: what each group may draw of what its chargers could; default: less, each another. */
export function depotConfig(chargers, share = SHARE, groupShare = sharedGroup) {
  const groups = Math.ceil(chargers / GROUP_SIZE)
  return {
    site: { id: 'bench', fuse_a: Math.ceil(chargers * CHARGER_A * share) },
    depot: {
      constraints: [
        { id: 'yard', name: 'Yard', type: 'constraint', max_power_kw: chargers * CHARGER_KW },
        ...Array.from({ length: groups }, (_, group) => ({
          id: `group-${group}`,
          name: `Group ${group}`,
          type: 'charge_group',
          parent_id: 'yard',
          max_power_kw: GROUP_SIZE * CHARGER_KW * groupShare(group / groups),
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

function sharedGroup(position) {
  return GROUP_SHARE_MIN + GROUP_SHARE_SPREAD * position
}
