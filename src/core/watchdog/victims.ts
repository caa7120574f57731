/**
 * Whom to cut off: as few as cover the excess, by what they measurably draw. Who does not say what
 * he draws is suspected first; who goes on drawing after a step goes to the next.
 */
import { priorityFor } from '../energy/priority.js'
import { addLoad, loadOf } from '../load.js'
import type { Load } from '../load.js'
import { onPhases } from '../phases.js'
import type { Connector, CutOff, Site } from '../site/state.js'
import { believedForMs } from './measured.js'
import type { EvseMeasure } from './measured.js'
import { evseKey } from './watchdog-state.js'
import type { EvseWatch, NodeWatch } from './watchdog-state.js'

export interface Suspect {
  readonly measure: EvseMeasure
  /** What it draws, or at least may draw if it says nothing. */
  readonly draw: Load
  readonly drawA: number
  /** Of an EVSE that was cut off: drawn since then, said before that, or it says nothing. */
  readonly proof: 'measured' | 'pending' | 'silent'
  readonly priority: number
}

export interface FurtherCut {
  readonly suspect: Suspect
  readonly cutOff: CutOff
}

/** Less than this is no charging car. */
const DRAWS_A = 1
/** A sample so long after a step shows whether it was followed. */
const FOLLOWED_AFTER_MS = 5_000
/** No step sooner after the last, whatever other nodes say. */
const STEP_MS = 15_000
const EXPIRY_MARGIN_MS = 60_000

/** All below the node that draw, or may be drawing unseen. */
export function suspects(
  site: Site,
  evses: readonly EvseMeasure[],
  node: number,
  nowMs: number,
): readonly Suspect[] {
  return evses.flatMap((measure): Suspect[] => {
    if (!measure.evse.path.includes(node)) return []
    const suspect = suspectOf(site, measure, nowMs)
    return suspect ? [suspect] : []
  })
}

function suspectOf(site: Site, measure: EvseMeasure, nowMs: number): Suspect | undefined {
  const { evse, connector, currentA, atMs } = measure
  const priority = priorityOf(site, measure, nowMs)
  if (currentA) {
    const drawA = Math.max(...currentA)
    if (drawA < DRAWS_A) return undefined
    const steppedAtMs = watchOf(site, measure)?.steppedAtMs ?? -Infinity
    const isAfter = atMs >= steppedAtMs + FOLLOWED_AFTER_MS
    const proof = isAfter ? 'measured' : 'pending'
    return { measure, draw: loadOf(currentA), drawA, proof, priority }
  }
  if (!isOverdue(site, connector, nowMs)) return undefined
  // The least that a car which charges takes.
  const drawA = evse.evse.minCurrentA
  return { measure, draw: loadOf(onPhases(drawA, evse.mask)), drawA, proof: 'silent', priority }
}

/** In a transaction for so long that it should have said what it draws. */
function isOverdue(site: Site, connector: Connector, nowMs: number): boolean {
  const { transactionId } = connector
  if (transactionId === undefined) return false
  const fromMs = site.transactions.get(transactionId)?.liveFromMs ?? -Infinity
  return nowMs - fromMs >= believedForMs(connector, site.rules)
}

function priorityOf(site: Site, { evse, connector }: EvseMeasure, nowMs: number): number {
  const { transactionId } = connector
  const transaction = transactionId === undefined ? undefined : site.transactions.get(transactionId)
  return priorityFor(site, evse, transaction, nowMs + (site.clock.offsetMs ?? 0)).value
}

function watchOf(site: Site, { chargePoint, connector }: EvseMeasure): EvseWatch | undefined {
  return site.watchdog.evses.get(
    evseKey({ chargePointId: chargePoint.id, connectorId: connector.id }),
  )
}

/** Those not cut off yet whom to cut so that the excess is covered, fewest first. */
export function joiners(below: readonly Suspect[], excess: Load): readonly Suspect[] {
  const free = below.filter(({ measure }) => measure.connector.cutOff === 'none')
  return covering(free.toSorted(silentFirst), excess)
}

