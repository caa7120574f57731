/** Cars that begin a minute after they were offered something, as many do, beside a building with a meter. */
import { test } from 'tap'
import type { PhaseA } from '../../src/core/phases.js'
import { simulatedEv } from '../../src/testing/simulated-ev.js'
import { aStory, meterSection } from './a-story.js'
import type { Story } from './a-story.js'

const LIMIT_A = 70
const BUILDING: PhaseA = [10, 10, 10]
const WAKE_UP_MS = 60_000

/** Three cars charge; the fourth has been plugged in `afterMs` ago and takes 16 A when it wakes up. */
async function aSlowFourth(afterMs: number): Promise<Story> {
  const site = await aStory({ count: 4, maxA: LIMIT_A, settings: meterSection(40) })
  site.setBaseLoad(BUILDING)
  await site.everybodyCharges(['CP001', 'CP002', 'CP003'])
  const ev = simulatedEv({ energyNeedWh: 60_000, maxCurrentA: 16, wakeUpMs: WAKE_UP_MS })
  site.world.chargePoint('CP004').plugIn(1, ev, { idTag: 'SLOW' })
  await site.seconds(afterMs / 1000)
  return site
}

function drawOfFourth(site: Story): number {
  return Math.max(...site.world.chargePoint('CP004').drawA(1))
}

test('a car that begins late is no load of the building: nobody gives way for it twice', async (t) => {
  const site = await aSlowFourth(50_000)
  // 70 A less 10 A for four.
  t.same(site.limitsA(), [15, 15, 15, 15])
  t.equal(drawOfFourth(site), 0)
  for (let second = 0; second < 90; second++) {
    await site.seconds(1)
    t.ok(Math.min(...site.limitsA()) >= 14, `${site.limitsA().join(' ')} ${second} s later`)
  }
  t.equal(drawOfFourth(site), 15)
  await site.stop()
})

test('a building that takes more while a car sleeps is believed within four seconds', async (t) => {
  const site = await aSlowFourth(30_000)
  t.same(site.limitsA(), [15, 15, 15, 15])
  site.setBaseLoad([10, 24, 10])
  await site.seconds(4)
  const highestA = Math.max(...site.world.usableA().map((a, phase) => a + (phase === 1 ? 24 : 10)))
  t.ok(highestA <= LIMIT_A, `${highestA} A`)
  await site.stop()
})

test('a building that takes more as a car begins is believed within sixteen seconds', async (t) => {
  const site = await aSlowFourth(50_000)
  while (drawOfFourth(site) === 0) await site.seconds(1)
  site.setBaseLoad([10, 24, 10])
  await site.seconds(16)
  const highestA = Math.max(...site.world.usableA().map((a, phase) => a + (phase === 1 ? 24 : 10)))
  t.ok(highestA <= LIMIT_A, `${highestA} A`)
  await site.stop()
})
