/**
 * A site meter whose registers are read as those of a real one: what flows becomes words, and the
 * controller's own decoding makes a reading of them, or does not.
 */
import type { MeterSettings, RegisterSettings } from '../config/settings.js'
import { scalePhases, sumPhases } from '../core/phases.js'
import type { PhaseA } from '../core/phases.js'
import { JOINED, planBlocks } from '../modbus/blocks.js'
import { decodeMeter } from '../modbus/meter-decoder.js'
import type { DecodedMeter } from '../modbus/meter-decoder.js'
import type { Clock, FieldEvent } from '../ports.js'
import { NOMINAL_VOLTAGE_V } from './charging-profiles.js'
import { answered } from './device-registers.js'
import type { DevicePoint, Garbling } from './device-registers.js'
import type { FieldDevice } from './memory-field-devices.js'
import { seededRandom } from './random.js'
import type { Random } from './random.js'

/**
 * `silent`: requests are never answered. `failing`: each request fails at once. `frozen`: the last
 * values come again and again. `delayed`: each value comes late. `stale`: a gateway before it
 * asks it once a minute and repeats that. `signFlipped`: import is export; `phaseFlipped`: on one
 * phase. `notANumber`, `wordsSwapped`: of all registers; `phaseNotANumber`: of one phase. `jumping`:
 * every now and then a value is absurd. `phaseLost`: one phase says 0, whatever flows. `tenth`,
 * `tenfold`: the scale is wrong.
 */
export type MeterMode = (typeof METER_MODES)[number]

/** Readings that are not what flows. */
export const LYING_MODES = [
  'delayed',
  'stale',
  'signFlipped',
  'phaseFlipped',
  'notANumber',
  'phaseNotANumber',
  'wordsSwapped',
  'jumping',
  'phaseLost',
  'tenth',
  'tenfold',
] as const

export const METER_MODES = ['live', 'silent', 'failing', 'frozen', ...LYING_MODES] as const

export interface SimulatedMeter extends FieldDevice {
  readonly id: string
  /** What flows through it now, whatever it says. */
  currentA(): PhaseA
  mode(): MeterMode
  /** `delayMs`: how late in `delayed`, up to a minute; default 10 s. */
  setMode(mode: MeterMode, options?: { readonly delayMs?: number | undefined }): void
}

export type MeterRegisters = MeterSettings['registers']

interface Measured {
  readonly atMs: number
  readonly currentA: PhaseA
  readonly energyWh: number
}

interface Readable {
  readonly points: readonly DevicePoint[]
  readonly decoded: DecodedMeter
}

const DELAY_MS = 10_000
export const LONGEST_DELAY_MS = 60_000
const GATEWAY_ASKS_EACH_MS = 60_000
const JUMPS = 0.1
const JUMP_A = 1000

