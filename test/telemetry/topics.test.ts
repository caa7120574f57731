import { assert, constantFrom, oneof, property, string, tuple } from 'fast-check'
import { test } from 'tap'
import { siteTopics, topicLevel } from '../../src/telemetry/topics.js'

const id = oneof(
  string({ minLength: 1 }),
  string({ unit: 'binary', minLength: 1 }),
  string({ unit: constantFrom('%', '/', '+', '#', '2', 'F', 'u', '\ud800', '\udc00', 'é', ' ') }),
)

test('different ids never share a topic level', async () => {
  assert(property(tuple(id, id), ([a, b]) => (a === b) === (topicLevel(a) === topicLevel(b))))
})

test('a topic level is printable ASCII without separators and wildcards', async () => {
  assert(property(id, (text) => /^[ -~]*$/.test(topicLevel(text))))
  assert(property(id, (text) => !/[/+#]/.test(topicLevel(text))))
})

test('percent-decoding gives the id back', async () => {
  assert(
    property(string({ unit: 'binary' }), (text) => decodeURIComponent(topicLevel(text)) === text),
  )
})

test('ordinary ids stay readable', async (t) => {
  t.equal(topicLevel('CP-01_a.b:c'), 'CP-01_a.b:c')
  t.equal(topicLevel('a/b+c#d%e'), 'a%2Fb%2Bc%23d%25e')
  t.equal(topicLevel('Ladesäule\n'), 'Lades%C3%A4ule%0A')
})

test('topics of a site', async (t) => {
  const topics = siteTopics('/depot/v1/', 'north')
  t.match(topics, {
    status: 'depot/v1/north/status',
    info: 'depot/v1/north/info',
    site: 'depot/v1/north/state/site',
    commandFilter: 'depot/v1/north/cmd/+',
  })
  t.equal(topics.group('g/1'), 'depot/v1/north/state/group/g%2F1')
  t.equal(topics.charger('CP1'), 'depot/v1/north/state/charger/CP1')
  t.equal(topics.event('session'), 'depot/v1/north/event/session')
  t.equal(topics.ack('limit'), 'depot/v1/north/ack/limit')
  t.equal(siteTopics('', 'north').status, 'north/status')
})

for (const [topic, name] of [
  ['depot/v1/north/cmd/limit', 'limit'],
  ['depot/v1/north/cmd/', undefined],
  ['depot/v1/north/cmd/limit/more', undefined],
  ['depot/v1/south/cmd/limit', undefined],
  ['depot/v1/north/ack/limit', undefined],
] as const) {
  test(`${topic} carries ${name === undefined ? 'no command' : `the command ${name}`}`, async (t) => {
    t.equal(siteTopics('depot/v1', 'north').commandName(topic), name)
  })
}

test('no topic has more than 7 slashes', async () => {
  const topics = siteTopics('depot/v1', 'a/b')
  assert(
    property(id, (text) =>
      [topics.group(text), topics.charger(text), topics.ack(text), topics.event('audit')].every(
        (topic) => topic.split('/').length <= 8,
      ),
    ),
  )
})
