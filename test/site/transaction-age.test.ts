/** A relative profile counts from the start of its transaction: one thought too old would last too long. */
import { test } from 'tap'
import type { Behaviour } from '../../src/testing/behaviour.js'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'

const HOUR_MS = 3_600_000
const DURATION_S = 150
const BEHIND: Partial<Behaviour> = { clockOffsetMs: -HOUR_MS }

async function aDepot(behaviour: Partial<Behaviour>): Promise<Story> {
  const identity = 'CP001'
  const chargers = [{ identity, connectors: [{ maxCurrentA: 32, phases: 3 as const }], behaviour }]
  return aStory({ count: 1, maxA: 32, chargers })
}

/** What the latest offer lasts from the start of the transaction, s. */
function lastOffer(site: Story): { readonly atMs: number; readonly durationS: number } | undefined {
  const offers = site.wire
    .profiles('CP001')
    .filter(({ purpose, limitA }) => purpose === 'TxProfile' && limitA > 0)
  const { atMs, durationS } = offers.at(-1) ?? {}
  return atMs === undefined || durationS === undefined ? undefined : { atMs, durationS }
}

test('a jump of our clock and a restart do not make a transaction older', async (t) => {
  const site = await aDepot(BEHIND)
  await site.everybodyCharges()
  const before = lastOffer(site)
  t.ok(before && before.durationS <= DURATION_S + 95, JSON.stringify(before))
  site.clock.step(2 * HOUR_MS)
  await site.seconds(5)
  await site.restart()
  site.clock.step(HOUR_MS)
  await site.seconds(60)
  const after = lastOffer(site)
  t.ok(after && before && after.atMs > before.atMs, 'told again')
  t.ok(after && after.durationS > DURATION_S + 60, JSON.stringify(after))
  t.ok(after && after.durationS <= DURATION_S + 160, JSON.stringify(after))
  await site.stop()
})

test('a start from the queue of a charger whose clock is late is not taken for an old one', async (t) => {
  const site = await aDepot(BEHIND)
  await site.seconds(5)
  site.world.network.cut('CP001')
  await site.seconds(30)
  site.plugIn('CP001')
  await site.seconds(200)
  await site.restart()
  site.world.network.heal('CP001')
  await site.seconds(120)
  const offer = lastOffer(site)
  t.ok(offer && offer.durationS <= 200 + 120 + DURATION_S, JSON.stringify(offer))
  t.ok(site.limitA('CP001') > 30, 'and it charges')
  await site.stop()
})
