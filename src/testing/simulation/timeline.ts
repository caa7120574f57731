/** What a reader sees of a run, in order of time. */
import type { NodeTruth } from './node-truth.js'
import type { OutletChange } from './outlets.js'
import type { TimelineEntry } from './result.js'

export interface Timeline {
  add(entry: TimelineEntry): void
  changed(change: OutletChange, atMs: number): void
  limits(nodes: readonly NodeTruth[], atMs: number): void
  entries(): readonly TimelineEntry[]
}

const MAX_ENTRIES = 50_000
const SAME_A = 0.005

export function collectTimeline(isWanted: boolean): Timeline {
  const entries: TimelineEntry[] = []
  const shown = new Map<string, string>()
  const idTags = new Map<string, string>()
  const add = (entry: TimelineEntry): void => {
    if (isWanted && entries.length < MAX_ENTRIES) entries.push(entry)
  }
  return {
    add,
    changed({ outlet, beforeA, cause }, atMs) {
      if (!isWanted) return
      const { identity: charger, connectorId, key, hasTransaction, limitA } = outlet
      const place = { atMs, charger, connectorId } as const
      if (cause === 'started' || cause === 'stopped') {
        const idTag = outlet.chargePoint.idTag(connectorId) ?? idTags.get(key) ?? ''
        idTags.set(key, idTag)
        add({ type: 'transaction', ...place, change: cause, idTag })
      }
      if (hasTransaction && cause !== 'started' && Math.abs(limitA - beforeA) < SAME_A) return
      add({ type: 'offer', ...place, limitA: hasTransaction ? limitA : undefined })
    },
    limits(nodes, atMs) {
      if (!isWanted) return
      for (const { node, limit } of nodes) {
        const text = limit.join(' ')
        if (shown.get(node.id) === text) continue
        shown.set(node.id, text)
        const lowestA = Math.min(limit[0], limit[1], limit[2])
        add({
          type: 'limit',
          atMs,
          nodeId: node.id,
          currentA: Number.isFinite(lowestA) ? lowestA : undefined,
          powerA: Number.isFinite(limit[3]) ? limit[3] : undefined,
        })
      }
    },
    entries: () => entries,
  }
}
