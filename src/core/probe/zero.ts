/** Whether a car charges again after a pause of 0 A. */
import { isGranted, isLimitedTo } from './levels.js'
import { amps, held, unclear } from './probe-types.js'
import type { Move, ProbeObservation, StageBase } from './probe-types.js'

export interface ZeroStage extends StageBase {
  readonly step: 'zero'
  readonly at: 'lowering' | 'paused' | 'raising' | 'resuming'
  readonly sinceMs: number
  /** When the minimum was acknowledged. */
  readonly acknowledgedAtMs: number
}

const LOWER_MS = 90_000
const PAUSE_MS = 20_000
/** Until the site gives it the minimum again: it may have to wait for its turn. */
const RAISE_MS = 180_000
const RESUME_MS = 120_000
const STOPPED_A = 1
const FLOWS_A = 3

export function beginZero(nowMs: number): Move<ZeroStage> {
  return {
    type: 'stage',
    stage: {
      step: 'zero',
      at: 'lowering',
      doing: 'pausing it with 0 A',
      untilMs: nowMs + LOWER_MS,
      wantsSamples: true,
      sinceMs: nowMs,
      acknowledgedAtMs: 0,
    },
    actions: [held(0)],
  }
}

export function goZero(stage: ZeroStage, seen: ProbeObservation, nowMs: number): Move<ZeroStage> {
  const { sample, grant } = seen
  const isOver = nowMs >= stage.untilMs
  switch (stage.at) {
    case 'lowering': {
      const isNew = sample !== undefined && sample.atMs > stage.sinceMs
      if (isLimitedTo(seen, 0) && isNew && sample.highestA < STOPPED_A) {
        return on(stage, 'paused', 'waiting at 0 A', nowMs + PAUSE_MS, nowMs)
      }
      if (!isOver) return { type: 'stage', stage }
      return isLimitedTo(seen, 0)
        ? unclear('it acknowledged 0 A and the current did not stop')
        : unclear('it does not take a limit of 0 A')
    }
    case 'paused': {
      if (!isOver) return { type: 'stage', stage }
      const doing = `waiting for the site to give it ${amps(seen.minA)}`
      const move = on(stage, 'raising', doing, nowMs + RAISE_MS, nowMs)
      return { ...move, actions: [held(seen.minA)] }
    }
    case 'raising': {
      if (grant && isGranted(seen, seen.minA)) {
        const doing = 'waiting for the current to flow again'
        const next = on(stage, 'resuming', doing, nowMs + RESUME_MS, nowMs)
        return { ...next, stage: { ...next.stage, acknowledgedAtMs: grant.acknowledgedAtMs } }
      }
      if (!isOver) return { type: 'stage', stage }
      return unclear(`it was not given ${amps(seen.minA)} in time, or refused it`)
    }
    case 'resuming': {
      if (sample && sample.atMs > stage.acknowledgedAtMs && sample.highestA >= FLOWS_A) {
        return resumed(stage, sample.highestA, sample.atMs, seen.minA)
      }
      if (!isOver) return { type: 'stage', stage }
      if (!sample || sample.atMs <= stage.acknowledgedAtMs) return unclear('it sent no MeterValues')
      return {
        type: 'done',
        isClear: true,
        findings: { resumesFromZero: false, notes: [whoSleeps(seen.status)] },
      }
    }
  }
}

function on(
  stage: ZeroStage,
  at: ZeroStage['at'],
  doing: string,
  untilMs: number,
  nowMs: number,
): Extract<Move<ZeroStage>, { type: 'stage' }> {
  return { type: 'stage', stage: { ...stage, at, doing, untilMs, sinceMs: nowMs } }
}

function resumed(stage: ZeroStage, currentA: number, atMs: number, minA: number): Move<ZeroStage> {
  const afterS = Math.round((atMs - stage.acknowledgedAtMs) / 1000)
  const isOver = currentA > minA + 2
  return {
    type: 'done',
    isClear: true,
    findings: {
      resumesFromZero: true,
      notes: [
        `current flowed ${afterS} s after the ${amps(minA)} were acknowledged`,
        ...(isOver ? [`it resumed with ${amps(currentA)} against a limit of ${amps(minA)}`] : []),
      ],
    },
  }
}

function whoSleeps(status: string | undefined): string {
  const waited = `no current within ${RESUME_MS / 1000} s`
  if (status === 'SuspendedEVSE') return `${waited}: the charger stays paused (SuspendedEVSE)`
  if (status === 'SuspendedEV') return `${waited}: the car does not wake up (SuspendedEV)`
  return `${waited}: status ${status ?? 'unknown'}`
}
