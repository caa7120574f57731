import { anything, assert, dictionary, object, property, string } from 'fast-check'
import { test } from 'tap'
import type { UpstreamRequest } from '../../src/ports.js'
import { ackMessage } from '../../src/telemetry/ack-message.js'
import { parseCommand } from '../../src/telemetry/commands.js'
import { siteTopics } from '../../src/telemetry/topics.js'

const topics = siteTopics('depot/v1', 'north')
const NOW = 1_790_000_000_000

function request(message: unknown, more: Partial<UpstreamRequest> = {}): UpstreamRequest {
  const payload = typeof message === 'string' ? message : JSON.stringify(message)
  return { topic: 'depot/v1/north/cmd/limit', payload, retained: false, ...more }
}

function limit(args: unknown, more: object = {}): UpstreamRequest {
  return request({ id: 'c1', ts: NOW - 1000, expiresAt: NOW + 1000, args, ...more })
}

for (const [title, args, expected] of [
  ['amperes', { limitA: 20 }, { limitA: [20, 20, 20], limitKw: undefined, validForS: 300 }],
  ['amperes per phase', { limitA: [10, 0, 30] }, { limitA: [10, 0, 30] }],
  [
    'kilowatts',
    { limitKw: 22.5, validForS: 60 },
    { limitA: undefined, limitKw: 22.5, validForS: 60 },
  ],
  ['a node', { constraintId: 'g1', limitA: 0 }, { constraintId: 'g1', limitA: [0, 0, 0] }],
] as const) {
  test(`a limit in ${title} is taken`, async (t) => {
    const parsed = parseCommand(topics, limit(args), NOW)
    t.match(parsed, { ok: true, name: 'limit', command: { type: 'limit', id: 'c1', ...expected } })
  })
}

test('a limit can be cleared before it ends', async (t) => {
  t.match(parseCommand(topics, limit({ clear: true, constraintId: 'g1' }), NOW), {
    ok: true,
    command: { type: 'clearLimit', id: 'c1', constraintId: 'g1' },
  })
})

test('without expiresAt a command is good for a minute', async (t) => {
  const sentAt = (ts: number): UpstreamRequest => request({ id: 'c1', ts, args: { limitA: 10 } })
  t.match(parseCommand(topics, sentAt(NOW - 60_000), NOW), { ok: true })
  t.match(parseCommand(topics, sentAt(NOW - 61_000), NOW), {
    refusal: { id: 'c1', status: 'expired', reason: 'expired 1 s ago' },
  })
})

for (const [title, refused, reason] of [
  ['retained', { ...limit({ limitA: 5 }), retained: true }, /retained/],
  [
    'from the future',
    limit({ limitA: 5 }, { ts: NOW + 61_000, expiresAt: NOW + 62_000 }),
    /future/,
  ],
  ['expired before it was sent', limit({ limitA: 5 }, { expiresAt: NOW - 2000 }), /before ts/],
  ['good for too long', limit({ limitA: 5 }, { expiresAt: NOW + 86_400_000 }), /24 h/],
  ['without a time', request({ id: 'c1', args: { limitA: 5 } }), /^ts: /],
  ['with an unknown field', limit({ limitA: 5 }, { urgent: true }), /urgent/],
  ['with an unknown argument', limit({ limitA: 5, force: true }), /^args: .*force/],
  ['without arguments', limit(undefined), /^args: /],
  ['without a limit', limit({}), /limitA or limitKw is missing/],
  ['with a limit below zero', limit({ limitA: -1 }), /^args.limitA: /],
  ['with two phases', limit({ limitA: [1, 2] }), /^args.limitA: must be amperes/],
  ['with a text for a number', limit({ limitKw: '5' }), /^args.limitKw: /],
  ['with a lease beyond a day', limit({ limitA: 5, validForS: 86_401 }), /^args.validForS: /],
  ['with a lease of nothing', limit({ limitA: 5, validForS: 0 }), /^args.validForS: /],
  ['that clears and limits', limit({ clear: true, limitA: 5 }), /clear comes alone/],
  [
    'of an unknown name',
    { ...limit({ limitA: 5 }), topic: 'depot/v1/north/cmd/reboot' },
    /no command has the name "reboot"/,
  ],
] as const) {
  test(`a command ${title} is refused with its id`, async (t) => {
    const parsed = parseCommand(topics, refused, NOW)
    t.match(parsed, { ok: false, refusal: { id: 'c1', status: 'rejected', reason } })
  })
}

