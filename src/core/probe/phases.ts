/** Steps the current until a meter shows on which phases of the site it flows. */
import type { PhaseA } from '../phases.js'
import { addPhases, NO_CURRENT, scalePhases } from '../phases.js'
import { isClearlyBelow, isGranted, isLimitedTo } from './levels.js'
import { phaseMap } from './phase-map.js'
import type { PhaseLevel, PhaseMap } from './phase-map.js'
import { amps, held, unclear } from './probe-types.js'
import type { Move, ProbeContext, ProbeObservation, StageBase } from './probe-types.js'

export interface PhasesStage extends StageBase {
  readonly step: 'phases'
  readonly lowA: number
  readonly highA: number
  readonly isHigh: boolean
  readonly sinceMs: number
  readonly levels: readonly PhaseLevel[]
  /** The sample before the newest: two that agree are a level. */
  readonly before: { readonly atMs: number; readonly highestA: number } | undefined
  readonly window: Window | undefined
}

/** Readings of the meter while the charger stands at a level. */
interface Window {
  readonly sinceMs: number
  readonly sampleA: number
  readonly lastAtMs: number
  readonly count: number
  readonly sumA: PhaseA
}

const LEVEL_MS = 120_000
const WINDOW_MS = 10_000
const READINGS_MIN = 5
/** The car moves on, and the meter is read a second later. */
const SETTLES_MS = 3_000
const LEVELS_MAX = 9
const AGREE_A = 1

export function beginPhases(
  { baselineA }: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<PhasesStage> {
  if (!seen.meter) return unclear('there is no meter above the charger')
  if (!isClearlyBelow(seen.minA, baselineA)) {
    return unclear(`the car takes ${amps(baselineA)}: too little for a step`)
  }
  return level({ lowA: seen.minA, highA: Math.floor(baselineA), isHigh: false, levels: [] }, nowMs)
}

export function goPhases(
  stage: PhasesStage,
  seen: ProbeObservation,
  nowMs: number,
): Move<PhasesStage> {
  const { sample, meter } = seen
  if (nowMs >= stage.untilMs) {
    const targetA = stage.isHigh ? stage.highA : stage.lowA
    return unclear(`the car did not settle at ${amps(targetA)}`)
  }
  if (!sample || !meter) return { type: 'stage', stage }
  const { window } = stage
  if (!window) return { type: 'stage', stage: settling(stage, seen, nowMs) }
  if (Math.abs(sample.highestA - window.sampleA) > AGREE_A) {
    return { type: 'stage', stage: { ...stage, window: undefined, before: undefined } }
  }
  const next = withReading(window, meter)
  const isFull = nowMs - next.sinceMs >= WINDOW_MS && next.count >= READINGS_MIN
  if (!isFull) return { type: 'stage', stage: { ...stage, window: next } }
  const siteA = scalePhases(next.sumA, 1 / next.count)
  return measured({ ...stage, levels: [...stage.levels, { ownA: sample.ownA, siteA }] }, nowMs)
}

function level(
  stage: Pick<PhasesStage, 'lowA' | 'highA' | 'isHigh' | 'levels'>,
  nowMs: number,
): Move<PhasesStage> {
  const { isHigh, lowA, highA, levels } = stage
  const holdA = isHigh ? highA : lowA
  return {
    type: 'stage',
    stage: {
      step: 'phases',
      doing: `measuring at ${amps(holdA)} which phases it is on (level ${levels.length + 1})`,
      untilMs: nowMs + LEVEL_MS,
      wantsSamples: true,
      ...stage,
      sinceMs: nowMs,
      before: undefined,
      window: undefined,
    },
    actions: [held(holdA)],
  }
}

function settling(stage: PhasesStage, seen: ProbeObservation, nowMs: number): PhasesStage {
  const { sample } = seen
  const { before } = stage
  if (!sample || sample.atMs === before?.atMs) return stage
  const { atMs, highestA } = sample
  const isThere = stage.isHigh
    ? isClearlyBelow(stage.lowA, highestA) && (isGranted(seen, stage.highA) || isSteady(seen))
    : isLimitedTo(seen, stage.lowA) && highestA <= stage.lowA + AGREE_A
  const isNew = atMs >= stage.sinceMs + SETTLES_MS
  if (!isThere || !isNew || !before || Math.abs(before.highestA - highestA) > AGREE_A) {
    return { ...stage, before: { atMs, highestA } }
  }
  const window = { sampleA: highestA, lastAtMs: nowMs, count: 0, sumA: NO_CURRENT }
  return { ...stage, window: { ...window, sinceMs: nowMs } }
}

/** The site leaves it less than it had at first. */
function isSteady({ isCalling, grant, sample }: ProbeObservation): boolean {
  return !isCalling && sample !== undefined && (grant?.acknowledgedAtMs ?? Infinity) < sample.atMs
}

function withReading(
  window: Window,
  { atMs, currentA }: NonNullable<ProbeObservation['meter']>,
): Window {
  if (atMs <= window.lastAtMs) return window
  const sumA = addPhases(window.sumA, currentA)
  return { ...window, lastAtMs: atMs, count: window.count + 1, sumA }
}

function measured(stage: PhasesStage, nowMs: number): Move<PhasesStage> {
  const { levels } = stage
  const map = phaseMap(levels)
  if (map.type === 'found') return found(map)
  if (levels.length < LEVELS_MAX) return level({ ...stage, isHigh: !stage.isHigh }, nowMs)
  return unclear('the other load behind the meter changes too much to see the steps of the car')
}

function found({
  rotation,
  phases,
  note,
}: Extract<PhaseMap, { type: 'found' }>): Move<PhasesStage> {
  const notes = note === undefined ? [] : [note]
  if (rotation === undefined) {
    // That a car uses all phases alike is an answer too.
    const isClear = phases === 3
    return { type: 'done', isClear, findings: { phasesUsed: phases, notes } }
  }
  return {
    type: 'done',
    isClear: true,
    findings: { phaseRotation: rotation, phasesUsed: phases, notes },
  }
}
