/** The last line in a whole depot: everything else has failed, and what is measured stays too high. */
import { test } from 'tap'
import { createController } from '../../src/controller.js'
import type { Controller } from '../../src/controller.js'
import { getConfiguration } from '../../src/ocpp/v16/outbound.js'
import type { Relay } from '../../src/ports.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import { memoryStore } from '../../src/testing/memory-store.js'
import { simulatedEv } from '../../src/testing/simulated-ev.js'
import { simulatedSite } from '../../src/testing/simulated-site.js'
import { aSite, depotYaml, settingsFrom } from './a-site.js'
import type { TestSite } from './a-site.js'
import { aStory, meterSection } from './a-story.js'
import type { Story } from './a-story.js'

const LIMIT_A = 80
/** Deaf to every limit, also to those that are over. */
const DEAF = { acceptsAndIgnores: true, ignoresExpiry: true }

/** Four cars at 20 A each, behind a meter. */
async function aDepot(more: { readonly count?: number } = {}): Promise<Story> {
  const site = await aStory({ count: 4, maxA: LIMIT_A, settings: meterSection(20), ...more })
  await site.everybodyCharges()
  return site
}

function meterA(site: TestSite): number {
  return Math.max(...site.world.meterA())
}

/** Until the meter is within the limit, s; gives up after ten minutes. */
async function untilWithin(site: TestSite, limitA: number): Promise<number> {
  let passedS = 0
  while (meterA(site) > limitA && passedS < 600) {
    await site.seconds(1)
    passedS += 1
  }
  return passedS
}

test('when all chargers ignore their limits, sessions are stopped until the limit holds', async (t) => {
  const site = await aDepot()
  for (const chargePoint of site.world.chargePoints) chargePoint.behave(DEAF)
  await site.rest('PUT', '/constraints/yard', { max_current_a: 50 })
  const tookS = await untilWithin(site, 50)
  // 20 s for normal control, three steps that nobody hears, 15 s each, then the fourth.
  t.ok(tookS >= 60 && tookS <= 75, `${tookS} s`)
  const charging = site.world.chargePoints.filter((each) => each.hasTransaction(1))
  t.equal(charging.length, 2, 'no more sessions than it takes')
  t.equal(site.world.log.count('overLimit'), 1)
  await site.stop()
})

test('what the watchdog asks goes before all that waits for a charger', async (t) => {
  const site = await aDepot()
  for (const chargePoint of site.world.chargePoints) {
    chargePoint.behave({ ...DEAF, answerDelayMs: 2_000 })
  }
  await site.rest('PUT', '/constraints/yard', { max_current_a: 50 })
  await site.seconds(60)
  for (const identity of site.identities) {
    for (let n = 0; n < 20; n++) {
      site
        .controller()
        .request(identity, getConfiguration())
        .catch((error: unknown) => t.fail(String(error)))
    }
  }
  const tookS = await untilWithin(site, 50)
  t.ok(tookS <= 20, `${tookS} s, and those that wait take 40 s`)
  await site.stop()
})

test('the operator reads who was cut off, why, and how far the limit was exceeded', async (t) => {
  const site = await aDepot()
  for (const chargePoint of site.world.chargePoints) chargePoint.behave(DEAF)
  await site.rest('PUT', '/constraints/yard', { max_current_a: 50 })
  await site.seconds(40)
  t.match(await site.reason('CP001'), /cut off by the watchdog, 30 A .* the limit of Yard/)
  const { body } = await site.rest('GET', '/constraints/yard')
  t.match(body, { measured_by: 'meter', alarm: { over_a: 30, dimension: /l[123]/, worst_a: 30 } })
  const overLimitAs = Number(Object(body).over_limit_as)
  t.ok(overLimitAs > 30 * 37 && overLimitAs < 30.1 * 41, `${overLimitAs} A·s`)
  await site.seconds(120)
  t.match((await site.rest('GET', '/constraints/yard')).body, { alarm: null })
  t.ok(
    site.world.upstream
      .published()
      .some(({ topic, payload }) => topic.endsWith('/event/fault') && /remoteStop/.test(payload)),
  )
  await site.stop()
})

