/** Nobody waits longer than turns take, while there is room for turns. */
import type { SiteRules } from '../../core/site/rules.js'
import { DIMENSIONS } from './node-truth.js'
import type { NodeTruths } from './node-truth.js'
import type { Outlet, Outlets } from './outlets.js'
import type { Verdicts } from './verdicts.js'

export interface WaitingJudge {
  /** Once a second. */
  look(): void
  /** Turns are not kept over a loss of power: everybody waits anew. */
  lifeBegan(): void
}

/** Reconnects, refused calls and readings that come late are not waiting. */
const SLACK_MS = 180_000
const SECOND_MS = 1_000
/** As long as it was in reach, its controller had the time to serve it. */
const SETTLED_MS = 60_000
/** Base load is taken at the highest of the last minute, and a little is left over. */
const SPARE_A = 2

export function waitingJudge(options: {
  readonly nodes: NodeTruths
  readonly outlets: Outlets
  readonly verdicts: Verdicts
  readonly rules: SiteRules
  readonly elapsedMs: () => number
  readonly monotonic: () => number
}): WaitingJudge {
  const { nodes, outlets, verdicts, rules, elapsedMs, monotonic } = options
  const waitedMs = new Map<Outlet, number>()

  return {
    look() {
      for (const outlet of waitedMs.keys()) {
        if (!outlet.hasTransaction || outlet.limitA >= outlet.evse.evse.minCurrentA) {
          waitedMs.delete(outlet)
        }
      }
      const isCalm = nodes.meter.silentSinceMs() === undefined
      if (!isCalm || !outlets.all.some(isBelowMinimum)) return
      const eligible = new Set(outlets.all.filter(isEligible))
      for (const outlet of eligible) if (isBelowMinimum(outlet)) wait(outlet, eligible)
    },
    lifeBegan() {
      waitedMs.clear()
    },
  }

  function wait(outlet: Outlet, eligible: ReadonlySet<Outlet>): void {
    if (!hasRoomForTurns(outlet, eligible)) return
    verdicts.checked('waiting')
    const waited = (waitedMs.get(outlet) ?? 0) + SECOND_MS
    waitedMs.set(outlet, waited)
    const longestMs = rules.maxWaitMs + rules.minOnMs * eligible.size + SLACK_MS
    if (waited <= longestMs) return
    waitedMs.set(outlet, 0)
    verdicts.violated({
      invariant: 'waiting',
      atMs: elapsedMs(),
      where: outlet.key,
      what:
        `has waited ${Math.round(waited / SECOND_MS)} s for ${outlet.evse.evse.minCurrentA} A ` +
        `while others had turns; ${Math.round(longestMs / SECOND_MS)} s are the most`,
    })
  }

  /** A car that wants energy, in a transaction everybody knows, at a charger in reach. */
  function isEligible(outlet: Outlet): boolean {
    const { chargePoint, connectorId, charger, hasTransaction, answeredAtMs } = outlet
    if (!hasTransaction || monotonic() < answeredAtMs + SETTLED_MS) return false
    if (monotonic() < charger.capableSinceMs() + SETTLED_MS || charger.isDeceiving()) return false
    return chargePoint.ev(connectorId)?.isFull() === false
  }

  /** One minimum more than what cannot be moved fits everywhere above. */
  function hasRoomForTurns(outlet: Outlet, eligible: ReadonlySet<Outlet>): boolean {
    const { evse } = outlet
    return evse.path.every((node) => {
      const truth = nodes.nodes[node]
      if (!truth) return false
      return DIMENSIONS.every((d) => {
        const share = evse.unit[d] ?? 0
        if (share === 0) return true
        let fixedA = truth.base[d] + SPARE_A
        for (const other of outlets.below(node)) {
          if (other === outlet) continue
          if (!eligible.has(other)) fixedA += standingA(other) * (other.evse.unit[d] ?? 0)
        }
        return truth.limit[d] - fixedA >= evse.evse.minCurrentA * share
      })
    })
  }

  /** What must be kept free for one that cannot be lowered now, or may start at any time. */
  function standingA({ limitA, fallbackA, charger, evse }: Outlet): number {
    const isOutOfReach = charger.capableSinceMs() > monotonic() - SETTLED_MS
    return isOutOfReach ? evse.hardwareA : Math.max(limitA, fallbackA)
  }
}

function isBelowMinimum({ hasTransaction, limitA, evse }: Outlet): boolean {
  return hasTransaction && limitA < evse.evse.minCurrentA
}
