/** When a car is to be next: told to those that wait, and kept. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

const TURNS = 'balancing: { min_on_s: 300, max_wait_s: 1200 }'
const NEXT =
  /^waits its turn: Yard has 20 A on L\d for \d cars \(configured limit\), next by (\d\d):(\d\d)$/

/** Wall ms, of today; undefined: it does not say. */
async function toldMs(site: Story, identity: string): Promise<number | undefined> {
  const match = NEXT.exec(await site.reason(identity))
  if (!match) return undefined
  const midnight = Math.floor(site.clock.now() / 86_400_000) * 86_400_000
  return midnight + (Number(match[1]) * 60 + Number(match[2])) * 60_000
}

test('a car that waits is told by when its turn is to come, and has it by then', async (t) => {
  const site = await aStory({ count: 5, maxA: 20, settings: TURNS })
  await site.everybodyCharges()
  const askedMs = site.clock.now()
  const promised = new Map<string, number>()
  for (const identity of site.identities) {
    const atMs = site.limitA(identity) > 0 ? undefined : await toldMs(site, identity)
    if (atMs !== undefined) promised.set(identity, atMs)
  }
  t.equal(promised.size, 2, 'two of five wait, and both are told')
  const began = new Map<string, number>()
  await site.seconds(1_500, () => {
    for (const identity of promised.keys()) {
      if (!began.has(identity) && site.limitA(identity) >= 6) began.set(identity, site.clock.now())
    }
  })
  for (const [identity, atMs] of promised) {
    const offS = ((began.get(identity) ?? Infinity) - atMs) / 1000
    t.ok(atMs - askedMs <= 1_290_000, 'told no more than the longest wait')
    t.ok(offS <= 120, `${identity} began ${offS} s after what it was told`)
  }
  await site.stop()
})

test('behind higher priorities it is the end of the longest wait', async (t) => {
  const site = await aStory({ count: 4, maxA: 20, settings: TURNS })
  for (const id of ['cp001', 'cp002', 'cp003']) {
    await site.rest('PATCH', `/chargers/${id}`, { priority: 10 })
  }
  await site.everybodyCharges()
  const atMs = (await toldMs(site, 'CP004')) ?? Infinity
  const inS = (atMs - site.clock.now()) / 1000
  t.ok(inS > 1_000 && inS <= 1_200 + 90, `in ${inS} s`)
  let beganMs = Infinity
  await site.seconds(1_500, () => {
    if (site.limitA('CP004') >= 6) beganMs = Math.min(beganMs, site.clock.now())
  })
  t.ok(Math.abs(beganMs - atMs) <= 120_000, `${(beganMs - atMs) / 1000} s after what it was told`)
  await site.stop()
})

test('who has the time by its calendar is told no earlier turn than it has to get', async (t) => {
  const site = await aStory({ count: 4, maxA: 20, settings: TURNS })
  await site.rest('POST', '/vehicles', {
    name: 'Van',
    id_tags: ['CAR-CP004'],
    departures: [{ time: '23:59' }],
  })
  for (const id of ['cp001', 'cp002', 'cp003']) {
    await site.rest('PATCH', `/chargers/${id}`, { priority: 10 })
  }
  await site.everybodyCharges()
  const { body } = await site.rest('GET', '/sessions/live')
  for (const session of Array.isArray(body) ? body : []) {
    const { id } = fields(session)
    await site.rest('PATCH', `/sessions/live/${String(id)}`, { energy_kwh: 2 })
  }
  const atMs = (await toldMs(site, 'CP004')) ?? Infinity
  const inS = (atMs - site.clock.now()) / 1000
  t.ok(inS > 6 * 1_200 - 300, `in ${inS} s, not after the longest wait of the others`)
  await site.stop()
})

test('where there is room for nobody, no turn is promised', async (t) => {
  const site = await aStory({ count: 2, maxA: 5 })
  await site.everybodyCharges()
  t.match(await site.reason('CP001'), /waits its turn: Yard has 5 A/)
  t.equal(await toldMs(site, 'CP001'), undefined)
  await site.stop()
})
