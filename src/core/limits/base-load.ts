/**
 * The uncontrolled load at a node, as an upper estimate: what its meter sees beyond the chargers,
 * the highest of the last minute, and worse as the reading ages (I5).
 */
import { addPhases, maxPhases, minPhases, NO_CURRENT, sumPhases } from '../phases.js'
import type { PhaseA } from '../phases.js'
import type { Connector, DrawSample, MeterState, Site } from '../site/state.js'
import type { TreeEvse, TreeNode } from '../site/tree.js'
import { drawRange, FOLLOW_MS, intervalMs, isSampleFresh, noteSample, unsaidA } from './draw.js'

const STALE_MS = 5_000
const WORST_MS = 15_000
const LOST_MS = 60_000
const FROZEN_MS = 15_000
const FROZEN_DRAW_A = 10
const SLOT_MS = 5_000
/** After its next sample would have shown it, and the meter too. */
const SHOWS_MS = 2_500
const WINDOW_SLOTS = 12

export interface BaseLoad {
  readonly upperA: PhaseA
  /** The same if no car has followed its raise yet: what counts for a further raise. */
  readonly mostA: PhaseA
  /** The reading is too old to raise anything below. */
  readonly noRaise: boolean
  /** Everything below goes to its fallback. */
  readonly failsafe: boolean
}

/**
 * A new reading has been stored in `meter`, which before was known as of `wasAgeMs` ago: brings the
 * estimate of its node up to date.
 */
export function noteReading(
  site: Site,
  node: TreeNode,
  { meter, wasAgeMs }: { readonly meter: MeterState; readonly wasAgeMs: number },
  nowMs: number,
): void {
  const { currentA } = meter
  if (!currentA) return
  let low = NO_CURRENT
  let high = NO_CURRENT
  let unsaid = NO_CURRENT
  let followMs = FOLLOW_MS
  let renewedMs = 0
  for (const evse of site.tree.evses) {
    if (evse.chargePointId === undefined || !evse.path.includes(node.index)) continue
    const connector = site.chargePoints.get(evse.chargePointId)?.connectors.get(evse.evse.id)
    if (!connector) continue
    const range = drawRange(evse, connector, site.rules, nowMs)
    low = addPhases(low, range.lowA)
    high = addPhases(high, range.highA)
    unsaid = addPhases(unsaid, unsaidA(evse, connector, nowMs))
    if (isSampleFresh(connector, site.rules, nowMs)) {
      const nextMs = intervalMs(connector, site.rules) + SHOWS_MS
      followMs = Math.max(followMs, nextMs)
      if (sumPhases(range.lowA) > 0) renewedMs = Math.max(renewedMs, nextMs)
    }
  }
  // What a sample says may be over, and nothing is left of the last minute to show by how much.
  if (wasAgeMs > WORST_MS) meter.worstUntilMs = nowMs + renewedMs
  // What a car may have changed since its last sample explains the meter before base load does.
  const before = meter.baseA
  const phase = (p: 0 | 1 | 2): number => {
    const least = Math.max(0, currentA[p] - high[p])
    const most = Math.max(0, currentA[p] - low[p])
    return before === undefined ? most : Math.min(most, Math.max(least, before[p]))
  }
  const most = (p: 0 | 1 | 2): number => Math.max(0, currentA[p] - low[p] - unsaid[p])
  meter.mostA = [most(0), most(1), most(2)]
  const least = leastLately(meter, currentA, low, { nowMs, followMs })
  meter.baseA = maxPhases([phase(0), phase(1), phase(2)], least)
  noteMaximum(meter, meter.baseA, nowMs)
}

/**
 * What no car drew, by its samples, at any reading of so long a time as a raise takes to be followed
 * and shown: this is base load, however many raises came meanwhile.
 */
function leastLately(
  meter: MeterState,
  currentA: PhaseA,
  low: PhaseA,
  { nowMs, followMs }: { readonly nowMs: number; readonly followMs: number },
): PhaseA {
  const rest = (p: 0 | 1 | 2): number => Math.max(0, currentA[p] - low[p])
  const { rests } = meter
  rests.push({ atMs: nowMs, restA: [rest(0), rest(1), rest(2)] })
  while (rests[1] && rests[1].atMs <= nowMs - followMs) rests.shift()
  if ((rests[0]?.atMs ?? nowMs) > nowMs - followMs) return NO_CURRENT
  let least: PhaseA = [Infinity, Infinity, Infinity]
  for (const { restA } of rests) least = minPhases(least, restA)
  return least
}

