/** Before anything is held: what the car takes by itself. */
import type { ProbeContext, ProbeObservation, StageBase } from './probe-types.js'

export interface StartStage extends StageBase {
  readonly step: 'start'
  readonly sinceMs: number
  readonly before: { readonly atMs: number; readonly highestA: number } | undefined
}

const WATCH_MS = 60_000
const AGREE_A = 1

export function startStage(nowMs: number): StartStage {
  return {
    step: 'start',
    doing: 'watching what the car takes',
    untilMs: nowMs + WATCH_MS,
    wantsSamples: true,
    sinceMs: nowMs,
    before: undefined,
  }
}

/** Two new samples that agree, or the last one when the time is over. */
export function goStart(
  stage: StartStage,
  seen: ProbeObservation,
  nowMs: number,
): StartStage | ProbeContext {
  const { sample } = seen
  const { before } = stage
  if (nowMs >= stage.untilMs) return contextOf(sample)
  if (!sample || sample.atMs <= stage.sinceMs || sample.atMs === before?.atMs) return stage
  const { atMs, highestA } = sample
  const agrees = before !== undefined && Math.abs(before.highestA - highestA) <= AGREE_A
  if (agrees && highestA > AGREE_A && !seen.isCalling) return contextOf(sample)
  return { ...stage, before: { atMs, highestA } }
}

function contextOf(sample: ProbeObservation['sample']): ProbeContext {
  return { baselineA: sample?.highestA ?? 0, baselineW: sample?.powerW ?? 0 }
}
