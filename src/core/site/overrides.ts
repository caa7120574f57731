/** What an operator orders for a while: a lower limit at a node, or to leave its schedule alone. */
import { isClockTrusted } from '../limits/clock-caution.js'
import type { PhaseA } from '../phases.js'
import { nextTime } from '../schedule/next-time.js'
import type { Instant, OverrideCleared, OverrideSet } from './events.js'
import type { OverrideVia, Site } from './state.js'

export interface OverrideOrder {
  /** A constraint, or `site`. */
  readonly nodeId: string
  readonly limitA: PhaseA | undefined
  readonly limitKw: number | undefined
  readonly ignoresSchedule: boolean
  readonly until: OverrideEnd
  readonly reason: string
  readonly by: string
  readonly via: OverrideVia
}

export type OverrideEnd =
  | { readonly type: 'for'; readonly seconds: number }
  | { readonly type: 'at'; readonly wallMs: number }
  /** The next time at which clocks show this, `HH:MM` in the zone of the node. */
  | { readonly type: 'clock'; readonly time: string }

export type Ordered =
  | { readonly ok: true; readonly event: OverrideSet }
  | { readonly ok: false; readonly kind: 'notFound' | 'invalid'; readonly message: string }

const LONGEST_S = 7 * 86_400

export function overrideSet(site: Site, order: OverrideOrder, at: Instant): Ordered {
  const { nodeId, limitA, limitKw, ignoresSchedule, until } = order
  const node = site.tree.nodeById.get(nodeId)
  const refused = (message: string): Ordered => ({ ok: false, kind: 'invalid', message })
  if (!node) {
    return { ok: false, kind: 'notFound', message: `no constraint has the id "${nodeId}"` }
  }
  if (limitA === undefined && limitKw === undefined && !ignoresSchedule) {
    return refused('must lower a limit or ignore the schedule: state one of them')
  }
  if (until.type !== 'for' && !isClockTrusted(at.wallMs)) {
    return refused('the clock of the gateway is not set: state how long it lasts instead of a time')
  }
  const validForMs = Math.round(lengthMs(until, node.zone, at))
  if (validForMs <= 0) return refused('must end in the future')
  if (validForMs > LONGEST_S * 1000) {
    return refused('must end within 7 days: for longer, change the schedule or the limit')
  }
  return {
    ok: true,
    event: {
      type: 'overrideSet',
      nodeId,
      limitA,
      limitKw,
      ignoresSchedule,
      reason: order.reason,
      by: order.by,
      via: order.via,
      setWallMs: at.wallMs,
      untilWallMs: at.wallMs + validForMs,
      validForMs,
    },
  }
}

export function overrideCleared(
  nodeId: string,
  { by, via }: Pick<OverrideOrder, 'by' | 'via'>,
  { wallMs }: Instant,
): OverrideCleared {
  return { type: 'overrideCleared', nodeId, by, via, wallMs }
}

function lengthMs(until: OverrideEnd, zone: string, { wallMs }: Instant): number {
  switch (until.type) {
    case 'for':
      return until.seconds * 1000
    case 'at':
      return until.wallMs - wallMs
    case 'clock':
      return nextTime(wallMs, until.time, zone) - wallMs
  }
}
