/** Meter values of OCPP 1.6 as one sample in domain units: the newest value of each quantity. */
import { isRecord } from './fields.js'
import { readSampledValue, type QuantityName, type Slot } from './sampled-value.js'
import { parseTime } from './time.js'

/** Amperes on the charge point's own phases; undefined where it says nothing. */
export interface PhaseCurrents {
  readonly l1: number | undefined
  readonly l2: number | undefined
  readonly l3: number | undefined
}

/** Undefined is unknown; import is positive. */
export interface Sample {
  /** The charge point's own timestamp of its newest element, ms since the epoch. */
  readonly atMs: number | undefined
  /** Current drawn per phase; computed from power per phase when no current is reported at all. */
  readonly currentA: PhaseCurrents | undefined
  /** Current reported without a phase, only when none as new is reported per phase. */
  readonly currentTotalA: number | undefined
  /** Active power of all phases; computed from current and voltage when none is reported. */
  readonly powerW: number | undefined
  /** The import register. */
  readonly energyWh: number | undefined
  /** Mean of the phases to neutral, or what is reported without a phase (DC: the battery's). */
  readonly voltageV: number | undefined
  /** State of charge of the vehicle, percent. */
  readonly soc: number | undefined
  /** Current offered to the vehicle, A per phase: the highest of the phases. */
  readonly offeredA: number | undefined
  /** Power offered to the vehicle over all phases. */
  readonly offeredW: number | undefined
  /** Values that could not be read and were passed over. */
  readonly refused: number
}

/** Reads `meterValue` of MeterValues or `transactionData` of StopTransaction. Never throws. */
export function interpretMeterValues(meterValue: unknown): Sample {
  const readings = noReadings()
  for (const { element, orderMs } of oldestFirst(listOf(meterValue), readings)) {
    for (const sampled of listOf(element['sampledValue'])) take(sampled, orderMs, readings)
  }
  dropOld(readings)
  const { current, power, energy, voltage, soc, offered, powerOffered } = readings
  const reportedA = isTotalNewer(current) ? undefined : phasesOf(current)
  const totalA = current.values[0]
  return {
    atMs: readings.atMs,
    currentA: reportedA ?? (totalA === undefined ? fromPower(readings) : undefined),
    currentTotalA: reportedA ? undefined : totalA,
    powerW: total(power) ?? fromCurrent(readings, reportedA),
    energyWh: total(energy),
    voltageV: mean(phaseValues(voltage)) ?? voltage.values[0],
    soc: soc.values[0],
    offeredA: offered.values[0] ?? highest(phaseValues(offered)),
    offeredW: total(powerOffered),
    refused: readings.refused,
  }
}

interface Quantity {
  readonly values: Record<Slot, number | undefined>
  /** When, as far as that is told. */
  readonly orderMs: Record<Slot, number>
  /** Whether the value there is of the outlet, which outranks the grid's side. */
  readonly atOutlet: Record<Slot, boolean>
}

interface Readings extends Readonly<Record<QuantityName, Quantity>> {
  atMs: number | undefined
  refused: number
}

interface TimedElement {
  readonly element: Readonly<Record<string, unknown>>
  readonly orderMs: number
}

const SLOTS = [0, 1, 2, 3] as const
/** Before every time: of elements that say none. */
const UNTIMED_MS = Number.MIN_SAFE_INTEGER
/** What flowed so long before the newest element says nothing of now. */
const OLD_MS = 60_000
const OF_AN_INSTANT = ['current', 'power', 'voltage', 'offered', 'powerOffered'] as const

function noReadings(): Readings {
  return {
    current: unread(),
    power: unread(),
    energy: unread(),
    voltage: unread(),
    soc: unread(),
    offered: unread(),
    powerOffered: unread(),
    powerFactor: unread(),
    atMs: undefined,
    refused: 0,
  }
}

function unread(): Quantity {
  return {
    values: { 0: undefined, 1: undefined, 2: undefined, 3: undefined },
    orderMs: { 0: UNTIMED_MS, 1: UNTIMED_MS, 2: UNTIMED_MS, 3: UNTIMED_MS },
    atOutlet: { 0: false, 1: false, 2: false, 3: false },
  }
}

/** In order of time, so that a newer value replaces an older one. One without a time keeps its place. */
function oldestFirst(elements: readonly unknown[], readings: Readings): readonly TimedElement[] {
  const timed: TimedElement[] = []
  let orderMs = UNTIMED_MS
  let isSorted = true
  for (const element of elements) {
    if (!isRecord(element)) {
      readings.refused += 1
      continue
    }
    const timestamp = element['timestamp']
    const atMs = typeof timestamp === 'string' ? parseTime(timestamp) : undefined
    if (atMs !== undefined) {
      readings.atMs = Math.max(readings.atMs ?? atMs, atMs)
      if (atMs < orderMs) isSorted = false
      orderMs = atMs
    }
    timed.push({ element, orderMs })
  }
  if (!isSorted) timed.sort((a, b) => a.orderMs - b.orderMs)
  return timed
}

