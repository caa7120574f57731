/** The short form of a depot as the sections of a configuration file. */
import type { PhaseA } from '../../core/phases.js'
import type { SiteKeys } from './site-keys.js'

const VOLTAGE_V = 230
const ROTATIONS = ['RST', 'STR', 'TRS'] as const
/** Its bus is not looked at: the simulated devices answer by their ids. */
const BUS = { host: '127.0.0.1' }
const METER_ID = 'meter'
const LIMIT_SOURCE_ID = 'grid'

export interface SiteNeeds {
  readonly worstBaseLoadA: PhaseA
  /** Undefined: there is no source of a grid limit. */
  readonly limitFallbackA: number | undefined
}

export function expandedSite(site: SiteKeys, needs: SiteNeeds) {
  const chargers = Array.from({ length: site.chargers }, (_, index) => charger(site, index))
  const allKw = chargers.reduce((sum, { max_power_kw: kw }) => sum + kw, 0)
  return {
    site: {
      ...(site.timezone !== undefined && { timezone: site.timezone }),
      ...(site.fuse_a !== undefined && { fuse_a: site.fuse_a }),
      ...(site.contract_kw !== undefined && { contract_kw: site.contract_kw }),
    },
    ...(site.meter && { meters: [meter(site, needs)] }),
    ...(needs.limitFallbackA !== undefined && {
      limit_sources: [limitSource(site, needs.limitFallbackA)],
    }),
    depot: {
      constraints: [
        {
          id: 'yard',
          name: 'Yard',
          type: 'constraint',
          // Not the figure that binds: room for all chargers and the base load.
          max_power_kw: rounded(allKw + (Math.max(...needs.worstBaseLoadA) * 3 * VOLTAGE_V) / 1000),
          ...(site.limit_a !== undefined && { max_current_a: site.limit_a }),
        },
        ...Array.from({ length: Math.ceil(site.chargers / site.group_of) }, (_, index) => ({
          id: `group${index + 1}`,
          name: `Group ${index + 1}`,
          type: 'charge_group',
          parent_id: 'yard',
          max_power_kw: rounded(allKw),
          ...(site.group_limit_a !== undefined && { max_current_a: site.group_limit_a }),
        })),
      ],
      chargers,
    },
  }
}

function charger(site: SiteKeys, index: number) {
  const identity = `CP${String(index + 1).padStart(3, '0')}`
  const evseKw = rounded((site.max_current_a * site.phases * VOLTAGE_V) / 1000)
  return {
    id: identity.toLowerCase(),
    name: identity,
    ocpp_charge_point_id: identity,
    parent_charge_group: `group${Math.floor(index / site.group_of) + 1}`,
    max_power_kw: rounded(evseKw * site.connectors),
    expiry_verified: site.expiry_verified,
    evses: Array.from({ length: site.connectors }, (_, connector) => ({
      id: connector + 1,
      max_power_kw: evseKw,
      max_current_a: site.max_current_a,
      phases: site.phases,
      phase_rotation: ROTATIONS[index % ROTATIONS.length],
    })),
  }
}

function meter(site: SiteKeys, { worstBaseLoadA }: SiteNeeds) {
  const register = (address: number) => ({ address, function_code: 4, type: 'float64' })
  return {
    id: METER_ID,
    constraint_id: 'yard',
    modbus_tcp: BUS,
    registers: { current_a: [register(0), register(4), register(8)] },
    worst_base_load_a: site.worst_base_load_a ?? [...worstBaseLoadA],
  }
}

function limitSource(site: SiteKeys, fallbackA: number) {
  return {
    id: LIMIT_SOURCE_ID,
    constraint_id: 'yard',
    modbus_tcp: BUS,
    register: { address: 100, function_code: 3, type: 'float64' },
    unit: site.limit_unit,
    fallback: (site.limit_fallback_a ?? fallbackA) * (site.limit_unit === 'A' ? 1 : 3 * VOLTAGE_V),
    ...(site.limit_hold_s !== undefined && { hold_s: site.limit_hold_s }),
  }
}

function rounded(kw: number): number {
  return Math.round(kw * 1000) / 1000
}
