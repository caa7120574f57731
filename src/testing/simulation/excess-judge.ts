/**
 * Judges every node at every instant: is more permitted below it than its limit leaves, since when,
 * and who could still have been lowered? Only ground truth is asked.
 */
import type { Residual } from './result.js'
import type { Outlet, OutletChange, Outlets } from './outlets.js'
import { DIMENSION_NAMES, DIMENSIONS } from './node-truth.js'
import type { Dimension, Four, NodeTruth, NodeTruths } from './node-truth.js'
import type { Verdicts } from './verdicts.js'

export interface ExcessJudge {
  /** One connector permits something else now. */
  changed(change: OutletChange): void
  /** Everything is up to date for this instant. */
  look(): void
  isOver(): boolean
  lifeBegan(): void
  residuals(): readonly Residual[]
  /** How long each excess that could be removed took to be, ms. */
  reactionsMs(): readonly number[]
  ampereSeconds(): number
}

/** Limits are rounded down to a tenth; what is left is noise of sums. */
const EXCESS_A = 0.05
/** An outside event is answered within this, always. */
const REACTION_MS = 16_000
/** The source of the limit is read once a second, and the reading travels. */
const LIMIT_KNOWN_MS = 1_300
/** A load may hide so long behind a car that changes. */
const LOAD_KNOWN_MS = 16_000
/** A silent meter is taken at its worst after this, and the last reading may be a second old. */
const METER_WORST_MS = 16_500
/** Beyond the duration of a profile: margin for the charger's clock, and for looking. */
const EXPIRY_MARGIN_MS = 70_000
const PROMPT_MS = 500
/** A late start may be history from an offline queue: the controller waits a while to see. */
const HISTORY_MS = 46_000

/** From the first excess of a node in one dimension to its end. */
interface Episode {
  readonly fromMs: number
  /** Capable chargers above their floor as it began; empty: nothing could be done. */
  readonly removable: readonly Outlet[]
  /** A load rose while a car followed a change: which of both it is shows later. */
  readonly isHidden: boolean
  answeredMs: number | undefined
}

