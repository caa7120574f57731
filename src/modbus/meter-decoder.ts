/** What a site meter answered, as a reading; or why it is none. */
import type { MeterSettings, RegisterSettings } from '../config/settings.js'
import type { MeterReading } from '../ports.js'
import { type BlockWords, wordsOf } from './blocks.js'
import { decodeQuantity, type Quantity } from './quantity.js'

export type DecodedMeter =
  | {
      readonly ok: true
      readonly values: Omit<MeterReading, 'meterId' | 'atMs'>
      /** Power or energy that could not be had, in words with register and raw words. */
      readonly missing: readonly string[]
    }
  | { readonly ok: false; readonly problem: string }

/**
 * Reads the three currents, and power and energy where configured. Without all three currents there
 * is no reading; without power or energy there is one that lacks them.
 */
export function decodeMeter(
  registers: MeterSettings['registers'],
  blocks: readonly BlockWords[],
): DecodedMeter {
  const [l1, l2, l3] = registers.currentA
  const currents = [
    decodeAt({ name: 'current L1', unit: 'A', maximum: MAX_CURRENT_A }, l1, blocks),
    decodeAt({ name: 'current L2', unit: 'A', maximum: MAX_CURRENT_A }, l2, blocks),
    decodeAt({ name: 'current L3', unit: 'A', maximum: MAX_CURRENT_A }, l3, blocks),
  ] as const
  const problems = currents.flatMap((current) => (current.ok ? [] : [current.problem]))
  const [first, second, third] = currents
  if (!first.ok || !second.ok || !third.ok) return { ok: false, problem: problems.join('; ') }
  const power = optional(
    { name: 'power', unit: 'W', maximum: MAX_POWER_W },
    registers.powerW,
    blocks,
  )
  const energy = optional(
    { name: 'energy', unit: 'Wh', maximum: MAX_ENERGY_WH },
    registers.energyWh,
    blocks,
  )
  return {
    ok: true,
    values: {
      currentA: [first.value, second.value, third.value],
      ...(power?.ok ? { powerW: power.value } : {}),
      ...(energy?.ok ? { energyWh: energy.value } : {}),
    },
    missing: [power, energy].flatMap((entry) => (entry && !entry.ok ? [entry.problem] : [])),
  }
}

/** Bounds of what can be true at a depot; beyond them the register, type or word order is wrong. */
const MAX_CURRENT_A = 100_000
const MAX_POWER_W = 100e6
const MAX_ENERGY_WH = 1e15

type DecodedQuantity = ReturnType<typeof decodeQuantity>

function decodeAt(
  quantity: Quantity,
  register: RegisterSettings,
  blocks: readonly BlockWords[],
): DecodedQuantity {
  const words = wordsOf(register, blocks)
  if (words) return decodeQuantity(quantity, register, words)
  return { ok: false, problem: `${quantity.name} (register ${register.address}) was not read` }
}

function optional(
  quantity: Quantity,
  register: RegisterSettings | undefined,
  blocks: readonly BlockWords[],
): DecodedQuantity | undefined {
  return register && decodeAt(quantity, register, blocks)
}