async function setYard(controller: Controller, currentA: number): Promise<void> {
  const request = new Request('http://localhost/api/v1/constraints/yard', {
    method: 'PUT',
    headers: { host: 'localhost', 'content-type': 'application/json' },
    body: JSON.stringify({ max_current_a: currentA }),
  })
  const { status } = await controller.handle(request, { remoteAddress: '127.0.0.1' })
  if (status !== 200) throw new Error(`refused: ${status}`)
}

test('chargers that follow only a limit for the whole charge point are stopped by that one', async (t) => {
  let isDeaf = false
  const site = await aSite(settingsFrom(depotYaml(4, { maxA: LIMIT_A, head: meterSection(20) })), {
    seed: 'deaf',
    chargers: 4,
    observe({ to, identity, text }) {
      if (!isDeaf || to !== 'chargePoint' || !text.includes('SetChargingProfile')) return
      const acceptsAndIgnores = !text.includes('ChargePointMaxProfile')
      site.world.chargePoint(identity).behave({ acceptsAndIgnores })
    },
  })
  await site.seconds(5)
  for (const { identity } of site.world.chargePoints) site.plugIn(identity)
  await site.seconds(90)
  isDeaf = true
  for (const chargePoint of site.world.chargePoints) chargePoint.behave({ ignoresExpiry: true })
  await setYard(site.controller(), 50)
  const tookS = await untilWithin(site, 50)
  // 20 s for normal control, two steps of 15 s, then the third.
  t.ok(tookS >= 45 && tookS <= 60, `${tookS} s`)
  t.ok(
    site.world.chargePoints.every((each) => each.hasTransaction(1)),
    'and no session is stopped',
  )
  await site.stop()
})

test('what was told a whole charge point goes when the watchdog lets go', async (t) => {
  let isDeaf = false
  const site = await aSite(settingsFrom(depotYaml(4, { maxA: LIMIT_A, head: meterSection(20) })), {
    seed: 'lifted',
    chargers: 4,
    observe({ to, identity, text }) {
      if (!isDeaf || to !== 'chargePoint' || !text.includes('SetChargingProfile')) return
      const acceptsAndIgnores = !text.includes('ChargePointMaxProfile')
      site.world.chargePoint(identity).behave({ acceptsAndIgnores })
    },
  })
  await site.seconds(5)
  for (const { identity } of site.world.chargePoints) site.plugIn(identity)
  await site.seconds(90)
  isDeaf = true
  await setYard(site.controller(), 50)
  await site.seconds(60)
  isDeaf = false
  for (const chargePoint of site.world.chargePoints) {
    chargePoint.behave({ acceptsAndIgnores: false })
  }
  await setYard(site.controller(), LIMIT_A)
  t.ok(
    site.world.chargePoints.some((each) => each.limitA(1) === 0),
    'some are cut off',
  )
  // A minute without an excess, then one each half a minute.
  await site.seconds(240)
  for (const each of site.world.chargePoints) t.ok(each.limitA(1) >= 19, each.identity)
  await site.stop()
})

test('a charger that also ignores the stop goes out of service, and stays so over a restart', async (t) => {
  const site = await aDepot()
  for (const chargePoint of site.world.chargePoints) {
    chargePoint.behave({ ...DEAF, neverAnswers: ['RemoteStopTransaction'] })
  }
  await site.rest('PUT', '/constraints/yard', { max_current_a: 50 })
  await site.seconds(120)
  const out = (): readonly string[] =>
    site.world.chargePoints
      .filter((each) => (each.callsReceived().get('ChangeAvailability') ?? 0) > 0)
      .map(({ identity }) => identity)
  t.ok(out().length >= 2, out().join(' '))
  const [first = ''] = out()
  t.match(await site.reason(first), /out of service until an operator puts it back/)

  await site.restart()
  await site.seconds(20)
  t.match(await site.reason(first), /out of service until an operator puts it back/)
  for (const chargePoint of site.world.chargePoints) chargePoint.unplug(1)
  await site.seconds(600)
  t.equal(site.world.chargePoint(first).status(1), 'Unavailable')

  const path = `/chargers/${first.toLowerCase()}/calls`
  const call = { action: 'ChangeAvailability', connector_id: 1, type: 'Operative' }
  const answer = site.rest('POST', path, call)
  await site.seconds(2)
  t.match(await answer, { status: 200, body: { status: 'Accepted' } })
  await site.seconds(5)
  t.equal(site.world.chargePoint(first).status(1), 'Available')
  t.notMatch(await site.reason(first), /watchdog/)
  await site.stop()
})

