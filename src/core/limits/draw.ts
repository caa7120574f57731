/**
 * What an EVSE draws now, as far as its samples and the last commands tell. Between two samples a
 * car may already follow a new limit: then the draw is a range.
 */
import { effectiveLimitA, lastRaisedAtMs, raisedSinceA } from '../ledger/evse-ledger.js'
import { addPhases, maxPhases, minPhases, NO_CURRENT, onPhases } from '../phases.js'
import type { PhaseA, PhaseMask } from '../phases.js'
import type { SiteRules } from '../site/rules.js'
import type { Connector, DrawSample } from '../site/state.js'
import type { TreeEvse } from '../site/tree.js'

/**
 * For this long after a raise or a decrease the site meter may be ahead of the samples. Most cars
 * follow within 5 s; who takes longer counts as base load for a while, so that a real step of it is
 * acted on within 16 s.
 */
export const FOLLOW_MS = 11_000
/** A sample this long after a command shows its effect. */
const SHOWN_AFTER_MS = 5_000
/** A reading may be older than the last sample by this: polled each second, with the time on the bus. */
export const METER_LAG_MS = 1_500
/** From one sample to the next; more is a car that stops. */
const TAPER_A = 6
/** Chargers that ignore the configured interval are believed up to this. */
const INTERVAL_MAX_MS = 120_000

export interface DrawRange {
  readonly lowA: PhaseA
  readonly highA: PhaseA
}

export function isSampleFresh(connector: Connector, rules: SiteRules, nowMs: number): boolean {
  const { sample } = connector
  if (!sample || connector.transactionId === undefined) return false
  return nowMs - sample.atMs < 2 * intervalMs(connector, rules)
}

/** How often it reports, ms: as asked, or as it does. */
export function intervalMs({ sampleIntervalMs = 0 }: Connector, rules: SiteRules): number {
  return Math.max(rules.meterValueIntervalMs, Math.min(sampleIntervalMs, INTERVAL_MAX_MS))
}

/** The last sample while it is fresh, else nothing. */
export function drawA(connector: Connector, rules: SiteRules, nowMs: number): PhaseA {
  return isSampleFresh(connector, rules, nowMs)
    ? (connector.sample?.currentA ?? NO_CURRENT)
    : NO_CURRENT
}

/** A new sample, or the end of what it was of. */
export function noteSample(
  connector: Connector,
  sample: DrawSample | undefined,
  nowMs: number,
): void {
  if (connector.sample) {
    const { currentA } = connector.sample
    const { mostA, leastA, untilMs } = connector.drewBefore
    const isRecent = nowMs - untilMs < METER_LAG_MS
    connector.drewBefore = {
      mostA: isRecent ? maxPhases(mostA, currentA) : currentA,
      leastA: isRecent ? minPhases(leastA, currentA) : currentA,
      untilMs: nowMs,
    }
  }
  connector.sample = sample
}

/** The least it takes by now: a car that is getting full goes on taking less as it did before. */
function taperedA(
  { sample, drewBefore, ledger, sampleIntervalMs = 0 }: Connector,
  sampleA: PhaseA,
  nowMs: number,
): PhaseA {
  if (!sample || sampleIntervalMs === 0) return sampleA
  // Who takes less because of a limit of ours stays at that.
  const isLowered = ledger.loweredAtMs >= sample.atMs - sampleIntervalMs - FOLLOW_MS
  const loweredToA = isLowered ? (effectiveLimitA(ledger, nowMs) ?? Infinity) : Infinity
  // A sample was true when it was taken, a little before it came.
  const sinceMs = nowMs - sample.atMs + METER_LAG_MS
  const share = Math.min(1, sinceMs / sampleIntervalMs)
  const now = (p: 0 | 1 | 2): number => {
    const beforeA = drewBefore.mostA[p]
    const lessA = beforeA - sampleA[p]
    const isTaper = lessA > 0 && lessA <= TAPER_A && beforeA < loweredToA
    return isTaper ? Math.max(0, sampleA[p] - lessA * share) : sampleA[p]
  }
  return [now(0), now(1), now(2)]
}

