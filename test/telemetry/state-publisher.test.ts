import { array, assert, integer, property, record } from 'fast-check'
import { test } from 'tap'
import type { View } from '../../src/core/site/view.js'
import type { UpstreamMessage } from '../../src/ports.js'
import { stateMessages } from '../../src/telemetry/state-messages.js'
import { statePublisher } from '../../src/telemetry/state-publisher.js'
import { siteTopics } from '../../src/telemetry/topics.js'
import {
  chargerView,
  constraintView,
  evseView,
  fullView,
  nodeView,
  sampleView,
  sessionView,
} from './sample-view.js'

const topics = siteTopics('depot/v1', 'north')

const names = (messages: readonly UpstreamMessage[]): string[] =>
  messages.map(({ topic }) => topic.slice(`${topics.base}/state/`.length))

/** A site with one group and one charger that draws `drawA` and is offered `offerA`. */
function siteWith({ drawA = 0, offerA = 16, gridA = 0 }): View {
  const view = sampleView({
    constraints: [constraintView('g1', { drawA: [drawA, 0, 0] })],
    chargers: [chargerView('CP1', { offerA, evses: [evseView({ drawA: [drawA, 0, 0] })] })],
  })
  return { ...view, site: { ...view.site, drawA: [gridA, 0, 0] } }
}

test('state payloads carry units, times, rounded figures and the reason in words', async (t) => {
  const messages = stateMessages(topics, fullView())
  const payloadOf = (topic: string): unknown =>
    JSON.parse(messages.find((message) => message.topic === topic)?.payload ?? 'null')
  t.match(payloadOf(topics.site), {
    ts: 1_790_000_000_000,
    name: 'North depot',
    limitA: [63, 63, 63],
    limitASource: { type: 'fuse' },
    limitW: 43_000,
    drawA: [16, 15.8, 16],
    meters: [
      { id: 'grid', currentA: [20, 21, 22], powerW: 14_500, energyWh: 1000, ageMs: 413 },
      { id: 'second', quality: 'lost' },
    ],
    connectedChargers: 1,
  })
  const group = payloadOf(topics.group('g1'))
  t.match(group, { limitW: 43_000, limitWSource: { type: 'configured' } })
  t.notMatch(group, { limitA: [] }, 'limited in power alone')
  t.match(payloadOf(topics.charger('CP1')), {
    chargePointId: 'CP1',
    connected: true,
    evses: [
      {
        id: 1,
        offerA: 16,
        reason: { type: 'idle', text: 'no car asks for power' },
        session: { id: 's-7', transactionId: 7, energyWh: 1234, powerW: 10_990 },
      },
    ],
  })
  t.match(payloadOf(topics.charger('R7')), {
    reason: {
      type: 'limit',
      limitA: 187,
      text: 'limited by Depot over all phases: 187 A (contracted power)',
    },
  })
  t.match(payloadOf(topics.charger('gate/1 #ü')), { lastSeenTs: 1_789_999_999_900 })
  t.notMatch(JSON.stringify(messages), /SECRETTAG/, 'id tags are personal data')
})

test('the site expires and may get lost, groups and chargers stay', async (t) => {
  for (const message of stateMessages(topics, fullView())) {
    const isSite = message.topic === topics.site
    t.match(message, { retain: true, qos: isSite ? 0 : 1 })
    t.equal(message.expiryS, isSite ? 120 : undefined)
  }
})

test('a charger without a charge point id has no topic', async (t) => {
  t.same(names(stateMessages(topics, sampleView({ chargers: [chargerView(undefined)] }))), ['site'])
})

test('what did not change is not said again, but the site every 30 s', async (t) => {
  const publisher = statePublisher(topics)
  t.same(names(publisher.due(siteWith({}), 0)), ['site', 'group/g1', 'charger/CP1'])
  t.same(names(publisher.due({ ...siteWith({}), atMs: 5 }, 29_999)), [])
  t.same(names(publisher.due(siteWith({}), 30_000)), ['site'])
  t.same(names(publisher.due(siteWith({}), 59_999)), [])
})

test('a decision is said within a second, a measured figure within ten', async (t) => {
  const publisher = statePublisher(topics)
  publisher.due(siteWith({}), 0)
  t.same(names(publisher.due(siteWith({ offerA: 10 }), 999)), [], 'at most once a second')
  t.same(names(publisher.due(siteWith({ offerA: 10 }), 1000)), ['charger/CP1'])
  t.same(names(publisher.due(siteWith({ offerA: 10, drawA: 9 }), 9999)), [])
  t.same(names(publisher.due(siteWith({ offerA: 10, drawA: 9 }), 10_000)), ['group/g1'])
  t.same(names(publisher.due(siteWith({ offerA: 10, drawA: 9 }), 11_000)), ['charger/CP1'])
})

test('the site follows its measured figures each second', async (t) => {
  const publisher = statePublisher(topics)
  publisher.due(siteWith({}), 0)
  t.same(names(publisher.due(siteWith({ gridA: 5 }), 999)), [])
  t.same(names(publisher.due(siteWith({ gridA: 5 }), 1000)), ['site'])
})

