/** How meters and limit sources follow their readings. */
import { drawA } from '../limits/draw.js'
import { noteReading } from '../limits/base-load.js'
import { sumPhases } from '../phases.js'
import type { LiveEvent } from './events.js'
import type { Site } from './state.js'

type MeterRead = Extract<LiveEvent, { type: 'meterRead' }>
type LimitRead = Extract<LiveEvent, { type: 'limitRead' }>

export function applyMeterRead(site: Site, event: MeterRead, nowMs: number): void {
  const meter = site.meters.get(event.meterId)
  if (!meter) return
  const same =
    meter.currentA?.every((phaseA, phase) => phaseA === event.currentA[phase]) === true &&
    meter.powerW === event.powerW
  if (!same) meter.sameSinceMs = event.atMs
  // The samples of the chargers come later than what the meter has seen already.
  const samplesLagMs = 2 * site.rules.meterValueIntervalMs
  if (nowMs - meter.sameSinceMs <= samplesLagMs) meter.sameDrawA = drawnA(site, nowMs)
  meter.currentA = event.currentA
  meter.powerW = event.powerW
  meter.energyWh = event.energyWh
  meter.readAtMs = event.atMs
  meter.problem = undefined
  const node = site.tree.nodes.find((candidate) => candidate.meter?.id === meter.id)
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

function drawnA(site: Site, nowMs: number): number {
  let sumA = 0
  for (const { connectors } of site.chargePoints.values()) {
    for (const connector of connectors.values()) {
      sumA += sumPhases(drawA(connector, site.rules, nowMs))
    }
  }
  return sumA
}