export function excessJudge(options: {
  readonly nodes: NodeTruths
  readonly outlets: Outlets
  readonly verdicts: Verdicts
  readonly profileDurationMs: number
  readonly startMs: number
  readonly monotonic: () => number
  readonly wall: () => number
}): ExcessJudge {
  const { nodes, outlets, verdicts, profileDurationMs, startMs, monotonic, wall } = options
  const faultRoseMs = nodes.nodes.map(() => -Infinity)
  /** By node and dimension. */
  const episodes: (Episode | undefined)[] = []
  const residuals = new Map<number, Residual>()
  const reactions: number[] = []
  let ampereSeconds = 0
  let lifeBeganMs = -Infinity
  let lookedAtMs = monotonic()
  let isOver = false

  return {
    changed(change) {
      if (!change.rose) return
      verdicts.checked('raise')
      if (change.cause === 'told') judgeRaise(change)
      else if (isUnforeseeable(change)) {
        for (const node of change.outlet.evse.path) faultRoseMs[node] = monotonic()
      }
    },
    look() {
      const elapsedMs = monotonic() - lookedAtMs
      lookedAtMs = monotonic()
      isOver = false
      for (const truth of nodes.nodes) {
        const { index } = truth.node
        const load = outlets.load[index]
        for (const d of DIMENSIONS) {
          const trueA = (load?.[d] ?? 0) + truth.base[d] - truth.limit[d]
          // Almost always there is nothing to judge.
          if (trueA <= EXCESS_A && episodes[index * 4 + d] === undefined) continue
          judgeNode(truth, d, trueA, elapsedMs)
        }
      }
      for (const outlet of outlets.all) judgeExpiry(outlet)
    },
    isOver: () => isOver,
    lifeBegan() {
      lifeBeganMs = monotonic()
    },
    residuals: () => [...residuals.values()],
    reactionsMs: () => reactions,
    ampereSeconds: () => ampereSeconds,
  }

  function excessA(truth: NodeTruth, d: Dimension, sums: readonly Four[]): number {
    return (sums[truth.node.index]?.[d] ?? 0) + truth.base[d] - truth.limit[d]
  }

  function judgeNode(truth: NodeTruth, d: Dimension, trueA: number, elapsedMs: number): void {
    const key = truth.node.index * 4 + d
    const episode = episodes[key]
    if (trueA <= EXCESS_A) {
      if (!episode) return
      answered(episode)
      episodes[key] = undefined
      return
    }
    isOver = true
    verdicts.checked('limit')
    const knowableA = excessA(truth, d, outlets.knowable)
    const removable = outlets.below(truth.node.index).filter((outlet) => isRemovable(outlet, d))
    const isHelpless = knowableA <= EXCESS_A || removable.length === 0
    if (!episode) {
      const fromMs = Math.max(eventMs(truth, d), lookedAtMs - elapsedMs)
      const isHidden = isLoadHidden(truth, d, fromMs)
      episodes[key] = { fromMs, removable, isHidden, answeredMs: undefined }
    } else {
      ampereSeconds += isHelpless ? 0 : (trueA * elapsedMs) / 1000
      if (isHelpless) noteResidual(truth, d, trueA, elapsedMs)
      if (isHelpless || !episode.removable.some((outlet) => isRemovable(outlet, d))) {
        answered(episode)
      }
    }
    if (!isHelpless) judgeRemovable(truth, d, knowableA, removable)
  }

  /** Violation: still above its floor although there was time enough since whatever happened. */
  function judgeRemovable(
    truth: NodeTruth,
    d: Dimension,
    overA: number,
    removable: readonly Outlet[],
  ): void {
    const excusedFromMs = eventMs(truth, d)
    let lateA = 0
    const late: string[] = []
    for (const outlet of removable) {
      const { charger, key } = outlet
      const sinceMs = Math.max(excusedFromMs, charger.capableSinceMs())
      if (monotonic() <= sinceMs + REACTION_MS + charger.slownessMs()) continue
      lateA += aboveFloorA(outlet, d)
      late.push(`${key} at ${outlet.limitA.toFixed(1)} A`)
    }
    if (lateA <= EXCESS_A) return
    let allA = 0
    for (const outlet of removable) allA += aboveFloorA(outlet, d)
    const sinceMs = monotonic() - excusedFromMs
    verdicts.violated({
      // What remains when all that can be lowered is: somebody else's, who must not hide these.
      invariant: overA - allA > EXCESS_A ? 'floor' : 'limit',
      atMs: monotonic() - startMs,
      where: truth.node.id,
      what:
        `${overA.toFixed(2)} A over ${truth.limit[d].toFixed(1)} A (${DIMENSION_NAMES[d]}) ` +
        `${Number.isFinite(sinceMs) ? `${(sinceMs / 1000).toFixed(1)} s after the last outside event` : 'without an outside event'}; ` +
        `could be lowered: ${late.slice(0, 5).join(', ')}`,
    })
  }

  /** The last thing that nobody could foresee and that made it worse here. */
  function eventMs({ limitFellMs, baseRoseMs, node }: NodeTruth, d: Dimension): number {
    return Math.max(
      limitFellMs[d],
      knownLoadMs(baseRoseMs[d]),
      faultRoseMs[node.index] ?? 0,
      deceiverSeenMs(node.index),
      ...outlets.below(node.index).map(({ revealedAtMs }) => revealedAtMs),
      unseenStartMs(node.index),
      freedMs(node.index),
    )
  }

  /** An end of a transaction that had less than the fallback, with which the next has begun. */
  function freedMs(node: number): number {
    let latestMs = -Infinity
    for (const { freedAtMs, limitA } of outlets.below(node)) {
      if (limitA > 0) latestMs = Math.max(latestMs, freedAtMs)
    }
    return latestMs
  }

  /**
   * A car that came to a charger whose connection was dead and seemed alive: until that is noticed,
   * the books hold the limit and the phases of the car before.
   */
  function unseenStartMs(node: number): number {
    let latestMs = -Infinity
    for (const { charger, startedAtMs, limitA } of outlets.below(node)) {
      const knownMs = limitA > 0 ? charger.knowableFromMs(startedAtMs) : startedAtMs
      if (knownMs > startedAtMs) latestMs = Math.max(latestMs, Math.min(knownMs, monotonic()))
    }
    return latestMs
  }

  /** What is drawn behind a limit that is only pretended shows in the meter, when that comes back. */
  function deceiverSeenMs(node: number): number {
    const deceives = ({ charger, limitA }: Outlet): boolean => limitA > 0 && charger.isDeceiving()
    return outlets.below(node).some(deceives) ? nodes.meter.liveFromMs() : -Infinity
  }

  /** When a rise of the load could be known: at once, or when the meter is given up or comes back. */
  function knownLoadMs(roseMs: number): number {
    const silentSinceMs = nodes.meter.silentSinceMs()
    if (silentSinceMs !== undefined && roseMs >= silentSinceMs - LIMIT_KNOWN_MS) {
      return Math.max(roseMs, Math.min(monotonic(), silentSinceMs + METER_WORST_MS))
    }
    const liveFromMs = nodes.meter.liveFromMs()
    return roseMs > liveFromMs - METER_WORST_MS && roseMs < liveFromMs ? liveFromMs : roseMs
  }

  function judgeRaise({ outlet, beforeA, saidAtMs = monotonic() }: OutletChange): void {
    for (const node of outlet.evse.path) {
      const truth = nodes.nodes[node]
      if (!truth) continue
      for (const d of DIMENSIONS) {
        if (outlet.load[d] <= EXCESS_A) continue
        const overA = excessA(truth, d, outlets.knowable)
        if (overA <= EXCESS_A || isExcused(truth, d, saidAtMs)) continue
        verdicts.violated({
          invariant: 'raise',
          atMs: monotonic() - startMs,
          where: outlet.key,
          what:
            `raised from ${beforeA.toFixed(1)} to ${outlet.limitA.toFixed(1)} A by what was sent ` +
            `${monotonic() - saidAtMs} ms before, with "${truth.node.id}" ${overA.toFixed(2)} A ` +
            `over ${truth.limit[d].toFixed(1)} A (${DIMENSION_NAMES[d]})`,
        })
      }
    }
  }

  /** What happened outside after it was said, or so shortly before that it was not known. */
  function isExcused(truth: NodeTruth, d: Dimension, saidAtMs: number): boolean {
    if (truth.limitFellMs[d] >= saidAtMs - LIMIT_KNOWN_MS) return true
    if (saidAtMs <= lifeBeganMs + LIMIT_KNOWN_MS) return true
    if ((faultRoseMs[truth.node.index] ?? 0) >= saidAtMs - LOAD_KNOWN_MS) return true
    if (unseenStartMs(truth.node.index) >= saidAtMs) return true
    if (freedMs(truth.node.index) >= saidAtMs - LIMIT_KNOWN_MS) return true
    return knownLoadMs(truth.baseRoseMs[d]) >= saidAtMs - LOAD_KNOWN_MS
  }

  /** By a fault of the charger; an expiry or a start with a fallback in place is foreseeable. */
  function isUnforeseeable({ outlet, cause }: OutletChange): boolean {
    const { charger, limitA, evse } = outlet
    if (charger.isDeceiving() || charger.isClockOff()) return true
    return cause === 'started' && limitA >= Math.min(evse.hardwareA, outlet.fallbackA + 6)
  }

  /** I4: what is above the fallback ends by itself. */
  function judgeExpiry(outlet: Outlet): void {
    const { charger, limitA, chargePoint, connectorId, key } = outlet
    const { newest } = outlet
    if (!newest || newest.profile.purpose !== 'TxProfile') return
    // Age first: it clears almost all of them, and what stands is long to look up.
    const ageMs = monotonic() - newest.receivedAtMs
    const { profileDurationS } = outlet.evse.charger
    const durationMs = profileDurationS === undefined ? profileDurationMs : profileDurationS * 1_000
    if (ageMs <= durationMs + EXPIRY_MARGIN_MS) return
    if (limitA <= leftAloneA(outlet) + EXCESS_A) return
    if (charger.ignoresExpiry() || charger.isClockOff() || charger.isDeceiving()) return
    verdicts.violated({
      invariant: 'limit',
      atMs: monotonic() - startMs,
      where: key,
      what:
        `${chargePoint.identity}#${connectorId} may still take ${limitA.toFixed(1)} A ` +
        `${Math.round(ageMs / 1000)} s after it was last told`,
    })
  }

  /** By the hour it may be more than what is safe at any time; at each hour its sum is judged too. */
  function leftAloneA({ chargePoint, connectorId, fallbackA }: Outlet): number {
    const standing = chargePoint.profiles().find((installed) => {
      const { purpose, stackLevel, durationS } = installed.profile
      const isStanding = purpose === 'TxDefaultProfile' && stackLevel === 0
      return installed.connectorId === connectorId && isStanding && durationS === undefined
    })
    if (!standing || standing.profile.unit === 'W') return fallbackA
    const { startMs: fromMs = 0, periods } = standing.profile
    if (periods.length === 1) return fallbackA
    // Its clock may be that far off.
    const heldA = [-EXPIRY_MARGIN_MS, EXPIRY_MARGIN_MS].map((offMs) => {
      const atS = (wall() + offMs - fromMs) / 1000
      return periods.findLast(({ startS }) => startS <= atS)?.limit ?? 0
    })
    return Math.max(fallbackA, ...heldA)
  }

  function noteResidual(truth: NodeTruth, d: Dimension, overA: number, elapsedMs: number): void {
    const key = truth.node.index * 4 + d
    const known = residuals.get(key)
    const causes = outlets
      .below(truth.node.index)
      .filter((outlet) => outlet.load[d] > EXCESS_A && !isCapable(outlet))
      .map((outlet) => outlet.key)
    residuals.set(key, {
      nodeId: truth.node.id,
      dimension: DIMENSION_NAMES[d],
      ampereSeconds: (known?.ampereSeconds ?? 0) + (overA * elapsedMs) / 1000,
      worstA: Math.max(known?.worstA ?? 0, overA),
      fromMs: known?.fromMs ?? monotonic() - startMs,
      causedBy: [...new Set([...(known?.causedBy ?? []), ...causes])],
    })
  }

  function answered(episode: Episode): void {
    if (episode.answeredMs !== undefined) return
    episode.answeredMs = monotonic()
    const { fromMs, removable, isHidden } = episode
    if (removable.length === 0 || isHidden) return
    // What is slow of itself, or went wrong meanwhile, is no measure of the controller.
    const isResponsive = removable.every(
      ({ charger }) => charger.slownessMs() <= PROMPT_MS && charger.capableSinceMs() <= fromMs,
    )
    if (isResponsive) reactions.push(monotonic() - fromMs)
  }

  /** What nobody can tell from the car for a while is judged by the bound for that. */
  function isLoadHidden({ baseRoseMs, node }: NodeTruth, d: Dimension, fromMs: number): boolean {
    if (knownLoadMs(baseRoseMs[d]) < fromMs) return false
    return outlets.below(node.index).some(({ changedAtMs }) => changedAtMs > fromMs - LOAD_KNOWN_MS)
  }

  function isCapable({ charger }: Outlet): boolean {
    return charger.capableSinceMs() <= monotonic()
  }

  function isRemovable(outlet: Outlet, d: Dimension): boolean {
    return aboveFloorA(outlet, d) > EXCESS_A && isCapable(outlet)
  }

  /** Without a transaction id it can be told its fallback only. */
  function aboveFloorA(outlet: Outlet, d: Dimension): number {
    const { limitA, load, fallbackA, answeredAtMs } = outlet
    if (limitA === 0) return 0
    const floorA = monotonic() > answeredAtMs + HISTORY_MS ? 0 : fallbackA
    return load[d] * Math.max(0, 1 - floorA / limitA)
  }
}
