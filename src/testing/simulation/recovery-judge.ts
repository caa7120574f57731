/** When everything is healed for a while, everything has come right. */
import { sumPhases } from '../../core/phases.js'
import { reasonText } from '../../core/reason-text.js'
import type { ChargerTruth } from './charger-truth.js'
import { DIMENSIONS } from './node-truth.js'
import type { Dimension, NodeTruths } from './node-truth.js'
import type { Outlet, Outlets } from './outlets.js'
import type { Verdicts } from './verdicts.js'
import type { World } from './world.js'

/** Above its limit by more than measuring noise. */
const OVERDRAWN_A = 1
/** No charger answers and no car shows itself within less. */
export const LEAST_QUIET_MS = 300_000
/** Nobody piles up profiles on a charger: one standing, one for the transaction, one above both, */
const MAX_PROFILES_A_CONNECTOR = 3
/** and for one that takes no other two limits of the charge point. */
const MAX_PROFILES_A_CHARGE_POINT = 2
/** Messages of a charger that are being told right now. */
const MAX_KEPT = 10
/** A share of the room may stay free: loads are taken at their highest, cars are asked in steps. */
const UNUSED_A = 10
/** A car that came less long ago may still be waited for, measured and raised; so after changes. */
const SETTLED_MS = 150_000
/** What one has given up goes to others when it has settled, and each is raised only so often. */
const HANDED_ON_MS = 15_000

