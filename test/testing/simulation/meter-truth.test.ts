/** What a judge may hold against a controller of a load that its meter hides. */
import { test } from 'tap'
import type { PhaseA } from '../../../src/core/phases.js'
import type { MeterMode } from '../../../src/testing/simulated-meter.js'
import type { MeterTruth } from '../../../src/testing/simulation/meter-truth.js'
import { meterTruth } from '../../../src/testing/simulation/meter-truth.js'

interface TruthUnderTest {
  readonly truth: MeterTruth
  readonly set: (next: {
    readonly mode?: MeterMode
    readonly baseA?: PhaseA
    readonly drawA?: PhaseA
  }) => void
  /** Each second the meter says so. */
  readonly says: (currentA: PhaseA, seconds: number) => void
}

function aTruth(exports = true): TruthUnderTest {
  let nowMs = 100_000
  let mode: MeterMode = 'live'
  let baseA: PhaseA = [20, 20, 20]
  let drawA: PhaseA = [30, 30, 30]
  const truth = meterTruth({
    monotonic: () => nowMs,
    mode: () => mode,
    exports,
    baseLoadA: () => baseA,
    drawA: () => drawA,
  })
  return {
    truth,
    set(next) {
      mode = next.mode ?? mode
      baseA = next.baseA ?? baseA
      drawA = next.drawA ?? drawA
      truth.look()
    },
    says(currentA, seconds) {
      for (let second = 0; second < seconds; second += 1) {
        nowMs += 1_000
        truth.look()
        truth.read({ type: 'meterRead', reading: { meterId: 'm', atMs: nowMs, currentA } })
      }
    },
  }
}

test('a meter that tells the truth hides nothing, and an export is no room', async (t) => {
  const { truth, set, says } = aTruth()
  says([50, 50, 50], 5)
  t.same(truth.knowableBaseA(), [20, 20, 20])
  set({ baseA: [-40, 5, -1] })
  t.same(truth.knowableBaseA(), [0, 5, 0])
  t.equal(truth.silentSinceMs(), undefined)
})

test('a meter that lies hides what its lie does, the least of 16 s, and no more', async (t) => {
  const { truth, set, says } = aTruth()
  set({ mode: 'tenth' })
  t.same(truth.knowableBaseA(), [20, 20, 20], 'it has not lied yet')
  says([5, 5, 5], 1)
  t.same(truth.knowableBaseA(), [0, 0, 0], '5 A are less than the cars take')
  set({ drawA: [2, 0, 4] })
  says([3, 2, 2.4], 15)
  t.same(truth.knowableBaseA(), [0, 0, 0])
  says([3, 2, 2.4], 3)
  t.same(truth.knowableBaseA(), [1, 2, 0])
  set({ mode: 'tenfold' })
  says([220, 200, 240], 20)
  t.same(truth.knowableBaseA(), [20, 20, 20], 'never more than there is')
  set({ mode: 'live' })
  t.equal(truth.liveFromMs(), 139_000)
})

test('a meter without a reading that can be hides nothing once the worst counts', async (t) => {
  const { truth, set, says } = aTruth(false)
  set({ mode: 'phaseFlipped' })
  says([5, 5, 5], 3)
  t.same(truth.knowableBaseA(), [0, 0, 0])
  says([50, -50, 50], 16)
  t.same(truth.knowableBaseA(), [0, 0, 0])
  says([50, -50, 50], 1)
  t.same(truth.knowableBaseA(), [20, 20, 20])
})

test('a frozen meter hides what it may until it is found out', async (t) => {
  const { truth, set } = aTruth()
  set({ mode: 'frozen' })
  set({ baseA: [90, 90, 90] })
  t.same(truth.knowableBaseA(), [9, 9, 9])
})
