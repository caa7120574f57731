/** How a probe ends before its time: it lets go of the charger, and keeps what it has found. */
import { test } from 'tap'
import { aProbedStory } from './a-probe.js'
import type { ProbedStory } from './a-probe.js'
import { gridSection } from './a-story.js'
import { fields } from './wire-log.js'

const LIMIT_A = 64
const EXPIRING = /to expire/

async function chargesAgain(site: ProbedStory, limitA: number): Promise<boolean> {
  await site.seconds(60)
  const charger = fields((await site.rest('GET', '/chargers/cp001')).body)
  return site.limitA('CP001') >= limitA && !/probe/.test(String(charger['reason']))
}

test('an abort lets go of the charger at once', async (t) => {
  const site = await aProbedStory({}, { maxA: LIMIT_A })
  await site.start()
  await site.until(EXPIRING)
  t.equal(site.limitA('CP001'), 10)
  const { status, body } = await site.rest('DELETE', '/chargers/cp001/probe')
  t.equal(status, 200)
  await site.seconds(2)
  const probe = await site.probe()
  t.match(probe, { state: 'aborted', words: /^aborted after 2 of 6 steps/ })
  t.match(probe.result, { units: ['A', 'W'], time_to_effect_ms: Number, expiry: null })
  t.ok(await chargesAgain(site, 32))
  t.equal(probe.expiryVerified, false)
  t.match(body, { charger_id: 'cp001' })
  await site.stop()
})

for (const { title, happens, why } of [
  {
    title: 'the car leaves',
    happens: (site: ProbedStory): void => site.world.chargePoint('CP001').unplug(1),
    why: /the car left/,
  },
  {
    title: 'the connection stays away',
    happens: (site: ProbedStory): void => site.world.network.cut('CP001'),
    why: /loses its connection/,
  },
]) {
  test(`a probe gives up when ${title}`, async (t) => {
    const site = await aProbedStory(
      {},
      { maxA: 200, limitA: LIMIT_A, settings: gridSection(20, 60) },
    )
    await site.start(['effect', 'expiry', 'zero'])
    await site.until(EXPIRING)
    happens(site)
    const probe = await site.ended()
    t.equal(probe.state, 'gave_up')
    t.match(probe.why, why)
    t.match(probe.result, { time_to_effect_ms: Number, expiry: null }, 'what was found is kept')
    t.equal(probe.expiryVerified, false)
    await site.stop()
  })
}

test('when the limit falls the charger gives way as fast as any other', async (t) => {
  const site = await aProbedStory({}, { maxA: 200, limitA: LIMIT_A, settings: gridSection(20, 60) })
  await site.start(['expiry'])
  await site.until(EXPIRING)
  site.world.limitSource.setLimit({ limitA: 14 })
  await site.clock.advance(17_200)
  t.ok((await site.highestA(60_000)) <= 14)
  const probe = await site.ended()
  t.match(probe, { unclear: ['expiry'], expiryVerified: false })
  t.match(probe.result, { expiry: null, notes: /need the room/ })
  await site.stop()
})

test('a charger that goes away by itself is waited for, and the step begins anew', async (t) => {
  const site = await aProbedStory({}, { maxA: LIMIT_A })
  await site.start(['effect', 'expiry'])
  await site.until(EXPIRING)
  site.world.network.reset('CP001')
  await site.seconds(2)
  t.match((await site.probe()).words, /waiting, the charger loses its connection/)
  const back = await site.ended()
  t.match(back, { state: 'done', result: { expiry: 'honoured', fallback_seen: true } })
  t.ok(site.worstA() <= LIMIT_A)
  await site.stop()
})

test('where other cars take the room, nothing is tried that may go to full power', async (t) => {
  // 10 A and 32 A: the charger could not go to its 32 A.
  const site = await aProbedStory({ ignoresExpiry: true }, { maxA: 50 })
  await site.start(['effect', 'expiry', 'reconnect', 'zero', 'reboot'])
  const probe = await site.ended()
  t.equal(probe.state, 'done')
  t.same(probe.unclear, ['expiry', 'reconnect', 'reboot'])
  t.match(probe.result, { expiry: null, keeps_over_reconnect: null, keeps_over_reboot: null })
  t.match(probe.result, { resumes_from_zero: true, notes: /need the room/ })
  t.ok(site.worstA() <= 50)
  t.equal(site.world.chargePoint('CP001').callsReceived().get('Reset'), undefined)
  await site.stop()
})

test('a car that comes while a limit is to expire does not get the room for what may become of it', async (t) => {
  const site = await aProbedStory(
    { profilesLostAfterMs: 100_000 },
    { count: 3, maxA: LIMIT_A, cars: ['CP001', 'CP002'] },
  )
  await site.start(['expiry'])
  await site.until(EXPIRING)
  await site.seconds(60)
  site.plugIn('CP003')
  const probe = await site.ended()
  t.match(probe.result, { expiry: 'honoured', fallback_after_expiry_a: 32 })
  t.equal(probe.expiryVerified, false)
  t.ok((await site.highestA(60_000)) <= LIMIT_A)
  t.ok(site.worstA() <= LIMIT_A)
  await site.stop()
})

