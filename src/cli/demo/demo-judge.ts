/**
 * Judges the demo by the truth: what the simulated chargers would really permit, never what the
 * controller believes.
 */
import { addPhases } from '../../core/phases.js'
import type { DemoWorld } from './demo-world.js'

export interface DemoVerdict {
  readonly ok: boolean
  /** One line for each thing that was to be shown. */
  readonly lines: readonly string[]
}

export interface DemoJudge {
  /** Called some times a second. */
  look(): void
  verdict(): DemoVerdict
}

/** The register is read 4 times a second, and enough decreases leave within 1 s of the reading. */
const REACTION_MS = 1_500
const ON_A = 5.9
const NOISE_A = 0.01
/** The building moves by 0.3 A a second and is read once: who follows it is behind by so much. */
const FOLLOWED_A = 0.5
/** A turn is a place given up for others, and got back or taken over. */
const WAITED_MS = 1_500

interface CarWatch {
  wasOn: boolean
  offSinceMs: number
}

export function demoJudge(world: DemoWorld, monotonic: () => number): DemoJudge {
  let limitA = world.limitA()
  let fellAtMs = -Infinity
  let falls = 0
  let rises = 0
  let overSinceMs: number | undefined
  let worstOverA = 0
  let violations = 0
  let slowestMs = 0
  let highestPermittedA = 0
  const cars = new Map<string, CarWatch>()
  const turned = new Set<string>()

  const lookAtLimit = (nowMs: number): void => {
    const currentA = world.limitA()
    if (currentA < limitA) {
      falls += 1
      fellAtMs = nowMs
    }
    if (currentA > limitA) rises += 1
    limitA = currentA
  }

  const lookAtPermission = (nowMs: number): void => {
    const permittedA = world.permittedA()
    highestPermittedA = Math.max(highestPermittedA, ...permittedA)
    // A fall of the limit comes from outside: what counts is how fast it is followed.
    const overA = Math.max(...permittedA) - limitA
    if (overA > NOISE_A && nowMs - fellAtMs > REACTION_MS) {
      violations += 1
      worstOverA = Math.max(worstOverA, overA)
    }
    // So does a rise of the base load.
    const totalA = Math.max(...addPhases(permittedA, world.baseLoadA()))
    if (totalA <= limitA + FOLLOWED_A) overSinceMs = undefined
    else {
      overSinceMs ??= nowMs
      slowestMs = Math.max(slowestMs, nowMs - overSinceMs)
    }
  }

  const lookAtTurns = (nowMs: number): void => {
    for (const chargePoint of world.chargePoints) {
      const { identity } = chargePoint
      if (!chargePoint.hasTransaction(1)) {
        cars.delete(identity)
        continue
      }
      const isOn = Math.max(...chargePoint.permittedA(1)) >= ON_A
      const car = cars.get(identity) ?? { wasOn: isOn, offSinceMs: nowMs }
      cars.set(identity, car)
      if (isOn && !car.wasOn && nowMs - car.offSinceMs >= WAITED_MS) turned.add(identity)
      if (!isOn && car.wasOn) car.offSinceMs = nowMs
      car.wasOn = isOn
    }
  }

  return {
    look() {
      const nowMs = monotonic()
      lookAtLimit(nowMs)
      lookAtPermission(nowMs)
      lookAtTurns(nowMs)
    },

    verdict() {
      const checks: readonly (readonly [boolean, string])[] = [
        [falls > 0 && rises > 0, `the limit fell ${falls} times and rose ${rises} times`],
        [
          slowestMs <= REACTION_MS,
          `when limit or base load changed, both together fitted again to ${FOLLOWED_A} A within ${Math.round(slowestMs)} ms`,
        ],
        [
          violations === 0,
          violations === 0
            ? `what they permitted never exceeded it otherwise (at most ${highestPermittedA.toFixed(1)} A on a phase)`
            : `what they permitted exceeded it ${violations} times, by ${worstOverA.toFixed(1)} A at worst`,
        ],
        [turned.size >= 3, `${turned.size} cars waited and got their turn`],
      ]
      return {
        ok: checks.every(([ok]) => ok),
        lines: checks.map(([ok, words]) => `${ok ? 'ok    ' : 'FAILED'} ${words}`),
      }
    },
  }
}
