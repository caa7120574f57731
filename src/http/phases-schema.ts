import { z } from 'zod'
import type { PhaseA } from '../core/phases.js'

export const phasesSchema = z
  .object({ l1: z.number(), l2: z.number(), l3: z.number() })
  .describe('A per phase, RMS, import positive')

export type PhasesWire = z.infer<typeof phasesSchema>

export function phases([l1, l2, l3]: PhaseA): PhasesWire {
  return { l1: rounded(l1, 2), l2: rounded(l2, 2), l3: rounded(l3, 2) }
}

/** To so many decimals: what is shown needs no more, and 31.900000000000002 tells nobody anything. */
export function rounded(value: number, decimals: number): number {
  const factor = 10 ** decimals
  return Math.round(value * factor) / factor
}
