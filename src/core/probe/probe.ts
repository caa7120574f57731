/**
 * The probe of one charger as a state machine: it looks, holds, disconnects and asks, and never
 * sends a limit. `stepProbe` is called once a second.
 */
import { beginEffect, goEffect } from './effect.js'
import type { EffectStage } from './effect.js'
import { beginExpiry, goExpiry } from './expiry.js'
import type { ExpiryStage } from './expiry.js'
import { beginPhases, goPhases } from './phases.js'
import type { PhasesStage } from './phases.js'
import { CAR_STEPS } from './probe-types.js'
import type {
  Findings,
  Move,
  ProbeAction,
  ProbeContext,
  ProbeObservation,
  ProbeStep,
} from './probe-types.js'
import { beginReboot, goReboot } from './reboot.js'
import type { RebootStage } from './reboot.js'
import { beginReconnect, goReconnect } from './reconnect.js'
import type { ReconnectStage } from './reconnect.js'
import { heard, IDLE_SAMPLER, shouldAsk } from './sampler.js'
import type { Sampler } from './sampler.js'
import { goStart, startStage } from './start.js'
import type { StartStage } from './start.js'
import { beginUnits, goUnits } from './units.js'
import type { UnitsStage } from './units.js'
import { beginZero, goZero } from './zero.js'
import type { ZeroStage } from './zero.js'

export type Stage =
  | StartStage
  | UnitsStage
  | EffectStage
  | PhasesStage
  | ExpiryStage
  | ReconnectStage
  | ZeroStage
  | RebootStage

export type ProbeState = RunningProbe | EndedProbe

export interface RunningProbe extends Found {
  readonly type: 'running'
  readonly stage: Stage
  readonly context: ProbeContext
  /** The one it began with; a new one is another car. */
  readonly transactionId: number | undefined
  readonly sampler: Sampler
  /** Something came between: the charger is let go, and the step begins anew when it is over. */
  readonly trouble: (Trouble & { readonly sinceMs: number }) | undefined
  /** How often that has been. */
  readonly troubles: number
}

export interface EndedProbe extends Found {
  readonly type: 'done' | 'gaveUp'
  /** Why it gave up. */
  readonly why: string | undefined
}

interface Found {
  readonly steps: readonly ProbeStep[]
  /** In the order of the steps, as far as it came. */
  readonly outcomes: readonly StepOutcome[]
}

export interface StepOutcome {
  readonly step: ProbeStep
  readonly isClear: boolean
  readonly findings: Findings
}

export interface ProbeTurn {
  readonly state: ProbeState
  readonly actions: readonly ProbeAction[]
}

interface Trouble {
  readonly why: string
  /** Longer than this is the end of the probe. */
  readonly forMs: number
}

const AWAY: Trouble = { why: 'the charger loses its connection', forMs: 60_000 }
/** The estimate of the other load, which steps of the car may mislead, forgets after a minute. */
const OVER: Trouble = { why: 'a limit above the charger does not hold', forMs: 75_000 }
const TROUBLES_MAX = 3
const RELEASE: ProbeAction = { type: 'hold', hold: undefined }
const LET_GO: readonly ProbeAction[] = [{ type: 'letBack' }, RELEASE]
const NO_ROOM = 'other cars need the room that this charger could take at full power'

/** `steps` in the order of PROBE_STEPS. */
export function startProbe(
  steps: readonly ProbeStep[],
  seen: ProbeObservation,
  nowMs: number,
): RunningProbe {
  return {
    type: 'running',
    steps,
    outcomes: [],
    stage: startStage(nowMs),
    context: { baselineA: 0, baselineW: 0 },
    transactionId: seen.transactionId,
    sampler: IDLE_SAMPLER,
    trouble: undefined,
    troubles: 0,
  }
}

/** `seen` undefined: the charger is not in the depot any more. */
export function stepProbe(
  state: ProbeState,
  seen: ProbeObservation | undefined,
  nowMs: number,
): ProbeTurn {
  if (state.type !== 'running') return { state, actions: [] }
  if (!seen) return giveUp(state, 'the charger was deleted')
  const why = whyGiveUp(state, seen)
  if (why !== undefined) return giveUp(state, why)
  return look({ ...state, sampler: heard(state.sampler, seen) }, seen, nowMs)
}

function look(state: RunningProbe, seen: ProbeObservation, nowMs: number): ProbeTurn {
  const { stage, context } = state
  const trouble = troubleOf(stage, seen)
  if (trouble) return troubled(state, trouble, nowMs)
  // What it did meanwhile is not known.
  if (state.trouble) {
    const back = { ...state, trouble: undefined, sampler: IDLE_SAMPLER }
    if (stage.step === 'start') return on({ ...back, stage: startStage(nowMs) }, [], seen, nowMs)
    return next(back, seen, nowMs)
  }
  if (stage.needsRoom === true && !seen.hasRoom) {
    const noRoom = { isClear: false, findings: { notes: [NO_ROOM] } }
    return ended(state, noRoom, LET_GO, seen, nowMs)
  }
  if (stage.step !== 'start') return moved(state, go(stage, context, seen, nowMs), seen, nowMs)
  const started = state.steps.some(isOfCar) ? goStart(stage, seen, nowMs) : context
  return 'step' in started
    ? on({ ...state, stage: started }, [], seen, nowMs)
    : next({ ...state, context: started }, seen, nowMs)
}

