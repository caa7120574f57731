import type { PhaseA } from '../core/phases.js'
import type { Random } from './random.js'

/** Uncontrolled load of a site at a time, A per phase. */
export type BaseLoad = (monotonicMs: number) => PhaseA

const DAY_MS = 86_400_000

/**
 * A load that follows the day, with appliances that switch every `stepMs`, between `lowA` and `highA`
 * on each phase. A function of the time alone: reading it more often changes nothing.
 */
export function movingBaseLoad(options: {
  readonly random: Random
  readonly lowA: number
  readonly highA: number
  /** Default 60000. */
  readonly stepMs?: number
}): BaseLoad {
  const { random, lowA, highA, stepMs = 60_000 } = options
  const dayShift = random.fork('day').next()
  const phases = ['l1', 'l2', 'l3'] as const
  const spanA = highA - lowA
  let slot = -1
  let steps: PhaseA = [0, 0, 0]

  return (monotonicMs) => {
    const nowSlot = Math.floor(monotonicMs / stepMs)
    if (nowSlot !== slot) {
      slot = nowSlot
      const [l1, l2, l3] = phases
      const at = (phase: string): number => random.fork(`${phase} ${slot}`).next()
      steps = [at(l1), at(l2), at(l3)]
    }
    const ofDay = (1 + Math.sin(2 * Math.PI * (monotonicMs / DAY_MS + dayShift))) / 2
    const load = (step: number): number => lowA + spanA * (0.6 * ofDay + 0.4 * step)
    return [load(steps[0]), load(steps[1]), load(steps[2])]
  }
}