for (const [title, refused, reason] of [
  ['that is not JSON', request('{"id":'), /not JSON/],
  ['of 16 KB and more', request(`"${'x'.repeat(16_384)}"`), /at most 16384 bytes/],
  ['of 16 KB in fewer characters', request(`"${'ü'.repeat(9000)}"`), /at most 16384 bytes/],
  ['with an id that is too long', request({ id: 'x'.repeat(65), ts: NOW, args: {} }), /^id: /],
  ['with an id that would break a log', request({ id: 'a\nb', ts: NOW, args: {} }), /^id: /],
  [
    'elsewhere',
    { ...limit({ limitA: 5 }), topic: 'depot/v1/south/cmd/limit' },
    /not a command topic/,
  ],
] as const) {
  test(`a message ${title} is refused without an id`, async (t) => {
    const parsed = parseCommand(topics, refused, NOW)
    t.match(parsed, { ok: false, refusal: { status: 'rejected', reason } })
    t.ok(!parsed.ok && parsed.refusal.id === undefined)
  })
}

test('without a trusted clock no command is taken', async (t) => {
  t.match(parseCommand(topics, limit({ limitA: 5 }), undefined), {
    refusal: { id: 'c1', reason: /clock of the gateway is not set/ },
  })
})

test('no message can make the reader throw, and every refusal has short words', async () => {
  const take = (payload: string): boolean => {
    const parsed = parseCommand(topics, request(payload), NOW)
    return parsed.ok || (parsed.refusal.reason.length > 0 && parsed.refusal.reason.length <= 300)
  }
  assert(property(string(), take))
  assert(property(anything(), (value) => take(JSON.stringify(value) ?? '')))
  assert(property(dictionary(string(), object()), (args) => take(limit(args).payload)))
  take('['.repeat(16_000))
})

const answer = { topics, name: 'limit', id: 'c1', status: 'done', ts: NOW } as const

test('an answer goes to the ack topic of its command and expires', async (t) => {
  const message = ackMessage({ ...answer, result: { offerA: 10 } })
  t.match(message, { topic: 'depot/v1/north/ack/limit', qos: 1, retain: false, expiryS: 3600 })
  t.same(JSON.parse(message.payload), {
    id: 'c1',
    name: 'limit',
    status: 'done',
    ts: NOW,
    result: { offerA: 10 },
  })
})

for (const [responseTopic, topic] of [
  ['fleet/replies/7', 'fleet/replies/7'],
  ['depot/v1/north/ack/mine', 'depot/v1/north/ack/mine'],
  ['depot/v1/north/status', undefined],
  ['depot/v1/north/cmd/limit', undefined],
  ['depot/v1/south/cmd/limit', undefined],
  ['depot/v1', undefined],
  ['replies/#', undefined],
  ['replies/+', undefined],
  ['$SYS/x', undefined],
  ['a\u0000b', undefined],
  ['a\ud800b', undefined],
  ['', undefined],
  ['x'.repeat(257), undefined],
  ['1/2/3/4/5/6/7/8', '1/2/3/4/5/6/7/8'],
  ['1/2/3/4/5/6/7/8/9', undefined],
] as const) {
  const where = topic === undefined ? 'is not honoured' : 'is honoured'
  test(`the response topic ${JSON.stringify(responseTopic.slice(0, 30))} ${where}`, async (t) => {
    const message = ackMessage({ ...answer, responseTopic })
    t.equal(message.topic, topic ?? 'depot/v1/north/ack/limit')
  })
}

test('correlation data comes back unless it is absurdly long', async (t) => {
  const correlationData = new Uint8Array([1, 2, 3])
  t.same(ackMessage({ ...answer, correlationData }).correlationData, correlationData)
  const long = new Uint8Array(257)
  t.equal(ackMessage({ ...answer, correlationData: long }).correlationData, undefined)
})
