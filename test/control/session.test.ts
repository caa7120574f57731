import { test } from 'tap'
import { fairTurns } from '../../src/control/fair-turns.js'
import { createSession } from '../../src/control/session.js'
import type { Session, SessionEvents } from '../../src/control/session.js'
import { createSessions } from '../../src/control/sessions.js'
import type { SessionOwner, Sessions } from '../../src/control/sessions.js'
import type { CallEnd } from '../../src/ocpp/call-end.js'
import type { InboundMessage } from '../../src/ocpp/v16/messages.js'
import { changeConfiguration, reset } from '../../src/ocpp/v16/outbound.js'
import type { Connection, Log } from '../../src/ports.js'
import { manualClock } from '../../src/testing/manual-clock.js'
import type { ManualClock } from '../../src/testing/manual-clock.js'

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }
const LIMITS = { pingIntervalMs: 20_000 }

interface Wire extends Connection {
  readonly sent: unknown[]
  pings: number
  paused: boolean
  ended: string | undefined
  unread: number
}

function aWire(identity = 'CP_1', remoteAddress = '10.0.0.7'): Wire {
  const wire: Wire = {
    identity,
    remoteAddress,
    sent: [],
    pings: 0,
    paused: false,
    ended: undefined,
    unread: 0,
    send: (text) => void wire.sent.push(JSON.parse(text)),
    ping: () => void (wire.pings += 1),
    pause: () => void (wire.paused = true),
    resume: () => void (wire.paused = false),
    bufferedBytes: () => wire.unread,
    close: (code, reason) => void (wire.ended = `${code} ${reason}`),
    terminate: () => void (wire.ended = 'terminated'),
  }
  return wire
}

interface Setting {
  readonly clock: ManualClock
  readonly wire: Wire
  readonly session: Session
  readonly heard: InboundMessage[]
}

function aSession(
  durable: (message: InboundMessage) => Promise<void> | undefined = () => undefined,
): Setting {
  const clock = manualClock()
  const wire = aWire()
  const heard: InboundMessage[] = []
  let id = 0
  const events: SessionEvents = {
    answer: (message) => {
      heard.push(message)
      return { reply: { heard: message.type }, durable: durable(message) }
    },
    spoke() {},
    free() {},
    closed() {},
  }
  const ids = { next: () => `call-${(id += 1)}` }
  const ports = { clock, ids, log: SILENT, turns: fairTurns(clock) }
  const session = createSession(wire, events, ports, LIMITS)
  return { clock, wire, session, heard }
}

for (const [title, frame, expected] of [
  ['a heartbeat is answered', '[2,"1","Heartbeat",{}]', [[3, '1', { heard: 'heartbeat' }]]],
  [
    'an unknown action is NotImplemented',
    '[2,"1","Levitate",{}]',
    [[4, '1', 'NotImplemented', /./, {}]],
  ],
  [
    'a missing field is OccurenceConstraintViolation',
    '[2,"1","Authorize",{}]',
    [[4, '1', 'OccurenceConstraintViolation', /./, {}]],
  ],
  [
    'a payload that is no object is FormationViolation',
    '[2,"1","Heartbeat",7]',
    [[4, '1', 'FormationViolation', /./, {}]],
  ],
  ['what is not JSON gets no answer', '[2,"1",', []],
  ['a result nobody asked for gets no answer', '[3,"1",{}]', []],
  ['an unknown message type gets no answer', '[9,"1",{}]', []],
] as const) {
  test(`${title}, and the next message is served`, async (t) => {
    const { session, wire } = aSession()
    session.received(frame)
    t.match(wire.sent, expected)
    t.equal(wire.sent.length, expected.length)
    session.received('[2,"next","Heartbeat",{}]')
    t.same(wire.sent.at(-1), [3, 'next', { heard: 'heartbeat' }])
    t.equal(wire.ended, undefined)
  })
}

test('replies leave in the order of the calls, not before they are durable', async (t) => {
  const release: (() => void)[] = []
  const { session, wire } = aSession((message) =>
    message.type === 'heartbeat'
      ? undefined
      : new Promise<void>((resolve) => release.push(resolve)),
  )
  const start = { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: '2026-01-01T00:00:00Z' }
  session.received(JSON.stringify([2, 'a', 'StartTransaction', start]))
  session.received(
    JSON.stringify([
      2,
      'b',
      'StopTransaction',
      { transactionId: 1, meterStop: 0, timestamp: start.timestamp },
    ]),
  )
  session.received('[2,"c","Heartbeat",{}]')
  t.same(wire.sent, [])
  t.equal(
    session.isBusy(),
    true,
    'a charge point that waits for its transaction id gets no profile',
  )
  release[1]?.()
  await Promise.resolve()
  t.same(wire.sent, [], 'the second is durable, the first is not')
  release[0]?.()
  await new Promise((resolve) => setImmediate(resolve))
  t.same(
    wire.sent.map((frame) => (Array.isArray(frame) ? frame[1] : undefined)),
    ['a', 'b', 'c'],
  )
  t.equal(session.isBusy(), false)
})

