/**
 * The site as it changes: each object with the revision in which it last changed. A follower says
 * what it has and gets the rest, so one that was slow skips what it missed, and costs no memory.
 */
import type { View } from '../core/site/view.js'
import { chargerAnswer } from './charger-shape.js'
import { constraintAnswer } from './constraint-shape.js'
import { liveSession } from './session-shape.js'
import { siteAnswer } from './site-shape.js'

export interface LiveFeed {
  /** One more revision: the site as it is now. */
  publish(view: View): void
  revision(): number
  /** JSON of what changed after this revision; 0: all there is. */
  since(revision: number): string
}

const KINDS = ['constraints', 'chargers', 'sessions'] as const
type Kind = (typeof KINDS)[number]

interface Entry {
  readonly json: string
  readonly revision: number
}

/** Beyond, a follower that is behind gets everything anew. */
const MAX_REMOVED = 1000

export function createLiveFeed(): LiveFeed {
  let revision = 0
  let site = '{}'
  const entries: Readonly<Record<Kind, Map<string, Entry>>> = {
    constraints: new Map(),
    chargers: new Map(),
    sessions: new Map(),
  }
  let removed: { readonly kind: Kind; readonly id: string; readonly revision: number }[] = []
  let completeFrom = 0

  const update = (kind: Kind, id: string, shown: object): void => {
    const json = JSON.stringify(shown)
    if (entries[kind].get(id)?.json !== json) entries[kind].set(id, { json, revision })
  }

  const removeOthers = (kind: Kind, ids: ReadonlySet<string>): void => {
    for (const id of entries[kind].keys()) {
      if (ids.has(id)) continue
      entries[kind].delete(id)
      removed.push({ kind, id, revision })
    }
  }

  return {
    revision: () => revision,

    publish(view) {
      revision += 1
      site = JSON.stringify(siteAnswer(view))
      for (const one of view.constraints) {
        update('constraints', one.constraint.id, constraintAnswer(one))
      }
      for (const one of view.chargers) update('chargers', one.charger.id, chargerAnswer(one))
      for (const one of view.sessions) update('sessions', one.id, liveSession(one))
      removeOthers('constraints', new Set(view.constraints.map(({ constraint }) => constraint.id)))
      removeOthers('chargers', new Set(view.chargers.map(({ charger }) => charger.id)))
      removeOthers('sessions', new Set(view.sessions.map(({ id }) => id)))
      if (removed.length <= MAX_REMOVED) return
      removed = []
      completeFrom = revision
    },

    since(known) {
      const isAll = known < Math.max(1, completeFrom)
      const from = isAll ? 0 : known
      const lists = KINDS.map((kind) => {
        const changed = [...entries[kind].values()].filter((entry) => entry.revision > from)
        return `"${kind}":[${changed.map(({ json }) => json).join(',')}]`
      })
      const gone = isAll ? [] : removed.filter((one) => one.revision > from)
      const names = gone.map(({ kind, id }) => ({ kind, id }))
      return `{"all":${isAll},"site":${site},${lists.join(',')},"removed":${JSON.stringify(names)}}`
    },
  }
}
