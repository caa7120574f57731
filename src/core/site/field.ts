/** How meters and limit sources follow their readings. */
import { drawA, isSampleFresh, METER_LAG_MS } from '../limits/draw.js'
import { meterAgeMs, noteReading, noteSame } from '../limits/base-load.js'
import { sumPhases } from '../phases.js'
import type { LiveEvent } from './events.js'
import { limitProblem, meterProblem } from './plausible-reading.js'
import type { MeterState, Site } from './state.js'
import type { TreeNode } from './tree.js'

type MeterRead = Extract<LiveEvent, { type: 'meterRead' }>
type LimitRead = Extract<LiveEvent, { type: 'limitRead' }>

export function applyMeterRead(site: Site, event: MeterRead, nowMs: number): void {
  const meter = site.meters.get(event.meterId)
  if (!meter) return
  const node = site.tree.nodes.find((candidate) => candidate.meter?.id === meter.id)
  const problem = node && meterProblem(site.tree, node, event.currentA)
  if (problem !== undefined) {
    meter.problem = problem
    return
  }
  const wasAgeMs = meterAgeMs(meter, nowMs)
  const same =
    meter.currentA?.every((phaseA, phase) => phaseA === event.currentA[phase]) === true &&
    meter.powerW === event.powerW
  if (!same) {
    meter.sameSinceMs = event.atMs
    meter.sameDrawsA.clear()
    meter.deviatesSinceMs = undefined
  } else if (node) noteSame(meter, changeA(site, node, meter, nowMs), nowMs)
  meter.currentA = event.currentA
  meter.powerW = event.powerW
  meter.energyWh = event.energyWh
  meter.readAtMs = event.atMs
  meter.problem = undefined
  if (node) noteReading(site, node, { meter, wasAgeMs }, nowMs)
}

export function applyLimitRead(site: Site, event: LimitRead): void {
  const source = site.limitSources.get(event.sourceId)
  if (!source) return
  const problem = limitProblem(event.limitA) ?? limitProblem(event.limitW)
  if (problem !== undefined) {
    source.problem = problem
    return
  }
  source.limitA = event.limitA
  source.limitW = event.limitW
  source.readAtMs = event.atMs
  source.problem = undefined
}

/**
 * By how much the chargers behind the meter draw more, over all phases, than by what each of them said
 * first after it began to repeat itself: before that a sample may show what the meter has seen already.
 */
function changeA(site: Site, node: TreeNode, meter: MeterState, nowMs: number): number {
  const { sameDrawsA, sameSinceMs } = meter
  let sumA = 0
  for (const { path, chargePointId, evse, index } of site.tree.evses) {
    if (chargePointId === undefined || !path.includes(node.index)) continue
    const connector = site.chargePoints.get(chargePointId)?.connectors.get(evse.id)
    const isIdle = connector?.transactionId === undefined
    if (!isIdle && !isSampleFresh(connector, site.rules, nowMs)) continue
    const drawnA = isIdle ? 0 : sumPhases(drawA(connector, site.rules, nowMs))
    const beforeA = sameDrawsA.get(index)
    if (beforeA !== undefined) sumA += drawnA - beforeA
    else if (isIdle || (connector.sample?.atMs ?? 0) > sameSinceMs + METER_LAG_MS) {
      sameDrawsA.set(index, drawnA)
    }
  }
  return sumA
}
