/** The demo's depot, as a configuration file would say it. */
import { parseSettings } from '../../config/load.js'
import type { Settings } from '../../config/settings.js'
import { problemText } from '../../config/problem.js'

export interface DemoChargerPlan {
  readonly identity: string
  readonly group: 'north' | 'south'
  readonly phases: 1 | 3
  readonly rotation: 'RST' | 'STR' | 'TRS'
}

const ROTATIONS = ['RST', 'STR', 'TRS'] as const

/** A dozen chargers; every fourth has one phase, and neighbours are wired in turn. */
export const DEMO_CHARGERS: readonly DemoChargerPlan[] = Array.from({ length: 12 }, (_, index) => ({
  identity: `CP-${String(index + 1).padStart(2, '0')}`,
  group: index < 6 ? 'north' : 'south',
  phases: index % 4 === 3 ? 1 : 3,
  rotation: ROTATIONS[index % 3] ?? 'RST',
}))

/** Worst base load and lowest grid limit of the demo, A per phase. */
export const WORST_BASE_LOAD_A = 16
export const GRID_FALLBACK_A = 24

export const METER_UNIT = 1
export const LIMIT_REGISTER = 100

export interface DemoPorts {
  readonly host: string
  readonly port: number
  readonly modbusPort: number
  /** Undefined: no broker. */
  readonly brokerUrl: string | undefined
}

export function demoSettings(ports: DemoPorts): Settings {
  const parsed = parseSettings(demoYaml(ports), 'demo.yaml')
  if (!parsed.ok) throw new Error(parsed.problems.map(problemText).join('\n'))
  const { settings } = parsed
  return { ...settings, http: { ...settings.http, host: ports.host, port: ports.port } }
}

function demoYaml({ modbusPort, brokerUrl }: DemoPorts): string {
  const bus = `{ host: 127.0.0.1, port: ${modbusPort}, unit_id: ${METER_UNIT}, interval_ms: 250, timeout_ms: 500 }`
  const float = (address: number): string =>
    `{ address: ${address}, function_code: 4, type: float32 }`
  return `
site: { id: demo, name: Demo depot, timezone: Europe/Berlin, fuse_a: 80 }
ocpp: { meter_value_interval_s: 2 }
# Short turns, so that they can be watched.
balancing: { min_on_s: 8, max_wait_s: 60 }
meters:
  - id: main
    modbus_tcp: ${bus}
    registers:
      current_a: [${float(6)}, ${float(8)}, ${float(10)}]
      power_w: ${float(52)}
      energy_wh: { address: 72, function_code: 4, type: float32, scale: 1000 }
    worst_base_load_a: ${WORST_BASE_LOAD_A}
limit_sources:
  - id: grid
    modbus_tcp: ${bus}
    register: { address: ${LIMIT_REGISTER}, function_code: 3, type: uint16 }
    unit: A
    fallback: ${GRID_FALLBACK_A}
    hold_s: 10
${brokerUrl === undefined ? '' : `mqtt: { url: "${brokerUrl}" }`}
depot:
  constraints:
    - { id: north, name: North, type: charge_group, priority: 1, max_power_kw: 40, max_current_a: 50 }
    - { id: south, name: South, type: charge_group, priority: 1, max_power_kw: 40, max_current_a: 50 }
  chargers:
${DEMO_CHARGERS.map(chargerYaml).join('\n')}
`
}

function chargerYaml({ identity, group, phases, rotation }: DemoChargerPlan): string {
  const kw = phases === 3 ? 22.08 : 7.36
  return (
    `    - { id: ${identity.toLowerCase()}, name: ${identity}, parent_charge_group: ${group}, ` +
    `ocpp_charge_point_id: ${identity}, max_power_kw: ${kw}, evses: [{ id: 1, max_power_kw: ${kw}, ` +
    `max_current_a: 32, phases: ${phases}, phase_rotation: ${rotation} }] }`
  )
}
