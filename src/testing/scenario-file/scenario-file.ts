/** A scenario file that is right: scenarios for any seed, and what their runs must show. */
import type { RandomFaultOptions } from './random-faults.js'
import type { Scenario } from '../simulation/scenario.js'
import { randomFaults } from './random-faults.js'
import { seededRandom } from '../random.js'

export interface ScenarioFile {
  readonly fileName: string
  /** With the faults that are stated; random ones are added for each seed. */
  readonly base: Scenario
  readonly randomFaults: Omit<RandomFaultOptions, 'untilMs' | 'chargers'> | undefined
  readonly expectations: readonly Expectation[]
}

export interface Expectation {
  readonly line: number
  readonly column: number
  /** Ms since the start; `atMs` alone, or a span that ends with the run when `toMs` is undefined. */
  readonly when:
    | { readonly type: 'at'; readonly atMs: number }
    | { readonly type: 'span'; readonly fromMs: number; readonly toMs: number | undefined }
  readonly charger: string | undefined
  readonly connectorId: number
  readonly nodeId: string | undefined
  readonly claims: readonly Claim[]
}

export type Claim =
  | { readonly type: 'offer'; readonly minA: number; readonly maxA: number }
  | { readonly type: 'draw'; readonly minA: number; readonly maxA: number }
  | { readonly type: 'reason'; readonly words: string }
  | { readonly type: 'connected'; readonly connected: boolean }
  | { readonly type: 'transaction'; readonly runs: boolean }
  | { readonly type: 'status'; readonly status: string }
  | { readonly type: 'node'; readonly minA: number; readonly maxA: number }
  | { readonly type: 'charged'; readonly minWh: number }
  | { readonly type: 'residual'; readonly maxAmpereSeconds: number }
  | { readonly type: 'transactions'; readonly min: number }

export interface ScenarioOverrides {
  readonly seed?: string
  readonly durationMs?: number
}

/** What is later than the end of the run is left out. */
export function scenarioOf(file: ScenarioFile, overrides: ScenarioOverrides = {}): Scenario {
  const { base } = file
  const { seed = base.seed, durationMs = base.durationMs } = overrides
  const quietMs = Math.min(base.quietMs, durationMs)
  const random =
    file.randomFaults &&
    randomFaults(seededRandom(`${seed}/random faults`), {
      ...file.randomFaults,
      untilMs: durationMs - quietMs,
      chargers: base.chargers.map(({ identity }) => identity),
    })
  return {
    ...base,
    seed,
    durationMs,
    quietMs,
    arrivals: base.arrivals.filter(({ atMs }) => atMs < durationMs),
    limits: base.limits.filter(({ atMs }) => atMs < durationMs),
    faults: [...base.faults, ...(random ?? [])]
      .filter(({ atMs }) => atMs < durationMs)
      .toSorted((a, b) => a.atMs - b.atMs),
  }
}