/** What a car that has not reported yet may take by the limit it found when it came. */
export function unsaidA(evse: TreeEvse, connector: Connector, nowMs: number): PhaseA {
  const { transactionId, sample, ledger } = connector
  if (transactionId === undefined || sample) return NO_CURRENT
  const foundA = (effectiveLimitA(ledger, nowMs) ?? 0) - raisedSinceA(ledger, nowMs - FOLLOW_MS)
  return onPhases(Math.max(0, foundA), phasesInUse(evse, connector))
}

/** The highest phase of a fresh sample; undefined without one. */
export function measuredA(
  connector: Connector,
  rules: SiteRules,
  nowMs: number,
): number | undefined {
  const { sample } = connector
  if (!sample || !isSampleFresh(connector, rules, nowMs)) return undefined
  // By index: several times a round for each EVSE, and to take it apart would make an iterator.
  const { currentA } = sample
  return Math.max(currentA[0], currentA[1], currentA[2])
}

/** Phases the car is counted on: those it was seen to use, else all it is wired to. */
export function phasesInUse(evse: TreeEvse, connector: Connector | undefined): PhaseMask {
  return connector?.phases.learned ?? evse.mask
}

/** Of a sample that has just come: what a meter that was read before it saw of the car. */
function leastOf({ drewBefore, ledger }: Connector, sampleA: PhaseA): PhaseA {
  // What it followed so long ago the meter has seen too.
  const sinceRaiseMs = drewBefore.untilMs - lastRaisedAtMs(ledger)
  const isShown = sinceRaiseMs > SHOWN_AFTER_MS + METER_LAG_MS && sinceRaiseMs < FOLLOW_MS
  return isShown ? sampleA : minPhases(sampleA, drewBefore.leastA)
}

/** Some apply a limit before they answer: what a decrease under way may have become already. */
function fallingToA({ ledger: { inFlight } }: Connector, nowMs: number): number | undefined {
  if (inFlight?.purpose !== 'transaction') return undefined
  return nowMs - inFlight.sentAtMs < SHOWN_AFTER_MS ? inFlight.limitA : undefined
}

export function drawRange(
  evse: TreeEvse,
  connector: Connector,
  rules: SiteRules,
  nowMs: number,
): DrawRange {
  const sampleA = drawA(connector, rules, nowMs)
  const { ledger, drewBefore } = connector
  const isRecent = nowMs - drewBefore.untilMs < METER_LAG_MS
  const drewA = isRecent ? maxPhases(sampleA, drewBefore.mostA) : sampleA
  const taperA = taperedA(connector, sampleA, nowMs)
  const leastA = isRecent ? minPhases(taperA, leastOf(connector, sampleA)) : taperA
  const limitA = effectiveLimitA(ledger, nowMs)
  if (limitA === undefined) return { lowA: leastA, highA: drewA }
  // What was commanded after this may still come, or come to light.
  const isFresh = isSampleFresh(connector, rules, nowMs)
  const unshownMs = isFresh ? (connector.sample?.atMs ?? nowMs) - SHOWN_AFTER_MS : nowMs
  const sinceMs = Math.min(nowMs - FOLLOW_MS + 1, unshownMs)
  const phases = phasesInUse(evse, connector)
  const atLimitA = onPhases(limitA, phases)
  const raisedA = connector.transactionId === undefined ? 0 : raisedSinceA(ledger, sinceMs)
  // A rise of the meter up to a raise belongs to its car; what goes beyond does not.
  const risenA = minPhases(atLimitA, addPhases(sampleA, onPhases(raisedA, phases)))
  const highA = raisedA > 0 ? maxPhases(drewA, risenA) : drewA
  const followedA = ledger.loweredAtMs >= sinceMs ? minPhases(leastA, atLimitA) : leastA
  const sentA = fallingToA(connector, nowMs)
  const lowA = sentA === undefined ? followedA : minPhases(followedA, onPhases(sentA, phases))
  return { lowA, highA }
}
