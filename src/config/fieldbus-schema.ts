/** The meters and limit sources of the configuration file. */
import { z } from 'zod'
import { objectId, phaseCurrent } from './depot-fields.js'

const modbusTcpSchema = z.strictObject({
  host: z.string().min(1).max(253).describe('Address of the meter or of the gateway before it'),
  port: z.int().min(1).max(65_535).default(502),
  unit_id: z.int().min(0).max(255).default(1).describe('Modbus address behind a gateway'),
  interval_ms: z.int().min(100).max(60_000).default(1000).describe('One reading each so many ms'),
  timeout_ms: z.int().min(50).max(30_000).default(1000).describe('How long an answer may take'),
})

export type ModbusTcpSection = z.output<typeof modbusTcpSchema>

const registerSchema = z
  .strictObject({
    address: z
      .int()
      .min(0)
      .max(65_535)
      .describe('0-based protocol address: manuals that count from 30001 or 40001 mean 0 by it'),
    function_code: z.literal([3, 4]).describe('3: holding registers, 4: input registers'),
    type: z.enum(['uint16', 'int16', 'uint32', 'int32', 'float32', 'uint64', 'int64', 'float64']),
    word_order: z.enum(['big', 'little']).default('big').describe('big: high word first'),
    scale: z
      .number()
      .min(-1e9)
      .max(1e9)
      .default(1)
      .describe('value = raw * scale, in the unit of the quantity'),
  })
  .describe('How one number is read')

export type RegisterSection = z.output<typeof registerSchema>

const constraintId = objectId
  .optional()
  .describe('The constraint it stands at; without it the whole site')

export const meterSchema = z.strictObject({
  id: objectId,
  constraint_id: constraintId,
  modbus_tcp: modbusTcpSchema,
  registers: z.strictObject({
    current_a: z
      .tuple([registerSchema, registerSchema, registerSchema])
      .describe('Current on L1, L2, L3 in A, import positive'),
    power_w: registerSchema.optional().describe('Total power in W, import positive'),
    energy_wh: registerSchema.optional().describe('Imported energy in Wh'),
  }),
  worst_base_load_a: phaseCurrent.describe(
    'Load beside the chargers to assume once the meter is silent, A per phase',
  ),
  exports: z
    .boolean()
    .default(true)
    .describe('false: nothing behind it feeds in, so a negative current is a fault of the meter'),
})

export type MeterSection = z.output<typeof meterSchema>

export const limitSourceSchema = z.strictObject({
  id: objectId,
  constraint_id: constraintId,
  modbus_tcp: modbusTcpSchema,
  register: registerSchema,
  unit: z
    .enum(['A', 'W'])
    .describe('What the register holds after scaling: A per phase, or W in all'),
  fallback: z
    .number()
    .min(0)
    .max(100_000_000)
    .describe('In force at start and while the source is silent, in the unit above'),
  hold_s: z.int().min(1).max(86_400).default(60).describe('Silent for so long means lost'),
})

/** One coil that holds, or drops, a contactor. */
export const relaySchema = z.strictObject({
  id: objectId.describe('Constraints name it as cut_off_relay'),
  modbus_tcp: modbusTcpSchema.omit({ interval_ms: true }),
  coil: z.int().min(0).max(65_535).describe('0-based protocol address of the coil'),
  cut_value: z
    .boolean()
    .default(false)
    .describe('What the coil must be to cut the power; false: it holds the contactor'),
})

export type RelaySection = z.output<typeof relaySchema>

export type LimitSourceSection = z.output<typeof limitSourceSchema>
