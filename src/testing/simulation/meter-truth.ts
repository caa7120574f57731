/**
 * What anybody can know of the uncontrolled load by its meter: all of it while the meter tells the
 * truth, and after it has said nothing that can be for so long that the worst counts. A meter that
 * lies and cannot be found out hides as much as its lie does, and no more.
 */
import { maxPhases, minPhases, NO_CURRENT } from '../../core/phases.js'
import type { PhaseA } from '../../core/phases.js'
import type { FieldEvent } from '../../ports.js'
import type { MeterMode } from '../simulated-meter.js'

export interface MeterTruth {
  look(): void
  /** A reading reached the controller. */
  read(event: FieldEvent): void
  /** A new controller knows nothing of what was read before. */
  lifeBegan(): void
  /** While it does not tell the truth: since when. */
  silentSinceMs(): number | undefined
  /** When it last began to tell the truth again. */
  liveFromMs(): number
  /** An export is no room for anybody. */
  knowableBaseA(): PhaseA
}

/** A silent meter is taken at its worst after this, and the last reading may be a second old. */
const WORST_MS = 16_500
/** A load may hide so long behind a car that changes. */
const HIDES_MS = 16_000
/** A frozen meter is found out when what chargers draw has changed by more than this. */
const FROZEN_HIDES_A = 11
/** Where nothing exports, a current of this and less is none. */
const NO_EXPORT_A = -2

export function meterTruth(options: {
  readonly monotonic: () => number
  /** Undefined: there is none, and nothing to be known by it. */
  readonly mode: () => MeterMode | undefined
  readonly exports: boolean
  readonly baseLoadA: () => PhaseA
  readonly drawA: () => PhaseA
}): MeterTruth {
  const { monotonic, mode, exports, baseLoadA, drawA } = options
  let silentSinceMs: number | undefined
  let liveFromMs = -Infinity
  let frozenBaseA: PhaseA | undefined
  /** What is left of its readings of late without the cars, oldest first. */
  const rests: { readonly atMs: number; readonly restA: PhaseA }[] = []

  return {
    look() {
      const nowMs = monotonic()
      const now = mode() ?? 'live'
      if (now === 'live') {
        if (silentSinceMs !== undefined) liveFromMs = nowMs
        silentSinceMs = undefined
        rests.length = 0
      } else silentSinceMs ??= nowMs
      if (now !== 'frozen') frozenBaseA = undefined
      else frozenBaseA ??= trueA()
    },
    read(event) {
      if (event.type !== 'meterRead' || mode() === 'live') return
      const { currentA } = event.reading
      if (!exports && currentA.some((phaseA) => phaseA < NO_EXPORT_A)) return
      const [l1, l2, l3] = drawA()
      const restA: PhaseA = [currentA[0] - l1, currentA[1] - l2, currentA[2] - l3]
      rests.push({ atMs: monotonic(), restA })
      while (rests[1] && rests[1].atMs < monotonic() - HIDES_MS) rests.shift()
    },
    lifeBegan() {
      rests.length = 0
    },
    silentSinceMs: () => silentSinceMs,
    liveFromMs: () => liveFromMs,
    knowableBaseA() {
      const baseA = trueA()
      if (frozenBaseA) return maxPhases(NO_CURRENT, lessBy(frozenBaseA, FROZEN_HIDES_A))
      if (silentSinceMs === undefined) return baseA
      const newest = rests.at(-1)
      if (!newest || newest.atMs < monotonic() - WORST_MS) return baseA
      let leastA = baseA
      for (const { restA } of rests) leastA = minPhases(leastA, restA)
      return maxPhases(NO_CURRENT, leastA)
    },
  }

  function trueA(): PhaseA {
    const baseA = baseLoadA()
    const isExport = baseA[0] < 0 || baseA[1] < 0 || baseA[2] < 0
    return isExport ? maxPhases(NO_CURRENT, baseA) : baseA
  }
}

function lessBy([l1, l2, l3]: PhaseA, byA: number): PhaseA {
  return [l1 - byA, l2 - byA, l3 - byA]
}
