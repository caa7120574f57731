/** What a run comes to: a verdict for each invariant, what could not be helped, how fast it went. */
import type { FailedExpectation } from '../../testing/scenario-file/check-expectations.js'
import type { RunResult, Verdict } from '../../testing/simulation/result.js'
import type { Paint } from './paint.js'

export interface Summary {
  readonly result: RunResult
  readonly failures: readonly FailedExpectation[]
  readonly expectations: number
  readonly fileName: string
  readonly tookMs: number
}

/** No violation and every expectation met. */
export function passes({ result, failures }: Pick<Summary, 'result' | 'failures'>): boolean {
  return result.ok && failures.length === 0
}

export function summaryLines(summary: Summary, paint: Paint): readonly string[] {
  const { result, failures, expectations, fileName } = summary
  const { reactions, residuals, counters } = result
  const lines = result.verdicts.map((verdict) => verdictLine(verdict, result, paint))
  for (const { invariant, where, what } of result.violations) {
    lines.push(paint.bad(`  VIOLATION of ${invariant} at ${where}: ${what}`))
  }
  for (const { line, column, message } of failures) {
    lines.push(paint.bad(`${fileName}:${line}:${column}: ${message}`))
  }
  if (expectations > 0) {
    const met = expectations - new Set(failures.map(({ line, column }) => `${line}:${column}`)).size
    lines.push(`expectations  ${met} of ${expectations} met`)
  }
  lines.push(
    reactions.count === 0
      ? 'reactions     none was needed'
      : `reactions     ${reactions.count}: half within ${seconds(reactions.p50Ms)}, 99% within ` +
          `${seconds(reactions.p99Ms)}, all within ${seconds(reactions.maxMs)}; ` +
          `${Math.round(reactions.ampereSeconds)} A·s over meanwhile`,
    ...(residuals.length === 0
      ? ['residual      none']
      : residuals.map(
          (one) =>
            `residual      ${Math.round(one.ampereSeconds)} A·s at ${one.nodeId} (${one.dimension}), ` +
            `worst ${Math.round(one.worstA * 10) / 10} A, by ${one.causedBy.join(', ')}`,
        )),
  )
  const seen = Object.entries(counters).filter(([, times]) => times > 0)
  if (seen.length > 0) {
    lines.push(`seen          ${seen.map(([name, times]) => `${name} ${times}`).join(', ')}`)
  }
  lines.push(
    `simulated     ${number(result.chargerHours)} charger-hours in ${number(summary.tookMs / 1000)} s, ` +
      `${Math.round(result.simulatedMs / Math.max(1, summary.tookMs))} times as fast as time`,
    passes(summary) ? paint.good('PASS') : paint.bad('FAIL'),
  )
  return lines
}

function verdictLine(
  { invariant, holds, checks, violations }: Verdict,
  { violations: kept }: RunResult,
  paint: Paint,
): string {
  const name = invariant.padEnd(13)
  if (checks === 0) return paint.dim(`${name} not looked at in this run`)
  if (holds) return `${name} ${paint.good('holds')}, checked ${count(checks)}`
  const places = new Set(
    kept.filter((one) => one.invariant === invariant).map(({ where }) => where),
  )
  const where = `at ${[...places].slice(0, 3).join(', ')}${places.size > 3 ? ', ...' : ''}`
  return `${name} ${paint.bad('VIOLATED')} ${count(violations)} of ${checks} ${where}`
}

function count(times: number): string {
  return times === 1 ? 'once' : `${times} times`
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '-' : `${number(ms / 1000)} s`
}

function number(value: number): string {
  return String(value >= 100 ? Math.round(value) : Math.round(value * 100) / 100)
}