export function giveUp({ steps, outcomes }: RunningProbe, why: string): ProbeTurn {
  return { state: { type: 'gaveUp', steps, outcomes, why }, actions: LET_GO }
}

function whyGiveUp(state: RunningProbe, seen: ProbeObservation): string | undefined {
  if (seen.isCutOff) return 'the charger is being cut off'
  const step = state.steps[state.outcomes.length]
  const needsCar = step !== undefined && isOfCar(step)
  if (needsCar && seen.transactionId !== state.transactionId) return 'the car left'
  return undefined
}

function troubleOf(stage: Stage, seen: ProbeObservation): Trouble | undefined {
  if (!seen.connected && stage.mayBeAway !== true) return AWAY
  // While it boots there is nothing to let go of.
  const isHeld = stage.mayBeAway !== true || stage.needsRoom === true
  return isHeld && !seen.within ? OVER : undefined
}

function troubled(state: RunningProbe, trouble: Trouble, nowMs: number): ProbeTurn {
  const before = state.trouble?.why === trouble.why ? state.trouble : undefined
  const { sinceMs, forMs } = before ?? { ...trouble, sinceMs: nowMs }
  const troubles = before ? state.troubles : state.troubles + 1
  if (nowMs - sinceMs >= forMs || troubles > TROUBLES_MAX) return giveUp(state, trouble.why)
  return {
    state: { ...state, troubles, trouble: { ...trouble, sinceMs } },
    actions: before ? [] : LET_GO,
  }
}

function isOfCar(step: ProbeStep): boolean {
  return CAR_STEPS.includes(step)
}

function moved(
  state: RunningProbe,
  move: Move<Stage>,
  seen: ProbeObservation,
  nowMs: number,
): ProbeTurn {
  const { actions = [] } = move
  return move.type === 'done'
    ? ended(state, move, actions, seen, nowMs)
    : on({ ...state, stage: move.stage }, actions, seen, nowMs)
}

/** The probe goes on in its stage. */
function on(
  state: RunningProbe,
  actions: readonly ProbeAction[],
  seen: ProbeObservation,
  nowMs: number,
): ProbeTurn {
  const { sampler, stage } = state
  if (!shouldAsk(sampler, stage, seen, nowMs)) return { state, actions }
  return {
    state: { ...state, sampler: { ...sampler, askedAtMs: nowMs, isPending: true } },
    actions: [...actions, { type: 'ask', question: { type: 'sample' } }],
  }
}

function ended(
  state: RunningProbe,
  { isClear, findings }: Pick<StepOutcome, 'isClear' | 'findings'>,
  actions: readonly ProbeAction[],
  seen: ProbeObservation,
  nowMs: number,
): ProbeTurn {
  const step = state.steps[state.outcomes.length]
  const outcomes = step ? [...state.outcomes, { step, isClear, findings }] : state.outcomes
  // Answers are for the step that asked.
  const turn = next({ ...state, outcomes }, { ...seen, answers: [] }, nowMs)
  return { state: turn.state, actions: [...actions, RELEASE, ...turn.actions] }
}

/** The first step that has no outcome yet begins. */
function next(state: RunningProbe, seen: ProbeObservation, nowMs: number): ProbeTurn {
  const { steps, outcomes } = state
  const step = steps[outcomes.length]
  if (step === undefined) {
    return { state: { type: 'done', steps, outcomes, why: undefined }, actions: LET_GO }
  }
  return moved(state, begin(step, state.context, seen, nowMs), seen, nowMs)
}

function begin(
  step: ProbeStep,
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<Stage> {
  switch (step) {
    case 'units':
      return beginUnits(nowMs)
    case 'effect':
      return beginEffect(context, seen, nowMs)
    case 'phases':
      return beginPhases(context, seen, nowMs)
    case 'expiry':
      return beginExpiry(context, seen, nowMs)
    case 'reconnect':
      return beginReconnect(context, seen, nowMs)
    case 'zero':
      return beginZero(nowMs)
    case 'reboot':
      return beginReboot(seen, nowMs)
  }
}

function go(
  stage: Exclude<Stage, StartStage>,
  context: ProbeContext,
  seen: ProbeObservation,
  nowMs: number,
): Move<Stage> {
  switch (stage.step) {
    case 'units':
      return goUnits(stage, seen, nowMs)
    case 'effect':
      return goEffect(stage, seen, nowMs)
    case 'phases':
      return goPhases(stage, seen, nowMs)
    case 'expiry':
      return goExpiry(stage, context, seen, nowMs)
    case 'reconnect':
      return goReconnect(stage, context, seen, nowMs)
    case 'zero':
      return goZero(stage, seen, nowMs)
    case 'reboot':
      return goReboot(stage, seen, nowMs)
  }
}