test('out of service ends with a boot after which the charger takes its fallback', async (t) => {
  const site = await aDepot()
  const deaf = site.world.chargePoint('CP001')
  for (const chargePoint of site.world.chargePoints) {
    chargePoint.behave({ ...DEAF, neverAnswers: ['RemoteStopTransaction'] })
  }
  await site.rest('PUT', '/constraints/yard', { max_current_a: 10 })
  await site.seconds(120)
  t.ok((deaf.callsReceived().get('ChangeAvailability') ?? 0) > 0)
  for (const chargePoint of site.world.chargePoints) {
    chargePoint.behave({ acceptsAndIgnores: false, ignoresExpiry: false, neverAnswers: [] })
    chargePoint.unplug(1)
  }
  await site.seconds(60)
  t.equal(deaf.status(1), 'Unavailable')
  deaf.reboot()
  await site.seconds(60)
  t.equal(deaf.status(1), 'Available')
  await site.seconds(300)
  t.notMatch(await site.reason('CP001'), /watchdog/)
  await site.stop()
})

test('the relay is opened last, and closed by nobody but an operator', async (t) => {
  const opened: string[] = []
  const closed: string[] = []
  const relay: Relay = {
    async open(id) {
      opened.push(id)
    },
    async close(id) {
      closed.push(id)
    },
  }
  const clock = manualClock()
  const world = simulatedSite({ seed: 'relay', chargers: 2, clock })
  const yaml = depotYaml(2, { maxA: 60, head: meterSection(20) }).replace(
    'id: group0,',
    'id: group0, cut_off_relay: k1,',
  )
  const controller = createController(settingsFrom(yaml), {
    ...world.ports,
    store: memoryStore(),
    relay,
  })
  await controller.start()
  world.start()
  await clock.advance(5_000)
  for (const chargePoint of world.chargePoints) {
    chargePoint.plugIn(1, simulatedEv({ maxCurrentA: 32, energyNeedWh: 60_000 }), { idTag: 'CAR' })
  }
  for (let second = 0; second < 90; second++) await clock.advance(1_000)
  for (const chargePoint of world.chargePoints) {
    chargePoint.behave({ ...DEAF, neverAnswers: ['RemoteStopTransaction'] })
  }
  await setYard(controller, 20)
  for (let second = 0; second < 90; second++) await clock.advance(1_000)
  t.same(opened, [])
  for (let second = 0; second < 60; second++) await clock.advance(1_000)
  t.same(opened, ['k1'])
  for (let second = 0; second < 3_600; second++) await clock.advance(1_000)
  t.same([opened, closed], [['k1'], []])
  controller.restore('group0')
  await clock.advance(1_000)
  t.same(closed, ['k1'])
  world.stop()
  await controller.stop()
})

test('a building that takes more than all there is stops the cars and no more', async (t) => {
  const site = await aDepot()
  site.setBaseLoad([100, 100, 100])
  await site.seconds(3_600)
  t.equal(site.permittedA(), 0)
  for (const chargePoint of site.world.chargePoints) {
    t.ok(chargePoint.hasTransaction(1), 'no session is stopped')
    t.equal(chargePoint.callsReceived().get('ChangeAvailability'), undefined)
  }
  t.ok(
    site
      .controller()
      .view()
      .constraints.find(({ id }) => id === 'yard')?.alarm,
  )
  site.setBaseLoad([0, 0, 0])
  await site.seconds(600)
  t.ok(site.permittedA() > 70, `${site.permittedA()} A`)
  await site.stop()
})

test('cars that take more than they are told are for normal control', async (t) => {
  const site = await aStory({ count: 4, maxA: LIMIT_A, settings: meterSection(20) })
  await site.seconds(5)
  site.plugIn('CP001', { overdrawA: 6 })
  site.plugIn('CP002', { overdrawA: 3 })
  await site.everybodyCharges(['CP003', 'CP004'])
  await site.seconds(900)
  t.equal(site.world.log.count('cutOff'), 0)
  await site.stop()
})
