/** How meters and limit sources follow their readings. */
import { drawA, isSampleFresh } from '../limits/draw.js'
import { noteReading, noteSame } from '../limits/base-load.js'
import { sumPhases } from '../phases.js'
import type { LiveEvent } from './events.js'
import type { Site } from './state.js'
import type { TreeNode } from './tree.js'

type MeterRead = Extract<LiveEvent, { type: 'meterRead' }>
type LimitRead = Extract<LiveEvent, { type: 'limitRead' }>

export function applyMeterRead(site: Site, event: MeterRead, nowMs: number): void {
  const meter = site.meters.get(event.meterId)
  if (!meter) return
  const same =
    meter.currentA?.every((phaseA, phase) => phaseA === event.currentA[phase]) === true &&
    meter.powerW === event.powerW
  if (!same) {
    meter.sameSinceMs = event.atMs
    meter.deviatesSinceMs = undefined
  }
  // The samples of the chargers come later than what the meter has seen already.
  const samplesLagMs = 2 * site.rules.meterValueIntervalMs
  const isYoung = nowMs - meter.sameSinceMs <= samplesLagMs
  const node = site.tree.nodes.find((candidate) => candidate.meter?.id === meter.id)
  if (node) {
    const takenA = drawnA(site, node, nowMs)
    if (isYoung) meter.sameDrawA = takenA
    else noteSame(meter, takenA, nowMs)
  }
  meter.currentA = event.currentA
  meter.powerW = event.powerW
  meter.energyWh = event.energyWh
  meter.readAtMs = event.atMs
  meter.problem = undefined
  if (node) noteReading(site, node, meter, nowMs)
}

export function applyLimitRead(site: Site, event: LimitRead): void {
  const source = site.limitSources.get(event.sourceId)
  if (!source) return
  source.limitA = event.limitA
  source.limitW = event.limitW
  source.readAtMs = event.atMs
  source.problem = undefined
}

/** What the chargers behind the meter draw, over all phases; undefined while one does not say. */
function drawnA(site: Site, node: TreeNode, nowMs: number): number | undefined {
  let sumA = 0
  for (const { path, chargePointId, evse } of site.tree.evses) {
    if (chargePointId === undefined || !path.includes(node.index)) continue
    const connector = site.chargePoints.get(chargePointId)?.connectors.get(evse.id)
    if (connector?.transactionId === undefined) continue
    if (!isSampleFresh(connector, site.rules, nowMs)) return undefined
    sumA += sumPhases(drawA(connector, site.rules, nowMs))
  }
  return sumA
}