test('without MeterValues nothing is claimed', async (t) => {
  const site = await aProbedStory({ meterValues: false }, { maxA: 150 })
  await site.start(['effect', 'expiry', 'reconnect', 'zero'])
  const probe = await site.ended()
  t.same(probe.unclear, ['effect', 'expiry', 'reconnect', 'zero'])
  t.match(probe.result, { expiry: null, resumes_from_zero: null, time_to_effect_ms: null })
  t.equal(probe.expiryVerified, false)
  await site.stop()
})

test('a charger that answers no questions is probed by what it measures', async (t) => {
  const site = await aProbedStory(
    { neverAnswers: ['TriggerMessage', 'GetConfiguration', 'GetCompositeSchedule'] },
    { maxA: LIMIT_A },
  )
  await site.start()
  const probe = await site.ended()
  t.match(probe.result, { expiry: 'honoured', fallback_seen: true, keeps_over_reconnect: true })
  t.match(probe.result, { units: ['A'], keeps_over_reboot: null })
  t.ok(site.worstA() <= LIMIT_A)
  await site.stop()
})

test('what ignores expiry takes the verification away, what is said otherwise stays said', async (t) => {
  const site = await aProbedStory({ ignoresExpiry: true }, { maxA: LIMIT_A })
  await site.rest('PATCH', '/chargers/cp001', { expiry_verified: true })
  await site.start(['expiry'])
  t.equal((await site.ended()).expiryVerified, false)

  site.world.chargePoint('CP001').behave({ ignoresExpiry: false })
  await site.start(['expiry'])
  t.equal((await site.ended()).expiryVerified, true)
  await site.rest('PATCH', '/chargers/cp001', { expiry_verified: false })
  await site.start(['expiry'])
  const probe = await site.ended()
  t.equal(probe.result['expiry'], 'honoured')
  t.equal(probe.expiryVerified, false, 'somebody had a reason')
  await site.stop()
})

test('the result outlives a restart and an edit, but not another firmware', async (t) => {
  const site = await aProbedStory({}, { maxA: LIMIT_A })
  await site.start(['expiry'])
  t.equal((await site.ended()).expiryVerified, true)
  await site.rest('PATCH', '/chargers/cp001', { name: 'Gate', probe: null })
  await site.restart()
  await site.seconds(30)
  const kept = fields((await site.rest('GET', '/chargers/cp001')).body)
  t.match(kept, { name: 'Gate', expiry_verified: true, probe: { expiry: 'honoured' } })

  site.world.network.connect('CP001', {
    opened(link) {
      link.send(
        JSON.stringify([
          2,
          'boot',
          'BootNotification',
          {
            chargePointVendor: 'Yardmaster',
            chargePointModel: 'Simulated',
            firmwareVersion: '2.0',
          },
        ]),
      )
    },
    received() {},
    closed() {},
    refused() {},
  })
  await site.seconds(3)
  const after = fields((await site.rest('GET', '/chargers/cp001')).body)
  t.match(after, { expiry_verified: false, probe: { expiry: 'honoured', outdated: true } })
  t.equal(site.world.log.count('probeOutdated'), 1)
  await site.stop()
})

test('a probe wants consent, a car, a connection, and to be alone', async (t) => {
  const site = await aProbedStory({}, { maxA: LIMIT_A, cars: [] })
  const post = async (id: string, body: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const answer = await site.rest('POST', `/chargers/${id}/probe`, body)
    return [answer.status, fields(answer.body)['message']]
  }
  t.match(await post('cp001', {}), [
    422,
    /^consent is missing: must be true: a probe interrupts charging/,
  ])
  t.match(await post('cp001', { consent: false }), [422, /consent/])
  t.match(await post('cp001', { consent: true, steps: ['fly'] }), [422, /steps/])
  t.match(await post('cp009', { consent: true }), [404])
  t.match(await post('cp001', { consent: true }), [409, /expiry.* need a car/])
  t.match(await post('cp001', { consent: true, connector_id: 7 }), [409, /no such connector/])
  t.match(await post('cp001', { consent: true, steps: ['units'] }), [201])
  t.match(await post('cp002', { consent: true, steps: ['units'] }), [409, /one at a time/])
  t.match((await site.ended()).result, { units: ['A', 'W'] })
  t.match(await post('cp002', { consent: true, steps: ['units'] }), [201])
  t.match((await site.rest('GET', '/chargers/cp009/probe')).status, 404)
  site.world.chargePoint('CP001').reboot()
  await site.seconds(1)
  t.match(await post('cp001', { consent: true, steps: ['units'] }), [409])
  await site.stop()
})
