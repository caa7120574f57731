import { guaranteeProblems } from '../core/classes/guarantees.js'
import { fallbacks } from '../core/ledger/fallbacks.js'
import type { Site } from '../core/site/state.js'
import type { Log } from '../ports.js'

/**
 * Settings and depot are written apart: what does not fit together is said at each start. `relays`:
 * the ids that are configured; undefined where only an embedder knows.
 */
export function warnOfLooseEnds(
  { rules, tree, depot }: Site,
  relays: ReadonlySet<string> | undefined,
  log: Log,
): void {
  for (const { nodeId, message } of fallbacks(tree, rules).problems) {
    log.error('fallbacksDoNotFit', { node: nodeId, problem: message })
  }
  for (const { nodeId, message } of guaranteeProblems(tree)) {
    log.error('guaranteesDoNotFit', { node: nodeId, problem: message })
  }
  for (const { id, windows } of tree.nodes) {
    // Those that are there have become dates.
    for (const { holidays } of windows) {
      if (holidays === undefined) continue
      const effect = 'its exceptions hold each day, beside the windows of the week'
      log.error('holidaysNotConfigured', { node: id, holidays, effect })
    }
  }
  for (const { id, cutOffRelay } of depot.constraints.values()) {
    if (cutOffRelay === undefined || relays === undefined || relays.has(cutOffRelay)) continue
    const effect = 'the watchdog cannot cut off what is below'
    log.error('cutOffRelayMissing', { node: id, relay: cutOffRelay, effect })
  }
  const isLoose = (constraintId: string | undefined): boolean =>
    constraintId !== undefined && !tree.nodeById.has(constraintId)
  for (const { id, constraintId } of rules.meters) {
    if (!isLoose(constraintId)) continue
    log.error('meterWithoutConstraint', { meter: id, constraint: constraintId, effect: 'not used' })
  }
  for (const { id, constraintId } of rules.limitSources) {
    if (!isLoose(constraintId)) continue
    const effect = 'limits the whole site'
    log.error('limitSourceWithoutConstraint', { limitSource: id, constraint: constraintId, effect })
  }
}
