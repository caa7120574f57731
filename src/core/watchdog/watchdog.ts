/**
 * The last line (I10): what is measured stays above a limit although normal control had its time, so
 * chargers below are cut off, step by step. It trusts measurements, limits and time, and nothing the
 * ledger believes: it is there for the case that the ledger is wrong.
 */
import { limitsInForce } from '../limits/in-force.js'
import { noLoad, addLoad } from '../load.js'
import type { Load } from '../load.js'
import type { CutOffChanged, Instant } from '../site/events.js'
import type { Connector, CutOff, Site } from '../site/state.js'
import { FIRST_HOLD_MS, newNodeWatch, noteExcess } from './excess.js'
import { measureEvses, measureNodes } from './measured.js'
import type { EvseMeasure, NodeMeasure } from './measured.js'
import { takeBack } from './take-back.js'
import { cutFurther, joiners, suspects } from './victims.js'
import type { Suspect } from './victims.js'
import { nodeKey } from './watchdog-state.js'
import type { NodeWatch } from './watchdog-state.js'

/** Charger and car have so long to follow a step before the next. */
const STEP_MS = 15_000
/** An excess that comes back so soon after something was let go doubles the next hold. */
const RELAPSE_MS = 600_000
const HOLD_MAX_MS = 3_600_000

/**
 * One look, about once a second: brings what is remembered of the nodes up to date, and returns how
 * far the watchdog goes with each EVSE from now on. Reducing what it returns makes it so.
 */
export function watch(site: Site, at: Instant): readonly CutOffChanged[] {
  const evses = measureEvses(site, at.nowMs)
  const measures = measureNodes(site, evses, at.nowMs)
  const watches = lookAtNodes(site, measures, at)
  forget(site, evses)
  const taken = cut(site, evses, measures, watches, at)
  return [...taken, ...takeBack(site, evses, watches, at)]
}

function lookAtNodes(site: Site, measures: readonly NodeMeasure[], at: Instant): NodeWatch[] {
  // A limit that is only prepared for is not exceeded yet.
  const limits = limitsInForce(site, at.nowMs, at.wallMs, 0)
  const { nodes } = site.watchdog
  const watches = site.tree.nodes.map((node, index) => {
    const key = nodeKey(node)
    const known = nodes.get(key) ?? newNodeWatch(at.nowMs)
    nodes.set(key, known)
    const measure = measures[index]
    const limit = limits[index]
    if (measure && limit) noteExcess(known, node, measure, limit, at)
    return known
  })
  if (nodes.size > watches.length) {
    const keys = new Set(site.tree.nodes.map(nodeKey))
    for (const key of nodes.keys()) if (!keys.has(key)) nodes.delete(key)
  }
  return watches
}

/** EVSEs that the depot no longer has. */
function forget({ watchdog }: Site, evses: readonly EvseMeasure[]): void {
  if (watchdog.evses.size === 0) return
  const known = new Set<string>()
  for (const { chargePoint, connector } of evses) known.add(`${connector.id} ${chargePoint.id}`)
  for (const key of watchdog.evses.keys()) if (!known.has(key)) watchdog.evses.delete(key)
}

function cut(
  site: Site,
  evses: readonly EvseMeasure[],
  measures: readonly NodeMeasure[],
  watches: readonly NodeWatch[],
  at: Instant,
): readonly CutOffChanged[] {
  if (!watches.some(({ overA }) => overA > 0)) return []
  const changes = new Map<Connector, CutOffChanged>()
  /** What is cut in this look relieves the nodes above too. */
  const relief = watches.map(noLoad)
  // The lowest nodes first: who is cut there helps above, not the other way round.
  for (const node of site.tree.nodes.toReversed()) {
    const state = watches[node.index]
    const measure = measures[node.index]
    if (!state || !measure || !mayStep(site, state, measure, at.nowMs)) continue
    begin(state, at.nowMs)
    const below = suspects(site, evses, node.index, at.nowMs)
    const excess = excessNow(state, measure, below)
    const step = (suspect: Suspect, cutOff: CutOff): void => {
      const { evse, chargePoint, connector } = suspect.measure
      if (changes.has(connector)) return
      changes.set(connector, {
        type: 'cutOffChanged',
        chargePointId: chargePoint.id,
        connectorId: connector.id,
        cutOff,
        cause: { nodeId: node.id, nodeName: node.name, overA: state.overA },
        wallMs: at.wallMs,
      })
      if (connector.cutOff !== 'none' || !chargePoint.connected) return
      for (const index of evse.path) addLoad(relief[index] ?? noLoad(), suspect.draw, 1)
    }
    for (const { suspect, cutOff } of cutFurther(site, below, excess, state, at.nowMs)) {
      step(suspect, cutOff)
    }
    const left = minus(excess, relief[node.index] ?? noLoad())
    for (const suspect of joiners(below, left)) step(suspect, 'transaction')
  }
  return [...changes.values()]
}

function mayStep(site: Site, state: NodeWatch, measure: NodeMeasure, nowMs: number): boolean {
  const { watchdogAfterMs } = site.rules
  if (state.sinceMs === undefined || state.overA <= 0 || measure.by === 'nothing') return false
  if (state.overForMs < watchdogAfterMs || nowMs < state.nextStepAtMs) return false
  // Samples come one by one: an old one of a car that was lowered and a new one of a car that was
  // raised make no excess. So each must be from after normal control had its time.
  return measure.by === 'meter' || measure.oldestAtMs >= state.sinceMs + watchdogAfterMs
}

function begin(state: NodeWatch, nowMs: number): void {
  state.nextStepAtMs = nowMs + STEP_MS
  if (state.alarm) return
  state.alarm = true
  const cameBack = nowMs - state.releasedAtMs <= RELAPSE_MS
  state.holdMs = cameBack ? Math.min(HOLD_MAX_MS, 2 * state.holdMs) : FIRST_HOLD_MS
}

/** Samples from before a step was followed say nothing of what flows now; a meter does. */
function excessNow(state: NodeWatch, measure: NodeMeasure, below: readonly Suspect[]): Load {
  if (measure.by === 'meter') return [...state.over]
  let excess: Load = [...state.over]
  for (const suspect of below) {
    const isPending = suspect.measure.connector.cutOff !== 'none' && suspect.proof === 'pending'
    if (isPending) excess = minus(excess, suspect.draw)
  }
  return excess
}

function minus(load: Load, less: Load): Load {
  return [load[0] - less[0], load[1] - less[1], load[2] - less[2], load[3] - less[3]]
}
