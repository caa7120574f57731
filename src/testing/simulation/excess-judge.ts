/**
 * Judges every node at every instant: is more permitted below it than its limit leaves, since when,
 * and who could still have been lowered? Only ground truth is asked.
 */
import { expiryJudge } from './expiry-judge.js'
import { LIMIT_KNOWN_MS, outsideEvents } from './outside-events.js'
import type { Residual } from './result.js'
import type { Outlet, OutletChange, Outlets } from './outlets.js'
import { DIMENSION_NAMES, DIMENSIONS, EXCESS_A } from './node-truth.js'
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

/** An outside event is answered within this, always. */
const REACTION_MS = 16_000
/** A load may hide so long behind a car that changes. */
const LOAD_KNOWN_MS = 16_000
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
  const { nodes, outlets, verdicts, startMs, monotonic } = options
  const events = outsideEvents(options)
  const judgeExpiry = expiryJudge(options)
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
      else events.rose(change)
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
      const fromMs = Math.max(events.latestMs(truth, d), lookedAtMs - elapsedMs)
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
    const excusedFromMs = events.latestMs(truth, d)
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
    if (events.faultMs(truth.node.index) >= saidAtMs - LOAD_KNOWN_MS) return true
    if (events.unseenStartMs(truth.node.index) >= saidAtMs) return true
    if (events.revealedMs(truth.node.index) >= saidAtMs) return true
    if (events.freedMs(truth.node.index) >= saidAtMs - LIMIT_KNOWN_MS) return true
    return events.knownLoadMs(truth.baseRoseMs[d]) >= saidAtMs - LOAD_KNOWN_MS
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
    if (events.knownLoadMs(baseRoseMs[d]) < fromMs) return false
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
