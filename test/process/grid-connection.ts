/** What stands at the grid connection: a meter and a limit register on one Modbus TCP device. */
import { modbusSimulator } from '../../src/adapters/modbus-simulator.js'
import type { ModbusSimulator } from '../../src/adapters/modbus-simulator.js'
import { registerImage } from '../../src/modbus/register-image.js'
import type { Scope } from './yardmaster-process.js'

export interface GridConnection {
  readonly simulator: ModbusSimulator
  /** A per phase, in whole amperes. */
  limitA: number
  /** What the chargers draw, A on each phase. */
  drawA: () => number
  /** `meters` and `limit_sources` of a configuration file. */
  yaml(): string
}

export const METER_UNIT = 1
const LIMIT_UNIT = 2
const LIMIT_REGISTER = 100
/** The load beside the chargers, A per phase. */
const BASE_A = 2

export async function gridConnection(t: Scope, limitA: number): Promise<GridConnection> {
  const float = { type: 'float32', wordOrder: 'big', scale: 1 } as const
  const meterA = (): number => BASE_A + connection.drawA()
  const image = registerImage([
    ...[6, 8, 10].map((address) => ({ register: { ...float, address }, value: meterA })),
    {
      register: { type: 'uint16', wordOrder: 'big', scale: 1, address: LIMIT_REGISTER },
      value: () => connection.limitA,
    },
  ])
  const simulator = await modbusSimulator({ registers: (_unitId, address) => image(address) })
  t.teardown(() => simulator.close())
  const bus = (unitId: number): string =>
    `{ host: 127.0.0.1, port: ${simulator.port}, unit_id: ${unitId}, interval_ms: 250, timeout_ms: 200 }`
  const current = (address: number): string =>
    `{ address: ${address}, function_code: 4, type: float32 }`
  const connection: GridConnection = {
    simulator,
    limitA,
    drawA: () => 0,
    yaml: () => `
meters:
  - id: main
    modbus_tcp: ${bus(METER_UNIT)}
    registers: { current_a: [${[6, 8, 10].map(current).join(', ')}] }
    worst_base_load_a: 4
limit_sources:
  - id: grid
    modbus_tcp: ${bus(LIMIT_UNIT)}
    register: { address: ${LIMIT_REGISTER}, function_code: 3, type: uint16 }
    unit: A
    fallback: 24
    hold_s: 10
`,
  }
  return connection
}