export function simulatedMeter(options: {
  readonly id: string
  readonly clock: Clock
  /** What flows through it. */
  readonly currentA: () => PhaseA
  /** It states the mean of so many polls; default 1. */
  readonly averagedOverPolls?: number
  /** As in the settings of the depot. Default: all quantities, without a loss of digits. */
  readonly registers?: MeterRegisters
  /** Default: seeded with its id. */
  readonly random?: Random
}): SimulatedMeter {
  const { id, clock, currentA, averagedOverPolls = 1, registers = EXACT_REGISTERS } = options
  const { random = seededRandom(id) } = options
  const { powerW: powerRegister, energyWh: energyRegister } = registers
  const others = [powerRegister, energyRegister].filter((register) => register !== undefined)
  const blocks = planBlocks([registers.currentA, others], JOINED)
  let mode: MeterMode = 'live'
  let faultyPhase = 0
  let delayMs = DELAY_MS
  let energyWh = 0
  let polledAtMs = clock.monotonic()
  let recent: readonly PhaseA[] = []
  /** Of the last minute, oldest first. */
  const measured: Measured[] = []
  let shown: Measured | undefined
  let readable: Readable | undefined

  return {
    id,
    currentA,
    mode: () => mode,
    setMode(newMode, { delayMs: wantedMs = DELAY_MS } = {}) {
      mode = newMode
      delayMs = Math.min(wantedMs, LONGEST_DELAY_MS)
      faultyPhase = random.integer(0, 2)
    },
    poll(atMs) {
      const now = measure(atMs)
      if (mode === 'silent') return undefined
      if (mode === 'failing') return failed('simulated: no valid answer')
      shown = chosen(now)
      return answer(shown, atMs)
    },
  }

  function measure(atMs: number): Measured {
    const elapsedMs = atMs - polledAtMs
    polledAtMs = atMs
    const flowingA = currentA()
    recent = [...recent, flowingA].slice(-averagedOverPolls)
    energyWh += (Math.max(0, sumPhases(flowingA)) * NOMINAL_VOLTAGE_V * elapsedMs) / 3_600_000
    const now = { atMs, currentA: meanOf(recent), energyWh }
    measured.push(now)
    while (measured[1] && measured[1].atMs <= atMs - LONGEST_DELAY_MS) measured.shift()
    return now
  }

  function chosen(now: Measured): Measured {
    if (mode === 'delayed') {
      const late = measured.findLast(({ atMs }) => atMs <= now.atMs - delayMs)
      return late ?? measured[0] ?? now
    }
    if (!shown) return now
    if (mode === 'frozen') return shown
    if (mode === 'stale') return now.atMs - shown.atMs >= GATEWAY_ASKS_EACH_MS ? now : shown
    return now
  }

  function answer(values: Measured, atMs: number): FieldEvent {
    const saidA = said(values.currentA)
    const [l1, l2, l3] = registers.currentA
    const points: DevicePoint[] = [
      { garbling: garblingOf(0), register: l1, value: hundredths(saidA[0]) },
      { garbling: garblingOf(1), register: l2, value: hundredths(saidA[1]) },
      { garbling: garblingOf(2), register: l3, value: hundredths(saidA[2]) },
    ]
    if (powerRegister) {
      const powerW = Math.round(sumPhases(saidA) * NOMINAL_VOLTAGE_V)
      points.push({ garbling: garbling(), register: powerRegister, value: powerW })
    }
    if (energyRegister) {
      points.push({
        garbling: garbling(),
        register: energyRegister,
        value: Math.floor(values.energyWh),
      })
    }
    const decoded = read(points)
    if (!decoded.ok) return failed(`simulated ${id}, ${decoded.problem}`)
    return { type: 'meterRead', reading: { meterId: id, atMs, ...decoded.values } }
  }

  /** At night nothing changes for hours: what was read last is remembered. */
  function read(points: readonly DevicePoint[]): DecodedMeter {
    const isSame = points.every(({ value, garbling: how }, index) => {
      const before = readable?.points[index]
      return before?.value === value && before.garbling === how
    })
    if (readable && isSame) return readable.decoded
    const decoded = decodeMeter(registers, answered(blocks, points))
    readable = { points, decoded }
    return decoded
  }

  function said(trueA: PhaseA): PhaseA {
    if (mode === 'signFlipped') return scalePhases(trueA, -1)
    if (mode === 'tenth') return scalePhases(trueA, 0.1)
    if (mode === 'tenfold') return scalePhases(trueA, 10)
    if (mode === 'phaseLost') return withPhase(trueA, faultyPhase, 0)
    if (mode === 'phaseFlipped') {
      return withPhase(trueA, faultyPhase, -(trueA[faultyPhase] ?? 0))
    }
    if (mode === 'jumping' && random.chance(JUMPS)) {
      return withPhase(trueA, random.integer(0, 2), random.between(-JUMP_A, JUMP_A))
    }
    return trueA
  }

  function garblingOf(phase: number): Garbling {
    if (mode === 'phaseNotANumber') return phase === faultyPhase ? 'notANumber' : 'none'
    return garbling()
  }

  function garbling(): Garbling {
    return mode === 'notANumber' || mode === 'wordsSwapped' ? mode : 'none'
  }

  function failed(problem: string): FieldEvent {
    return { type: 'meterFailed', meterId: id, problem }
  }
}

const EXACT_REGISTERS: MeterRegisters = {
  currentA: [exactAt(0), exactAt(4), exactAt(8)],
  powerW: exactAt(12),
  energyWh: exactAt(16),
}

function exactAt(address: number): RegisterSettings {
  return { address, functionCode: 4, type: 'float64', wordOrder: 'big', scale: 1 }
}

function withPhase([l1, l2, l3]: PhaseA, phase: number, currentA: number): PhaseA {
  return [phase === 0 ? currentA : l1, phase === 1 ? currentA : l2, phase === 2 ? currentA : l3]
}

function meanOf(several: readonly PhaseA[]): PhaseA {
  let sumA: PhaseA = [0, 0, 0]
  for (const each of several) sumA = [sumA[0] + each[0], sumA[1] + each[1], sumA[2] + each[2]]
  return scalePhases(sumA, 1 / several.length)
}

function hundredths(currentA: number): number {
  return Math.round(currentA * 100) / 100
}
