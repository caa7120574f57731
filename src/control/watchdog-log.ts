/** What the watchdog does and sees, in the log: once for each change. */
import type { CutOffChanged } from '../core/site/events.js'
import type { CutOff, Site } from '../core/site/state.js'
import { nodeKey } from '../core/watchdog/watchdog-state.js'
import type { NodeWatch, NoRoom } from '../core/watchdog/watchdog-state.js'
import type { Log } from '../ports.js'

export interface WatchdogLog {
  changed(change: CutOffChanged): void
  looked(site: Site): void
  noRoom(chargePointId: string, room: NoRoom): void
}

export function watchdogLog(log: Log): WatchdogLog {
  const alarmed = new Set<string>()
  const blind = new Set<string>()

  const alarm = (key: string, name: string, watch: NodeWatch): void => {
    if (watch.alarm && !alarmed.has(key)) {
      alarmed.add(key)
      log.error('overLimit', {
        node: name,
        overA: round(watch.overA),
        dimension: watch.dimension,
        forS: Math.round(watch.overForMs / 1000),
        measuredBy: watch.measuredBy,
      })
    }
    if (watch.alarm || !alarmed.delete(key)) return
    const { excessAs, worstA } = watch
    log.info('overLimitEnded', {
      node: name,
      ampereSeconds: Math.round(excessAs),
      worstA: round(worstA),
    })
  }

  const sight = (key: string, name: string, watch: NodeWatch): void => {
    const isBlind = watch.measuredBy === 'nothing' && watch.sinceMs !== undefined
    if (!isBlind) blind.delete(key)
    else if (!blind.has(key)) {
      blind.add(key)
      log.warn('watchdogBlind', { node: name, effect: 'cuts off nobody else and lets nobody go' })
    }
  }

  return {
    changed({ chargePointId, connectorId, cutOff, cause }) {
      const fields = {
        chargePoint: chargePointId,
        connector: connectorId,
        step: cutOff,
        node: cause?.nodeName,
        overA: cause && round(cause.overA),
      }
      if (cutOff === 'none') log.info('cutOffReleased', fields)
      else log[endsSession(cutOff) ? 'error' : 'warn']('cutOff', fields)
    },

    looked({ tree, watchdog }) {
      for (const node of tree.nodes) {
        const key = nodeKey(node)
        const watch = watchdog.nodes.get(key)
        if (!watch) continue
        alarm(key, node.name, watch)
        sight(key, node.name, watch)
      }
    },

    noRoom(chargePointId, { nodeName, needsA, roomA }) {
      log.error('unprotectedOutOfService', {
        chargePoint: chargePointId,
        node: nodeName,
        needsA: round(needsA),
        roomA: round(roomA),
        remedy: 'it takes no limit: make it do so, give it room, or set its hardware maximum lower',
      })
    },
  }
}

function endsSession(cutOff: CutOff): boolean {
  return cutOff === 'remoteStop' || cutOff === 'inoperative' || cutOff === 'relay'
}

function round(currentA: number): number {
  return Math.round(currentA * 10) / 10
}
