/** What a session will have by its departure: arithmetic that holds for all figures. */
import { test } from 'tap'
import * as fc from 'fast-check'
import { forecast, judge } from '../../src/core/energy/forecast.js'
import type { Forecast, Judgement, OutlookState, Stretch } from '../../src/core/energy/forecast.js'

const HOUR_MS = 3_600_000

const stretch: fc.Arbitrary<Stretch> = fc
  .record({
    ms: fc.integer({ min: 1, max: 12 * HOUR_MS }),
    expectedW: fc.nat(22_000),
    moreW: fc.nat(20_000),
  })
  .map(({ ms, expectedW, moreW }) => ({ ms, expectedW, bestW: expectedW + moreW }))
const stretches = fc.array(stretch, { minLength: 1, maxLength: 6 })
const wantedWh = fc.nat(400_000)
const NOISE_WH = 0.01

test('10 kWh in two hours need 5 kW on average', async (t) => {
  const hour = { ms: HOUR_MS, expectedW: 3_000, bestW: 11_000 }
  t.same(forecast(10_000, [hour, hour]), {
    requiredW: 5_000,
    expectedWh: 6_000,
    possibleWh: 10_000,
    lateMs: (4 / 3) * HOUR_MS,
  })
  const night = { ms: HOUR_MS, expectedW: 8_000, bestW: 8_000 }
  t.match(forecast(10_000, [hour, night]), { expectedWh: 10_000, lateMs: 0 })
})

test('who leaves now gets nothing more, and who wants nothing needs nothing', async (t) => {
  t.match(forecast(1_000, []), { requiredW: Infinity, expectedWh: 0, lateMs: undefined })
  t.match(forecast(0, [{ ms: HOUR_MS, expectedW: 0, bestW: 0 }]), { requiredW: 0, lateMs: 0 })
})

test('expected is at most what is possible, and that at most what is wanted', async () => {
  fc.assert(
    fc.property(wantedWh, stretches, (wh, ahead) => {
      const { expectedWh, possibleWh } = forecast(wh, ahead)
      return 0 <= expectedWh && expectedWh <= possibleWh && possibleWh <= wh
    }),
  )
})

test('who always gets what it needs on average has all by then, and is not late', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400_000 }), stretches, (wh, ahead) => {
      const { requiredW } = forecast(wh, ahead)
      const enough = ahead.map(({ ms }) => ({ ms, expectedW: requiredW, bestW: requiredW }))
      const told = forecast(wh, enough)
      return told.expectedWh >= wh - NOISE_WH && (told.lateMs ?? Infinity) < 1
    }),
  )
})

test('more power or more time never leaves less', async () => {
  fc.assert(
    fc.property(wantedWh, stretches, stretch, fc.nat(5_000), (wh, ahead, more, moreW) => {
      const { expectedWh, possibleWh } = forecast(wh, ahead)
      const longer = forecast(wh, [...ahead, more])
      const stronger = forecast(
        wh,
        ahead.map(({ ms, expectedW, bestW }) => ({
          ms,
          expectedW: expectedW + moreW,
          bestW: bestW + moreW,
        })),
      )
      return [longer, stronger].every(
        (told) => told.expectedWh >= expectedWh && told.possibleWh >= possibleWh,
      )
    }),
  )
})

test('who leaves so much later as is said has all', async () => {
  fc.assert(
    fc.property(wantedWh, stretches, (wh, ahead) => {
      const { lateMs } = forecast(wh, ahead)
      const last = ahead.at(-1)
      if (lateMs === undefined || !last) return true
      const later = forecast(wh, [...ahead, { ...last, ms: lateMs }])
      return later.expectedWh >= wh - NOISE_WH
    }),
  )
})

const told = (expectedWh: number, possibleWh = 10_000, requiredW = 1_000): Forecast => ({
  requiredW,
  expectedWh,
  possibleWh,
  lateMs: undefined,
})

/** One look each 10 s at a session that wants 10 kWh: the states it goes through. */
function states(looks: readonly Forecast[], repeat: number): readonly OutlookState[] {
  let judgement: Judgement | undefined
  let nowMs = 0
  const seen: OutlookState[] = []
  for (const one of looks) {
    for (let count = 0; count < repeat; count++) {
      nowMs += 10_000
      judgement = judge(judgement, 10_000, one, nowMs)
      if (seen.at(-1) !== judgement.state) seen.push(judgement.state)
    }
  }
  return seen
}

test('a shortage is said once, and its end once', async (t) => {
  t.same(states([told(10_000), told(8_000), told(10_000)], 60), ['fine', 'risk', 'fine'])
  t.same(states([told(10_000), told(8_000, 9_000)], 60), ['fine', 'impossible'])
  t.same(states([told(8_000), told(0, 0, Infinity)], 60), ['fine', 'risk', 'missed'])
})

test('what lasts less than two minutes is not said', async (t) => {
  const looks = Array.from({ length: 20 }, (_, index) => told(index % 2 === 0 ? 10_000 : 5_000))
  t.same(states(looks, 11), ['fine'])
  const wavering = Array.from({ length: 20 }, (_, i) => told(5_000, i % 2 === 0 ? 10_000 : 9_000))
  t.match(states(wavering, 5).slice(0, 2), ['fine', /risk|impossible/], 'bad one way or the other')
})

test('around its threshold it does not flap', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 60 }), (noise) => {
      const seen = states(
        noise.map((wh) => told(9_500 + wh)),
        15,
      )
      return seen.length <= 2
    }),
  )
})