test('what the disk refused is not answered, so that it is sent again', async (t) => {
  const { session, wire } = aSession((message) =>
    message.type === 'startTransaction' ? Promise.reject(new Error('disk')) : undefined,
  )
  const start = { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: '2026-01-01T00:00:00Z' }
  session.received(JSON.stringify([2, 'a', 'StartTransaction', start]))
  session.received('[2,"b","Heartbeat",{}]')
  await new Promise((resolve) => setImmediate(resolve))
  t.same(wire.sent, [[3, 'b', { heard: 'heartbeat' }]])
})

test('one call at a time: the next leaves when the slot is free', async (t) => {
  const { session, wire } = aSession()
  const ends: CallEnd[] = []
  const ended = (end: CallEnd): void => void ends.push(end)
  t.equal(
    session.call({ call: reset('Soft'), timeoutMs: 1_000, ended }),
    false,
    'it has not spoken yet',
  )
  session.received('[2,"x","Heartbeat",{}]')
  t.equal(session.call({ call: reset('Soft'), timeoutMs: 1_000, ended }), true)
  t.equal(session.call({ call: reset('Hard'), timeoutMs: 1_000, ended }), false)
  t.ok(session.enqueue({ call: changeConfiguration('K', 'V'), timeoutMs: 1_000, ended }))
  session.pump()
  t.equal(wire.sent.length, 2)
  session.received('[3,"call-1",{"status":"Accepted"}]')
  session.pump()
  t.match(wire.sent.at(-1), [2, 'call-2', 'ChangeConfiguration', { key: 'K', value: 'V' }])
  t.match(ends, [{ type: 'answered', late: false }])
})

test('a call that is not answered in time ends once, and a late answer is told as late', async (t) => {
  const { session, clock } = aSession()
  session.received('[2,"x","Heartbeat",{}]')
  const ends: CallEnd[] = []
  session.call({ call: reset('Soft'), timeoutMs: 5_000, ended: (end) => void ends.push(end) })
  await clock.advance(5_000)
  session.tick()
  t.same(ends, [{ type: 'timedOut' }])
  t.equal(session.isBusy(), false)
  session.received('[3,"call-1",{"status":"Accepted"}]')
  t.match(ends[1], { type: 'answered', late: true })
})

test('when the connection goes, all calls end as disconnected', async (t) => {
  const { session } = aSession()
  session.received('[2,"x","Heartbeat",{}]')
  const ends: CallEnd[] = []
  const request = {
    call: reset('Soft'),
    timeoutMs: 5_000,
    ended: (end: CallEnd) => void ends.push(end),
  }
  session.call(request)
  session.enqueue(request)
  session.closed(1006, '')
  t.same(ends, [{ type: 'disconnected' }, { type: 'disconnected' }])
})

test('it pings, and a silent peer is dropped after two missed pings; any frame counts as life', async (t) => {
  const { session, wire, clock } = aSession()
  const pass = async (seconds: number): Promise<void> => {
    for (let n = 0; n < seconds; n++) {
      await clock.advance(1_000)
      session.tick()
    }
  }
  await pass(40)
  t.equal(wire.pings, 2)
  session.received('[2,"x","Heartbeat",{}]')
  await pass(40)
  t.equal(wire.ended, undefined)
  await pass(3)
  t.equal(wire.ended, 'terminated')
})

test('a peer that does not read is dropped', async (t) => {
  const { session, wire } = aSession()
  wire.unread = 2_000_000
  session.tick()
  t.equal(wire.ended, 'terminated')
})

test('a peer that sends nothing but rubbish is dropped at last', async (t) => {
  const { clock, session, wire } = aSession()
  for (let n = 0; n < 99; n++) session.received('rubbish')
  await clock.advance(10)
  t.equal(wire.ended, undefined)
  session.received('rubbish')
  await clock.advance(10)
  t.match(wire.ended, /^1008/)
})

test('calls without answers do not pile up: the peer is read no more, and dropped at last', async (t) => {
  const { clock, session, wire, heard } = aSession(() => new Promise<void>(() => undefined))
  for (let n = 0; n < 300; n++) session.received(`[2,"${n}","Heartbeat",{}]`)
  await clock.advance(10)
  t.equal(heard.length, 64)
  t.equal(wire.paused, true)
  t.equal(wire.ended, undefined)
  await clock.advance(42_000)
  session.tick()
  t.equal(wire.ended, 'terminated')
})

test('calls that waited for the disk are served when it has written', async (t) => {
  const release: (() => void)[] = []
  const { clock, session, wire, heard } = aSession(
    () => new Promise<void>((resolve) => release.push(resolve)),
  )
  for (let n = 0; n < 300; n++) session.received(`[2,"${n}","Heartbeat",{}]`)
  await clock.advance(10)
  while (wire.sent.length < 300 && release.length > 0) {
    for (const resolve of release.splice(0)) resolve()
    await clock.advance(10)
  }
  t.equal(heard.length, 300)
  t.same(
    wire.sent.map((frame) => (Array.isArray(frame) ? frame[1] : undefined)),
    Array.from({ length: 300 }, (_, n) => String(n)),
    'in the order of the calls',
  )
  t.equal(wire.paused, false)
})

