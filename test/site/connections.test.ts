/** Chargers come and go on the network while cars charge: nobody's room is given away twice. */
import { test } from 'tap'
import type { NetworkPeer } from '../../src/testing/memory-connection.js'
import { aStory, gridSection } from './a-story.js'
import type { Story } from './a-story.js'

// Four cars of 32 A on three phases: 20 A each at 80 A.
const FULL_A = 80
const LOW_A = 48
const FIELD_MS = 1_100

async function aDepot(): Promise<Story> {
  const site = await aStory({ count: 4, maxA: 200, limitA: FULL_A, settings: gridSection(40, 60) })
  await site.everybodyCharges()
  return site
}

/** Differences below 1.5 A are not worth a message. */
function isShared(site: Story, limitA: number): boolean {
  const fair = limitA / site.identities.length
  return site.permittedA() <= limitA && site.limitsA().every((a) => Math.abs(a - fair) <= 1.5)
}

function isConnected(site: Story, identity: string): boolean {
  const { chargers } = site.controller().view()
  return chargers.some(
    ({ charger, connected }) => connected && charger.ocppChargePointId === identity,
  )
}

test('a charger that goes offline while it charges keeps its room', async (t) => {
  const site = await aDepot()
  const transactionId = site.world.chargePoint('CP001').transactionId(1)
  site.world.network.cut('CP001')
  await site.seconds(2)
  t.match(await site.reason('CP001'), /not connected/)
  t.ok((await site.highestA(140_000)) <= FULL_A)
  // Its limit has ended by now, and nobody is sure of it: the others keep to their 60 A.
  await site.seconds(300)
  t.equal(site.limitA('CP001'), 6, 'left alone it goes to its fallback')
  t.ok(site.permittedA() <= 6 + 60 + 1)

  site.world.limitSource.setLimit({ limitA: LOW_A })
  await site.clock.advance(FIELD_MS)
  // 48 A less the 20 A that CP001 may still have.
  t.ok(site.permittedA() - site.limitA('CP001') <= 28, 'also of a lower limit')

  site.world.network.heal('CP001')
  t.ok((await site.highestA(120_000)) <= LOW_A)
  t.ok(isShared(site, LOW_A), `${site.limitsA().join(' + ')} A once it is back`)
  t.equal(site.world.chargePoint('CP001').transactionId(1), transactionId)
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('a charger known to end its limits gives its room back when they have ended', async (t) => {
  const site = await aDepot()
  t.equal((await site.rest('PATCH', '/chargers/cp001', { expiry_verified: true })).status, 200)
  site.world.network.cut('CP001')
  // A limit lasts 150 s, and a minute more for its clock.
  t.ok((await site.highestA(205_000)) <= FULL_A)
  t.equal(site.limitA('CP001'), 6)
  await site.seconds(60)
  // 80 A less its fallback of 6 A for three.
  t.ok(site.permittedA() >= FULL_A - 3, `${site.limitsA().join(' + ')} A`)
  t.ok(site.permittedA() <= FULL_A)
  site.world.network.heal('CP001')
  t.ok((await site.highestA(90_000)) <= FULL_A)
  t.ok(isShared(site, FULL_A), `${site.limitsA().join(' + ')} A once it is back`)
  await site.stop()
})

test('a car that leaves an offline charger frees its room only when the charger says so', async (t) => {
  const site = await aDepot()
  site.world.network.cut('CP001')
  await site.seconds(5)
  site.world.chargePoint('CP001').unplug(1)
  await site.seconds(60)
  t.ok(site.permittedA() <= 60 + 1, 'nobody knows yet')
  site.world.network.heal('CP001')
  await site.seconds(90)
  // The next car there finds 0 A until others have given way: nothing is reserved for it.
  t.ok(site.permittedA() >= 77 && site.permittedA() <= 80, `${site.permittedA()} A`)
  await site.stop()
})

test('a connection that is dead but not closed is noticed within 45 s', async (t) => {
  const site = await aDepot()
  site.world.network.cut('CP001', { halfOpen: true })
  const beganMs = site.clock.monotonic()
  site.world.limitSource.setLimit({ limitA: LOW_A })
  await site.clock.advance(FIELD_MS + 16_000)
  t.ok((await site.highestA(20_000)) <= LOW_A, 'the others give way long before that')
  await site.clock.advanceUntil(() => !isConnected(site, 'CP001'), 60_000)
  const tookMs = site.clock.monotonic() - beganMs
  t.ok(tookMs <= 45_000, `${tookMs} ms`)
  t.match(await site.reason('CP001'), /not connected/)

  t.ok((await site.highestA(60_000)) <= LOW_A)
  site.world.network.heal('CP001')
  t.ok((await site.highestA(120_000)) <= LOW_A)
  t.ok(isConnected(site, 'CP001'))
  t.ok(isShared(site, LOW_A), `${site.limitsA().join(' + ')} A once it is back`)
  await site.stop()
})

test('what was held up in a dead connection does no harm when it comes through', async (t) => {
  const site = await aDepot()
  site.world.network.cut('CP001', { halfOpen: true })
  await site.seconds(20)
  site.world.limitSource.setLimit({ limitA: LOW_A })
  await site.seconds(15)
  site.world.network.heal('CP001')
  t.ok((await site.highestA(90_000)) <= LOW_A)
  t.ok(isShared(site, LOW_A), `${site.limitsA().join(' + ')} A`)
  await site.stop()
})

test('while a charger is offline its one-phase car may be followed by one on three phases', async (t) => {
  const site = await aStory({ count: 3, maxA: 34 })
  await site.seconds(5)
  for (const identity of site.identities) site.plugIn(identity, { phases: 1 })
  await site.seconds(120)
  // CP001 is wired RST, CP002 STR, CP003 TRS: each car has a phase of its own.
  t.same(site.limitsA(), [32, 32, 32])
  site.world.network.cut('CP001')
  await site.seconds(20)
  site.world.chargePoint('CP001').unplug(1)
  site.plugIn('CP001', { phases: 3 })
  await site.seconds(1)
  t.equal(site.limitA('CP001'), 6, 'nobody hears of it')
  const highestA = await site.highestA(60_000)
  t.ok(highestA <= 34, `${highestA} A`)
  await site.stop()
})

/** Another connection for the same identity, and what becomes of it. */
function aSecondConnection(site: Story, remoteAddress?: string): readonly string[] {
  const heard: string[] = []
  const peer: NetworkPeer = {
    opened: () => void heard.push('opened'),
    received: () => undefined,
    closed: (code) => void heard.push(`closed ${code}`),
    refused: (status) => void heard.push(`refused ${status}`),
  }
  const options = remoteAddress === undefined ? {} : { remoteAddress }
  site.world.network.connect('CP001', peer, options)
  return heard
}

test('a charger that dials twice is one charger: the newer connection counts', async (t) => {
  const site = await aDepot()
  const second = aSecondConnection(site)
  t.ok((await site.highestA(10_000)) <= FULL_A)
  t.equal(site.world.network.connections('CP001'), 1)
  site.world.limitSource.setLimit({ limitA: LOW_A })
  await site.clock.advance(FIELD_MS + 16_000)
  t.ok((await site.highestA(90_000)) <= LOW_A)
  t.same(second.slice(0, 2), ['opened', 'closed 1000'], 'the charger dialled again after it')
  t.ok(isShared(site, LOW_A), `${site.limitsA().join(' + ')} A`)
  t.equal(site.wire.callsOf('CP001', 'StartTransaction').length, 1)
  await site.stop()
})

test('a stranger with the identity of a charger that is there is refused', async (t) => {
  const site = await aDepot()
  for (let attempt = 0; attempt < 5; attempt++) {
    const stranger = aSecondConnection(site, '203.0.113.7')
    await site.seconds(5)
    t.same(stranger, ['refused 409'])
  }
  t.ok(site.world.log.count('twoDevicesClaimOneIdentity') > 0)
  t.ok(isConnected(site, 'CP001'))
  t.ok(isShared(site, FULL_A))
  await site.stop()
})

test('a gateway that loses power comes back careful, and charging goes on', async (t) => {
  const site = await aDepot()
  for (let time = 0; time < 3; time++) {
    await site.restart()
    t.ok((await site.highestA(25_000)) <= FULL_A)
  }
  t.ok((await site.highestA(120_000)) <= FULL_A)
  t.ok(isShared(site, FULL_A), `${site.limitsA().join(' + ')} A`)
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('after a restart a charger out of reach counts what its car was given, also its second car', async (t) => {
  const site = await aStory({ count: 4, maxA: 200, limitA: FULL_A, settings: gridSection(40, 60) })
  // A quiet night: what is on disk is that each charger keeps to its fallback.
  await site.seconds(300)
  await site.everybodyCharges()
  // The next cars follow at once, within what the first ones had been given.
  for (const identity of site.identities) site.world.chargePoint(identity).unplug(1)
  await site.everybodyCharges()
  t.ok(isShared(site, FULL_A))
  site.world.network.cut('CP001')
  await site.restart()
  t.ok((await site.highestA(20_000)) <= FULL_A)
  site.world.chargePoint('CP004').unplug(1)
  site.plugIn('CP004')
  const highestA = await site.highestA(80_000)
  t.ok(highestA <= FULL_A, `${highestA} A`)
  await site.stop()
})

test('after a restart a charger out of reach counts no more than its car was given', async (t) => {
  const site = await aDepot()
  // Long enough for what it counted at first, its 32 A, to be forgotten.
  await site.seconds(600)
  site.world.network.cut('CP001')
  await site.restart()
  await site.seconds(100)
  // 80 A less the 20 A that CP001 was given, with a few for what is not worth a message.
  const othersA = site.permittedA() - site.limitA('CP001')
  t.ok(othersA <= 60 + 1 && othersA >= 60 - 4, `${othersA} A for the others`)
  await site.stop()
})

test('a gateway that stays dead leaves a depot at its fallbacks', async (t) => {
  const site = await aDepot()
  site.world.network.killServer()
  await site.controller().stop()
  t.ok((await site.highestA(150_000)) <= FULL_A)
  await site.seconds(60)
  t.same(site.limitsA(), [6, 6, 6, 6])
  site.world.stop()
})
