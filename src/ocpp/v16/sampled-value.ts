/** One SampledValue of OCPP 1.6 (§7.43) as a number in base units: A, W, Wh, V, percent. */

export type QuantityName = 'current' | 'power' | 'energy' | 'voltage' | 'soc' | 'offered'

/** 0: without a phase. 1 to 3: L1 to L3. */
export type Slot = 0 | 1 | 2 | 3

export interface SampledValue {
  readonly quantity: QuantityName
  readonly slot: Slot
  readonly value: number
  /** False when taken on the grid's side of the charge point. */
  readonly atOutlet: boolean
}

/** `refused`: a quantity we use, but garbage. Undefined: nothing we use. */
export function readSampledValue(
  sampled: Readonly<Record<string, unknown>>,
): SampledValue | 'refused' | undefined {
  // Signed data is a document, not a number.
  if (sampled['format'] === 'SignedData') return undefined
  const meaning = meaningOf(sampled['measurand'])
  if (!meaning) return undefined
  const location = sampled['location']
  if ((location === 'EV' || location === 'Body') && meaning !== SOC) return undefined
  const slot = slotOf(sampled['phase'])
  if (slot === undefined) return undefined
  const scale = scaleOf(sampled['unit'], meaning)
  const number = finiteNumber(sampled['value'])
  if (scale === undefined || number === undefined) return 'refused'
  const value = number * scale
  if (value < meaning.min || value > meaning.max) return 'refused'
  const atOutlet = location !== 'Inlet' && location !== 'Cable'
  return { quantity: meaning.quantity, slot, value, atOutlet }
}

interface Meaning {
  readonly quantity: QuantityName
  /** Factor by unit, folded to lower case. */
  readonly scales: ReadonlyMap<string, number>
  /** Beyond these a value is a fault of the meter or its wiring, in base units. */
  readonly min: number
  readonly max: number
}

const AMPERES: ReadonlyMap<string, number> = new Map([['a', 1]])
const WATTS: ReadonlyMap<string, number> = new Map([
  ['w', 1],
  ['kw', 1000],
])
const WATT_HOURS: ReadonlyMap<string, number> = new Map([
  ['wh', 1],
  ['kwh', 1000],
])
const VOLTS: ReadonlyMap<string, number> = new Map([['v', 1]])
const PERCENT: ReadonlyMap<string, number> = new Map([
  ['percent', 1],
  ['%', 1],
])

const CURRENT: Meaning = { quantity: 'current', scales: AMPERES, min: -10_000, max: 10_000 }
const OFFERED: Meaning = { quantity: 'offered', scales: AMPERES, min: 0, max: 10_000 }
const POWER: Meaning = { quantity: 'power', scales: WATTS, min: -1e7, max: 1e7 }
const ENERGY: Meaning = { quantity: 'energy', scales: WATT_HOURS, min: 0, max: 1e13 }
const VOLTAGE: Meaning = { quantity: 'voltage', scales: VOLTS, min: 0, max: 2000 }
const SOC: Meaning = { quantity: 'soc', scales: PERCENT, min: 0, max: 100 }

function meaningOf(measurand: unknown): Meaning | undefined {
  switch (measurand) {
    case 'Current.Import':
      return CURRENT
    case 'Power.Active.Import':
      return POWER
    case 'Voltage':
      return VOLTAGE
    case 'SoC':
      return SOC
    case 'Current.Offered':
      return OFFERED
    case 'Energy.Active.Import.Register':
    // §7.43: the default.
    case undefined:
    case null:
    case '':
      return ENERGY
    default:
      return undefined
  }
}

/** Undefined for neutral and for values between two phases. */
function slotOf(phase: unknown): Slot | undefined {
  switch (phase) {
    case undefined:
    case null:
    case '':
      return 0
    case 'L1':
    case 'L1-N':
      return 1
    case 'L2':
    case 'L2-N':
      return 2
    case 'L3':
    case 'L3-N':
      return 3
    default:
      return undefined
  }
}

function scaleOf(unit: unknown, meaning: Meaning): number | undefined {
  if (unit === undefined || unit === null || unit === '') return 1
  return typeof unit === 'string' ? meaning.scales.get(unit.toLowerCase()) : undefined
}

const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/

/** The standard asks for a text; numbers occur. Number('') would be 0, so the form is checked. */
function finiteNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