test('who is slow to read is served no further calls, and is dropped when he never reads', async (t) => {
  const { clock, session, wire, heard } = aSession()
  wire.unread = 70_000
  session.received('[2,"1","Heartbeat",{}]')
  for (let n = 0; n < 8; n++) {
    await clock.advance(1_000)
    session.tick()
  }
  t.equal(heard.length, 0)
  wire.unread = 0
  session.tick()
  await clock.advance(10)
  t.equal(heard.length, 1)
  wire.unread = 70_000
  for (let n = 0; n < 11; n++) {
    await clock.advance(1_000)
    session.tick()
  }
  t.equal(wire.ended, 'terminated')
})

test('a repeated call gets the answer it got, and changes nothing', async (t) => {
  const { session, wire, heard } = aSession()
  const status = (id: string, word: string): string =>
    `[2,"${id}","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"${word}"}]`
  session.received(status('1', 'Charging'))
  session.received(status('1', 'Charging'))
  t.same(wire.sent, [
    [3, '1', { heard: 'statusNotification' }],
    [3, '1', { heard: 'statusNotification' }],
  ])
  t.equal(heard.length, 1)
  session.received(status('1', 'Available'))
  session.received(status('1', 'Charging'))
  t.equal(heard.length, 3, 'a charge point that uses one id for all says something new')
  session.received('[2,"2","Heartbeat",{}]')
  session.received('[2,"2","Heartbeat",{}]')
  t.equal(heard.length, 5, 'what tells the time is answered anew')
})

test('the repeat of a call that waits for the disk waits with it', async (t) => {
  let release: (() => void) | undefined
  let refuse: ((error: Error) => void) | undefined
  const { session, wire, heard } = aSession(
    () =>
      new Promise<void>((resolve, reject) => {
        release = resolve
        refuse = reject
      }),
  )
  const stop = (id: string): string =>
    `[2,"${id}","StopTransaction",{"transactionId":1,"meterStop":0,"timestamp":"2026-01-01T00:00:00Z"}]`
  session.received(stop('a'))
  session.received(stop('a'))
  t.same(wire.sent, [])
  release?.()
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(wire.sent.length, 2)
  t.equal(heard.length, 1)
  session.received(stop('b'))
  session.received(stop('b'))
  refuse?.(new Error('disk'))
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(wire.sent.length, 2, 'what the disk refused is answered to nobody')
  session.received(stop('b'))
  t.equal(heard.length, 3, 'and is tried again')
})

interface Desk {
  readonly sessions: Sessions
  readonly clock: ManualClock
  readonly told: string[]
}

function aDesk(): Desk {
  const clock = manualClock()
  const told: string[] = []
  const owner: SessionOwner = {
    knows: (id) => id === 'CP_1',
    connected: () => void told.push('connected'),
    spoke() {},
    free() {},
    disconnected: () => void told.push('disconnected'),
    answer: () => ({ reply: {}, durable: undefined }),
  }
  const sessions = createSessions(
    owner,
    { clock, ids: { next: () => 'x' }, log: SILENT },
    { unknownChargePoint: 'close', ...LIMITS },
  )
  return { sessions, clock, told }
}

test('a newer connection replaces the older one, whose close changes nothing', async (t) => {
  const { sessions, told } = aDesk()
  const [oldWire, newWire] = [aWire(), aWire()]
  const older = sessions.opened(oldWire)
  const newer = sessions.opened(newWire)
  t.equal(sessions.get('CP_1'), newer)
  t.match(oldWire.ended, /^1000 Replaced/)
  older.closed(1006, '')
  t.equal(sessions.get('CP_1'), newer)
  t.same(told, ['connected', 'connected'])
  newer.closed(1000, '')
  t.same(told, ['connected', 'connected', 'disconnected'])
})

test('an unknown identity is closed with 1008, identities are case-sensitive', async (t) => {
  const { sessions } = aDesk()
  const closed = { type: 'close', code: 1008, reason: 'Charger not found' }
  t.same(sessions.admit({ identity: 'CP_9', remoteAddress: 'a' }), closed)
  t.same(sessions.admit({ identity: 'cp_1', remoteAddress: 'a' }), closed)
  t.same(sessions.admit({ identity: 'CP_1', remoteAddress: 'a' }), { type: 'accept' })
})

test('another address may take over only when the connection there is dead', async (t) => {
  const { sessions, clock } = aDesk()
  const wire = aWire('CP_1', '10.0.0.7')
  const session = sessions.opened(wire)
  const knock = (): string => sessions.admit({ identity: 'CP_1', remoteAddress: '10.0.0.99' }).type
  await clock.advance(1_000)
  t.equal(knock(), 'refuse')
  t.equal(wire.pings, 1, 'the old connection is asked')
  await clock.advance(1_000)
  session.pong()
  await clock.advance(5_000)
  t.equal(knock(), 'refuse', 'it lives')
  await clock.advance(2_000)
  t.equal(knock(), 'refuse', 'it is given three seconds')
  await clock.advance(1_500)
  t.equal(knock(), 'accept')
})
