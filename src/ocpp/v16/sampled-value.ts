/** One SampledValue of OCPP 1.6 (§7.43) as a number in base units: A, W, Wh, V, percent. */

export type QuantityName =
  | 'current'
  | 'power'
  | 'energy'
  | 'voltage'
  | 'soc'
  | 'offered'
  | 'powerOffered'
  | 'powerFactor'

/** 0: without a phase. 1 to 3: L1 to L3. */
export type Slot = 0 | 1 | 2 | 3

export interface SampledValue {
  readonly quantity: QuantityName
  readonly slot: Slot
  readonly value: number
  /** False when taken on the grid's side of the charge point. */
  readonly atOutlet: boolean
  /** Of the start of a transaction: nothing else of the same time is older. */
  readonly isOfStart: boolean
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
  const isOfStart = sampled['context'] === 'Transaction.Begin'
  return { quantity: meaning.quantity, slot, value, atOutlet, isOfStart }
}

interface Meaning {
  readonly quantity: QuantityName
  /** Factor by unit, folded to lower case. */
  readonly scales: ReadonlyMap<string, number>
  /** Beyond these a value is a fault of the meter or its wiring, in base units. */
  readonly min: number
  readonly max: number
}

const AMPERES: ReadonlyMap<string, number> = new Map([
  ['a', 1],
  // OCPP 1.5 wrote them out.
  ['amp', 1],
])
const WATTS: ReadonlyMap<string, number> = new Map([
  ['w', 1],
  ['kw', 1000],
])
const WATT_HOURS: ReadonlyMap<string, number> = new Map([
  ['wh', 1],
  ['kwh', 1000],
])
const VOLTS: ReadonlyMap<string, number> = new Map([
  ['v', 1],
  ['volt', 1],
])
/** Some write a unit that the figure is not in; there is no other than percent. */
const PERCENT: ReadonlyMap<string, number> = new Map([
  ['percent', 1],
  ['%', 1],
  ['v', 1],
])
const NO_UNIT: ReadonlyMap<string, number> = new Map()

const CURRENT: Meaning = { quantity: 'current', scales: AMPERES, min: -10_000, max: 10_000 }
const OFFERED: Meaning = { quantity: 'offered', scales: AMPERES, min: 0, max: 10_000 }
const POWER_OFFERED: Meaning = { quantity: 'powerOffered', scales: WATTS, min: 0, max: 1e7 }
const POWER: Meaning = { quantity: 'power', scales: WATTS, min: -1e7, max: 1e7 }
const ENERGY: Meaning = { quantity: 'energy', scales: WATT_HOURS, min: 0, max: 1e13 }
const VOLTAGE: Meaning = { quantity: 'voltage', scales: VOLTS, min: 0, max: 2000 }
const SOC: Meaning = { quantity: 'soc', scales: PERCENT, min: 0, max: 100 }
const POWER_FACTOR: Meaning = { quantity: 'powerFactor', scales: NO_UNIT, min: -1, max: 1 }

/**
 * What the controller uses. Others (reactive power, temperature, frequency, intervals of energy) are
 * passed over: an interval that were taken for a register would be billed.
 */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['current.import', CURRENT],
  ['power.active.import', POWER],
  ['voltage', VOLTAGE],
  ['soc', SOC],
  ['current.offered', OFFERED],
  ['power.offered', POWER_OFFERED],
  ['power.factor', POWER_FACTOR],
  ['energy.active.import.register', ENERGY],
])
const LONGEST_MEASURAND = 40

function meaningOf(measurand: unknown): Meaning | undefined {
  // §7.43: the default.
  if (measurand === undefined || measurand === null || measurand === '') return ENERGY
  if (typeof measurand !== 'string' || measurand.length > LONGEST_MEASURAND) return undefined
  return MEANINGS.get(measurand.toLowerCase())
}

const SLOTS: ReadonlyMap<unknown, Slot> = new Map<unknown, Slot>([
  [undefined, 0],
  [null, 0],
  ['', 0],
  ['L1', 1],
  ['L1-N', 1],
  ['L2', 2],
  ['L2-N', 2],
  ['L3', 3],
  ['L3-N', 3],
])

/** Undefined for neutral and for values between two phases. */
function slotOf(phase: unknown): Slot | undefined {
  return (
    SLOTS.get(phase) ?? (typeof phase === 'string' ? SLOTS.get(phase.toUpperCase()) : undefined)
  )
}

function scaleOf(unit: unknown, meaning: Meaning): number | undefined {
  if (unit === undefined || unit === null || unit === '') return 1
  return typeof unit === 'string' ? meaning.scales.get(unit.toLowerCase()) : undefined
}

/** Each digit has one place in it: a long text that is no figure is passed over in one go. */
const DECIMAL = /^\s*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*$/
/** `1,5` is one and a half. `1,500` may as well be a thousand and more: that is no figure at all. */
const DECIMAL_COMMA = /^\s*[+-]?(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))\s*$/

/** The standard asks for a text; numbers occur. Number('') would be 0, so the form is checked. */
function finiteNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' ? numberIn(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function numberIn(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text)
  return DECIMAL_COMMA.test(text) ? Number(text.replace(',', '.')) : undefined
}
