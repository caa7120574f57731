/** A gateway that restarts again and again while cars come and go, with chargers quick and slow. */
import { test } from 'tap'
import { seededRandom } from '../../src/testing/random.js'
import { aStory, gridSection } from './a-story.js'

const LIMIT_A = 80
const RESTARTS = 25

for (const seed of [5, 21, 29]) {
  for (const pace of ['prompt', 'slow']) {
    test(`seed ${seed}: restarts never lift ${pace} chargers above the limit, not for an instant`, async (t) => {
      const random = seededRandom(`restarts ${seed}`)
      const slowMs = (...choices: readonly number[]): number =>
        pace === 'slow' ? random.pick(choices) : 0
      const site = await aStory({
        seed,
        count: 6,
        maxA: 200,
        limitA: LIMIT_A,
        settings: gridSection(40, 60),
        traffic: { gapMs: [5_000, 60_000], stayMs: [60_000, 600_000] },
        chargers: (['RST', 'STR', 'TRS', 'RST', 'STR', 'TRS'] as const).map(
          (phaseRotation, index) => ({
            identity: `CP00${index + 1}`,
            connectors: [{ maxCurrentA: 32, phases: 3, phaseRotation }],
            behaviour: {
              answerDelayMs: slowMs(0, 0, 1_000, 4_000),
              applyDelayMs: slowMs(0, 0, 2_000, 5_000),
            },
          }),
        ),
      })
      await site.seconds(120)
      let worst = { a: 0, second: 0, restart: 0 }
      let busiestA = 0
      for (let restart = 1; restart <= RESTARTS; restart++) {
        await site.restart()
        // From in the middle of reconciliation to long after.
        const untilMs = site.clock.monotonic() + random.integer(1_000, 60_000)
        while (site.clock.monotonic() < untilMs) {
          await site.clock.advance(100)
          const a = site.permittedA()
          busiestA = Math.max(busiestA, a)
          const second = site.clock.monotonic() / 1000
          if (a > worst.a) worst = { a, second, restart }
        }
      }
      const { a, second, restart } = worst
      t.ok(a <= LIMIT_A + 0.01, `${a.toFixed(1)} A at ${second} s after restart ${restart}`)
      t.ok(busiestA > LIMIT_A / 2, 'the depot was busy')
      t.same(site.wire.broken(), [])
      await site.stop()
    })
  }
}

test('a charger that booted without its fallback counts in full also after a restart', async (t) => {
  const connectors = [{ maxCurrentA: 32, phases: 3 as const }]
  const site = await aStory({
    count: 2,
    maxA: 40,
    limitA: 40,
    settings: gridSection(0, 60),
    chargers: ['CP001', 'CP002'].map((identity) => ({ identity, connectors })),
  })
  await site.everybodyCharges(['CP002'])
  t.ok(site.limitA('CP002') > 30, 'one charges with all there is')
  const booted = site.world.chargePoint('CP001')
  booted.behave({ neverAnswers: ['SetChargingProfile'] })
  booted.reboot({ keepProfiles: false })
  await site.clock.advanceUntil(
    () => site.wire.callsOf('CP001', 'BootNotification').length > 1,
    60_000,
  )
  await site.clock.advance(2_000)
  site.plugIn('CP001')
  await site.restart()
  await site.seconds(40)
  t.ok(site.permittedA() <= 40, `${site.limitsA().join(' + ')} A`)
  await site.stop()
})
