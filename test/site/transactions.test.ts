/** Transactions are money: restarts, cuts, a slow disk and an absent backend lose or double none. */
import { test } from 'tap'
import { aStory } from './a-story.js'
import type { Story } from './a-story.js'
import { fields } from './wire-log.js'

type Fields = Readonly<Record<string, unknown>>

async function listed(site: Story, path: string): Promise<readonly Fields[]> {
  const { body } = await site.rest('GET', path)
  return Array.isArray(body) ? body.map(fields) : []
}

const live = (site: Story): Promise<readonly Fields[]> => listed(site, '/sessions/live')

const ended = (site: Story): Promise<readonly Fields[]> => listed(site, '/sessions?limit=1000')

function ids(sessions: readonly Fields[]): readonly number[] {
  return sessions.map((session) => Number(session['transaction_id'])).toSorted((a, b) => a - b)
}

test('a restart in the middle of charging continues the same transactions', async (t) => {
  const site = await aStory({ count: 3, maxA: 60 })
  await site.everybodyCharges()
  const before = ids(await live(site))
  const wantedIds = site.world.chargePoints.map((chargePoint) => chargePoint.transactionId(1))
  t.same(
    before,
    wantedIds.toSorted((a = 0, b = 0) => a - b),
  )
  await site.restart()
  t.same(ids(await live(site)), before, 'known at once')
  t.ok((await site.highestA(120_000)) <= 60)
  t.same(ids(await live(site)), before)
  t.ok(site.permittedA() >= 57, 'and all charge on')
  for (const identity of site.identities) {
    t.equal(site.wire.callsOf(identity, 'StartTransaction').length, 1)
    site.world.chargePoint(identity).unplug(1)
  }
  await site.seconds(10)
  t.same(ids(await ended(site)), before)
  t.same(await live(site), [])
  // The register counts whole Wh, at both ends.
  for (const session of await ended(site)) {
    const chargePoint = site.world.chargePoint(String(session['ocpp_charge_point_id']))
    t.equal(session['energy_wh'], Math.floor(chargePoint.energyWh(1)))
  }
  // The next one has an id nobody had.
  site.plugIn('CP001')
  await site.seconds(10)
  t.ok(ids(await live(site)).every((id) => !before.includes(id)))
  await site.stop()
})

test('after hours without a network each real session is recorded once, with its energy', async (t) => {
  const site = await aStory({ count: 2, maxA: 60 })
  await site.everybodyCharges()
  site.world.network.cut('CP001')
  const chargePoint = site.world.chargePoint('CP001')
  // The first car was there before the cut; two more come and go, a fourth stays.
  const chargedWh: number[] = []
  for (let car = 0; car < 3; car++) {
    await site.seconds(1_800)
    chargedWh.push(chargePoint.ev(1)?.chargedWh() ?? 0)
    chargePoint.unplug(1)
    await site.seconds(60)
    site.plugIn('CP001')
  }
  await site.seconds(600)
  t.equal(site.wire.callsOf('CP001', 'StartTransaction').length, 1, 'nothing was heard')
  site.world.network.heal('CP001')
  await site.clock.advanceUntil(() => chargePoint.keptMessages() === 0, 600_000)
  await site.seconds(60)

  const records = (await ended(site)).toReversed()
  t.equal(records.length, 3)
  for (const [index, record] of records.entries()) {
    const energyWh = Number(record['energy_wh'])
    // Registers are whole Wh at both ends.
    t.ok(Math.abs(energyWh - (chargedWh[index] ?? 0)) <= 1, `${energyWh} Wh of car ${index + 1}`)
    t.ok(energyWh > 1_000)
  }
  t.equal(new Set(ids(records)).size, 3)
  const now = await live(site)
  t.equal(now.filter((session) => session['ocpp_charge_point_id'] === 'CP001').length, 1)
  t.ok(ids(now).includes(chargePoint.transactionId(1) ?? 0), 'the fourth is under control')
  t.ok(site.limitA('CP001') >= 28, `with ${site.limitA('CP001')} A`)
  t.same(site.wire.broken(), [])
  await site.stop()
})

