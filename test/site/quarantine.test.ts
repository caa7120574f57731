/** Who is unknown: listed, held at nothing, and after somebody gave it a place a charger like any. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

const STRANGER = 'NEW/1 ä'
const STRANGER_PATH = encodeURIComponent(STRANGER)

function withStranger(mode: string): Promise<Story> {
  return aStory({
    count: 1,
    maxA: 60,
    settings: `ocpp: { unknown_charge_point: ${mode} }`,
    chargers: [
      { identity: 'CP001' },
      { identity: STRANGER, behaviour: { authorizesFirst: false } },
    ],
  })
}

async function pending(site: Story): Promise<readonly unknown[]> {
  const { body } = await site.rest('GET', '/pending-chargers')
  return Array.isArray(body) ? body : []
}

test('a charge point in quarantine waits, is seen with what it says, and is held at 0 A', async (t) => {
  const site = await withStranger('quarantine')
  await site.seconds(10)
  t.match(await pending(site), [
    {
      ocpp_charge_point_id: STRANGER,
      state: 'pending',
      connected: true,
      vendor: /./,
      model: /./,
      address: /./,
      connectors: 1,
      held_at_zero: true,
      attempts: 1,
      refused_starts: 0,
    },
  ])
  t.match(site.wire.answersTo(STRANGER, 'BootNotification')[0], { status: 'Pending', interval: 60 })
  t.match(site.wire.profiles(STRANGER), [{ purpose: 'TxDefaultProfile', limitA: 0 }])
  const { body } = await site.rest('GET', '/site')
  t.equal(fields(body)['connected_chargers'], 1, 'it is none of ours')
  site.plugIn(STRANGER)
  t.ok((await site.highestA(300_000)) === 0)
  t.equal(site.world.network.connections(STRANGER), 1, 'and is not sent away')
  await site.stop()
})

test('who is accepted dials again and charges as a charger of its group', async (t) => {
  const site = await withStranger('quarantine')
  await site.seconds(10)
  const accept = `/pending-chargers/${STRANGER_PATH}/accept`
  t.match(await site.rest('POST', accept, { max_power_kw: 22 }), { status: 422 })
  t.match(await site.rest('POST', accept, { max_power_kw: 22, parent_charge_group: 'nowhere' }), {
    status: 422,
  })
  t.equal((await pending(site)).length, 1, 'what is refused changes nothing')
  t.match(await site.rest('POST', accept, { max_power_kw: 22, parent_charge_group: 'group0' }), {
    status: 201,
    body: { name: STRANGER, ocpp_charge_point_id: STRANGER, evses: [{ id: 1, max_power_kw: 22 }] },
  })
  t.same(await pending(site), [])
  await site.seconds(60)
  t.match(site.wire.answersTo(STRANGER, 'BootNotification').at(-1), { status: 'Accepted' })
  site.plugIn(STRANGER)
  await site.seconds(90)
  t.ok(site.limitA(STRANGER) >= 28, `${site.limitA(STRANGER)} A`)
  t.equal(site.wire.callsOf(STRANGER, 'StartTransaction').length, 1)
  await site.stop()
})

test('who is rejected stays away until he is forgotten', async (t) => {
  const site = await withStranger('quarantine')
  await site.seconds(10)
  t.match(await site.rest('PATCH', `/pending-chargers/${STRANGER_PATH}`, { rejected: true }), {
    status: 200,
    body: { state: 'rejected' },
  })
  await site.seconds(60)
  t.equal(site.world.network.connections(STRANGER), 0)
  t.match(await pending(site), [{ state: 'rejected', connected: false }])
  t.equal((await site.rest('DELETE', `/pending-chargers/${STRANGER_PATH}`)).status, 204)
  t.equal((await site.rest('DELETE', `/pending-chargers/nobody`)).status, 404)
  await site.seconds(60)
  t.match(await pending(site), [{ state: 'pending', connected: true }])
  await site.stop()
})

for (const mode of ['close', '404']) {
  test(`with ${mode} an unknown charge point is turned away and listed for commissioning`, async (t) => {
    const site = await withStranger(mode)
    await site.seconds(120)
    const [stranger] = await pending(site)
    t.match(stranger, { ocpp_charge_point_id: STRANGER, state: 'turned-away', connected: false })
    t.ok(Number(fields(stranger)['attempts']) > 2)
    await site.rest('POST', '/chargers', {
      name: 'New',
      max_power_kw: 22,
      parent_charge_group: 'group0',
      ocpp_charge_point_id: STRANGER,
      evses: [{ id: 1, max_power_kw: 22 }],
    })
    t.same(await pending(site), [], 'whoever has a place waits for none')
    await site.stop()
  })
}

test('strangers are listed up to 64, the last ones', async (t) => {
  const site = await withStranger('404')
  await site.seconds(5)
  for (let n = 0; n < 100; n++) {
    const peer = { opened() {}, received() {}, closed() {}, refused() {} }
    site.world.network.connect(`X${n}`, peer)
  }
  await site.seconds(5)
  const listed = await pending(site)
  t.equal(listed.length, 64)
  t.ok(listed.some((one) => fields(one)['ocpp_charge_point_id'] === 'X99'))
  await site.stop()
})
