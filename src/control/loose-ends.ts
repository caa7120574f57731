import type { Site } from '../core/site/state.js'
import type { Log } from '../ports.js'

/** Settings name constraints, and the depot may have changed since they were written. */
export function warnOfLooseEnds({ rules, tree }: Site, log: Log): void {
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
