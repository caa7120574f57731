import { array, assert, constantFrom, integer, oneof, property, record } from 'fast-check'
import { test } from 'tap'
import type { UplinkEvent } from '../../src/core/site/uplink.js'
import { eventMessage } from '../../src/telemetry/event-message.js'
import { outbox } from '../../src/telemetry/outbox.js'
import type { Outbox } from '../../src/telemetry/outbox.js'
import { siteTopics } from '../../src/telemetry/topics.js'

function event(seq: number, type: UplinkEvent['type'] = 'fault'): UplinkEvent {
  return { id: `e${seq}`, seq, atMs: seq * 10, type, data: { seq } }
}

function filled(count: number): Outbox {
  const box = outbox()
  for (let seq = 1; seq <= count; seq += 1) box.add(event(seq))
  return box
}

const seqs = (events: readonly UplinkEvent[]): number[] => events.map(({ seq }) => seq)

test('an event travels with its id and its number, at least once', async (t) => {
  const message = eventMessage(siteTopics('depot/v1', 'north'), event(3, 'session'))
  t.match(message, { topic: 'depot/v1/north/event/session', qos: 1, retain: false })
  t.same(JSON.parse(message.payload), {
    id: 'e3',
    seq: 3,
    ts: 30,
    type: 'session',
    data: { seq: 3 },
  })
})

test('at most 16 are in flight, and the next leaves when one is acknowledged', async (t) => {
  const box = filled(40)
  t.same(seqs(box.next(0)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
  t.same(box.next(60_000), [])
  t.equal(box.acknowledged(2), true)
  t.same(seqs(box.next(60_000)), [17])
  t.equal(box.oldestSeq, 1)
  t.equal(box.acknowledged(1), true)
  t.equal(box.oldestSeq, 3)
  t.equal(box.acknowledged(1), false, 'already gone')
  t.equal(box.pending, 38)
})

test('a backlog drains at 20 a second', async (t) => {
  const box = filled(1000)
  let sent = 0
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 50) {
    for (const { seq } of box.next(nowMs)) {
      sent += 1
      box.acknowledged(seq)
    }
  }
  t.equal(sent, 16 + 200)
})

test('a failed event goes again before any that has not left, after a growing rest', async (t) => {
  const box = filled(20)
  box.next(0)
  box.failed(3, 1000)
  t.same(box.next(5000), [], 'others are still in flight')
  for (let seq = 1; seq <= 16; seq += 1) box.acknowledged(seq)
  t.same(seqs(box.next(5000)), [3, 17, 18, 19, 20])
  for (let seq = 17; seq <= 20; seq += 1) box.acknowledged(seq)
  let nowMs = 10_000
  for (const restMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 32_000]) {
    box.failed(3, nowMs)
    t.same(box.next(nowMs + restMs - 1), [])
    t.same(seqs(box.next(nowMs + restMs)), [3])
    nowMs += 100_000
  }
})

test('after a disconnect everything unacknowledged goes again, in order', async (t) => {
  const box = filled(18)
  box.next(0)
  box.acknowledged(2)
  box.failed(5, 0)
  box.disconnected()
  t.equal(box.inFlight, 0)
  t.equal(box.acknowledged(1), false, 'an answer from the old connection counts no more')
  t.same(seqs(box.next(10_000)), [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17])
})

test('a full outbox gives up the oldest, session records last, and counts', async (t) => {
  const box = outbox({ capacity: 4 })
  for (const type of ['session', 'fault', 'session', 'audit'] as const) {
    t.equal(box.add(event(box.pending + 1, type)), undefined)
  }
  t.equal(box.add(event(5, 'session'))?.seq, 2)
  t.equal(box.add(event(6, 'session'))?.seq, 4)
  t.equal(box.add(event(7, 'fault'))?.seq, 7, 'sessions alone are left')
  t.equal(box.add(event(8, 'session'))?.seq, 1)
  t.equal(box.dropped, 4)
  t.same(seqs(box.next(0)), [3, 5, 6, 8])
})

test('what is in flight is not given up', async (t) => {
  const box = outbox({ capacity: 4 })
  for (let seq = 1; seq <= 4; seq += 1) box.add(event(seq))
  box.next(0)
  t.equal(box.add(event(5))?.seq, 5)
  t.equal(box.pending, 4)
})

test('whatever broker and network do, events arrive in order, none is lost, the window holds', async () => {
  const step = record({
    does: oneof(constantFrom('add', 'next', 'ack', 'ack', 'fail', 'lose')),
    pick: integer({ min: 0, max: 15 }),
    /** How many of those in flight reach the backend before the connection is lost. */
    arrived: integer({ min: 0, max: 16 }),
  })
  assert(
    property(array(step, { maxLength: 200 }), (steps) => {
      const box = outbox({ window: 4, ratePerS: 1000 })
      const backend: number[] = []
      let wire: number[] = []
      let nowMs = 0
      let seq = 0
      const arrive = (count: number): void => {
        for (const number of wire.slice(0, count)) {
          if (!backend.includes(number)) backend.push(number)
        }
      }
      const act = (does: string, pick: number, arrived: number): void => {
        const chosen = wire[pick % Math.max(wire.length, 1)]
        switch (does) {
          case 'add':
            box.add(event(++seq))
            break
          case 'next':
            wire.push(...seqs(box.next(nowMs)))
            break
          case 'ack':
          case 'fail':
            if (chosen === undefined) break
            // One connection delivers in order: an answer proves all before it arrived.
            arrive(wire.indexOf(chosen) + 1)
            wire = wire.filter((number) => number !== chosen)
            if (does === 'ack') box.acknowledged(chosen)
            else box.failed(chosen, nowMs)
            break
          default:
            arrive(arrived)
            wire = []
            box.disconnected()
        }
      }
      for (const { does, pick, arrived } of steps) {
        nowMs += 500
        act(does, pick, arrived)
        if (wire.length > 4 || box.inFlight !== wire.length) return false
      }
      for (let rounds = 0; box.pending > 0 && rounds < 500; rounds += 1) {
        nowMs += 60_000
        act('next', 0, 0)
        act('ack', 0, 0)
      }
      const inOrder = backend.every((number, index) => number === index + 1)
      return inOrder && backend.length === seq && box.dropped === 0
    }),
    { numRuns: 500 },
  )
})
