/** Orders of operators: checked, in force at once, and on disk before they are answered. */
import type { Instant, JournalEvent } from '../core/site/events.js'
import { overrideCleared, overrideSet } from '../core/site/overrides.js'
import type { OverrideOrder } from '../core/site/overrides.js'
import type { OverrideVia, Site } from '../core/site/state.js'
import type { OverrideOutcome } from '../http/backend.js'
import type { Log } from '../ports.js'

export interface OverrideDesk {
  /** Resolves when it is on disk and in force; rejects when the disk refuses it. `more` is written with it. */
  set(order: OverrideOrder, ...more: readonly JournalEvent[]): Promise<OverrideOutcome>
  clear(
    nodeId: string,
    who: { readonly by: string; readonly via: OverrideVia },
    ...more: readonly JournalEvent[]
  ): Promise<OverrideOutcome>
}

export function createOverrideDesk(
  owner: {
    readonly site: Site
    now(): Instant
    commit(events: readonly JournalEvent[]): Promise<void>
    /** Control follows before anybody looks. */
    run(): void
  },
  log: Log,
): OverrideDesk {
  const { site } = owner
  return {
    async set(order, ...more) {
      const ordered = overrideSet(site, order, owner.now())
      if (!ordered.ok) return ordered
      const { type: _, ...fields } = ordered.event
      log.info('overrideSet', fields)
      const written = owner.commit([ordered.event, ...more])
      owner.run()
      await written
      return { ok: true }
    },
    async clear(nodeId, who, ...more) {
      log.info('overrideCleared', { nodeId, ...who })
      const written = owner.commit([overrideCleared(nodeId, who, owner.now()), ...more])
      owner.run()
      await written
      return { ok: true }
    },
  }
}
