/** The last line has nothing to do on a day on which normal control does its work. */
import { test } from 'tap'
import { movingBaseLoad } from '../../src/testing/base-load.js'
import { seededRandom } from '../../src/testing/random.js'
import { aStory, meterSection } from './a-story.js'

const HOUR_S = 3_600

test('on a healthy day behind a noisy meter it cuts off nobody', async (t) => {
  const moving = movingBaseLoad({ random: seededRandom('building'), lowA: 5, highA: 25 })
  const site = await aStory({
    count: 4,
    maxA: 60,
    schedule: `{ from: '17:00', to: '20:00', max_current_a: 40 }`,
    settings: meterSection(40),
    seed: 'a healthy day',
    withoutBroker: true,
    // Cars that follow as late as the standard allows.
    traffic: {
      gapMs: [60_000, 1_800_000],
      stayMs: [600_000, 3 * HOUR_S * 1000],
      ev: { delaysStopMs: 5_000 },
    },
  })
  let overS = 0
  let busiestA = 0
  await site.seconds(24 * HOUR_S, (second) => {
    const [l1, l2, l3] = moving(site.clock.monotonic())
    const noiseA = (phase: number): number => ((second * 7_919 + phase * 104_729) % 101) / 101
    // A motor starts each 20 minutes, and each two hours something runs for five.
    const startsA = second % 1_217 < 2 ? 30 : 0
    const runsA = second % 7_000 > 6_700 ? 12 : 0
    site.setBaseLoad([l1 + noiseA(0) + startsA + runsA, l2 + noiseA(1) + startsA, l3 + noiseA(2)])
    const hour = second / HOUR_S
    if (Math.max(...site.world.meterA()) > (hour >= 17 && hour < 20 ? 40 : 60)) overS += 1
    busiestA = Math.max(busiestA, ...site.world.drawA())
  })
  t.equal(site.world.log.count('cutOff'), 0)
  t.equal(site.world.log.count('overLimit'), 0)
  t.ok(overS > 60, `although the limit was exceeded for ${overS} s`)
  t.ok(busiestA > 40, `${busiestA} A`)
  const { overLimitAs = 0 } = site.controller().view().constraints[0] ?? {}
  t.ok(overLimitAs > 500, `${overLimitAs} A·s are recorded`)
  await site.stop()
})

test('samples that come a minute apart make no excess of cars that take turns', async (t) => {
  const site = await aStory({
    count: 6,
    maxA: 40,
    settings: 'ocpp: { meter_value_interval_s: 60 }\nbalancing: { min_on_s: 60, max_wait_s: 120 }',
    seed: 'turns',
    withoutBroker: true,
    traffic: { gapMs: [30_000, 300_000], stayMs: [300_000, 1_800_000] },
  })
  await site.seconds(6 * HOUR_S)
  t.equal(site.world.log.count('cutOff'), 0)
  await site.stop()
})
