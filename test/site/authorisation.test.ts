/** Who may not charge gets no energy, whatever the charger makes of it. */
import { test } from 'tap'
import { changeConfiguration } from '../../src/ocpp/v16/outbound.js'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

async function onlyKnownTags(site: Story): Promise<void> {
  await site.seconds(5)
  await site.rest('POST', '/id-tags', { id_tag: 'car-cp002', parent_id_tag: 'FLEET' })
  for (const identity of site.identities) {
    site.world.chargePoint(identity).behave({ authorizesFirst: false })
    const call = changeConfiguration('StopTransactionOnInvalidId', 'false')
    const asked = site.controller().request(identity, call)
    await site.seconds(2)
    await asked
  }
}

test('a charger that goes on with a refused tag gets 0 A and is stopped', async (t) => {
  const site = await aStory({ count: 2, maxA: 60 })
  await onlyKnownTags(site)
  site.plugIn('CP001')
  site.plugIn('CP002')
  await site.seconds(5)
  t.match(site.wire.answersTo('CP001', 'StartTransaction'), [{ idTagInfo: { status: 'Invalid' } }])
  t.match(site.wire.answersTo('CP002', 'StartTransaction'), [
    { idTagInfo: { status: 'Accepted', parentIdTag: 'FLEET' } },
  ])
  t.ok(site.world.chargePoint('CP001').hasTransaction(1), 'it keeps on')
  t.equal(site.limitA('CP001'), 0)
  await site.seconds(20)
  t.notOk(site.world.chargePoint('CP001').hasTransaction(1))
  t.match(site.wire.callsOf('CP001', 'StopTransaction'), [{ payload: { reason: 'Remote' } }])
  t.equal(site.limitA('CP002'), 32)
  const { body } = await site.rest('GET', '/sessions')
  t.match(body, [{ id_tag: 'CAR-CP001', id_tag_status: 'Invalid', energy_wh: 0 }])
  await site.stop()
})

test('one that will not be stopped is asked a few times and stays at 0 A', async (t) => {
  const site = await aStory({ count: 2, maxA: 60 })
  await onlyKnownTags(site)
  site.world.chargePoint('CP001').behave({ neverAnswers: ['RemoteStopTransaction'] })
  site.plugIn('CP001')
  await site.seconds(5)
  t.ok((await site.highestA(900_000)) === 0)
  t.equal(site.world.chargePoint('CP001').callsReceived().get('RemoteStopTransaction'), 4)
  t.equal(site.world.log.count('refusedTransactionGoesOn'), 1)
  t.match(fields((await site.rest('GET', '/chargers/cp001')).body), { offer_a: 0 })
  await site.stop()
})
