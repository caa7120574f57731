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
  /** Current reported without a phase, only when none is reported per phase. */
  readonly currentTotalA: number | undefined
  /** Active power of all phases. */
  readonly powerW: number | undefined
  /** The import register. */
  readonly energyWh: number | undefined
  /** Mean of the phases to neutral, or what is reported without a phase (DC: the battery's). */
  readonly voltageV: number | undefined
  /** State of charge of the vehicle, percent. */
  readonly soc: number | undefined
  /** Current offered to the vehicle, A per phase: the highest of the phases. */
  readonly offeredA: number | undefined
  /** Values that could not be read and were passed over. */
  readonly refused: number
}

/** Reads `meterValue` of MeterValues or `transactionData` of StopTransaction. Never throws. */
export function interpretMeterValues(meterValue: unknown): Sample {
  const readings = noReadings()
  for (const element of oldestFirst(listOf(meterValue), readings)) {
    for (const sampled of listOf(element['sampledValue'])) take(sampled, readings)
  }
  const { current, power, energy, voltage, soc, offered } = readings
  const reportedA = phasesOf(current)
  const totalA = current.values[0]
  return {
    atMs: readings.atMs,
    currentA: reportedA ?? (totalA === undefined ? fromPower(power, voltage) : undefined),
    currentTotalA: reportedA ? undefined : totalA,
    powerW: power.values[0] ?? sum(phaseValues(power)),
    energyWh: energy.values[0] ?? sum(phaseValues(energy)),
    voltageV: mean(phaseValues(voltage)) ?? voltage.values[0],
    soc: soc.values[0],
    offeredA: offered.values[0] ?? highest(phaseValues(offered)),
    refused: readings.refused,
  }
}

type Values = Record<Slot, number | undefined>

interface Quantity {
  readonly values: Values
  /** Whether the value there is of the outlet, which outranks the grid's side. */
  readonly atOutlet: Record<Slot, boolean>
}

interface Readings extends Readonly<Record<QuantityName, Quantity>> {
  atMs: number | undefined
  refused: number
}

type Element = Readonly<Record<string, unknown>>

function noReadings(): Readings {
  return {
    current: unread(),
    power: unread(),
    energy: unread(),
    voltage: unread(),
    soc: unread(),
    offered: unread(),
    atMs: undefined,
    refused: 0,
  }
}

function unread(): Quantity {
  return {
    values: { 0: undefined, 1: undefined, 2: undefined, 3: undefined },
    atOutlet: { 0: false, 1: false, 2: false, 3: false },
  }
}

/** In order of time, so that a newer value replaces an older one. One without a time keeps its place. */
function oldestFirst(elements: readonly unknown[], readings: Readings): readonly Element[] {
  const timed: { readonly element: Element; readonly orderMs: number }[] = []
  let orderMs = Number.MIN_SAFE_INTEGER
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
  return timed.map(({ element }) => element)
}

function take(sampled: unknown, readings: Readings): void {
  const read = isRecord(sampled) ? readSampledValue(sampled) : 'refused'
  if (read === undefined) return
  if (read === 'refused') {
    readings.refused += 1
    return
  }
  const quantity = readings[read.quantity]
  if (quantity.atOutlet[read.slot] && !read.atOutlet) return
  quantity.values[read.slot] = read.value
  quantity.atOutlet[read.slot] = read.atOutlet
}

/** Some firmware drops the brackets around a single element. */
function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return value === undefined || value === null ? [] : [value]
}

function phasesOf({ values }: Quantity): PhaseCurrents | undefined {
  if (values[1] === undefined && values[2] === undefined && values[3] === undefined)
    return undefined
  return { l1: values[1], l2: values[2], l3: values[3] }
}

const NOMINAL_V = 230

/** Takes the power factor as 1. */
function fromPower(power: Quantity, voltage: Quantity): PhaseCurrents | undefined {
  const powers = phasesOf(power)
  if (!powers) return undefined
  const currentA = (powerW: number | undefined, phaseV: number | undefined) => {
    const volts = phaseV ?? voltage.values[0]
    // A voltage between two phases, of a DC side or of a dead input would falsify the current.
    const isMains = volts !== undefined && volts >= 180 && volts <= 280
    return powerW === undefined ? undefined : powerW / (isMains ? volts : NOMINAL_V)
  }
  return {
    l1: currentA(powers.l1, voltage.values[1]),
    l2: currentA(powers.l2, voltage.values[2]),
    l3: currentA(powers.l3, voltage.values[3]),
  }
}

function phaseValues({ values }: Quantity): readonly number[] {
  return [values[1], values[2], values[3]].filter((value) => value !== undefined)
}

function sum(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b)
}

function mean(values: readonly number[]): number | undefined {
  const total = sum(values)
  return total === undefined ? undefined : total / values.length
}

function highest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}
