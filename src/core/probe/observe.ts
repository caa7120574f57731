/** What a probe sees of its charger and of the site around it. */
import { CLOCK_TOLERANCE_MS } from '../ledger/evse-ledger.js'
import { standingForm } from '../ledger/profile-form.js'
import { EPSILON_A } from '../load.js'
import { sumPhases } from '../phases.js'
import type { PhaseA } from '../phases.js'
import type { EvsePlan, Plan } from '../plan/plan-types.js'
import { roomOf } from '../plan/room.js'
import type { Connector, Site } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'
import type { ProbeAnswer, ProbeObservation, ProbeSample } from './probe-types.js'

/** Undefined: there is no such connector any more. */
export function observe(
  site: Site,
  plan: Plan,
  address: { readonly chargePointId: string; readonly connectorId: number },
  heard: { readonly boots: number; readonly answers: readonly ProbeAnswer[] },
): ProbeObservation | undefined {
  const chargePoint = site.chargePoints.get(address.chargePointId)
  const connector = chargePoint?.connectors.get(address.connectorId)
  const evse = site.tree.byChargePoint.get(address.chargePointId)?.get(address.connectorId)
  const item = evse && plan.evses[evse.index]
  // A plan from before the last change of the depot says nothing of it.
  if (!chargePoint || !connector || !evse || item?.evse.key !== evse.key) return undefined
  const { ledger, transactionId } = connector
  const { grant } = ledger
  const fitsFully = hasRoom(site, plan, item)
  return {
    ...heard,
    connected: chargePoint.connected,
    connectedAtMs: chargePoint.connectedAtMs,
    status: connector.status,
    transactionId,
    energyWh: site.transactions.get(transactionId ?? 0)?.energyWh ?? 0,
    sample: sampleOf(site, evse, connector),
    grant: grant && {
      limitA: grant.limitA,
      acknowledgedAtMs: grant.acknowledgedAtMs,
      expiresAtMs: grant.mayExpireFromMs + CLOCK_TOLERANCE_MS,
      expiredByMs: grant.expiredByMs,
    },
    fallbackA: ledger.fallbackA,
    isCalling: ledger.inFlight !== undefined,
    standingA: ledger.admission ? 0 : ledger.fallbackA,
    ...unitsOf(evse, connector),
    minA: evse.evse.minCurrentA,
    hardwareA: evse.hardwareA,
    // Where all of it fits, what it takes beyond its limit trips nothing.
    within: fitsFully || above(site, evse).every((node) => plan.nodes[node]?.within !== false),
    hasRoom: fitsFully,
    isCutOff: connector.cutOff !== 'none',
    meter: meterOf(site, evse),
  }
}

function sampleOf(site: Site, evse: TreeEvse, { sample }: Connector): ProbeSample | undefined {
  if (!sample) return undefined
  const [l1, l2, l3] = evse.wiring
  const at = (phase: number): number => Math.abs(sample.currentA[phase] ?? 0)
  const ownA: PhaseA = [at(l1), at(l2), at(l3)]
  return {
    ownA,
    highestA: Math.max(...ownA),
    powerW: sample.powerW ?? sumPhases(ownA) * site.rules.nominalVoltageV,
    atMs: sample.atMs,
  }
}

function unitsOf(
  { evse }: TreeEvse,
  { ledger }: Connector,
): Pick<ProbeObservation, 'takenUnit' | 'refusedUnit'> {
  const [native, other] = evse.currentType === 'DC' ? (['W', 'A'] as const) : (['A', 'W'] as const)
  const { fallback } = ledger.forms
  const isSwapped = standingForm(fallback).unit === 'other'
  const takes = ledger.fallbackA !== undefined || ledger.grant !== undefined
  return {
    takenUnit: takes ? (isSwapped ? other : native) : undefined,
    refusedUnit: isSwapped || (!takes && fallback.isExhausted) ? native : undefined,
  }
}

/** Without the charger's own node: what it may draw as a whole is a statement about itself. */
function above(site: Site, { path }: TreeEvse): readonly number[] {
  return path.filter((index) => site.tree.nodes[index]?.kind !== 'charger')
}

/** Its hardware maximum fits in the place of what it counts now, at every node above it. */
function hasRoom(site: Site, plan: Plan, { evse, unit, exposureA }: EvsePlan): boolean {
  return above(site, evse).every((index) => {
    const node = plan.nodes[index]
    if (!node) return true
    const room = roomOf(node.limit.load, node.base.upperA)
    return room.every((sum, d) => {
      const others = (node.exposure[d] ?? 0) - (unit[d] ?? 0) * exposureA
      return others + (evse.unit[d] ?? 0) * evse.hardwareA <= sum + EPSILON_A
    })
  })
}

function meterOf(site: Site, evse: TreeEvse): ProbeObservation['meter'] {
  for (const index of evse.path) {
    const rule = site.tree.nodes[index]?.meter
    const meter = rule && site.meters.get(rule.id)
    if (!meter) continue
    const { currentA, readAtMs, problem } = meter
    if (!currentA || readAtMs === undefined || problem !== undefined) return undefined
    return { currentA, atMs: readAtMs }
  }
  return undefined
}