/** A charger says what it draws; undefined: its car has left. */
export function noteDraw(
  site: Site,
  evse: TreeEvse,
  connector: Connector,
  sample: DrawSample | undefined,
  nowMs: number,
): void {
  const { sample: before } = connector
  if (before && isSampleFresh(connector, site.rules, nowMs)) {
    const { lowA } = drawRange(evse, connector, site.rules, nowMs)
    const nowA = sample?.currentA ?? NO_CURRENT
    const fell = (p: 0 | 1 | 2): number => Math.max(0, lowA[p] - nowA[p])
    noteFall(site, evse, [fell(0), fell(1), fell(2)], before.atMs)
  }
  noteSample(connector, sample, nowMs)
}

/**
 * It took less than was counted on, some time since its last sample: what the meters saw meanwhile
 * was that much less of this car, and so more of something else.
 */
function noteFall(site: Site, { path }: TreeEvse, fellA: PhaseA, sinceMs: number): void {
  for (const index of path) {
    const meterId = site.tree.nodes[index]?.meter?.id
    const rests = meterId === undefined ? undefined : site.meters.get(meterId)?.rests
    for (const rest of rests ?? []) {
      if (rest.atMs > sinceMs) rest.restA = addPhases(rest.restA, fellA)
    }
  }
}

/**
 * A meter repeats itself to the bit, and `changedA` is by how much what the chargers draw has changed
 * meanwhile. Between a sample of theirs and the reading that shows the same some time may pass.
 */
export function noteSame(meter: MeterState, changedA: number, nowMs: number): void {
  // Once it is known to be frozen, cars that come back to what they drew make it no better.
  if (isFrozen(meter, nowMs)) return
  const deviates = Math.abs(changedA) > FROZEN_DRAW_A
  meter.deviatesSinceMs = deviates ? (meter.deviatesSinceMs ?? nowMs) : undefined
}

/** Whether it repeats itself to the bit although the chargers changed: then it is stale (B-04). */
export function isFrozen({ deviatesSinceMs }: MeterState, nowMs: number): boolean {
  return deviatesSinceMs !== undefined && nowMs - deviatesSinceMs > FROZEN_MS
}

/** Age of what is known, ms: a frozen meter is as old as its first identical value. */
export function meterAgeMs(meter: MeterState | undefined, nowMs: number): number {
  if (meter?.readAtMs === undefined) return Infinity
  return nowMs - (isFrozen(meter, nowMs) ? meter.sameSinceMs : meter.readAtMs)
}

export function meterQuality(ageMs: number): 'good' | 'stale' | 'lost' {
  if (ageMs > LOST_MS) return 'lost'
  return ageMs > STALE_MS ? 'stale' : 'good'
}

export function baseLoadOf(site: Site, node: TreeNode, nowMs: number): BaseLoad {
  const fixedA: PhaseA = [node.baseLoadA, node.baseLoadA, node.baseLoadA]
  if (!node.meter) return { upperA: fixedA, mostA: fixedA, noRaise: false, failsafe: false }
  const meter = site.meters.get(node.meter.id)
  const ageMs = meterAgeMs(meter, nowMs)
  const noRaise = ageMs > STALE_MS
  const worstA = maxPhases(fixedA, node.meter.worstBaseLoadA)
  // What a meter that is lost (or frozen) said last is no knowledge any more.
  if (ageMs > LOST_MS) return { upperA: worstA, mostA: worstA, noRaise, failsafe: true }
  const knownA = maxPhases(fixedA, maximumA(meter, nowMs))
  const isWorst = ageMs > WORST_MS || nowMs < (meter?.worstUntilMs ?? -Infinity)
  const upperA = isWorst ? maxPhases(knownA, worstA) : knownA
  const mostA = maxPhases(upperA, meter?.mostA ?? NO_CURRENT)
  return { upperA, mostA, noRaise, failsafe: false }
}

function noteMaximum(meter: MeterState, baseA: PhaseA, nowMs: number): void {
  const slot = Math.floor(nowMs / SLOT_MS)
  const last = meter.baseMaxima.at(-1)
  if (last?.slot === slot) {
    last.maxA = maxPhases(last.maxA, baseA)
    return
  }
  meter.baseMaxima.push({ slot, maxA: baseA })
  if (meter.baseMaxima.length > WINDOW_SLOTS) meter.baseMaxima.shift()
}

function maximumA(meter: MeterState | undefined, nowMs: number): PhaseA {
  let worst = meter?.baseA ?? NO_CURRENT
  const oldest = Math.floor(nowMs / SLOT_MS) - WINDOW_SLOTS
  for (const { slot, maxA } of meter?.baseMaxima ?? []) {
    if (slot > oldest) worst = maxPhases(worst, maxA)
  }
  return worst
}