test('a StartTransaction whose answer was lost is the same transaction when repeated', async (t) => {
  const site = await aStory({ count: 2, maxA: 60 })
  await site.seconds(5)
  const isStartAnswer = (text: string): boolean => /^\[3,.*"transactionId"/.test(text)
  site.world.network.loseNext('CP001', { to: 'chargePoint', matches: isStartAnswer, count: 2 })
  site.plugIn('CP001')
  await site.seconds(20)
  const first = ids(await live(site))
  t.equal(first.length, 1)
  // After the second time the gateway restarts: it must remember what it answered in vain.
  await site.clock.advanceUntil(
    () => site.wire.callsOf('CP001', 'StartTransaction').length === 2,
    120_000,
  )
  await site.restart()
  await site.seconds(180)
  t.ok(site.wire.callsOf('CP001', 'StartTransaction').length >= 3)
  t.same(ids(await live(site)), first)
  t.equal(site.world.chargePoint('CP001').transactionId(1), first[0])
  t.equal(site.limitA('CP001'), 32)
  await site.stop()
})

test('while the disk hangs no start is answered, and everybody else is kept under the limit', async (t) => {
  const site = await aStory({ count: 3, maxA: 60 })
  await site.everybodyCharges(['CP001', 'CP002'])
  const release = site.store().hangNext(1)
  site.plugIn('CP003')
  await site.seconds(20)
  t.equal(site.wire.callsOf('CP003', 'StartTransaction').length, 1)
  t.equal(site.wire.answersTo('CP003', 'StartTransaction').length, 0)
  t.ok(site.permittedA() <= 60)
  // A command is in force before the disk has it; only its answer waits.
  site.command('c1', { constraintId: 'yard', limitA: 30, validForS: 60 })
  await site.clock.advance(1_000)
  t.ok(site.permittedA() <= 30, `${site.limitsA().join(' + ')} A`)
  t.same(site.acknowledged(), [])
  t.ok((await site.highestA(50_000)) <= 30)

  release()
  await site.seconds(90)
  t.same(site.acknowledged(), ['c1 done'])
  const answers = site.wire.answersTo('CP003', 'StartTransaction')
  t.equal(new Set(answers.map((answer) => answer['transactionId'])).size, 1)
  t.equal(ids(await live(site)).length, 3)
  t.equal(site.world.chargePoint('CP003').transactionId(1), ids(await live(site)).at(-1))
  t.ok(
    site.limitsA().every((a) => Math.abs(a - 20) <= 1.5),
    site.limitsA().join(' + '),
  )
  await site.stop()
})

test('while the disk fails starts and stops are not answered, and later none is missing', async (t) => {
  const site = await aStory({ count: 2, maxA: 60 })
  await site.everybodyCharges(['CP001'])
  const [first = 0] = ids(await live(site))
  site.store().failNext(3)
  site.world.chargePoint('CP001').unplug(1)
  site.plugIn('CP002')
  await site.seconds(15)
  t.equal(site.wire.answersTo('CP001', 'StopTransaction').length, 0)
  t.equal(site.wire.answersTo('CP002', 'StartTransaction').length, 0)
  t.equal(site.world.log.count('journalFailed'), 1, 'said once')
  await site.seconds(240)
  t.equal(site.wire.answersTo('CP001', 'StopTransaction').length, 1, 'asked and answered again')
  t.equal(site.wire.answersTo('CP002', 'StartTransaction').length, 1)
  t.equal(site.world.chargePoint('CP001').keptMessages(), 0)

  // What was answered is on disk.
  await site.restart()
  await site.seconds(60)
  t.same(ids(await ended(site)), [first])
  t.same(ids(await live(site)), [site.world.chargePoint('CP002').transactionId(1)])
  await site.stop()
})

interface Told {
  readonly id: string
  readonly seq: number
  readonly transactionId: number
  readonly chargePointId: string
  readonly event: string
}

function told(site: Story): readonly Told[] {
  return site.world.upstream
    .published()
    .filter(({ topic }) => topic === 'depot/v1/depot/event/session')
    .map(({ payload }) => {
      const { id, seq, data } = fields(JSON.parse(payload))
      const { transactionId, chargePointId, event } = fields(data)
      return {
        id: String(id),
        seq: Number(seq),
        transactionId: Number(transactionId),
        chargePointId: String(chargePointId),
        event: String(event),
      }
    })
}

test('after six hours without the backend it gets every session, in order, by stable ids', async (t) => {
  const HOURS = 6
  const site = await aStory({
    count: 3,
    maxA: 60,
    traffic: { gapMs: [60_000, 600_000], stayMs: [600_000, 2_400_000] },
  })
  await site.seconds(1_200)
  const before = told(site).length
  site.world.upstream.disconnect()
  await site.seconds((HOURS * 3_600) / 2)
  await site.controller().housekeep()
  await site.restart()
  await site.seconds((HOURS * 3_600) / 2)
  t.equal(told(site).length, before, 'nothing came through')
  site.world.upstream.connect()
  // Of states, and of some events.
  site.world.upstream.loseAcknowledgements(60)
  await site.seconds(120)

  const events = told(site)
  const firsts = events.filter(({ id }, index) => events.findIndex((e) => e.id === id) === index)
  t.ok(events.length > firsts.length, 'what was not acknowledged came again')
  for (const { id, ...event } of events) {
    const { id: _, ...first } = firsts.find((candidate) => candidate.id === id) ?? { id }
    if (JSON.stringify(first) !== JSON.stringify(event)) t.fail(`${id} came with other content`)
  }
  const sessions = await ended(site)
  const wantedIds = [
    ...ids(sessions).flatMap((id) => [`${id} started`, `${id} stopped`]),
    ...ids(await live(site)).map((id) => `${id} started`),
  ]
  const toldIds = firsts.map(({ transactionId, event }) => `${transactionId} ${event}`)
  t.ok(sessions.length > 20, `${sessions.length} sessions`)
  t.same(toldIds.toSorted(), wantedIds.toSorted(), 'each start and stop')
  for (const identity of site.identities) {
    const seqs = firsts.filter((e) => e.chargePointId === identity).map(({ seq }) => seq)
    t.same(
      seqs,
      seqs.toSorted((a, b) => a - b),
      `in order for ${identity}`,
    )
  }
  t.same(site.wire.broken(), [])
  await site.stop()
})
