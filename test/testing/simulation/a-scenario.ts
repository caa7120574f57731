/** Small scenarios to judge the judge with. */
import type { Scenario, TimedFault } from '../../../src/testing/simulation/scenario.js'
import { depotYaml, settingsFrom } from '../../site/a-site.js'
import { gridSection, meterSection } from '../../site/a-story.js'

export interface SmallScenario {
  readonly count?: number
  /** Of the yard, A per phase. */
  readonly maxA?: number
  readonly schedule?: string
  readonly faults?: readonly TimedFault[]
  readonly limits?: Scenario['limits']
  readonly baseLoad?: Scenario['baseLoad']
  readonly minutes?: number
  readonly quietMinutes?: number
  readonly seed?: string
}

const MINUTE_MS = 60_000

/** Chargers CP001, CP002, ... with a car each that takes all it gets. */
export function aScenario(options: SmallScenario = {}): Scenario {
  const { count = 3, maxA = 60, faults = [], limits = [], minutes = 10, quietMinutes = 0 } = options
  const { baseLoad = { type: 'steps', steps: [] } } = options
  const hasLoad = baseLoad.type === 'moving' || baseLoad.steps.length > 0
  const sections = [hasLoad ? meterSection(40) : '', limits.length > 0 ? gridSection(20, 60) : '']
  const schedule = options.schedule ?? ''
  const settings = settingsFrom(depotYaml(count, { maxA, schedule, head: sections.join('') }))
  const identities = Array.from({ length: count }, (_, index) => `CP00${index + 1}`)
  const rotations = ['RST', 'STR', 'TRS'] as const
  return {
    name: 'small',
    seed: options.seed ?? 'small',
    durationMs: (minutes + quietMinutes) * MINUTE_MS,
    quietMs: quietMinutes * MINUTE_MS,
    startWallMs: 1_767_571_200_000,
    settings,
    chargers: identities.map((identity, index) => ({
      identity,
      connectors: [
        { maxCurrentA: 32, phases: 3 as const, phaseRotation: rotations[index % 3] ?? 'RST' },
      ],
    })),
    traffic: undefined,
    arrivals: identities.map((charger) => ({
      atMs: 10_000,
      charger,
      connectorId: 1,
      idTag: `CAR-${charger}`,
      ev: { maxCurrentA: 32, energyNeedWh: 80_000 },
      leavesAtMs: undefined,
    })),
    baseLoad,
    limits,
    faults,
    latencyMs: [5, 40],
  }
}
