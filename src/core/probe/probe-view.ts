/** A probe as people follow it. */
import type { RunningProbe, ProbeState, StepOutcome } from './probe.js'
import type { ProbeStep } from './probe-types.js'

export interface ProbeView {
  readonly state: 'none' | 'running' | 'done' | 'gaveUp' | 'aborted'
  readonly connectorId: number | undefined
  readonly steps: readonly ProbeStep[]
  readonly outcomes: readonly StepOutcome[]
  /** While it runs. */
  readonly step: ProbeStep | undefined
  /** What it waits for, and for how long at most. */
  readonly doing: string | undefined
  readonly leftMs: number | undefined
  /** Why it ended early. */
  readonly why: string | undefined
  /** Wall ms. */
  readonly startedAtMs: number | undefined
  readonly endedAtMs: number | undefined
}

export const NO_PROBE: ProbeView = {
  state: 'none',
  connectorId: undefined,
  steps: [],
  outcomes: [],
  step: undefined,
  doing: undefined,
  leftMs: undefined,
  why: undefined,
  startedAtMs: undefined,
  endedAtMs: undefined,
}

/** What is to be seen of the state itself. */
export function stateView(
  state: ProbeState,
  nowMs: number,
): Pick<ProbeView, 'steps' | 'outcomes' | 'step' | 'doing' | 'leftMs' | 'why'> {
  const { steps, outcomes } = state
  if (state.type !== 'running') {
    const { why } = state
    return { steps, outcomes, step: undefined, doing: undefined, leftMs: undefined, why }
  }
  return { steps, outcomes, why: undefined, ...running(state, nowMs) }
}

function running(
  { steps, outcomes, stage, trouble }: RunningProbe,
  nowMs: number,
): Pick<ProbeView, 'step' | 'doing' | 'leftMs'> {
  const step = steps[outcomes.length]
  if (trouble) {
    const leftMs = Math.max(0, trouble.sinceMs + trouble.forMs - nowMs)
    return { step, doing: `waiting, ${trouble.why}`, leftMs }
  }
  return { step, doing: stage.doing, leftMs: Math.max(0, stage.untilMs - nowMs) }
}

/** Such as "step 3 of 7: waiting for the limit of 10 A to expire, at most 40 s". */
export function probeText(view: ProbeView): string {
  const { steps, outcomes, doing, leftMs, why } = view
  switch (view.state) {
    case 'none':
      return 'not probed since the controller started'
    case 'running': {
      const left = leftMs === undefined ? '' : `, at most ${Math.ceil(leftMs / 1000)} s`
      const number = Math.min(outcomes.length + 1, steps.length)
      return `step ${number} of ${steps.length}: ${doing ?? 'ending'}${left}`
    }
    case 'done':
      return `${outcomes.filter(({ isClear }) => isClear).length} of ${steps.length} steps are clear`
    case 'gaveUp':
      return `gave up after ${outcomes.length} of ${steps.length} steps: ${why ?? ''}`
    case 'aborted':
      return `aborted after ${outcomes.length} of ${steps.length} steps`
  }
}
