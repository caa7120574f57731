/** Whether a TxProfile ends by itself when nobody refreshes it, and what the charger does then. */
import { isAtLevel, isBelow, isClearlyBelow, isGranted, probeLevelA } from './levels.js'
import { amps, held, unclear } from './probe-types.js'
import type { Move, ProbeContext, ProbeObservation, ProbeSample, StageBase } from './probe-types.js'

export interface ExpiryStage extends StageBase {
  readonly step: 'expiry'
  readonly at: 'level' | 'expiry'
  readonly levelA: number
  readonly beganAtMs: number
  /** Of the grant that is left to expire: another one means somebody had to intervene. */
  readonly acknowledgedAtMs: number
  readonly expiresAtMs: number
  /** The sample that says something else than the level, until a second confirms it. */
  readonly suspectAtMs: number | undefined
}

const LEVEL_MS = 90_000
/** A charger may look at its schedules once a minute. */
const AFTERWARDS_MS = 20_000
/** What clocks and delays explain. */
const EARLY_S = 30

export function beginExpiry(
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<ExpiryStage> {
  const levelA = probeLevelA(context, seen)
  if (seen.fallbackA === undefined) return unclear('it has taken no TxDefaultProfile')
  if (levelA === undefined) {
    const taken = `the car takes ${amps(context.baselineA)}`
    return unclear(`${taken}: not clearly more than the fallback of ${amps(seen.fallbackA)}`)
  }
  return {
    type: 'stage',
    stage: {
      step: 'expiry',
      at: 'level',
      doing: `holding it at ${amps(levelA)}`,
      untilMs: nowMs + LEVEL_MS,
      wantsSamples: true,
      needsRoom: true,
      levelA,
      beganAtMs: nowMs,
      acknowledgedAtMs: 0,
      expiresAtMs: 0,
      suspectAtMs: undefined,
    },
    actions: [held(levelA)],
  }
}

export function goExpiry(
  stage: ExpiryStage,
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<ExpiryStage> {
  return stage.at === 'level'
    ? goLevel(stage, seen, nowMs)
    : goExpiring(stage, context, seen, nowMs)
}

function goLevel(stage: ExpiryStage, seen: ProbeObservation, nowMs: number): Move<ExpiryStage> {
  const { levelA } = stage
  const { grant } = seen
  if (grant && !seen.isCalling && isAtLevel(seen, levelA, stage.beganAtMs)) {
    return {
      type: 'stage',
      stage: {
        ...stage,
        at: 'expiry',
        doing: `waiting for the limit of ${amps(levelA)} to expire`,
        untilMs: grant.expiredByMs + AFTERWARDS_MS,
        acknowledgedAtMs: grant.acknowledgedAtMs,
        expiresAtMs: grant.expiresAtMs,
      },
      actions: [held(levelA, false)],
    }
  }
  if (nowMs < stage.untilMs) return { type: 'stage', stage }
  return isGranted(seen, levelA)
    ? unclear(`the car did not settle at ${amps(levelA)}`)
    : unclear(`the site does not leave it ${amps(levelA)}`)
}

function goExpiring(
  stage: ExpiryStage,
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<ExpiryStage> {
  const { levelA } = stage
  const { sample, grant, fallbackA = 0 } = seen
  if (grant && grant.acknowledgedAtMs !== stage.acknowledgedAtMs) {
    return unclear('a limit had to be changed meanwhile')
  }
  const hasChanged = sample !== undefined && isElsewhere(sample.highestA, levelA)
  if (hasChanged && sample.atMs !== stage.suspectAtMs) {
    // Full power is ended at once, not looked at twice.
    if (stage.suspectAtMs === undefined && sample.highestA < levelA) {
      return { type: 'stage', stage: { ...stage, suspectAtMs: sample.atMs } }
    }
    return changed(stage, sample, fallbackA, seen)
  }
  // Between the level and the fallback: the car ramps, or tapers off.
  const waits = stage.suspectAtMs !== undefined && !hasChanged
  if (nowMs < stage.untilMs) {
    return { type: 'stage', stage: waits ? { ...stage, suspectAtMs: undefined } : stage }
  }
  if (!sample || sample.atMs < stage.untilMs - AFTERWARDS_MS) {
    return unclear('no MeterValues after the limit should have expired', { expiry: 'unclear' })
  }
  return ignored(stage, context)
}

/** Clearly another current than that of the level. */
function isElsewhere(currentA: number, levelA: number): boolean {
  return isClearlyBelow(currentA, levelA) || currentA > levelA + 2
}

function changed(
  { levelA, expiresAtMs }: ExpiryStage,
  { highestA, atMs }: ProbeSample,
  fallbackA: number,
  seen: ProbeObservation,
): Move<ExpiryStage> {
  const findings = { expiry: 'honoured', fallbackAfterExpiryA: rounded(highestA) } as const
  const earlyS = Math.round((expiresAtMs - atMs) / 1000)
  const early = earlyS > EARLY_S ? [`its limit ended ${earlyS} s before its time`] : []
  if (highestA > levelA) {
    const note = `when its limit ended it let the car take ${amps(highestA)}, not the fallback`
    return done({ ...findings, fallbackSeen: false, notes: [note, ...early] })
  }
  if (highestA < 1 && fallbackA >= 1 && seen.status !== 'SuspendedEVSE') {
    const why = 'the car stopped by itself while the limit was to expire'
    return unclear(why, { expiry: 'unclear' })
  }
  const isSeen = isBelow(highestA, fallbackA)
  const note = `it fell to ${amps(highestA)}; the fallback is ${amps(fallbackA)}`
  return done({ ...findings, fallbackSeen: isSeen, notes: isSeen ? early : [note, ...early] })
}

function ignored({ levelA }: ExpiryStage, { baselineA }: ProbeContext): Move<ExpiryStage> {
  const isSharp = isClearlyBelow(levelA, baselineA)
  const note = `the car went on with ${amps(levelA)} long after the limit had to end`
  const doubt = 'the car takes no more than that, so the charger may also have gone to full power'
  return done({
    expiry: 'ignored',
    fallbackAfterExpiryA: rounded(levelA),
    fallbackSeen: false,
    notes: isSharp ? [note] : [note, doubt],
  })
}

function done(
  findings: Extract<Move<ExpiryStage>, { type: 'done' }>['findings'],
): Move<ExpiryStage> {
  return { type: 'done', isClear: true, findings }
}

function rounded(currentA: number): number {
  return Math.round(currentA * 10) / 10
}
