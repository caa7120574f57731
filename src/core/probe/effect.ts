/** How long it takes from the acknowledgement of a lower limit to a current below it. */
import { isBelow, isClearlyBelow, isLimitedTo, probeLevelA } from './levels.js'
import { amps, held, unclear } from './probe-types.js'
import type { Move, ProbeContext, ProbeObservation, StageBase } from './probe-types.js'

export interface EffectStage extends StageBase {
  readonly step: 'effect'
  readonly levelA: number
  /** When the lower limit was acknowledged, ms. */
  readonly acknowledgedAtMs: number | undefined
  /** The last sample above it, ms. */
  readonly lastAboveMs: number | undefined
}

const GRANT_MS = 60_000
const EFFECT_MS = 60_000

export function beginEffect(
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<EffectStage> {
  const levelA = probeLevelA(context, seen)
  const { baselineA } = context
  const lowA = [levelA, seen.minA].find((a) => a !== undefined && isClearlyBelow(a, baselineA))
  if (lowA === undefined) {
    return unclear(`the car takes ${amps(baselineA)}: too little to see a lower limit work`)
  }
  return {
    type: 'stage',
    stage: {
      step: 'effect',
      doing: `lowering it to ${amps(lowA)}`,
      untilMs: nowMs + GRANT_MS,
      wantsSamples: true,
      levelA: lowA,
      acknowledgedAtMs: undefined,
      lastAboveMs: undefined,
    },
    actions: [held(lowA)],
  }
}

export function goEffect(
  stage: EffectStage,
  seen: ProbeObservation,
  nowMs: number,
): Move<EffectStage> {
  const { levelA, acknowledgedAtMs } = stage
  if (acknowledgedAtMs === undefined) {
    if (isLimitedTo(seen, levelA) && seen.grant) {
      return {
        type: 'stage',
        stage: {
          ...stage,
          doing: `waiting for the current to fall below ${amps(levelA)}`,
          untilMs: nowMs + EFFECT_MS,
          acknowledgedAtMs: seen.grant.acknowledgedAtMs,
        },
      }
    }
    if (nowMs < stage.untilMs) return { type: 'stage', stage }
    return unclear(`it did not take a limit of ${amps(levelA)}`)
  }
  const { sample } = seen
  if (sample && sample.atMs > acknowledgedAtMs) {
    if (isBelow(sample.highestA, levelA)) return found(stage, acknowledgedAtMs, sample.atMs)
    if (sample.atMs !== stage.lastAboveMs) {
      return { type: 'stage', stage: { ...stage, lastAboveMs: sample.atMs } }
    }
  }
  if (nowMs < stage.untilMs) return { type: 'stage', stage }
  if (stage.lastAboveMs === undefined) return unclear('it sent no MeterValues')
  const drawn = sample ? amps(sample.highestA) : 'more'
  return unclear(
    `it acknowledged ${amps(levelA)} and let the car take ${drawn} for ${EFFECT_MS / 1000} s more`,
  )
}

function found(stage: EffectStage, acknowledgedAtMs: number, atMs: number): Move<EffectStage> {
  const since = stage.lastAboveMs ?? acknowledgedAtMs
  const withinS = Math.round((atMs - since) / 1000)
  return {
    type: 'done',
    isClear: true,
    findings: {
      timeToEffectMs: Math.round(atMs - acknowledgedAtMs),
      notes: [`measured to ${Math.max(1, withinS)} s`],
    },
  }
}