test('noise around a figure publishes nothing, a slow drift does', async (t) => {
  const publisher = statePublisher(topics)
  publisher.due(siteWith({ drawA: 15.75, gridA: 20.25 }), 0)
  for (let second = 1; second < 29; second += 1) {
    const noise = second % 2 === 0 ? 0.2 : -0.2
    const view = siteWith({ drawA: 15.75 + noise, gridA: 20.25 + noise })
    t.same(names(publisher.due(view, second * 1000)), [])
  }
  t.same(names(publisher.due(siteWith({ drawA: 16.4, gridA: 20.25 }), 29_500)), [
    'group/g1',
    'charger/CP1',
  ])
})

test('energy alone is said in steps of 100 Wh', async (t) => {
  const publisher = statePublisher(topics)
  const withEnergy = (energyWh: number): View =>
    sampleView({
      chargers: [chargerView('CP1', { evses: [evseView({ transactionId: 7 })] })],
      sessions: [sessionView({ energyWh })],
    })
  publisher.due(withEnergy(0), 0)
  t.same(names(publisher.due(withEnergy(100), 20_000)), [])
  t.same(names(publisher.due(withEnergy(101), 20_000)), ['charger/CP1'])
})

test('what is deleted leaves an empty retained message', async (t) => {
  const publisher = statePublisher(topics)
  publisher.due(siteWith({}), 0)
  const belowSite = (view: View, nowMs: number): UpstreamMessage[] =>
    publisher.due(view, nowMs).filter(({ topic }) => topic !== topics.site)
  const gone = belowSite(sampleView(), 1000)
  t.same(names(gone), ['group/g1', 'charger/CP1'])
  for (const message of gone) t.match(message, { payload: '', retain: true, qos: 1 })
  t.same(belowSite(sampleView(), 2000), [])
  t.same(names(belowSite(siteWith({}), 3000)), ['group/g1', 'charger/CP1'], 'it came back')
})

test('what is deleted and comes back before that could be said is not cleared', async (t) => {
  const publisher = statePublisher(topics)
  publisher.due(siteWith({}), 0)
  t.same(publisher.due(sampleView(), 1000, 0), [], 'no room')
  const back = publisher.due(siteWith({}), 2000)
  t.ok(back.every(({ payload }) => payload !== ''))
  t.same(names(back).slice(-2), ['group/g1', 'charger/CP1'])
})

test('what failed is due again, also a deletion', async (t) => {
  const publisher = statePublisher(topics)
  const charger = publisher.due(siteWith({}), 0).find(({ topic }) => topic.endsWith('CP1'))
  t.ok(charger)
  if (charger) publisher.failed(charger)
  t.same(names(publisher.due(siteWith({}), 1)), ['charger/CP1'])
  const [deletion] = publisher.due(sampleView(), 1000)
  t.match(deletion, { topic: topics.group('g1'), payload: '' })
  if (deletion) publisher.failed(deletion)
  if (charger) publisher.failed(charger)
  t.same(publisher.due(sampleView(), 1001), [deletion], 'the charger is gone')
})

test('after a reconnect everything is said again, deletions of the outage too', async (t) => {
  const publisher = statePublisher(topics)
  publisher.due(siteWith({}), 0)
  publisher.reset()
  t.same(names(publisher.due(siteWith({}), 1)), ['site', 'group/g1', 'charger/CP1'])
  publisher.reset()
  t.same(names(publisher.due(sampleView(), 2)), ['group/g1', 'charger/CP1', 'site'])
})

test('with little room the site goes first and nothing is forgotten', async (t) => {
  const publisher = statePublisher(topics)
  const view = sampleView({
    constraints: [constraintView('g1')],
    chargers: Array.from({ length: 20 }, (_, index) => chargerView(`CP${index}`)),
  })
  const said = [names(publisher.due(view, 0, 4))]
  while (said.at(-1)?.length !== 0) said.push(names(publisher.due(view, 0, 4)))
  t.equal(said[0]?.[0], 'site')
  t.ok(said.every((messages) => messages.length <= 4))
  t.equal(new Set(said.flat()).size, 22)
  t.equal(said.flat().length, 22, 'each once')
})

test('what the broker holds is never further from the truth than the noise allows', async () => {
  const step = record({ offerA: integer({ min: 0, max: 4 }), drawA: integer({ min: 0, max: 40 }) })
  assert(
    property(array(step, { maxLength: 30 }), (steps) => {
      const publisher = statePublisher(topics)
      let held: { offerA?: number; evses?: { drawA: number[] }[] } = {}
      let nowMs = 0
      for (const { offerA, drawA } of steps) {
        nowMs += 10_000
        for (const message of publisher.due(siteWith({ offerA, drawA: drawA / 4 }), nowMs)) {
          if (message.topic === topics.charger('CP1')) held = JSON.parse(message.payload)
        }
        const saidA = held.evses?.[0]?.drawA[0] ?? NaN
        if (held.offerA !== offerA || Math.abs(saidA - drawA / 4) > 0.61) return false
      }
      return true
    }),
  )
})

test('a node without any limit says none', async (t) => {
  const view = sampleView()
  const [message] = stateMessages(topics, {
    ...view,
    site: { ...view.site, ...nodeView('site') },
  })
  t.notMatch(message?.payload, /limit[AW]/)
})
