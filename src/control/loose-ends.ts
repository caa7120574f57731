import { guaranteeProblems } from '../core/classes/guarantees.js'
import { fallbacks } from '../core/ledger/fallbacks.js'
import type { Site } from '../core/site/state.js'
import type { Log } from '../ports.js'

/** Settings and depot are written apart: what does not fit together is said at each start. */
export function warnOfLooseEnds(site: Site, relays: Relays, log: Log): void {
  const { rules, tree } = site
  for (const { nodeId, message } of fallbacks(tree, rules).problems) {
    log.error('fallbacksDoNotFit', { node: nodeId, problem: message })
  }
  for (const { nodeId, message } of guaranteeProblems(tree)) {
    log.error('guaranteesDoNotFit', { node: nodeId, problem: message })
  }
  for (const { event, fields } of looseEnds(site, relays)) log.error(event, fields)
}

/** The ids that are configured; undefined where only an embedder knows. */
export type Relays = ReadonlySet<string> | undefined

export interface LooseEnd {
  readonly event: string
  readonly fields: Readonly<Record<string, string>>
  /** The same for people. */
  readonly words: string
}

/** What names something that is not there. */
export function looseEnds({ rules, tree, depot }: Site, relays: Relays): readonly LooseEnd[] {
  const found: LooseEnd[] = []
  const add = (event: string, fields: LooseEnd['fields'], words: string): void => {
    found.push({ event, fields, words })
  }
  for (const { id, name, windows } of tree.nodes) {
    // Those that are there have become dates.
    for (const { holidays } of windows) {
      if (holidays === undefined) continue
      const effect = 'its exceptions hold each day, beside the windows of the week'
      const words = `the schedule of "${name}" names the holidays "${holidays}": not configured, ${effect}`
      add('holidaysNotConfigured', { node: id, holidays, effect }, words)
    }
  }
  for (const { id, name, cutOffRelay } of depot.constraints.values()) {
    if (cutOffRelay === undefined || relays === undefined || relays.has(cutOffRelay)) continue
    const effect = 'the watchdog cannot cut off what is below'
    const words = `"${name}" names the relay "${cutOffRelay}": not configured, ${effect}`
    add('cutOffRelayMissing', { node: id, relay: cutOffRelay, effect }, words)
  }
  const isLoose = (constraintId: string): boolean => !tree.nodeById.has(constraintId)
  for (const { id, constraintId } of rules.meters) {
    if (constraintId === undefined || !isLoose(constraintId)) continue
    const effect = 'not used'
    const words = `meter "${id}" stands at "${constraintId}", which is not there: ${effect}`
    add('meterWithoutConstraint', { meter: id, constraint: constraintId, effect }, words)
  }
  for (const { id, constraintId } of rules.limitSources) {
    if (constraintId === undefined || !isLoose(constraintId)) continue
    const effect = 'limits the whole site'
    const words = `grid limit "${id}" is for "${constraintId}", which is not there: ${effect}`
    const fields = { limitSource: id, constraint: constraintId, effect }
    add('limitSourceWithoutConstraint', fields, words)
  }
  return found
}
