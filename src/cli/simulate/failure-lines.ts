/** After a run that does not pass: what is needed to repeat it, and what it takes to. */
import { localClockText } from '../../testing/scenario-file/wall-time.js'
import { faultsYaml } from '../../testing/scenario-file/fault-yaml.js'
import { shrinkScenario } from '../../testing/simulation/shrink.js'
import type { ObservedRun } from './observed-run.js'
import { observedRun } from './observed-run.js'
import type { Paint } from './paint.js'
import type { ScenarioSource } from './source.js'
import { contextOf, timelineLines } from './timeline-lines.js'

const BEFORE_MS = 120_000
const AFTER_MS = 30_000
/** Shrinking takes about so long at most. */
const SHRINK_MS = 120_000
const MAX_RUNS = 150

/** `aroundIt`: also the minutes around the first violation, told by a second run. */
export async function failureLines(
  source: ScenarioSource,
  { scenario, summary }: Pick<ObservedRun, 'scenario' | 'summary'>,
  paint: Paint,
  aroundIt = false,
): Promise<readonly string[]> {
  const [violation] = summary.result.violations
  const lines = ['', `repeat it: ${source.command} --seed ${scenario.seed}`]
  // What a file expects is its own affair: only an invariant is worth the search.
  if (!violation) return lines
  if (aroundIt) {
    const again = await observedRun(source, scenario.seed, { timeline: true })
    const context = contextOf(scenario, again.reasons, paint)
    const told = timelineLines(again.summary.result.timeline, context)
    const clock = localClockText(context.startWallMs, violation.atMs, context.zone)
    lines.push('', `around ${clock}:`)
    for (const { atMs, text } of told) {
      if (atMs >= violation.atMs - BEFORE_MS && atMs <= violation.atMs + AFTER_MS) {
        lines.push(`  ${text}`)
      }
    }
  }
  const maxRuns = Math.min(MAX_RUNS, Math.floor(SHRINK_MS / Math.max(1, summary.tookMs)))
  const shrunk =
    maxRuns > 1
      ? await shrinkScenario(scenario, { invariant: violation.invariant, maxRuns })
      : undefined
  const { faults, chargers } = shrunk?.scenario ?? scenario
  const size = `${chargers.length} chargers and ${faults.length} faults`
  lines.push(
    '',
    shrunk
      ? `shrunk in ${shrunk.runs} runs to ${size}: ${shrunk.violation.what}`
      : `not shrunk, because each run takes long: ${size}`,
    faultsYaml(faults),
  )
  return lines
}
