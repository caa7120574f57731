/** One run of a scenario with everything a reader may want to know of it. */
import { checkExpectations } from '../../testing/scenario-file/check-expectations.js'
import { runScenario } from '../../testing/simulation/run.js'
import type { Scenario } from '../../testing/simulation/scenario.js'
import type { DayPicture } from './day-picture.js'
import { reasonWatch } from './reason-watch.js'
import type { ReasonWatch } from './reason-watch.js'
import type { ScenarioSource } from './source.js'
import type { Summary } from './summary-lines.js'

export interface ObservedRun {
  readonly scenario: Scenario
  readonly summary: Summary
  readonly reasons: ReasonWatch
}

export interface Wanted {
  readonly timeline?: boolean
  readonly picture?: (scenario: Scenario) => DayPicture
  readonly stopsAtViolation?: boolean
}

export async function observedRun(
  source: ScenarioSource,
  seed: string | undefined,
  wanted: Wanted,
): Promise<ObservedRun> {
  const scenario = source.scenario(seed)
  const { timeline = false, stopsAtViolation = false } = wanted
  const { expectations } = source
  const expected = checkExpectations(expectations, scenario)
  const reasons = reasonWatch()
  const picture = wanted.picture?.(scenario)
  const startedMs = performance.now()
  const result = await runScenario(scenario, {
    timeline,
    stopsAtViolation,
    onLook(look) {
      if (expectations.length > 0) expected.look(look)
      if (timeline) reasons.look(look)
      picture?.look(look)
    },
  })
  const tookMs = performance.now() - startedMs
  picture?.end()
  const failures = expected.failures(result)
  const fileName = source.argument
  const summary = { result, failures, expectations: expectations.length, fileName, tookMs }
  return { scenario, summary, reasons }
}
