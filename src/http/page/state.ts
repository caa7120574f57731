/** What the page knows of the site. Pure: events of the stream in, lists for the views out. */
import type { Charger, Constraint, Evse, LiveEvent, NodeLive, Session, Site } from './wire.js'
import { byName } from './words.js'

export interface SiteState {
  readonly site: Site | undefined
  readonly constraints: ReadonlyMap<string, Constraint>
  readonly chargers: ReadonlyMap<string, Charger>
  readonly sessions: ReadonlyMap<string, Session>
}

export const NOTHING_KNOWN: SiteState = {
  site: undefined,
  constraints: new Map(),
  chargers: new Map(),
  sessions: new Map(),
}

/** A list in which nothing changed stays the same object. */
export function after(state: SiteState, event: LiveEvent): SiteState {
  const gone = (kind: string): readonly string[] =>
    event.removed.filter((one) => one.kind === kind).map(({ id }) => id)
  return {
    site: event.site,
    constraints: merged(state.constraints, event.constraints, gone('constraints'), event.all),
    chargers: merged(state.chargers, event.chargers, gone('chargers'), event.all),
    sessions: merged(state.sessions, event.sessions, gone('sessions'), event.all),
  }
}

function merged<Item extends { readonly id: string }>(
  before: ReadonlyMap<string, Item>,
  changed: readonly Item[],
  removed: readonly string[],
  isAll: boolean,
): ReadonlyMap<string, Item> {
  if (!isAll && changed.length === 0 && removed.length === 0) return before
  const now = new Map(isAll ? [] : before)
  for (const item of changed) now.set(item.id, item)
  for (const id of removed) now.delete(id)
  return now
}

/** A node with its place in the tree. */
export interface PlacedNode {
  readonly node: NodeLive
  readonly id: string
  readonly depth: number
  /** Names of the constraints above it, the highest first. */
  readonly above: readonly string[]
}

export const SITE_ID = 'site'

/** Depth first, siblings by name, the grid connection first. */
export function placedNodes(state: SiteState): readonly PlacedNode[] {
  const { site } = state
  if (!site) return []
  const children = new Map<string, Constraint[]>()
  for (const constraint of state.constraints.values()) {
    const parent = constraint.parent_id ?? SITE_ID
    children.set(parent, [...(children.get(parent) ?? []), constraint])
  }
  const placed: PlacedNode[] = [{ node: site, id: SITE_ID, depth: 0, above: [] }]
  const visit = (id: string, above: readonly string[]): void => {
    for (const node of (children.get(id) ?? []).toSorted(byName)) {
      placed.push({ node, id: node.id, depth: above.length + 1, above })
      visit(node.id, [...above, node.name])
    }
  }
  visit(SITE_ID, [])
  return placed
}

/** One connector of a charger, as a line of the overview. */
export interface Outlet {
  readonly key: string
  readonly charger: Charger
  readonly evse: Evse
  readonly session: Session | undefined
}

export function outletsOf(chargers: readonly Charger[], sessions: Sessions): readonly Outlet[] {
  return chargers.flatMap((charger) =>
    charger.evses.map((evse) => ({
      key: `${charger.id}/${evse.id}`,
      charger,
      evse,
      session: sessions.get(`${charger.ocpp_charge_point_id ?? ''}/${evse.id}`),
    })),
  )
}

export type Sessions = ReadonlyMap<string, Session>

/** By charge point and connector. */
export function sessionsByPlace(state: SiteState): Sessions {
  return new Map(
    [...state.sessions.values()].map((session) => [
      `${session.ocpp_charge_point_id}/${session.evse_id}`,
      session,
    ]),
  )
}

export function chargersByGroup(state: SiteState): ReadonlyMap<string, readonly Charger[]> {
  const groups = new Map<string, Charger[]>()
  for (const charger of state.chargers.values()) {
    const group = groups.get(charger.parent_charge_group)
    if (group) group.push(charger)
    else groups.set(charger.parent_charge_group, [charger])
  }
  for (const group of groups.values()) group.sort(byName)
  return groups
}