function take(sampled: unknown, orderMs: number, readings: Readings): void {
  const read = isRecord(sampled) ? readSampledValue(sampled) : 'refused'
  if (read === undefined) return
  if (read === 'refused') {
    readings.refused += 1
    return
  }
  const quantity = readings[read.quantity]
  const { slot } = read
  if (quantity.atOutlet[slot] && !read.atOutlet) return
  const isThere = quantity.values[slot] !== undefined && quantity.orderMs[slot] === orderMs
  if (read.isOfStart && isThere) return
  quantity.values[slot] = read.value
  quantity.orderMs[slot] = orderMs
  quantity.atOutlet[slot] = read.atOutlet
}

/** A register keeps its value, a current does not. */
function dropOld(readings: Readings): void {
  const { atMs } = readings
  if (atMs === undefined) return
  for (const name of OF_AN_INSTANT) {
    const { values, orderMs } = readings[name]
    for (const slot of SLOTS) {
      const isTimed = orderMs[slot] !== UNTIMED_MS
      if (isTimed && atMs - orderMs[slot] > OLD_MS) values[slot] = undefined
    }
  }
}

/** Some firmware drops the brackets around a single element. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}

function isTotalNewer({ values, orderMs }: Quantity): boolean {
  if (values[0] === undefined) return false
  return orderMs[0] > Math.max(orderMs[1], orderMs[2], orderMs[3])
}

/** Of all phases, as said or as the sum of what is said of each; the newer of the two. */
function total(quantity: Quantity): number | undefined {
  const { values, orderMs } = quantity
  const ofPhases = sum(phaseValues(quantity))
  const phasesAtMs = Math.max(orderMs[1], orderMs[2], orderMs[3])
  if (ofPhases !== undefined && phasesAtMs > orderMs[0]) return ofPhases
  return values[0] ?? ofPhases
}

function phasesOf({ values }: Quantity): PhaseCurrents | undefined {
  if (values[1] === undefined && values[2] === undefined && values[3] === undefined)
    return undefined
  return { l1: values[1], l2: values[2], l3: values[3] }
}

const NOMINAL_V = 230
/** A factor below this is one of a load that takes next to nothing. */
const LEAST_FACTOR = 0.5

/** Where no power factor is reported it is taken as 1. */
function fromPower({ power, voltage, powerFactor }: Readings): PhaseCurrents | undefined {
  const powers = isTotalNewer(power) ? undefined : phasesOf(power)
  if (!powers) return undefined
  const currentA = (powerW: number | undefined, slot: 1 | 2 | 3): number | undefined => {
    if (powerW === undefined) return undefined
    const volts = voltage.values[slot] ?? voltage.values[0]
    const factor = Math.abs(powerFactor.values[slot] ?? powerFactor.values[0] ?? 1)
    const perAmpere = isMains(volts) ? volts : NOMINAL_V
    return powerW / (perAmpere * (factor < LEAST_FACTOR ? 1 : factor))
  }
  return { l1: currentA(powers.l1, 1), l2: currentA(powers.l2, 2), l3: currentA(powers.l3, 3) }
}

/** A voltage between two phases, of a DC side or of a dead input would falsify the current. */
function isMains(volts: number | undefined): volts is number {
  return volts !== undefined && volts >= 180 && volts <= 280
}

/** Only with a voltage that was measured; of one current without a phase only where that is DC. */
function fromCurrent(
  { current, voltage, powerFactor }: Readings,
  reportedA: PhaseCurrents | undefined,
): number | undefined {
  const [ofAllV, totalA] = [voltage.values[0], current.values[0]]
  if (!reportedA) {
    const isDirect = ofAllV !== undefined && ofAllV > 280
    return isDirect && totalA !== undefined ? ofAllV * totalA : undefined
  }
  const powers = ([1, 2, 3] as const).map((slot) => {
    const volts = voltage.values[slot] ?? ofAllV
    const factor = Math.abs(powerFactor.values[slot] ?? powerFactor.values[0] ?? 1)
    const phaseA = current.values[slot]
    // One that is not said may carry as much as the others.
    return phaseA !== undefined && isMains(volts) ? phaseA * volts * factor : undefined
  })
  return powers.every((powerW) => powerW !== undefined) ? sum(powers) : undefined
}

function phaseValues({ values }: Quantity): readonly number[] {
  return [values[1], values[2], values[3]].filter((value) => value !== undefined)
}

function sum(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b)
}

function mean(values: readonly number[]): number | undefined {
  const all = sum(values)
  return all === undefined ? undefined : all / values.length
}

function highest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}