/** Those cut off already that go on: each its next step. */
export function cutFurther(
  site: Site,
  below: readonly Suspect[],
  excess: Load,
  { overForMs }: NodeWatch,
  nowMs: number,
): readonly FurtherCut[] {
  const further: FurtherCut[] = []
  const ending: FurtherCut[] = []
  for (const suspect of below) {
    const { connector, chargePoint } = suspect.measure
    const since = watchOf(site, suspect.measure)?.steppedAtMs ?? -Infinity
    if (connector.cutOff === 'none' || nowMs - since < STEP_MS) continue
    const cutOff = nextStep(site, suspect)
    if (cutOff === undefined) continue
    if (isProfileStep(cutOff)) further.push({ suspect, cutOff })
    else if (chargePoint.connected) {
      // What ends a session needs proof that it goes on, or that nobody can tell.
      if (suspect.proof === 'pending') continue
      if (connector.cutOff === 'chargePoint') ending.push({ suspect, cutOff })
      else further.push({ suspect, cutOff })
    } else if (
      overForMs > site.rules.profileDurationMs + EXPIRY_MARGIN_MS &&
      hasRelay(site, suspect)
    )
      // Out of reach; what it was given must have expired by now.
      further.push({ suspect, cutOff: 'relay' })
  }
  const chosen = covering(ending.map(({ suspect }) => suspect).toSorted(silentLast), excess)
  return [...further, ...ending.filter(({ suspect }) => chosen.includes(suspect))]
}

function isProfileStep(cutOff: CutOff): boolean {
  return cutOff === 'fallback' || cutOff === 'chargePoint'
}

function nextStep(site: Site, suspect: Suspect): CutOff | undefined {
  const { connector } = suspect.measure
  switch (connector.cutOff) {
    case 'none':
      return 'transaction'
    case 'transaction':
      return 'fallback'
    case 'fallback':
      return 'chargePoint'
    case 'chargePoint':
      // Without a transaction there is none to stop.
      return connector.transactionId === undefined ? 'inoperative' : 'remoteStop'
    case 'remoteStop':
      return 'inoperative'
    case 'inoperative':
      return hasRelay(site, suspect) ? 'relay' : undefined
    case 'relay':
      return undefined
  }
}

function hasRelay(site: Site, { measure }: Suspect): boolean {
  return relayAbove(site, measure.evse.path) !== undefined
}

/** The relay nearest to an EVSE on the way up: it cuts off the fewest. */
export function relayAbove(site: Site, path: readonly number[]): string | undefined {
  for (const index of path) {
    const node = site.tree.nodes[index]
    if (node?.kind !== 'constraint') continue
    const relay = site.depot.constraints.get(node.id)?.cutOffRelay
    if (relay !== undefined) return relay
  }
  return undefined
}

/** As many in this order as it takes, none that would not help. */
function covering(ordered: readonly Suspect[], excess: Load): readonly Suspect[] {
  const left: Load = [...excess]
  return ordered.filter(({ draw, measure }) => {
    const helps = left.some((overA, d) => overA > 0 && (draw[d] ?? 0) > 0)
    // Who is out of reach is told once he is back, but helps nobody now.
    if (helps && measure.chargePoint.connected) addLoad(left, draw, -1)
    return helps
  })
}

function silentFirst(a: Suspect, b: Suspect): number {
  return Number(b.proof === 'silent') - Number(a.proof === 'silent') || lowestFirst(a, b)
}

function silentLast(a: Suspect, b: Suspect): number {
  return Number(a.proof === 'silent') - Number(b.proof === 'silent') || lowestFirst(a, b)
}

function lowestFirst(a: Suspect, b: Suspect): number {
  return a.priority - b.priority || b.drawA - a.drawA || a.measure.evse.index - b.measure.evse.index
}
