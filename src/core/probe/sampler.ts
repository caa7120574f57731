/** Asks for MeterValues more often than they come, as long as the charger answers. */
import type { ProbeObservation, StageBase } from './probe-types.js'

export interface Sampler {
  readonly askedAtMs: number
  readonly isPending: boolean
  /** Refused or unanswered in a row. */
  readonly misses: number
}

export const IDLE_SAMPLER: Sampler = { askedAtMs: -Infinity, isPending: false, misses: 0 }

const EVERY_MS = 2_000
const MISSES_MAX = 2

/** What became of the last question. */
export function heard(sampler: Sampler, { answers }: ProbeObservation): Sampler {
  const answer = answers.find((one) => one.type === 'sample')
  if (!answer) return sampler
  return { ...sampler, isPending: false, misses: answer.isTaken ? 0 : sampler.misses + 1 }
}

export function shouldAsk(
  sampler: Sampler,
  stage: StageBase,
  seen: ProbeObservation,
  nowMs: number,
): boolean {
  return (
    stage.wantsSamples === true &&
    seen.connected &&
    // A call that is not answered keeps a lower limit waiting: only where it can wait.
    seen.hasRoom &&
    !sampler.isPending &&
    sampler.misses < MISSES_MAX &&
    nowMs - sampler.askedAtMs >= EVERY_MS
  )
}
