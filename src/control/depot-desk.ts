/** Changes to the depot objects: checked, written, then in force; one after the other. */
import { unknownHolidays } from '../config/holidays-schema.js'
import { depotToDocument } from '../config/depot-document.js'
import { guaranteeProblems } from '../core/classes/guarantees.js'
import { fallbacks } from '../core/ledger/fallbacks.js'
import type { Depot } from '../core/site/depot.js'
import { edit } from '../core/site/edit.js'
import type { DepotEdit, Problem } from '../core/site/edit.js'
import type { Site } from '../core/site/state.js'
import { buildTree } from '../core/site/tree.js'
import type { EditOutcome } from '../http/backend.js'
import type { Log, Store } from '../ports.js'

export interface DepotDesk {
  /**
   * Resolves when the change is on disk and in force, or refused; rejects when the disk refuses. A
   * function is asked when its turn comes, with the depot as it is then; undefined: nothing to do.
   */
  change(wanted: DepotEdit | EditMaker): Promise<EditOutcome>
  /** Writes the depot as it is, with the access data. */
  save(depot: Depot): Promise<void>
}

export type EditMaker = (depot: Depot) => DepotEdit | undefined

export function createDepotDesk(
  site: Site,
  store: Store,
  access: () => Readonly<Record<string, unknown>>,
  apply: (depot: Depot) => void,
  log: Log,
): DepotDesk {
  let last: Promise<unknown> = Promise.resolve()

  const save = (depot: Depot): Promise<void> =>
    store.saveDepot({ depot: depotToDocument(depot), access: access() })

  const changeNow = async (made: DepotEdit | EditMaker): Promise<EditOutcome> => {
    const wanted = typeof made === 'function' ? made(site.depot) : made
    if (!wanted) return { ok: true }
    const edited = edit(site.depot, wanted)
    if (!edited.ok) return edited
    const problem = whyNot(site, edited.depot)
    if (problem) return { ok: false, problem }
    await save(edited.depot)
    apply(edited.depot)
    log.info('depotChanged', { change: wanted.type })
    return { ok: true }
  }

  return {
    change(wanted) {
      const outcome = last.then(() => changeNow(wanted))
      last = outcome.catch(() => undefined)
      return outcome
    },
    save,
  }
}

/** What only the live site can refuse. */
function whyNot(site: Site, depot: Depot): Problem | undefined {
  for (const { id, constraintId } of [...site.rules.meters, ...site.rules.limitSources]) {
    if (constraintId === undefined) continue
    if (!site.depot.constraints.has(constraintId) || depot.constraints.has(constraintId)) continue
    const message = `"${id}" in the configuration file measures or limits it: change the file first`
    return { kind: 'conflict', field: undefined, message }
  }
  const unnamed = unknownList(site, depot)
  if (unnamed) return unnamed
  const tree = buildTree(depot, site.rules)
  const unsafe = fallbacks(tree, site.rules).problems[0]
  if (unsafe) return { kind: 'conflict', field: undefined, message: unsafe.message }
  const overdrawn = guaranteeProblems(tree)[0]
  if (overdrawn) return { kind: 'conflict', field: undefined, message: overdrawn.message }
  for (const { id, chargePointId, connectorId } of site.transactions.values()) {
    const wasThere = site.tree.byChargePoint.get(chargePointId)?.has(connectorId) === true
    const isThere = tree.byChargePoint.get(chargePointId)?.has(connectorId) === true
    if (!wasThere || isThere) continue
    return {
      kind: 'conflict',
      field: undefined,
      message:
        `transaction ${id} is running on connector ${connectorId} of "${chargePointId}": ` +
        'stop it first, or set is_active to "Inactive" and wait for its end',
    }
  }
  return undefined
}

/** Of an entry that the change brings; one that is there already is said at the start. */
function unknownList(site: Site, depot: Depot): Problem | undefined {
  const known = [...(site.rules.holidays?.keys() ?? [])]
  for (const constraint of depot.constraints.values()) {
    if (site.depot.constraints.get(constraint.id) === constraint) continue
    const at = constraint.schedule.findIndex(
      ({ holidays }) => holidays !== undefined && !known.includes(holidays),
    )
    const name = constraint.schedule[at]?.holidays
    if (name === undefined) continue
    const field = `schedule.${at}.holidays`
    return { kind: 'invalid', field, message: unknownHolidays(name, known) }
  }
  return undefined
}