export function recoveryJudge(options: {
  readonly world: World
  readonly chargers: ReadonlyMap<string, ChargerTruth>
  readonly outlets: Outlets
  readonly nodes: NodeTruths
  readonly verdicts: Verdicts
  readonly elapsedMs: () => number
}): void {
  const { world, chargers, outlets, nodes, verdicts, elapsedMs } = options
  const controller = world.life()?.controller
  if (!controller || world.scenario.quietMs < LEAST_QUIET_MS) return
  const wrong = (where: string, what: string): void =>
    verdicts.violated({ invariant: 'recovery', atMs: elapsedMs(), where, what })
  const view = controller.view()
  const isWell = (identity: string): boolean => {
    const since = chargers.get(identity)?.capableSinceMs() ?? Infinity
    return since <= world.clock.monotonic() - LEAST_QUIET_MS / 2
  }

  /** A car that takes more than it is offered makes its charger just that, by its last sample too. */
  const carsOverdraw = (world.scenario.traffic?.ev?.overdrawA ?? 0) > 0
  const isOverdrawn = (identity: string, connectorId: number): boolean => {
    const chargePoint = world.site.chargePoint(identity)
    if (carsOverdraw) return true
    return Math.max(...chargePoint.drawA(connectorId)) > chargePoint.limitA(connectorId) + 1
  }

  for (const { charger, connected, evses } of view.chargers) {
    const identity = charger.ocppChargePointId
    if (identity === undefined || !chargers.has(identity)) continue
    verdicts.checked('recovery')
    if (!connected) {
      wrong(identity, 'is not connected')
      continue
    }
    if (!isWell(identity)) continue
    for (const { evse, reason } of evses) {
      if (reason.type !== 'unresponsive' || isOverdrawn(identity, evse.id)) continue
      wrong(`${identity}#${evse.id}`, 'is called unresponsive')
    }
  }
  for (const { identity, chargePoint } of chargePoints()) judgeBounds(identity, chargePoint)
  for (const outlet of outlets.all) if (isWell(outlet.identity)) judgeUse(outlet)

  function chargePoints(): readonly {
    readonly identity: string
    readonly chargePoint: ChargerTruth['chargePoint']
  }[] {
    return [...chargers].map(([identity, { chargePoint }]) => ({ identity, chargePoint }))
  }

  function judgeBounds(identity: string, chargePoint: ChargerTruth['chargePoint']): void {
    verdicts.checked('bounds')
    const bound = (what: string): void =>
      verdicts.violated({ invariant: 'bounds', atMs: elapsedMs(), where: identity, what })
    const profiles = chargePoint.profiles().length
    const most =
      MAX_PROFILES_A_CONNECTOR * chargePoint.connectors.length + MAX_PROFILES_A_CHARGE_POINT
    if (profiles > most) bound(`holds ${profiles} charging profiles`)
    if (isWell(identity) && chargePoint.keptMessages() > MAX_KEPT) {
      bound(`keeps ${chargePoint.keptMessages()} messages`)
    }
    const complaint = chargePoint.complaints()[0]
    if (complaint === undefined) return
    verdicts.violated({ invariant: 'sanity', atMs: elapsedMs(), where: identity, what: complaint })
  }

  /** A car that wants more than it may take, while everything above it has room, is forgotten. */
  function judgeUse(outlet: Outlet): void {
    const { chargePoint, connectorId, hasTransaction, evse, limitA, key } = outlet
    const ev = chargePoint.ev(connectorId)
    if (!hasTransaction || !ev || ev.isFull()) return
    const changes = evse.path.map((node) => nodes.nodes[node]?.limitChangedMs ?? -Infinity)
    const settledMs = Math.max(outlet.answeredAtMs, outlet.changedAtMs, ...changes) + SETTLED_MS
    if (world.clock.monotonic() < settledMs) return
    const drawA = Math.max(...chargePoint.drawA(connectorId))
    // Whoever takes less than he may wants no more.
    if (limitA > 0 && drawA < limitA - 1) return
    // Nobody need raise one that takes more than it may.
    if (drawA > limitA + OVERDRAWN_A) return
    if (limitA >= Math.min(evse.capA, evse.hardwareA) - 1) return
    const freeA = roomA(outlet)
    if (freeA <= (limitA > 0 ? 2 * UNUSED_A : UNUSED_A)) return
    wrong(
      key,
      `may take ${limitA.toFixed(1)} A and wants more, while ${freeA.toFixed(1)} A are free above; ` +
        `the controller says: ${reasonOf(outlet)}`,
    )
  }

  function reasonOf({ identity, connectorId }: Outlet): string {
    const charger = view.chargers.find((one) => one.charger.ocppChargePointId === identity)
    const evse = charger?.evses.find((one) => one.evse.id === connectorId)
    return evse ? reasonText(evse.reason) : 'nothing'
  }

  /** What nobody may need: with each car on all phases, each idle charger at its fallback. */
  function roomA({ evse }: Outlet): number {
    let freeA = Infinity
    for (const index of evse.path) {
      const truth = nodes.nodes[index]
      if (!truth) continue
      for (const d of DIMENSIONS) {
        const share = evse.unit[d] ?? 0
        if (share === 0) continue
        let usedA = Math.max(truth.base[d], worstLoadA(d))
        for (const other of outlets.below(index)) {
          const permittedA = Math.max(lateA(other), other.fallbackA, takenA(other))
          const countedA = permittedA * (other.evse.unit[d] ?? 0)
          // What a car without samples takes is taken for base load, beside its limit.
          usedA += isMeasured(other) ? countedA : 2 * countedA
        }
        freeA = Math.min(freeA, (truth.limit[d] - usedA) / share)
      }
    }
    return freeA
  }

  /** The most it was permitted so shortly before that nobody else can have it yet. */
  function lateA({ limitA, lowered }: Outlet): number {
    const { settleS } = world.scenario.settings.balance
    const sinceMs = world.clock.monotonic() - settleS * 1000 - HANDED_ON_MS
    let mostA = limitA
    for (const { fromA, atMs } of lowered) if (atMs > sinceMs) mostA = Math.max(mostA, fromA)
    return mostA
  }

  /** Of one that takes more than it may, and what it may take beyond that. */
  function takenA({ chargePoint, connectorId, limitA }: Outlet): number {
    const drawA = Math.max(...chargePoint.drawA(connectorId))
    return drawA > limitA ? drawA + OVERDRAWN_A : 0
  }

  function isMeasured({ identity }: Outlet): boolean {
    const { meterValues, garbageMeterValues } = world.usualBehaviour(identity)
    return meterValues && !garbageMeterValues
  }

  function worstLoadA(d: Dimension): number {
    let worstA = 0
    for (const { worstBaseLoadA } of world.scenario.settings.meters) {
      worstA += d === 3 ? sumPhases(worstBaseLoadA) : worstBaseLoadA[d]
    }
    return worstA
  }
}
