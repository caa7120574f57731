/** An EVSE as REST, the YAML file and the store write it, and what a charger's figures imply. */
import { z } from 'zod'
import type { Evse } from '../core/site/depot.js'
import { connectorId, currentA, evsePowerKw, flag, oneOf, statusText } from './depot-fields.js'

/** Above this an EVSE is taken for DC: AC connectors end at 63 A on three phases. */
const LARGEST_AC_KW = 44
const NOMINAL_VOLTAGE_V = 230
/** IEC 61851: below 6 A an EV stops charging. */
const MIN_CURRENT_A = 6

export const evseSchema = z
  .strictObject({
    id: connectorId.describe('OCPP 1.6 connectorId, from 1'),
    max_power_kw: evsePowerKw,
    status: statusText.nullish().describe('Until the charger reports its own'),
    current_type: oneOf(['AC', 'DC']).nullish().describe('Default: AC up to 44 kW, DC above'),
    phases: z
      .literal([1, 3], { error: 'must be 1 or 3' })
      .nullish()
      .describe('Phases of the grid it draws on; default 3'),
    phase_rotation: oneOf(['RST', 'RTS', 'SRT', 'STR', 'TRS', 'TSR'])
      .nullish()
      .describe('Site phases its L1, L2, L3 are wired to (R = L1, S = L2, T = L3); default RST'),
    min_current_a: currentA
      .nullish()
      .describe('Smallest current that is not a pause, A; default 6'),
    max_current_a: currentA
      .nullish()
      .describe('Hardware maximum per phase, A; default: what max_power_kw is at 230 V'),
    current_step_a: z
      .literal([0.1, 0.5, 1], { error: 'must be 0.1, 0.5 or 1 (A)' })
      .nullish()
      .describe('Steps in which it can be told, A; default 0.1'),
    fallback_current_a: z
      .union([currentA, z.literal('auto')], {
        error: 'must be "auto", 0, or a current from min_current_a to max_current_a (A)',
      })
      .nullish()
      .describe('What it draws at most when left alone, A; default auto'),
    discovered: flag
      .nullish()
      .describe('Reported by the charger but never configured: offered nothing until adopted'),
  })
  .meta({ id: 'EvseFields', description: 'One connector of a charger' })

export type EvseWire = z.infer<typeof evseSchema>

export function evseFromWire(wire: EvseWire): Evse {
  const phases = wire.phases ?? 3
  return {
    id: wire.id,
    maxPowerKw: wire.max_power_kw,
    currentType: wire.current_type ?? impliedCurrentType(wire.max_power_kw),
    phases,
    phaseRotation: wire.phase_rotation ?? 'RST',
    minCurrentA: wire.min_current_a ?? MIN_CURRENT_A,
    maxCurrentA: wire.max_current_a ?? impliedMaxCurrentA(wire.max_power_kw, phases),
    ...(wire.current_step_a && wire.current_step_a > 0.1 && { currentStepA: wire.current_step_a }),
    fallbackCurrentA: wire.fallback_current_a ?? 'auto',
    status: wire.status ?? 'Available',
    ...(wire.discovered === true && { discovered: true }),
  }
}

export function evseToWire(evse: Evse): EvseWire {
  return {
    id: evse.id,
    max_power_kw: evse.maxPowerKw,
    status: evse.status,
    current_type: evse.currentType,
    phases: evse.phases,
    phase_rotation: evse.phaseRotation,
    min_current_a: evse.minCurrentA,
    max_current_a: evse.maxCurrentA,
    ...(evse.currentStepA !== undefined && { current_step_a: evse.currentStepA }),
    fallback_current_a: evse.fallbackCurrentA,
    ...(evse.discovered === true && { discovered: true }),
  }
}

/** What the power of an EVSE says about its kind, where nothing else is stated. */
export function impliedCurrentType(maxPowerKw: number): 'AC' | 'DC' {
  return maxPowerKw <= LARGEST_AC_KW ? 'AC' : 'DC'
}

const NAME_PLATE_A = 0.3

/**
 * A per phase, rounded up to whole amperes: 22 kW and 7.4 kW are both the name plate of a 32 A
 * charger, so up to 0.3 A are taken for rounding. It leaves room for the smallest current of any car, however little power there is.
 */
export function impliedMaxCurrentA(maxPowerKw: number, phases: 1 | 3): number {
  const impliedA = (maxPowerKw * 1000) / (NOMINAL_VOLTAGE_V * phases)
  return Math.max(MIN_CURRENT_A, Math.ceil(impliedA - NAME_PLATE_A))
}
