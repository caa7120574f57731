/** How long and how far what is measured at a node has been above the limit in force there. */
import type { LimitInForce } from '../limits/in-force.js'
import { DIMENSIONS, noLoad } from '../load.js'
import type { Load } from '../load.js'
import type { Instant } from '../site/events.js'
import type { TreeNode } from '../site/tree.js'
import type { NodeMeasure } from './measured.js'
import type { NodeWatch } from './watchdog-state.js'

/** What meters of two makes may differ by. */
const TOLERANCE = 0.02
const TOLERANCE_A = 1
/** The rating of a charger is a round figure, and cars take a little more than they are told. */
const CHARGER_TOLERANCE = 0.1
const CHARGER_TOLERANCE_A = 2
/** A reading or two below the limit do not end an excess. */
const ENDS_AFTER_MS = 3_000
/** Between two looks no more than this is taken for measured. */
const LOOK_MAX_MS = 5_000
export const FIRST_HOLD_MS = 60_000

export function newNodeWatch(nowMs: number): NodeWatch {
  return {
    measuredBy: 'nothing',
    over: noLoad(),
    overA: 0,
    dimension: 'power',
    sinceMs: undefined,
    sinceWallMs: 0,
    overForMs: 0,
    withinForMs: 0,
    endedAtMs: -Infinity,
    excessAs: 0,
    worstA: 0,
    worstAtWallMs: 0,
    totalAs: 0,
    alarm: false,
    lookedAtMs: nowMs,
    nextStepAtMs: nowMs,
    holdMs: FIRST_HOLD_MS,
    releasedAtMs: -Infinity,
  }
}

/** One look at a node. Without a measurement time stands still. */
export function noteExcess(
  watch: NodeWatch,
  node: TreeNode,
  measure: NodeMeasure,
  limit: LimitInForce,
  at: Instant,
): void {
  const passedMs = Math.min(LOOK_MAX_MS, at.nowMs - watch.lookedAtMs)
  watch.lookedAtMs = at.nowMs
  watch.measuredBy = measure.by
  if (measure.by === 'nothing') return
  watch.over = overOf(node, measure.load, limit.load)
  const { over } = watch
  const overA = Math.max(over[0], over[1], over[2], over[3])
  watch.overA = overA
  if (overA > 0) {
    watch.dimension = DIMENSIONS[over.indexOf(overA)] ?? 'power'
    lasts(watch, passedMs, at)
  } else if (watch.sinceMs !== undefined) {
    watch.withinForMs += passedMs
    if (watch.withinForMs >= ENDS_AFTER_MS) ends(watch, at)
  }
}

function lasts(watch: NodeWatch, passedMs: number, at: Instant): void {
  if (watch.sinceMs === undefined) {
    watch.sinceMs = at.nowMs
    watch.sinceWallMs = at.wallMs
    watch.overForMs = 0
    watch.excessAs = 0
    watch.worstA = 0
    watch.nextStepAtMs = at.nowMs
  } else {
    const ampereSeconds = (watch.overA * passedMs) / 1000
    watch.overForMs += passedMs
    watch.excessAs += ampereSeconds
    watch.totalAs += ampereSeconds
  }
  watch.withinForMs = 0
  if (watch.overA <= watch.worstA) return
  watch.worstA = watch.overA
  watch.worstAtWallMs = at.wallMs
}

function ends(watch: NodeWatch, at: Instant): void {
  watch.sinceMs = undefined
  watch.overForMs = 0
  watch.withinForMs = 0
  watch.endedAtMs = at.nowMs
  watch.alarm = false
}

/** Beyond the limit where it is more than measuring explains, 0 elsewhere. */
function overOf(node: TreeNode, load: Load, limit: Load): Load {
  const isCharger = node.kind === 'charger'
  const share = isCharger ? CHARGER_TOLERANCE : TOLERANCE
  const leastA = isCharger ? CHARGER_TOLERANCE_A : TOLERANCE_A
  return [
    beyond(load[0], limit[0], leastA, share),
    beyond(load[1], limit[1], leastA, share),
    beyond(load[2], limit[2], leastA, share),
    // The sum of the phases has the error of three.
    beyond(load[3], limit[3], 3 * leastA, share),
  ]
}

function beyond(loadA: number, limitA: number, leastA: number, share: number): number {
  const overA = loadA - limitA
  return overA > Math.max(leastA, share * limitA) ? overA : 0
}
