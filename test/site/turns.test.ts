/** Who may charge, how much, and in which order, when there is not enough for all. */
import { test } from 'tap'
import { simulatedEv } from '../../src/testing/simulated-ev.js'
import { changeConfiguration } from '../../src/ocpp/v16/outbound.js'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'

const LEAST_A = 6
const TURNS = 'balancing: { min_on_s: 120, max_wait_s: 600 }'

interface Waits {
  /** Longest time without power, s. */
  readonly longestS: number[]
  /** Time with power, s. */
  readonly onS: number[]
  /** Of each turn that began and ended, s. */
  readonly turnsS: number[]
}

/** Watches the real limits, not what anybody was told. */
async function watch(site: Story, seconds: number, look?: () => void): Promise<Waits> {
  const zero = (): number[] => site.identities.map(() => 0)
  const waits: Waits = { longestS: zero(), onS: zero(), turnsS: [] }
  const isOn = site.limitsA().map((a) => a >= LEAST_A)
  const since = zero()
  await site.seconds(seconds, (second) => {
    look?.()
    for (const [index, a] of site.limitsA().entries()) {
      const wasOn = isOn[index] === true
      const sinceS = since[index] ?? 0
      if (a >= LEAST_A !== wasOn) {
        // A turn that began before the watch has no length.
        if (wasOn && sinceS > 0) waits.turnsS.push(second - sinceS)
        isOn[index] = !wasOn
        since[index] = second
      }
      if (isOn[index] === true) waits.onS[index] = (waits.onS[index] ?? 0) + 1
      else
        waits.longestS[index] = Math.max(waits.longestS[index] ?? 0, second - (since[index] ?? 0))
    }
  })
  return waits
}

// A limit of 60 s is refreshed each 20 s, so that a refresh is often under way when a turn begins.
for (const profileS of [150, 60]) {
  test(`with room for three of eight cars all take turns, with limits of ${profileS} s`, async (t) => {
    // 20 A are three times the least of 6 A.
    const settings = `${TURNS}\nocpp: { profile_duration_s: ${profileS} }`
    const site = await aStory({ count: 8, maxA: 20, settings })
    await site.everybodyCharges()
    let highestA = 0
    const { longestS, onS, turnsS } = await watch(site, 3_600, () => {
      highestA = Math.max(highestA, site.permittedA())
    })
    t.ok(highestA <= 20, `${highestA} A at most`)
    // 600 s are the longest wait; then perhaps one more turn, 15 s to settle and some rounds.
    t.ok(Math.max(...longestS) <= 600 + 120 + 30, `waits of ${longestS.join(', ')} s`)
    t.ok(Math.min(...turnsS) >= 115, `turns of ${Math.min(...turnsS)} s`)
    const sum = onS.reduce((total, s) => total + s, 0)
    t.ok(sum >= 0.85 * 3 * 3_600, 'the places are rarely empty')
    t.ok(Math.min(...onS) >= 0.75 * (sum / 8), `${onS.join(', ')} s with power`)
    t.match(await site.reason('CP001'), /waits its turn|limited by Yard/)
    t.same(site.wire.broken(), [])
    await site.stop()
  })
}

