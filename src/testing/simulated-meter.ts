import { scalePhases, sumPhases } from '../core/phases.js'
import type { PhaseA } from '../core/phases.js'
import type { Clock, FieldEvent } from '../ports.js'
import { NOMINAL_VOLTAGE_V } from './charging-profiles.js'
import type { FieldDevice } from './memory-field-devices.js'

/**
 * `silent`: requests are never answered. `failing`: each request fails at once. `frozen`: the last
 * values come again and again.
 */
export type MeterMode = 'live' | 'silent' | 'failing' | 'frozen'

export interface SimulatedMeter extends FieldDevice {
  readonly id: string
  /** What flows through it now, whatever it says. */
  currentA(): PhaseA
  mode(): MeterMode
  setMode(mode: MeterMode): void
}

type Reading = Omit<Extract<FieldEvent, { type: 'meterRead' }>['reading'], 'atMs'>

export function simulatedMeter(options: {
  readonly id: string
  readonly clock: Clock
  /** What flows through it. */
  readonly currentA: () => PhaseA
  /** It states the mean of so many polls; default 1. */
  readonly averagedOverPolls?: number
}): SimulatedMeter {
  const { id, clock, currentA, averagedOverPolls = 1 } = options
  let mode: MeterMode = 'live'
  let energyWh = 0
  let polledAtMs = clock.monotonic()
  let last: Reading | undefined
  let recent: readonly PhaseA[] = []

  return {
    id,
    currentA,
    mode: () => mode,
    setMode(newMode) {
      mode = newMode
    },
    poll(atMs) {
      const elapsedMs = atMs - polledAtMs
      polledAtMs = atMs
      const flowingA = currentA()
      recent = [...recent, flowingA].slice(-averagedOverPolls)
      energyWh += (sumPhases(flowingA) * NOMINAL_VOLTAGE_V * elapsedMs) / 3_600_000
      if (mode === 'silent') return undefined
      if (mode === 'failing') {
        return { type: 'meterFailed', meterId: id, problem: 'simulated: no valid answer' }
      }
      if (mode === 'live' || last === undefined) last = measured()
      return { type: 'meterRead', reading: { ...last, atMs } }
    },
  }

  function measured(): Reading {
    let sumA: PhaseA = [0, 0, 0]
    for (const each of recent) sumA = [sumA[0] + each[0], sumA[1] + each[1], sumA[2] + each[2]]
    const meanA = scalePhases(sumA, 1 / recent.length)
    return {
      meterId: id,
      currentA: [hundredths(meanA[0]), hundredths(meanA[1]), hundredths(meanA[2])],
      powerW: Math.round(sumPhases(meanA) * NOMINAL_VOLTAGE_V),
      energyWh: Math.floor(energyWh),
    }
  }
}

function hundredths(currentA: number): number {
  return Math.round(currentA * 100) / 100
}
