/** What is measured now: of each EVSE by its own samples, of each node by its meter or by those. */
import { meterAgeMs, meterQuality } from '../limits/base-load.js'
import { addLoad, loadOf, noLoad } from '../load.js'
import type { Load } from '../load.js'
import type { PhaseA } from '../phases.js'
import type { SiteRules } from '../site/rules.js'
import type { ChargePoint, Connector, Site } from '../site/state.js'
import type { TreeEvse, TreeNode } from '../site/tree.js'
import type { MeasuredBy } from './watchdog-state.js'

export interface EvseMeasure {
  readonly evse: TreeEvse
  readonly chargePoint: ChargePoint
  readonly connector: Connector
  /** On site phases; undefined: it has said nothing lately. */
  readonly currentA: PhaseA | undefined
  /** Monotonic, of the sample; -Infinity without one. */
  readonly atMs: number
}

export interface NodeMeasure {
  readonly by: MeasuredBy
  readonly load: Load
  /** The oldest of what it is made of, monotonic. */
  readonly oldestAtMs: number
}

/** Chargers that ignore the interval they were asked for are believed up to this. */
const INTERVAL_MAX_MS = 120_000

export function measureEvses(site: Site, nowMs: number): readonly EvseMeasure[] {
  const measures: EvseMeasure[] = []
  for (const evse of site.tree.evses) {
    if (evse.chargePointId === undefined) continue
    const chargePoint = site.chargePoints.get(evse.chargePointId)
    const connector = chargePoint?.connectors.get(evse.evse.id)
    if (!chargePoint || !connector) continue
    const { sample } = connector
    const fresh = sample && nowMs - sample.atMs < believedForMs(connector, site.rules)
    // A reversed transformer shows current all the same.
    const currentA = fresh ? absolute(sample.currentA) : undefined
    measures.push({ evse, chargePoint, connector, currentA, atMs: sample?.atMs ?? -Infinity })
  }
  return measures
}

/** Two of its intervals: one report may be lost. */
export function believedForMs(
  { sampleIntervalMs = 0 }: Connector,
  { meterValueIntervalMs }: SiteRules,
): number {
  return 2 * Math.max(meterValueIntervalMs, Math.min(sampleIntervalMs, INTERVAL_MAX_MS))
}

/** By node index. */
export function measureNodes(
  site: Site,
  evses: readonly EvseMeasure[],
  nowMs: number,
): readonly NodeMeasure[] {
  const { nodes } = site.tree
  const sums = nodes.map(() => ({ load: noLoad(), oldestAtMs: Infinity }))
  for (const { evse, currentA, atMs } of evses) {
    if (!currentA) continue
    const own = sums[evse.path[0] ?? 0]
    if (own) {
      addLoad(own.load, loadOf(currentA), 1)
      own.oldestAtMs = Math.min(own.oldestAtMs, atMs)
    }
  }
  const measures: NodeMeasure[] = []
  // Children come after their parents.
  for (const node of nodes.toReversed()) {
    const sum = sums[node.index]
    if (!sum) continue
    const { baseLoadA } = node
    if (baseLoadA !== 0) addLoad(sum.load, loadOf([baseLoadA, baseLoadA, baseLoadA]), 1)
    const measure = byMeter(site, node, nowMs) ?? {
      by: node.meter ? ('nothing' as const) : ('samples' as const),
      load: sum.load,
      oldestAtMs: sum.oldestAtMs,
    }
    measures[node.index] = measure
    const above = sums[node.path[1] ?? -1]
    if (!above) continue
    addLoad(above.load, measure.load, 1)
    above.oldestAtMs = Math.min(above.oldestAtMs, measure.oldestAtMs)
  }
  return measures
}

function byMeter(site: Site, node: TreeNode, nowMs: number): NodeMeasure | undefined {
  const meter = node.meter && site.meters.get(node.meter.id)
  if (meter?.currentA === undefined) return undefined
  const ageMs = meterAgeMs(meter, nowMs)
  if (meterQuality(ageMs) !== 'good') return undefined
  return { by: 'meter', load: loadOf(meter.currentA), oldestAtMs: nowMs - ageMs }
}

function absolute(currentA: PhaseA): PhaseA {
  return currentA.every((a) => a >= 0)
    ? currentA
    : [Math.abs(currentA[0]), Math.abs(currentA[1]), Math.abs(currentA[2])]
}
