/** What REST may ask of a started controller. */
import { checkSite } from '../core/ledger/check-site.js'
import { previewOf } from '../core/limits/preview.js'
import type { Instant } from '../core/site/events.js'
import { sessionView } from '../core/site/make-view.js'
import type { View } from '../core/site/view.js'
import type { Backend, FrameReader } from '../http/backend.js'
import type { Cancel, Clock, Ids } from '../ports.js'
import { securityBackend } from './security-backend.js'
import type { Running } from './running.js'

export interface RestOwner {
  /** Throws before the start. */
  readonly on: () => Running
  readonly clock: Clock
  readonly ids: Ids
  readonly now: () => Instant
  readonly view: () => View
  readonly onChange: (watch: (view: View) => void) => Cancel
  readonly frames: FrameReader
  /** What names something that is not there, in words. */
  readonly loose: () => readonly string[]
}

export function restBackend({
  on,
  clock,
  ids,
  now,
  view,
  onChange,
  frames,
  loose,
}: RestOwner): Backend {
  return {
    view,
    frames,
    onChange,
    check: () => {
      const { site } = on()
      const { nominalVoltageV } = site.rules
      return { check: checkSite(site), looseEnds: loose(), nominalVoltageV }
    },
    restore: (nodeId) => on().watchdog.restore(nodeId),
    sessions: (limit) => {
      const { site } = on()
      const { chargers } = view()
      return site.ended
        .slice(-limit)
        .toReversed()
        .map((transaction) => sessionView(site, transaction, chargers, now()))
    },
    preview: (nodeId, date) => previewOf(on().site, nodeId, date, clock.now()),
    change: (edit) => on().desk.change(edit),
    plan: (sessionId, change) => on().departures.plan(sessionId, change),
    newId: () => ids.next(),
    order: (chargePointId, order) => on().operations.order(chargePointId, order),
    files: on().files.backend,
    upkeep: (chargePointId) =>
      on().site.operations.byChargePoint.get(chargePointId) ?? NOTHING_KNOWN,
    readConfiguration: (chargePointId) => on().operations.readConfiguration(chargePointId),
    overrides: {
      set: (order) => on().overrides.set(order),
      clear: (nodeId, who) => on().overrides.clear(nodeId, who),
    },
    pending: {
      list: () => on().pending.list(),
      reject: (chargePointId, isRejected) => on().pending.reject(chargePointId, isRejected),
      forget: (chargePointId) => on().pending.forget(chargePointId),
    },
    security: securityBackend({ on, now }),
    probes: {
      start: (chargerId, wish) => on().probes.start(chargerId, wish),
      abort: (chargerId) => on().probes.abort(chargerId),
      view: (chargerId) => on().probes.view(chargerId),
    },
  }
}

const NOTHING_KNOWN = { configuration: undefined, rebootFor: new Set<string>() }
