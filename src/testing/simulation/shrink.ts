/**
 * Makes a failing scenario small: fewer faults, fewer cars, fewer chargers, less time, as long as the
 * same invariant breaks. Bounded, because each attempt is a run.
 */
import type { Depot } from '../../core/site/depot.js'
import type { Invariant, RunResult, Violation } from './result.js'
import { runScenario } from './run.js'
import type { Scenario } from './scenario.js'

export interface Shrunk {
  readonly scenario: Scenario
  /** What the small one breaks first. */
  readonly violation: Violation
  readonly runs: number
}

export interface ShrinkOptions {
  /** Of attempts; default 150. */
  readonly maxRuns?: number
  /** Which to keep breaking; default: what breaks first. */
  readonly invariant?: Invariant
  readonly run?: (scenario: Scenario) => Promise<RunResult>
}

/** Beyond the violation, so that the instant itself is still looked at. */
const TAIL_MS = 2_000
/** Judged only when everything has been quiet for a while. */
const AT_THE_END: ReadonlySet<Invariant> = new Set([
  'recovery',
  'bounds',
  'transactions',
  'durability',
  'uplink',
])

/** Undefined when nothing is wrong with it. */
export async function shrinkScenario(
  scenario: Scenario,
  options: ShrinkOptions = {},
): Promise<Shrunk | undefined> {
  const { maxRuns = 150 } = options
  const run = options.run ?? ((one: Scenario) => runScenario(one, { stopsAtViolation: false }))
  let runs = 0

  const breaks = async (
    candidate: Scenario,
    invariant: Invariant | undefined,
  ): Promise<Violation | undefined> => {
    runs += 1
    const { violations } = await run(candidate)
    return violations.find((one) => invariant === undefined || one.invariant === invariant)
  }

  const first = await breaks(scenario, options.invariant)
  if (!first) return undefined
  let smallest = scenario
  let violation = first
  const { invariant } = first

  const attempt = async (candidate: Scenario): Promise<boolean> => {
    if (runs >= maxRuns) return false
    const found = await breaks(candidate, invariant)
    if (!found) return false
    smallest = candidate
    violation = found
    return true
  }

  await attempt(shortened(smallest, violation))
  await fewer(
    () => smallest.faults,
    (faults) => attempt({ ...smallest, faults }),
  )
  await fewer(
    () => smallest.chargers,
    (chargers) => attempt(withChargers(smallest, chargers)),
  )
  await attempt({ ...smallest, traffic: undefined })
  await fewer(
    () => smallest.arrivals,
    (arrivals) => attempt({ ...smallest, arrivals }),
  )
  for (const chargers of withoutBehaviours(smallest)) await attempt({ ...smallest, chargers })
  // With less of everything else, faults may have become idle.
  await fewer(
    () => smallest.faults,
    (faults) => attempt({ ...smallest, faults }),
  )
  await attempt(shortened(smallest, violation))
  return { scenario: smallest, violation, runs }
}

/** Delta debugging: leaves out ever smaller parts while that still breaks. */
async function fewer<Item>(
  items: () => readonly Item[],
  attempt: (items: readonly Item[]) => Promise<boolean>,
): Promise<void> {
  for (let size = Math.ceil(items().length / 2); size >= 1; size = Math.floor(size / 2)) {
    let from = 0
    while (from < items().length) {
      const left = [...items().slice(0, from), ...items().slice(from + size)]
      // What is left has moved to where the part was.
      if (!(await attempt(left))) from += size
    }
  }
}

function shortened(scenario: Scenario, { invariant, atMs }: Violation): Scenario {
  if (AT_THE_END.has(invariant)) return scenario
  const durationMs = Math.min(scenario.durationMs, Math.ceil(atMs) + TAIL_MS)
  const faults = scenario.faults.filter((fault) => fault.atMs < durationMs)
  return { ...scenario, durationMs, quietMs: 0, faults }
}

/** Whoever is gone is gone from the depot too, and nothing happens to him. */
function withChargers(scenario: Scenario, chargers: Scenario['chargers']): Scenario {
  const left = new Set(chargers.map(({ identity }) => identity))
  const { depot } = scenario.settings
  return {
    ...scenario,
    chargers,
    arrivals: scenario.arrivals.filter(({ charger }) => left.has(charger)),
    faults: scenario.faults.filter(({ fault }) => !('charger' in fault) || left.has(fault.charger)),
    settings: { ...scenario.settings, depot: depot && depotOf(depot, left) },
  }
}

function depotOf(depot: Depot, left: ReadonlySet<string>): Depot {
  const chargers = [...depot.chargers].filter(
    ([, { ocppChargePointId }]) => ocppChargePointId === undefined || left.has(ocppChargePointId),
  )
  return { ...depot, chargers: new Map(chargers) }
}

/** One candidate for each charger that is of a kind of its own. */
function* withoutBehaviours({ chargers }: Scenario): Generator<Scenario['chargers']> {
  for (const [index, { identity, connectors, behaviour }] of chargers.entries()) {
    if (!behaviour || Object.keys(behaviour).length === 0) continue
    const plain = { identity, ...(connectors && { connectors }) }
    yield [...chargers.slice(0, index), plain, ...chargers.slice(index + 1)]
  }
}
