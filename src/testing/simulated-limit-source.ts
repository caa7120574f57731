import type { LimitSourceSettings } from '../config/settings.js'
import { decodeLimit } from '../modbus/limit-decoder.js'
import type { DecodedLimit } from '../modbus/limit-decoder.js'
import type { FieldEvent } from '../ports.js'
import { NOMINAL_VOLTAGE_V } from './charging-profiles.js'
import { shownWords } from './device-registers.js'
import type { Garbling } from './device-registers.js'
import type { FieldDevice } from './memory-field-devices.js'

export type StatedLimit = { readonly limitA: number } | { readonly limitW: number }

/**
 * `silent`: requests are never answered. `failing`: each request fails at once. `stale`: the last
 * limit comes again and again, whatever it should state. `notANumber`, `wordsSwapped`: of its
 * register.
 */
export type LimitSourceMode = (typeof LIMIT_SOURCE_MODES)[number]

export const LIMIT_SOURCE_MODES = [
  'live',
  'silent',
  'failing',
  'stale',
  'notANumber',
  'wordsSwapped',
] as const

export interface SimulatedLimitSource extends FieldDevice {
  readonly id: string
  limit(): StatedLimit
  /** From now on, whatever was planned. */
  setLimit(limit: StatedLimit): void
  isLive(): boolean
  mode(): LimitSourceMode
  setMode(mode: LimitSourceMode): void
}

export type LimitRegister = Pick<LimitSourceSettings, 'register' | 'unit'>

interface Readable {
  readonly value: number
  readonly unit: 'A' | 'W'
  readonly garbling: Garbling
  readonly decoded: DecodedLimit
}

const PHASES = 3

/** A grid operator's box that states a limit in a register, decoded as that of a real one. */
export function simulatedLimitSource(options: {
  readonly id: string
  /** What it states, asked at each poll. */
  readonly limit: () => StatedLimit
  /** As in the settings of the depot. Default: the unit it is stated in, without a loss of digits. */
  readonly register?: LimitRegister
}): SimulatedLimitSource {
  const { id, register } = options
  let { limit } = options
  let mode: LimitSourceMode = 'live'
  let shown: StatedLimit | undefined
  let readable: Readable | undefined

  return {
    id,
    limit: () => limit(),
    setLimit(newLimit) {
      limit = () => newLimit
    },
    isLive: () => mode === 'live',
    mode: () => mode,
    setMode(newMode) {
      mode = newMode
    },
    poll(atMs) {
      if (mode === 'silent') return undefined
      if (mode === 'failing') return failed('simulated: no valid answer')
      if (mode !== 'stale' || !shown) shown = limit()
      const decoded = read(shown)
      if (!decoded.ok) return failed(`simulated ${id}, ${decoded.problem}`)
      return { type: 'limitRead', reading: { sourceId: id, atMs, ...decoded.values } }
    },
  }

  /** Limits change rarely: what was read of one is remembered until the next. */
  function read(stated: StatedLimit): DecodedLimit {
    const map = register ?? exact(stated)
    const value = valueIn(map.unit, stated)
    const { unit } = map
    const garbling = mode === 'notANumber' || mode === 'wordsSwapped' ? mode : 'none'
    if (readable?.value === value && readable.unit === unit && readable.garbling === garbling) {
      return readable.decoded
    }
    const words = shownWords({ garbling, register: map.register, value })
    const decoded = decodeLimit(map, words)
    readable = { value, unit, garbling, decoded }
    return decoded
  }

  function failed(problem: string): FieldEvent {
    return { type: 'limitFailed', sourceId: id, problem }
  }
}

function exact(limit: StatedLimit): LimitRegister {
  return {
    unit: 'limitA' in limit ? 'A' : 'W',
    register: { address: 0, functionCode: 3, type: 'float64', wordOrder: 'big', scale: 1 },
  }
}

function valueIn(unit: 'A' | 'W', limit: StatedLimit): number {
  const perA = NOMINAL_VOLTAGE_V * PHASES
  if ('limitA' in limit) return unit === 'A' ? limit.limitA : limit.limitA * perA
  return unit === 'W' ? limit.limitW : limit.limitW / perA
}
