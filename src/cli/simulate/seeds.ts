/** Many runs, one for each seed: a line each, the total at the end. */
import { availableParallelism } from 'node:os'
import { batchP99Ms, countOf, slowBatch } from '../../testing/simulation/reactions.js'
import type { Io } from '../io.js'
import type { SeedRange, SimulateOptions } from '../simulate.js'
import { buildName } from './build-hash.js'
import { failureLines } from './failure-lines.js'
import { summaryJson } from './json-lines.js'
import { paintFor } from './paint.js'
import { seedRuns } from './seed-runs.js'
import type { ScenarioSource } from './source.js'
import { loadState, saveState } from './state-file.js'
import type { Totals } from './state-file.js'
import { NOTHING_YET, withRun } from './state-file.js'
import { passes } from './summary-lines.js'
import type { Summary } from './summary-lines.js'
import { tuneEngine } from './tune-engine.js'

const OK = 0
const FAILED = 1
const BAD_USAGE = 2

export async function simulateSeeds(
  source: ScenarioSource,
  options: SimulateOptions & { readonly seeds: SeedRange },
  io: Io,
): Promise<number> {
  const { seeds, json = false, keepGoing = false, state: stateFile } = options
  const { jobs = availableParallelism() } = options
  tuneEngine()
  const paint = paintFor(io)
  const say = (line: string): void => (json ? io.err(line) : io.out(line))
  const of = {
    program: buildName(),
    scenario: source.argument,
    fingerprint: source.fingerprint,
    hours: options.hours,
  }
  let totals: Totals = NOTHING_YET
  if (stateFile !== undefined) {
    const loaded = await loadState(stateFile, of)
    if (!loaded.ok) {
      io.err(`yardmaster simulate: ${loaded.problem}`)
      return BAD_USAGE
    }
    totals = loaded.totals
    if (totals.runs > 0)
      say(`${stateFile}: ${totalText(totals)}; goes on with seed ${totals.nextSeed}`)
  }
  const before = totals.failedSeeds.length
  const first = Math.max(seeds.first, totals.nextSeed ?? seeds.first)
  for await (const { seed, summary } of seedRuns(source, { ...seeds, first }, jobs)) {
    const ok = passes(summary)
    totals = withRun(totals, seed, summary, ok)
    if (stateFile !== undefined) await saveState(stateFile, of, totals)
    if (json) io.out(summaryJson(summary, 'run'))
    else io.out(`seed ${seed}  ${ok ? paint.good('ok') : paint.bad('FAIL')}  ${runText(summary)}`)
    if (ok) continue
    for (const { invariant, where, what } of summary.result.violations) {
      say(paint.bad(`  VIOLATION of ${invariant} at ${where}: ${what}`))
    }
    for (const { line, column, message } of summary.failures) {
      say(paint.bad(`  ${source.argument}:${line}:${column}: ${message}`))
    }
    if (keepGoing) continue
    const scenario = source.scenario(String(seed))
    for (const line of await failureLines(source, { scenario, summary }, paint, true)) say(line)
    break
  }
  const slow = slowBatch(totals.reactions)
  if (slow !== undefined) say(paint.bad(`  TOO SLOW: ${slow}`))
  if (json) io.out(JSON.stringify({ type: 'total', ...totals }))
  else io.out(`total: ${totalText(totals)}`)
  return slow !== undefined || totals.failedSeeds.length > before ? FAILED : OK
}

function runText({ result, tookMs }: Summary): string {
  const residual = result.residuals.reduce((sum, one) => sum + one.ampereSeconds, 0)
  const { maxMs } = result.reactions
  return (
    `${rounded(result.chargerHours)} charger-hours in ${rounded(tookMs / 1000)} s` +
    (maxMs === undefined ? '' : `, slowest reaction ${rounded(maxMs / 1000)} s`) +
    (residual > 0 ? `, residual ${Math.round(residual)} A·s` : '') +
    `, trace ${result.traceHash.slice(0, 12)}`
  )
}

function totalText({
  runs,
  chargerHours,
  failedSeeds,
  reactions,
  residualAmpereSeconds,
}: Totals): string {
  const failed =
    failedSeeds.length === 0 ? 'no violation' : `seeds that failed: ${failedSeeds.join(', ')}`
  const p99Ms = batchP99Ms(reactions)
  const quick =
    p99Ms === undefined ? '' : `99% of ${countOf(reactions)} reactions within ${p99Ms / 1000} s, `
  return (
    `${runs} ${runs === 1 ? 'run' : 'runs'}, ${rounded(chargerHours)} charger-hours, ${failed}, ` +
    `${quick}residual ${Math.round(residualAmpereSeconds)} A·s`
  )
}

function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100
}