test('the higher priority charges first, and the lower still gets its turn', async (t) => {
  const site = await aStory({ count: 4, maxA: 20, settings: TURNS })
  for (const id of ['cp001', 'cp002', 'cp003']) {
    t.equal((await site.rest('PATCH', `/chargers/${id}`, { priority: 10 })).status, 200)
  }
  await site.everybodyCharges()
  t.equal(site.limitA('CP004'), 0)
  t.match(await site.reason('CP004'), /waits its turn: Yard has 20 A on L\d for 4 cars/)
  const { longestS, onS } = await watch(site, 3_600)
  // Its turn comes after 600 s, when a place has been given up and has settled.
  t.ok((longestS[3] ?? Infinity) <= 600 + 60, `waits of ${longestS.join(', ')} s`)
  t.ok((onS[3] ?? 0) >= 4 * 115, `${onS.join(', ')} s with power`)
  t.ok(Math.min(...onS.slice(0, 3)) >= 0.7 * 3_600, `${onS.join(', ')} s`)
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('what is left above the least goes to the higher priority', async (t) => {
  const site = await aStory({ count: 4, maxA: 40 })
  await site.rest('PATCH', '/chargers/cp003', { priority: 10 })
  await site.everybodyCharges()
  // 40 A less three times 6 A.
  t.same(site.limitsA(), [6, 6, 22, 6])
  await site.rest('PATCH', '/chargers/cp003', { priority: 0 })
  await site.rest('PATCH', '/chargers/cp001', { priority: 5 })
  t.ok((await site.highestA(60_000)) <= 40)
  t.same(site.limitsA(), [22, 6, 6, 6])
  await site.stop()
})

test('an operator switches a charger off: 0 A within a second, and no new transaction', async (t) => {
  const site = await aStory({ count: 2, maxA: 40 })
  await site.everybodyCharges()
  await site.rest('PATCH', '/chargers/cp001', { is_active: 'Inactive' })
  await site.clock.advance(1_000)
  t.equal(site.limitA('CP001'), 0)
  t.match(await site.reason('CP001'), /switched off by the operator/)
  await site.seconds(30)
  t.equal(site.limitA('CP002'), 32, 'the other one gets the room')

  const chargePoint = site.world.chargePoint('CP001')
  chargePoint.unplug(1)
  const ev = simulatedEv({ energyNeedWh: 10_000 })
  chargePoint.plugIn(1, ev, { idTag: 'NEXT' })
  await site.seconds(60)
  t.equal(ev.chargedWh(), 0)
  t.notOk(chargePoint.hasTransaction(1))
  t.match(site.wire.answersTo('CP001', 'StartTransaction').at(-1), {
    idTagInfo: { status: 'Invalid' },
  })

  await site.rest('PATCH', '/chargers/cp001', { is_active: 'Active' })
  chargePoint.unplug(1)
  site.plugIn('CP001')
  await site.seconds(60)
  t.same(site.limitsA(), [20, 20])
  await site.stop()
})

test('a card nobody knows gets nothing, even from a charger that lets it start', async (t) => {
  const site = await aStory({ count: 3, maxA: 60 })
  t.equal((await site.rest('POST', '/id-tags', { id_tag: 'KNOWN' })).status, 201)
  await site.rest('POST', '/id-tags', { id_tag: 'STOLEN', blocked: true })
  await site.seconds(5)
  const cards = ['known', 'STRANGER', 'STOLEN']
  const cars = cards.map(() => simulatedEv({ energyNeedWh: 60_000, maxCurrentA: 32 }))
  // CP002 asks first; CP003 starts without asking, and does not stop for a refusal.
  site.world.chargePoint('CP003').behave({ authorizesFirst: false })
  const change = changeConfiguration('StopTransactionOnInvalidId', 'false')
  const changed = site.controller().request('CP003', change)
  await site.seconds(5)
  t.equal((await changed).type, 'answered')
  for (const [index, identity] of site.identities.entries()) {
    const ev = cars[index]
    if (ev) site.world.chargePoint(identity).plugIn(1, ev, { idTag: cards[index] ?? '' })
  }
  await site.seconds(600)
  t.match(site.wire.answersTo('CP002', 'Authorize').at(-1), { idTagInfo: { status: 'Invalid' } })
  t.match(site.wire.answersTo('CP003', 'StartTransaction').at(-1), {
    idTagInfo: { status: 'Blocked' },
  })
  t.notOk(site.world.chargePoint('CP003').hasTransaction(1), 'what went on was told to stop')
  t.same(site.limitsA(), [32, 0, 0])
  t.same(
    cars.map((ev) => ev.chargedWh() > 0),
    [true, false, false],
  )
  await site.stop()
})

test('a car that is full gives its room to the others', async (t) => {
  const site = await aStory({ count: 3, maxA: 44 })
  await site.seconds(5)
  site.plugIn('CP001', { energyNeedWh: 600 })
  await site.everybodyCharges(['CP002', 'CP003'])
  await site.seconds(600)
  t.ok(site.world.chargePoint('CP001').ev(1)?.isFull())
  // 44 A less the least of 6 A, with which the full car may show that it wants more.
  t.same(site.limitsA(), [6, 19, 19])
  t.match(await site.reason('CP001'), /the car takes at most/)

  const hungry = simulatedEv({ energyNeedWh: 60_000, maxCurrentA: 32 })
  site.world.chargePoint('CP001').unplug(1)
  site.world.chargePoint('CP001').plugIn(1, hungry, { idTag: 'NEXT' })
  await site.seconds(90)
  t.ok(
    site.limitsA().every((a) => Math.abs(a - 44 / 3) <= 1.5),
    site.limitsA().join(' + '),
  )
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('a car that takes 10 A is offered little more, and the others the rest', async (t) => {
  const site = await aStory({ count: 3, maxA: 60 })
  await site.seconds(5)
  site.plugIn('CP001', { maxCurrentA: 10 })
  await site.everybodyCharges(['CP002', 'CP003'])
  await site.seconds(180)
  // What it takes and a little more, with which it could show that it wants more; the rest for two.
  t.same(site.limitsA(), [11.2, 24.4, 24.4])
  await site.stop()
})
