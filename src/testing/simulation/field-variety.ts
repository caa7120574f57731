/**
 * Meters and sources of a limit as they are found: registers of all types, a limit in W, a roof that
 * feeds in, readings that are wrong. From a stream of its own, for a part of the seeds.
 */
import type { LimitSourceSettings, MeterSettings, RegisterSettings } from '../../config/settings.js'
import type { Random } from '../random.js'
import { lyingMeter } from '../scenario-file/random-faults.js'
import type { Fault, Scenario, TimedFault } from './scenario.js'

const SHARE = 0.35
const VOLTAGE_V = 230
const PHASES = 3
const WARM_UP_MS = 90_000

export function withFieldVariety(
  random: Random,
  scenario: Scenario,
  { worstA, withoutFaults }: { readonly worstA: number; readonly withoutFaults: boolean },
): Scenario {
  if (!random.chance(SHARE)) return scenario
  const { settings, baseLoad } = scenario
  const doesExport = random.chance(0.4)
  const varied: Scenario = {
    ...scenario,
    settings: {
      ...settings,
      meters: settings.meters.map((meter) => variedMeter(random, meter, doesExport)),
      limitSources: settings.limitSources.map((source) => variedSource(random, source)),
    },
    baseLoad:
      doesExport && baseLoad.type === 'moving'
        ? { ...baseLoad, lowA: -worstA * random.between(0.2, 3) }
        : baseLoad,
  }
  if (withoutFaults) return varied
  const lies = [
    ...meterLies(random, varied),
    ...sourceLies(random, varied),
    ...brokerSilences(random, varied),
  ]
  return { ...varied, faults: [...varied.faults, ...lies].toSorted((a, b) => a.atMs - b.atMs) }
}

function variedMeter(random: Random, meter: MeterSettings, doesExport: boolean): MeterSettings {
  const at = registerOf(random, 'A')
  return {
    ...meter,
    exports: doesExport || random.chance(0.4),
    registers: { ...meter.registers, currentA: [at(0), at(4), at(8)] },
  }
}

function variedSource(random: Random, source: LimitSourceSettings): LimitSourceSettings {
  const unit = random.pick(['A', 'W'] as const)
  const fallback = unit === 'A' ? source.fallback : source.fallback * PHASES * VOLTAGE_V
  return { ...source, unit, fallback, register: registerOf(random, unit)(100) }
}

function registerOf(random: Random, unit: 'A' | 'W'): (address: number) => RegisterSettings {
  const type = random.pick(['float32', 'float32', 'float64', 'int32'] as const)
  const wordOrder = random.pick(['big', 'big', 'little'] as const)
  const fine = unit === 'A' ? random.pick([0.01, 0.001]) : 1
  const scale = type === 'int32' ? fine : 1
  const functionCode = random.pick([3, 4] as const)
  return (address) => ({ address, functionCode, type, wordOrder, scale })
}

function meterLies(random: Random, { settings, ...plan }: Scenario): readonly TimedFault[] {
  if (settings.meters.length === 0) return []
  return episodes(random, plan, () => [lyingMeter(random), { type: 'meter', mode: 'live' }])
}

function sourceLies(random: Random, { settings, ...plan }: Scenario): readonly TimedFault[] {
  if (settings.limitSources.length === 0) return []
  const modes = ['stale', 'notANumber', 'wordsSwapped', 'silent'] as const
  return episodes(random, plan, () => [
    { type: 'limitSource', mode: random.pick(modes) },
    { type: 'limitSource', mode: 'live' },
  ])
}

function brokerSilences(random: Random, { settings, ...plan }: Scenario): readonly TimedFault[] {
  if (!settings.mqtt) return []
  return episodes(random, plan, () => [
    { type: 'brokerKeepsSilent', count: random.integer(1, 20) },
    { type: 'brokerKeepsSilent', count: 0 },
  ])
}

function episodes(
  random: Random,
  { durationMs, quietMs }: Pick<Scenario, 'durationMs' | 'quietMs'>,
  faults: () => readonly [Fault, Fault],
): readonly TimedFault[] {
  const endMs = durationMs - quietMs
  const gapMs = random.pick([60_000, 300_000, 900_000])
  const timed: TimedFault[] = []
  let atMs = WARM_UP_MS + random.integer(0, gapMs)
  while (atMs < endMs) {
    const [begins, ends] = faults()
    const healedMs = atMs + random.pick([2_000, 8_000, 25_000, 70_000, 200_000])
    timed.push({ atMs, fault: begins })
    if (healedMs < endMs) timed.push({ atMs: healedMs, fault: ends })
    atMs = healedMs + random.integer(1_000, 2 * gapMs)
  }
  return timed
}
